/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/nodeconf.h"

#include <stdlib.h>
#include <string.h>

#include "pvecommon/num.h"
#include "pvecommon/wake.h"

#define DESCRIPTION_MAX 65536 /* bytes, as Proxmox VE limits it */

const char *const acme_conf_keys[ACME_CONF_KEYS + 1] = {
	"acme",        "acmedomain0",       "acmedomain1", "acmedomain2",
	"acmedomain3", "acmedomain4",       "acmedomain5", "ballooning-target",
	"description", "location",          "startall-onboot-delay", "wakeonlan", NULL,
};

static int check_number(const char *value, uint64_t max, struct pve_err *e)
{
	uint64_t n;

	return pve_num_u64(value, 0, max, &n, e);
}

/* The message says the key already, and so will the caller. */
static size_t skip_key(const char *msg)
{
	size_t n = strlen("wakeonlan: ");

	return strncmp(msg, "wakeonlan: ", n) == 0 ? n : 0;
}

static int check_wakeonlan(const char *value, struct pve_err *e)
{
	PVE_FREE char *line = pve_asprintf("wakeonlan: %s\n", value);
	struct pve_wake_node n;
	struct pve_diags d = {0};
	int rc = 0;

	pve_wake_node_parse(&n, pve_span(line), "", &d);
	for (size_t i = 0; rc == 0 && i < d.n; i++)
		if (d.v[i].severity == PVE_ERROR)
			rc = pve_err_set(e, PVE_USAGE, "%s", d.v[i].msg + skip_key(d.v[i].msg));
	pve_diags_done(&d);
	return rc;
}

static int check_value(int key, const char *value, struct pve_err *e)
{
	switch (key) {
	case ACME_CONF_BALLOONING:
		return check_number(value, 100, e);
	case ACME_CONF_STARTALL:
		return check_number(value, 300, e);
	case ACME_CONF_WAKEONLAN:
		return check_wakeonlan(value, e);
	default:
		return 0;
	}
}

static int describe(struct pve_conf_colon *c, const char *value, struct pve_err *e)
{
	if (strlen(value) > DESCRIPTION_MAX)
		return pve_err_set(e, PVE_USAGE, "description: is longer than %d bytes",
				   DESCRIPTION_MAX);
	pve_conf_colon_describe(c, pve_span(value));
	return 0;
}

int acme_conf_set(struct pve_conf_colon *c, int key, const char *value, struct pve_err *e)
{
	if (key == ACME_CONF_DESCRIPTION)
		return describe(c, value, e);
	if (check_value(key, value, e) < 0 ||
	    pve_conf_colon_set(c, acme_conf_keys[key], pve_span(value), e) < 0)
		return pve_err_prefix(e, "%s", acme_conf_keys[key]);
	return 0;
}

static int key_of(const char *name)
{
	for (int i = 0; acme_conf_keys[i]; i++)
		if (strcmp(acme_conf_keys[i], name) == 0)
			return i;
	return -1;
}

int acme_conf_delete(struct pve_conf_colon *c, const char *list, struct pve_err *e)
{
	struct pve_strv names = {0};
	int rc = 0;

	pve_strv_split(&names, pve_span(list), ",; \t");
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const char *near = pve_str_nearest(names.v[i], acme_conf_keys);

		if (key_of(names.v[i]) < 0)
			rc = pve_err_set(e, PVE_USAGE, "there is no property '%s'%s%s%s", names.v[i],
					 near ? "; did you mean '" : "", near ? near : "",
					 near ? "'?" : "");
	}
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		if (key_of(names.v[i]) == ACME_CONF_DESCRIPTION)
			pve_conf_colon_describe(c, pve_span(""));
		else
			pve_conf_colon_remove(c, names.v[i]);
	}
	pve_strv_done(&names);
	return rc;
}

/* Does the line hold a property that was changed? */
static bool is_changed(const struct pve_conf_colon *c, const bool changed[ACME_CONF_KEYS],
		       unsigned line)
{
	for (int i = 0; i < ACME_CONF_KEYS; i++) {
		const struct pve_conf_colon_key *k = pve_conf_colon_find(c, acme_conf_keys[i]);

		if (changed[i] && k && k->line + 1 == line)
			return true;
	}
	return false;
}

/* A name that is given twice is told at the second place, and the first may be the new one. */
static bool concerns(const struct pve_conf_colon *c, const bool changed[ACME_CONF_KEYS],
		     const struct pve_diag *d)
{
	if (is_changed(c, changed, d->line))
		return true;
	for (int i = 0; i < ACME_CONF_KEYS; i++) {
		PVE_FREE char *by = pve_asprintf("by %s and ", acme_conf_keys[i]);

		if (changed[i] && strstr(d->msg, by))
			return true;
	}
	return false;
}

int acme_conf_verify(const struct pve_conf_colon *c, const bool changed[ACME_CONF_KEYS],
		     struct acme_domains *domains, struct pve_err *e)
{
	struct pve_diags d = {0};
	int rc = 0;

	acme_domains_parse(domains, c, "", &d);
	for (size_t i = 0; rc == 0 && i < d.n; i++)
		if (d.v[i].severity == PVE_ERROR && concerns(c, changed, &d.v[i]))
			rc = pve_err_set(e, PVE_USAGE, "%s", d.v[i].msg);
	pve_diags_done(&d);
	return rc;
}
