/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "node.h"
#include "probe_dropin.h"
#include "probe_ntp.h"
#include "probe_ntp_conf.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/run.h"

#define TIMEOUT_MS 2000
#define US 1000 /* ns */
/* Ceph's monitors want less between one another (mon_clock_drift_allowed); above the second
 * figure tickets and certificates begin to fail. */
#define OFFSET_WARNING_US 50000
#define OFFSET_CRITICAL_US 1000000

enum {
	COL_SERVER,
	COL_KIND,
	COL_DAEMON,
	COL_USED,
	COL_FILE,
	COL_ADDRESS,
	COL_STRATUM,
	COL_OFFSET,
	COL_DELAY,
	COL_SEVERITY,
	COL_CODE,
	COL_MESSAGE,
	COL_FIX,
	NCOLS,
};

const struct pve_col net_ntp_cols[NET_NTP_NCOLS] = {
	{"server", PVE_T_STR, false, "name or address as configured"},
	{"kind", PVE_T_STR, false, "server, pool, peer; fallback: used when there is no server"},
	{"daemon", PVE_T_STR, false, "timesyncd, chrony"},
	{"used", PVE_T_BOOL, false, "the clock follows it now; empty when nobody says"},
	{"file", PVE_T_STR, false, "file and line"},
	{"address", PVE_T_STR, false, "check: what was asked"},
	{"stratum", PVE_T_INT, false, "check: 1 has a clock of its own, 2 asks such a one"},
	{"offset", PVE_T_INT, false, "check: microseconds that this host is behind"},
	{"delay", PVE_T_INT, false, "check: microseconds to the server and back"},
	{"severity", PVE_T_STR, false, "check: info, warning, critical"},
	{"code", PVE_T_STR, false, "check: name of the finding"},
	{"message", PVE_T_STR, false, "check: what was found"},
	{"fix", PVE_T_STR, true, "check: command that mends it"},
};
_Static_assert(NCOLS == NET_NTP_NCOLS, "a column each");

/* The same columns; show does not show those of check, and check shows few of the others. */
static struct pve_out *out_new(struct pve_ctx *ctx, struct pve_col cols[NCOLS], bool check)
{
	memcpy(cols, net_ntp_cols, sizeof(net_ntp_cols));
	for (size_t i = COL_KIND; i < NCOLS; i++)
		cols[i].hidden |= (i >= COL_ADDRESS) != check;
	return pve_out_new(cols, NCOLS, &ctx->out, &ctx->err);
}

/* --- show --- */

/* What the daemon says; empty when it does not answer. */
static void status_read(struct pve_sys *sys, enum ntp_daemon daemon, struct pve_buf *out)
{
	static const char *const timesyncd[] = {"timedatectl", "show-timesync", NULL};
	static const char *const chrony[] = {"chronyc", "-c", "-N", "sources", NULL};
	struct pve_run cmd = {.argv = daemon == NTP_CHRONY ? chrony : timesyncd,
			      .timeout_ms = TIMEOUT_MS};
	struct pve_run_result res;

	if (sys->rooted || daemon == NTP_NONE || pve_run_ok(sys, &cmd, &res, NULL) < 0)
		return;
	pve_buf_add(out, pve_buf_str(&res.out), res.out.len);
	pve_run_done(&res);
}

static int show(struct pve_ctx *ctx, const struct ntp_setup *s)
{
	struct pve_col cols[NCOLS];
	struct pve_out *out = out_new(ctx, cols, false);
	PVE_BUF status = {0};
	int ret;

	if (!out)
		return -1;
	if (pve_out_wants(out, COL_USED))
		status_read(&ctx->sys, s->daemon, &status);
	for (size_t i = 0; i < s->conf.n; i++) {
		const struct ntp_server *server = &s->conf.v[i];
		struct pve_span said = {status.data, status.len};
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, COL_SERVER, server->name);
		pve_row_str(row, COL_KIND, server->kind);
		pve_row_str(row, COL_DAEMON, ntp_daemon_name(s->daemon));
		pve_row_fmt(row, COL_FILE, "%s:%u", server->file, server->line);
		if (status.len)
			pve_row_bool(row, COL_USED,
				     s->daemon == NTP_CHRONY
					     ? ntp_chrony_uses(said, server->name)
					     : ntp_timesyncd_uses(said, server->name));
	}
	if (!s->conf.n)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "no server is configured; the time service is %s",
			     ntp_daemon_name(s->daemon));
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

/* --- check --- */

struct report {
	struct pve_out *out;
	struct pve_findings findings; /* for the exit code */
};

static const char *const severity_names[] = {
	[PVE_F_INFO] = "info", [PVE_F_WARNING] = "warning", [PVE_F_CRITICAL] = "critical"};

static struct pve_row *find(struct report *r, enum pve_finding_severity severity, const char *code,
			    const char *server, const char *message)
{
	struct pve_row *row = pve_out_row(r->out, NULL);

	pve_findings_add(&r->findings, severity, code, server ? server : "", "%s", message);
	pve_row_str(row, COL_SERVER, server);
	pve_row_str(row, COL_SEVERITY, severity_names[severity]);
	pve_row_str(row, COL_CODE, code);
	pve_row_str(row, COL_MESSAGE, message);
	pve_row_color(row, severity == PVE_F_CRITICAL  ? "red"
			   : severity == PVE_F_WARNING ? "yellow"
						       : NULL);
	return row;
}

static void check_setup(struct report *r, const struct ntp_setup *s)
{
	struct pve_row *row;

	if (s->daemon == NTP_NONE) {
		row = find(r, PVE_F_CRITICAL, "NTP-NO-DAEMON", NULL,
			   "no time service is set up: the cluster needs nodes whose clocks agree");
		pve_row_str(row, COL_FIX, "apt-get install chrony");
	} else if (s->both) {
		row = find(r, PVE_F_WARNING, "NTP-TWO-DAEMONS", NULL,
			   "chrony and timesyncd are both enabled, and both set the clock");
		pve_row_str(row, COL_FIX, "systemctl disable --now systemd-timesyncd");
	} else if (!s->conf.n) {
		find(r, PVE_F_INFO, "NTP-NO-SERVER", NULL,
		     "no server is configured: only those built into the program are used");
	}
}

static void check_time(struct report *r, const struct ntp_query *q)
{
	int64_t offset = q->reply.offset / US, delay = q->reply.delay / US;
	int64_t size = offset < 0 ? -offset : offset, sure = size - delay / 2;
	PVE_FREE char *text =
		pve_asprintf("this host is %lld.%06lld s %s", (long long)(size / 1000000),
			     (long long)(size % 1000000), offset < 0 ? "ahead" : "behind");
	struct pve_row *row;

	/* An answer is right to half of the time it was under way. */
	if (sure > OFFSET_CRITICAL_US)
		row = find(r, PVE_F_CRITICAL, "NTP-OFFSET", q->server, text);
	else if (sure > OFFSET_WARNING_US)
		row = find(r, PVE_F_WARNING, "NTP-OFFSET", q->server, text);
	else
		row = find(r, PVE_F_INFO, "NTP-GOOD", q->server, text);
	pve_row_str(row, COL_ADDRESS, q->address);
	pve_row_int(row, COL_STRATUM, q->reply.stratum);
	pve_row_int(row, COL_OFFSET, offset);
	pve_row_int(row, COL_DELAY, delay);
}

/* Why the answer, or its absence, is no good.  The caller frees it. */
static char *fault_text(const struct ntp_query *q)
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

static void check_fault(struct report *r, const struct ntp_query *q)
{
	static const char *const codes[] = {
		[SNTP_SILENT] = "NTP-SILENT", [SNTP_BOGUS] = "NTP-BOGUS",
		[SNTP_ORIGIN] = "NTP-BOGUS",  [SNTP_KISS] = "NTP-KISS",
		[SNTP_UNSYNC] = "NTP-UNSYNC",
	};
	enum sntp_verdict v = q->reply.verdict;
	PVE_FREE char *text = fault_text(q);
	struct pve_row *row = find(r, PVE_F_WARNING, q->unresolved ? "NTP-RESOLVE" : codes[v],
				   q->server, text);

	if (q->address[0])
		pve_row_str(row, COL_ADDRESS, q->address);
	if (v == SNTP_UNSYNC)
		pve_row_int(row, COL_STRATUM, q->reply.stratum);
}

/* chronyd takes that many addresses of a pool (maxsources, chrony.conf(5)). */
#define POOL_ADDRESSES 4

/* Queries, each server's together; ends with free(v). */
struct asking {
	struct ntp_query *v;
	size_t n, cap;
};

static void add_server(struct asking *a, const char *name, bool pool)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].server, name) == 0)
			return;
	for (unsigned nth = 0; nth < (pool ? POOL_ADDRESSES : 1); nth++) {
		a->v = pve_grow(a->v, a->n, &a->cap, sizeof(*a->v));
		a->v[a->n++] = (struct ntp_query){.server = name, .nth = nth};
	}
}

/* The servers asked: those given, else those configured; fallbacks only when there is none. */
static void servers(const struct ntp_setup *s, const struct pve_strv *given, struct asking *a)
{
	bool fallback;

	for (size_t i = 0; i < given->n; i++)
		add_server(a, given->v[i], false);
	if (given->n || !s)
		return;
	fallback = !ntp_conf_servers(&s->conf);
	for (size_t i = 0; i < s->conf.n; i++)
		if (fallback || strcmp(s->conf.v[i].kind, "fallback") != 0)
			add_server(a, s->conf.v[i].name, strcmp(s->conf.v[i].kind, "pool") == 0);
}

static void check_servers(struct pve_ctx *ctx, struct report *r, struct asking *a)
{
	bool any = false;

	probe_ntp(&ctx->sys, a->v, a->n, TIMEOUT_MS);
	for (size_t i = 0; i < a->n; i++) {
		const struct ntp_query *q = &a->v[i];

		if (q->absent)
			continue;
		if (q->reply.verdict == SNTP_OK)
			check_time(r, q);
		else
			check_fault(r, q);
		any |= q->reply.verdict == SNTP_OK;
	}
	/* With no answer at all the time is not known to be wrong. */
	r->findings.unknown = a->n && !any;
}

static int check(struct pve_ctx *ctx, const struct ntp_setup *s, const struct pve_strv *given)
{
	struct pve_col cols[NCOLS];
	struct report r = {.out = out_new(ctx, cols, true)};
	struct asking a = {0};
	int ret;

	if (!r.out)
		return -1;
	if (!given->n)
		check_setup(&r, s);
	servers(s, given, &a);
	check_servers(ctx, &r, &a);
	free(a.v);
	ret = pve_ctx_print(ctx, r.out);
	if (ret == 0)
		ret = pve_findings_code(&r.findings);
	pve_out_free(r.out);
	pve_findings_done(&r.findings);
	return ret;
}

/* --- set --- */

/* chrony adds up what its files say, and of timesyncd's a later one may have the last word. */
static void warn_others(struct pve_ctx *ctx, const struct ntp_setup *s, const char *path)
{
	for (size_t i = 0; i < s->conf.n; i++) {
		const struct ntp_server *other = &s->conf.v[i];
		bool later =
			strcmp(other->file, path) > 0 &&
			strncmp(other->file, NTP_DROPIN_DIR "/", strlen(NTP_DROPIN_DIR "/")) == 0;

		if (strcmp(other->file, path) == 0 || strcmp(other->kind, "fallback") == 0 ||
		    (s->daemon == NTP_TIMESYNCD && !later))
			continue;
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s:%u: %s %s stays in use as well",
			     other->file, other->line, other->kind, other->name);
	}
}

/* Servers that do not answer are named; with none that does the clock would run free. */
static int ask_first(struct pve_ctx *ctx, const struct pve_strv *list)
{
	struct asking a = {0};
	bool any = false;

	servers(NULL, list, &a);
	probe_ntp(&ctx->sys, a.v, a.n, TIMEOUT_MS);
	for (size_t i = 0; i < a.n; i++) {
		PVE_FREE char *text = NULL;

		if (a.v[i].reply.verdict == SNTP_OK) {
			any = true;
			continue;
		}
		text = fault_text(&a.v[i]);
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s: %s", a.v[i].server, text);
	}
	free(a.v);
	if (any || ctx->yes)
		return 0;
	return pve_err_set(&ctx->err, PVE_NOTHERE,
			   "no server gave the time; nothing was changed (--yes sets %s all the same)",
			   list->n == 1 ? "it" : "them");
}

static int plan_set(struct pve_ctx *ctx, const struct ntp_setup *s, const struct pve_strv *list,
		    struct pve_plan *plan)
{
	static const char *const restart[] = {"systemctl", "restart", "systemd-timesyncd.service",
					      NULL};
	static const char *const reload[] = {"chronyc", "reload", "sources", NULL};
	bool chrony = s->daemon == NTP_CHRONY, there;
	const char *dir = chrony ? NTP_SOURCES_DIR : NTP_DROPIN_DIR;
	const char *path = chrony ? NTP_SOURCES : NTP_DROPIN;
	PVE_BUF was = {0};
	PVE_BUF text = {0};
	struct pve_span old;

	if (probe_read(&ctx->sys, path, &was, &there, &ctx->err) < 0)
		return -1;
	old = (struct pve_span){was.data, was.len};
	if (chrony)
		ntp_sources_format(&text, list);
	else
		ntp_dropin_format(&text, list);
	if (!pve_fs_exists(&ctx->sys, dir))
		pve_plan_mkdir(plan, dir, 0755, "for the file in it");
	if (pve_plan_write(plan, path, there ? &old : NULL, (struct pve_span){text.data, text.len},
			   0644, "the time servers of %s", ntp_daemon_name(s->daemon)) &&
	    !ctx->sys.rooted)
		pve_plan_run(plan, ntp_daemon_name(s->daemon), chrony ? reload : restart, NULL,
			     "so that it uses them now");
	warn_others(ctx, s, path);
	return 0;
}

static int set(struct pve_ctx *ctx, struct ntp_setup *s, const struct pve_strv *list)
{
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (!list->n)
		return pve_err_set(&ctx->err, PVE_USAGE, "ntp set: at least one server is needed");
	if (pve_ctx_begin(ctx, NULL, NULL, &change) < 0 ||
	    ntp_setup_read(s, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (s->daemon == NTP_NONE)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "neither systemd-timesyncd nor chrony is set up here");
	if (s->daemon == NTP_CHRONY && !s->sources)
		return pve_err_set(&ctx->err, PVE_DATA,
				   "/etc/chrony/chrony.conf: has no line \"sourcedir %s\", so "
				   "chrony would not read the new file",
				   NTP_SOURCES_DIR);
	/* From a rescue system the answers would say nothing about the host below --root. */
	if (!ctx->sys.rooted && ask_first(ctx, list) < 0)
		return -1;
	if (plan_set(ctx, s, list, &plan) < 0)
		return -1;
	return pve_ctx_apply(ctx, &change, &plan);
}

int net_cmd_ntp(struct pve_ctx *ctx)
{
	const char *verb = ctx->operands.n ? ctx->operands.v[0] : "show";
	PVE_CLEANUP(ntp_setup_done) struct ntp_setup s = {0};
	PVE_STRV list = {0};

	for (size_t i = 1; i < ctx->operands.n; i++) {
		if (ntp_server_check(ctx->operands.v[i], &ctx->err) < 0)
			return -1;
		pve_strv_add(&list, ctx->operands.v[i]);
	}
	if (strcmp(verb, "set") == 0)
		return set(ctx, &s, &list);
	if (strcmp(verb, "show") != 0 && strcmp(verb, "check") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "ntp %s: show, set and check are known",
				   verb);
	if (strcmp(verb, "show") == 0 && list.n)
		return pve_err_set(&ctx->err, PVE_USAGE, "ntp show: takes no server");
	if (ntp_setup_read(&s, &ctx->sys, &ctx->err) < 0)
		return -1;
	return verb[0] == 'c' ? check(ctx, &s, &list) : show(ctx, &s);
}
