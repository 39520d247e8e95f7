/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pve-repo/notify.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/mail.h"
#include "repo.h"

const struct pve_opt repo_notify_options[] = {
	{'p', "print", PVE_OPT_FLAG, offsetof(struct repo_notify_opts, print),
	 .help = "write what would be mailed to standard output, and send nothing"},
	{'a', "always", PVE_OPT_FLAG, offsetof(struct repo_notify_opts, always),
	 .help = "about packages also when datacenter.cfg or a missing subscription forbids it"},
	{'t', "to", PVE_OPT_STR, offsetof(struct repo_notify_opts, to), .arg = "ADDRESS",
	 .help = "instead of the address of root@pam"},
	{0},
};

struct notify {
	struct pve_ctx *ctx;
	struct repo_state state;
	struct repo_updates updates;
	struct repo_refreshes refresh;
	struct repo_told told;
	struct pve_buf told_text;
	bool told_there;
	struct repo_mail mail;
	const char *muted; /* why no mail about packages is wanted, or NULL */
	struct pve_arena mem;
};

/* The message is an argument, so that one whose sending was interrupted can be sent again. */
static int send(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)data;
	if (!args[1])
		return pve_err_set(e, PVE_FAILED, "the call of mail is not as it was written");
	return pve_mail_send(sys, pve_span(args[1]), e);
}

/* --- reading ------------------------------------------------------------------------- */

static int read_file(struct notify *n, const char *path, struct pve_buf *text)
{
	return repo_probe_file(&n->ctx->sys, path, text, NULL, &n->ctx->err);
}

static struct pve_span span(const struct pve_buf *b)
{
	return (struct pve_span){pve_buf_str(b), b->len};
}

/* As the stock node: its setting, and where it has none, whether there is a subscription. */
static int read_wish(struct notify *n, struct pve_span datacenter)
{
	const struct repo_notify_opts *opts = n->ctx->opts;
	struct repo_subscription sub;
	PVE_BUF key = {0};

	if (read_file(n, REPO_SUBSCRIPTION, &key) < 0)
		return -1;
	repo_subscription_parse(&sub, span(&key), n->mail.date);
	if (opts->always ||
	    repo_notify_wanted(datacenter, sub.status == REPO_SUB_ACTIVE, &n->muted))
		n->muted = NULL;
	explicit_bzero(&sub, sizeof(sub));
	return 0;
}

static int read_addresses(struct notify *n)
{
	const struct repo_notify_opts *opts = n->ctx->opts;
	PVE_BUF users = {0}, datacenter = {0}, name = {0}, hosts = {0};
	PVE_FREE char *hostname = NULL;
	const char *to, *from;

	if (read_file(n, "/etc/pve/user.cfg", &users) < 0 ||
	    read_file(n, "/etc/pve/datacenter.cfg", &datacenter) < 0 ||
	    read_file(n, "/etc/hostname", &name) < 0 || read_file(n, "/etc/hosts", &hosts) < 0)
		return -1;
	to = opts->to ? opts->to : repo_user_mail(&n->mem, span(&users));
	from = repo_mail_from(&n->mem, span(&datacenter));
	hostname = pve_strndup(pve_buf_str(&name), strcspn(pve_buf_str(&name), "\r\n"));
	n->mail.host = repo_fqdn(&n->mem, *hostname ? hostname : "localhost", span(&hosts));
	n->mail.to = to ? to : "root";
	n->mail.from = from ? from : "root";
	n->mail.date = pve_sys_time(&n->ctx->sys);
	/* A line break in an address would begin another header. */
	if (strpbrk(n->mail.to, "\r\n") || strpbrk(n->mail.from, "\r\n"))
		return pve_err_set(&n->ctx->err, PVE_USAGE, "an address must be one line");
	return read_wish(n, span(&datacenter));
}

static int read_all(struct notify *n)
{
	PVE_BUF last = {0};

	if (repo_state_read(&n->state, &n->ctx->sys, &n->ctx->err) < 0 ||
	    repo_updates_read(&n->updates, &n->state, &n->ctx->sys, &n->ctx->err) < 0 ||
	    read_file(n, REPO_REFRESH_STATE, &last) < 0 ||
	    repo_probe_file(&n->ctx->sys, REPO_NOTIFY_STATE, &n->told_text, &n->told_there,
			    &n->ctx->err) < 0)
		return -1;
	repo_state_warn(n->ctx, &n->state);
	repo_refresh_read(&n->refresh, span(&last));
	repo_told_read(&n->told, span(&n->told_text));
	return read_addresses(n);
}

/* --- sending ------------------------------------------------------------------------- */

static void plan_mail(struct notify *n, struct pve_plan *plan, const struct pve_buf *mail,
		      const char *what, size_t count)
{
	const char *const argv[] = {"mail", pve_buf_str(mail), NULL};

	pve_plan_call(plan, n->mail.to, argv, NULL, "mail about %zu %s", count, what);
}

static void plan_state(struct notify *n, struct pve_plan *plan)
{
	struct pve_span old = span(&n->told_text);
	PVE_BUF now = {0};

	repo_told_format(&n->updates, &n->refresh, &n->told, n->muted != NULL, &now);
	pve_plan_write(plan, REPO_NOTIFY_STATE, n->told_there ? &old : NULL, span(&now), 0644,
		       "what was told, so that it is told once");
}

static int notify(struct notify *n)
{
	const struct repo_notify_opts *opts = n->ctx->opts;
	static const struct pve_call calls[] = {{"mail", send}, {0}};
	PVE_CHANGE change = {.opts.tool = "pve-repo-notify"};
	PVE_PLAN plan = {0};
	PVE_BUF updates = {0}, failures = {0};
	PVE_FREE size_t *pick = NULL;
	size_t nu, nf;

	if (!opts->print && n->ctx->sys.rooted)
		return pve_err_set(&n->ctx->err, PVE_DENIED,
				   "mail is sent on the host itself only, not below --root; "
				   "see --print");
	if (!opts->print && pve_ctx_begin(n->ctx, calls, n, &change) < 0)
		return -1;
	if (read_all(n) < 0)
		return -1;
	pick = pve_calloc(n->updates.n + n->refresh.n + 1, sizeof(*pick));
	nu = repo_notify_updates(&n->updates, &n->told, pick);
	if (nu)
		repo_mail_updates(&n->mail, &n->updates, pick, nu, &updates);
	if (nu && n->muted)
		pve_log_line(&n->ctx->log, PVE_LOG_NOTICE,
			     "no mail about %zu updates: %s (--always sends it)", nu, n->muted);
	nf = repo_notify_failures(&n->refresh, &n->told, pick);
	if (nf)
		repo_mail_failures(&n->mail, &n->refresh, pick, nf, &failures);
	if (opts->print) {
		printf("%s%s%s", pve_buf_str(&updates), nu && nf ? "\n" : "",
		       pve_buf_str(&failures));
		return 0;
	}
	if (nu && !n->muted)
		plan_mail(n, &plan, &updates, "updates", nu);
	if (nf)
		plan_mail(n, &plan, &failures, "repositories that fail", nf);
	plan_state(n, &plan);
	return pve_ctx_apply(n->ctx, &change, &plan);
}

int repo_cmd_notify(struct pve_ctx *ctx)
{
	struct notify n = {.ctx = ctx};
	int rc = notify(&n);

	repo_told_done(&n.told);
	pve_buf_done(&n.told_text);
	repo_refreshes_done(&n.refresh);
	repo_updates_done(&n.updates);
	repo_state_done(&n.state);
	pve_arena_done(&n.mem);
	return rc;
}
