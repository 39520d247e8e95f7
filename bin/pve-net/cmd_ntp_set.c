/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntp_set.h"

#include "node.h"
#include "probe_dropin.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"

char *net_ntp_fault(const struct ntp_query *q)
{
	static const char *const texts[] = {
		[SNTP_BOGUS] = "its answer is no answer of a time server",
		[SNTP_ORIGIN] = "its answer is not one to our question, and may be forged",
		[SNTP_KISS] = "it sends us away",
		[SNTP_UNSYNC] = "it does not know the time itself",
	};
	enum sntp_verdict v = q->reply.verdict;
	const char *kiss = q->reply.kiss;

	if (v == SNTP_SILENT)
		return pve_strdup(q->why);
	return kiss[0] ? pve_asprintf("%s (%s)", texts[v], kiss) : pve_strdup(texts[v]);
}

/* Servers that do not answer are named; with none that does the clock would run free. */
static int ask_first(struct pve_ctx *ctx, const struct pve_strv *list)
{
	PVE_FREE struct ntp_query *q = pve_calloc(list->n, sizeof(*q));
	bool any = false;

	for (size_t i = 0; i < list->n; i++)
		q[i].server = list->v[i];
	probe_ntp(&ctx->sys, q, list->n, NTP_TIMEOUT_MS);
	for (size_t i = 0; i < list->n; i++) {
		PVE_FREE char *text = NULL;

		if (q[i].reply.verdict == SNTP_OK) {
			any = true;
			continue;
		}
		text = net_ntp_fault(&q[i]);
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s: %s", q[i].server, text);
	}
	if (any || ctx->yes)
		return 0;
	return pve_err_set(
		&ctx->err, PVE_NOTHERE,
		"no server gave the time; nothing was changed (--yes sets %s all the same)",
		list->n == 1 ? "it" : "them");
}

/* --- the files ------------------------------------------------------------------ */

/* One change of what the daemon reads. */
struct job {
	struct pve_ctx *ctx;
	struct ntp_setup setup;
	struct pve_plan plan;
	bool restart; /* chrony reads these files at its start only; timesyncd always */
};

static const char *own_path(const struct job *j)
{
	return j->setup.daemon == NTP_CHRONY ? NTP_SOURCES : NTP_DROPIN;
}

/* The administrator writes below /etc; what is elsewhere comes from packages and from DHCP. */
static bool is_admins(const char *path)
{
	return strncmp(path, "/etc/", 5) == 0 && strcmp(path, NTP_SOURCES) != 0;
}

/* What becomes of the lines of chrony's own files that name servers. */
struct edit {
	unsigned (*map)(struct pve_span, struct pve_buf *);
	const char *why;
	const char *warning; /* of each file that changes; may be NULL */
};

static const struct edit mute = {
	.map = ntp_chrony_mute,
	.why = "those of \"ntp set\" take their place",
};
static const struct edit unmute = {
	.map = ntp_chrony_unmute,
	.why = "as it was before \"ntp set\"",
};
/* With --keep it does not matter what an earlier "ntp set" did without it. */
static const struct edit keep = {
	.map = ntp_chrony_unmute,
	.why = "its servers stay in use beside those of \"ntp set\"",
	.warning = "its servers, which an earlier set made comments, are in use again",
};

/* Each file that chrony reads is mapped; with no line to change it stays as it is. */
static int plan_chrony(struct job *j, const struct edit *edit)
{
	const struct pve_strv *files = &j->setup.files;

	for (size_t i = 0; i < files->n; i++) {
		PVE_BUF was = {0};
		PVE_BUF text = {0};
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= strcmp(files->v[k], files->v[i]) == 0;
		if (again || !is_admins(files->v[i]))
			continue;
		if (probe_read(&j->ctx->sys, files->v[i], &was, NULL, &j->ctx->err) < 0)
			return -1;
		if (!edit->map((struct pve_span){was.data, was.len}, &text))
			continue;
		pve_plan_write(&j->plan, files->v[i], &(struct pve_span){was.data, was.len},
			       (struct pve_span){text.data, text.len}, 0644, "%s", edit->why);
		if (edit->warning)
			pve_log_line(&j->ctx->log, PVE_LOG_WARNING, "%s: %s", files->v[i],
				     edit->warning);
		j->restart |= !probe_ends(files->v[i], ".sources");
	}
	return 0;
}

/* chrony adds up what its files say, and of timesyncd's a later one may have the last word. */
static void warn_others(const struct job *j)
{
	const struct net_ntp_opts *opts = j->ctx->opts;
	const struct ntp_setup *s = &j->setup;

	for (size_t i = 0; i < s->conf.n; i++) {
		const struct ntp_server *other = &s->conf.v[i];
		bool later =
			strcmp(other->file, NTP_DROPIN) > 0 &&
			strncmp(other->file, NTP_DROPIN_DIR "/", strlen(NTP_DROPIN_DIR "/")) == 0;
		bool stays =
			s->daemon == NTP_TIMESYNCD ? later : opts->keep || !is_admins(other->file);

		if (!stays || strcmp(other->file, own_path(j)) == 0 ||
		    strcmp(other->kind, "fallback") == 0)
			continue;
		pve_log_line(&j->ctx->log, PVE_LOG_WARNING, "%s:%u: %s %s stays in use as well",
			     other->file, other->line, other->kind, other->name);
	}
}

static struct pve_step *plan_restart(struct pve_plan *plan, enum ntp_daemon daemon, const char *why)
{
	static const char *const timesyncd[] = {"systemctl", "restart", "systemd-timesyncd.service",
						NULL};
	static const char *const chrony[] = {"systemctl", "restart", "chrony.service", NULL};

	return pve_plan_run(plan, ntp_daemon_name(daemon),
			    daemon == NTP_CHRONY ? chrony : timesyncd, NULL, "%s", why);
}

/* Makes the daemon read what has changed.  A chronyd that is restarted with a fault in its files
 * would be gone, so that it reads them first while the old one goes on. */
static void plan_reread(struct job *j)
{
	static const char *const test[] = {"chronyd", "-p", "-f", "/etc/chrony/chrony.conf", NULL};
	static const char *const sources[] = {"chronyc", "reload", "sources", NULL};
	enum ntp_daemon daemon = j->setup.daemon;

	if (!j->plan.n || j->ctx->sys.rooted)
		return;
	if (daemon == NTP_CHRONY && !j->restart) {
		pve_plan_run(&j->plan, ntp_daemon_name(daemon), sources, NULL,
			     "so that it uses them now");
		return;
	}
	if (daemon == NTP_CHRONY)
		pve_plan_run(&j->plan, ntp_daemon_name(daemon), test, NULL,
			     "that it can read its files is tried first");
	plan_restart(&j->plan, daemon, "so that it uses them now");
	j->restart = true;
}

/* The daemon did not start with the new files, which were taken back: it must not be left dead.
 * ctx->err gets how that went. */
static void start_again(struct job *j, struct pve_change *change)
{
	const char *name = ntp_daemon_name(j->setup.daemon);
	struct pve_err why = j->ctx->err;
	PVE_PLAN plan = {0};

	if (!j->restart || !j->plan.n || j->plan.v[j->plan.n - 1].state != PVE_STEP_FAILED)
		return;
	plan_restart(&plan, j->setup.daemon, "with its files as they were");
	if (pve_ctx_apply(j->ctx, change, &plan) == 0)
		pve_err_set(&j->ctx->err, why.code, "%s; %s runs again, as it was before", why.msg,
			    name);
	else
		pve_err_set(
			&j->ctx->err, why.code,
			"%s; %s does not start as it was before, either: see 'systemctl status %s'",
			why.msg, name,
			j->setup.daemon == NTP_CHRONY ? "chrony" : "systemd-timesyncd");
}

static int plan_own(struct job *j, const struct pve_strv *list)
{
	bool chrony = j->setup.daemon == NTP_CHRONY, there;
	const char *dir = chrony ? NTP_SOURCES_DIR : NTP_DROPIN_DIR;
	struct pve_sys *sys = &j->ctx->sys;
	PVE_BUF was = {0};
	PVE_BUF text = {0};
	struct pve_span old;

	if (probe_read(sys, own_path(j), &was, &there, &j->ctx->err) < 0)
		return -1;
	old = (struct pve_span){was.data, was.len};
	if (!list) {
		if (there)
			pve_plan_remove(&j->plan, own_path(j), &old, "what \"ntp set\" wrote");
		return 0;
	}
	if (chrony)
		ntp_sources_format(&text, list);
	else
		ntp_dropin_format(&text, list);
	if (!pve_fs_exists(sys, dir))
		pve_plan_mkdir(&j->plan, dir, 0755, "for the file in it");
	pve_plan_write(&j->plan, own_path(j), there ? &old : NULL,
		       (struct pve_span){text.data, text.len}, 0644, "the time servers of %s",
		       ntp_daemon_name(j->setup.daemon));
	return 0;
}

/* --- commands ------------------------------------------------------------------- */

static int plan_set(struct job *j, const struct pve_strv *list)
{
	const struct net_ntp_opts *opts = j->ctx->opts;

	if (j->setup.daemon == NTP_CHRONY && !j->setup.sources)
		return pve_err_set(&j->ctx->err, PVE_DATA,
				   "/etc/chrony/chrony.conf: has no line \"sourcedir %s\", so "
				   "chrony would not read the new file",
				   NTP_SOURCES_DIR);
	/* From a rescue system the answers would say nothing about the host below --root. */
	if ((!j->ctx->sys.rooted && ask_first(j->ctx, list) < 0) || plan_own(j, list) < 0)
		return -1;
	if (j->setup.daemon == NTP_CHRONY && plan_chrony(j, opts->keep ? &keep : &mute) < 0)
		return -1;
	warn_others(j);
	return 0;
}

static int plan_reset(struct job *j)
{
	if (plan_own(j, NULL) < 0)
		return -1;
	return j->setup.daemon == NTP_CHRONY ? plan_chrony(j, &unmute) : 0;
}

/* list is NULL to reset. */
static int run(struct pve_ctx *ctx, const struct pve_strv *list)
{
	struct job j = {.ctx = ctx};
	PVE_CHANGE change = {0};
	int ret = -1;

	if (pve_ctx_begin(ctx, NULL, NULL, &change) == 0 &&
	    ntp_setup_read(&j.setup, &ctx->sys, &ctx->err) == 0) {
		if (j.setup.daemon == NTP_NONE)
			pve_err_set(&ctx->err, PVE_NOTHERE,
				    "neither systemd-timesyncd nor chrony is set up here");
		else
			ret = list ? plan_set(&j, list) : plan_reset(&j);
	}
	if (ret == 0) {
		plan_reread(&j);
		ret = pve_ctx_apply(ctx, &change, &j.plan);
		if (ret < 0)
			start_again(&j, &change);
	}
	pve_plan_done(&j.plan);
	ntp_setup_done(&j.setup);
	return ret;
}

int net_ntp_set(struct pve_ctx *ctx, const struct pve_strv *servers)
{
	if (!servers->n)
		return pve_err_set(&ctx->err, PVE_USAGE, "ntp set: at least one server is needed");
	return run(ctx, servers);
}

int net_ntp_reset(struct pve_ctx *ctx)
{
	return run(ctx, NULL);
}
