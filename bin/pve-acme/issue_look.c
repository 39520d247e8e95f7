/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/issue.h"
#include "pve-acme/look.h"
#include "pve-acme/retry.h"
#include "pvecommon/mem.h"

/* Has the process that talks to the CA ask the name server, too. */
static int ask_dns(void *data, const struct pve_strv *args, struct pve_strv *out, struct pve_err *e)
{
	struct acme_issue *i = data;
	PVE_STRV words = {0};

	pve_strv_add(&words, "dns");
	for (size_t k = 0; k < args->n; k++)
		pve_strv_add(&words, args->v[k]);
	return acme_keeper_job(&i->keeper, &words, out, e);
}

/* Profiles stand in what the server says of itself: name and text of each. */
static int check_profile(const struct acme_issue *i, const struct pve_strv *meta, struct pve_err *e)
{
	PVE_BUF list = {0};

	for (size_t k = 4; i->opts.profile && k < meta->n; k += 2) {
		if (strcmp(meta->v[k], i->opts.profile) == 0)
			return 0;
		pve_buf_printf(&list, "%s%s", list.len ? ", " : "", meta->v[k]);
	}
	if (!i->opts.profile)
		return 0;
	return pve_err_set(e, PVE_USAGE, "%s has no profile %s; it offers %s", i->account.directory,
			   i->opts.profile, list.len ? pve_buf_str(&list) : "none");
}

int acme_issue_look(struct acme_issue *i, struct pve_err *e)
{
	struct acme_look l = {
		.solver = &i->solver,
		.names = i->names,
		.n = i->n,
		.forwarded = i->opts.forwarded,
		.account = i->account.location,
		.ask = ask_dns,
		.ask_data = i,
		.warn = i->opts.warn,
		.warn_to = i->opts.tell_to,
	};
	PVE_FREE char *skew = NULL;
	PVE_STRV args = {0};
	PVE_STRV meta = {0};

	pve_strv_add(&args, "directory");
	if (acme_keeper_job(&i->keeper, &args, &meta, e) < 0)
		return -1;
	if (meta.n < 4)
		return pve_err_set(e, PVE_FAILED, "the network process said nothing of use");
	if (check_profile(i, &meta, e) < 0)
		return -1;
	l.ca = meta.v[3];
	skew = acme_skew_warning(i->keeper.skew);
	if (skew && i->opts.warn)
		i->opts.warn(i->opts.tell_to, skew);
	return acme_look(&l, e);
}
