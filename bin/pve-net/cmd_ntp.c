/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "node.h"
#include "ntp_set.h"
#include "pvecommon/mem.h"
#include "pvecommon/run.h"

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

const struct pve_opt net_ntp_options[] = {
	{'k', "keep", PVE_OPT_FLAG, offsetof(struct net_ntp_opts, keep),
	 .help = "set: chrony's other servers stay in use as well"},
	{0},
};

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
			      .timeout_ms = NTP_TIMEOUT_MS};
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

static void check_fault(struct report *r, const struct ntp_query *q)
{
	static const char *const codes[] = {
		[SNTP_SILENT] = "NTP-SILENT", [SNTP_BOGUS] = "NTP-BOGUS",
		[SNTP_ORIGIN] = "NTP-BOGUS",  [SNTP_KISS] = "NTP-KISS",
		[SNTP_UNSYNC] = "NTP-UNSYNC",
	};
	enum sntp_verdict v = q->reply.verdict;
	PVE_FREE char *text = net_ntp_fault(q);
	struct pve_row *row =
		find(r, PVE_F_WARNING, q->unresolved ? "NTP-RESOLVE" : codes[v], q->server, text);

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

	probe_ntp(&ctx->sys, a->v, a->n, NTP_TIMEOUT_MS);
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

int net_cmd_ntp(struct pve_ctx *ctx)
{
	static const char *const verbs[] = {"show", "set", "reset", "check", NULL};
	const struct net_ntp_opts *opts = ctx->opts;
	const char *verb = ctx->operands.n ? ctx->operands.v[0] : "show";
	PVE_CLEANUP(ntp_setup_done) struct ntp_setup s = {0};
	PVE_STRV list = {0};

	for (size_t i = 0; strcmp(verb, verbs[i]) != 0; i++)
		if (!verbs[i + 1])
			return pve_err_set(&ctx->err, PVE_USAGE,
					   "ntp %s: show, set, reset and check are known", verb);
	for (size_t i = 1; i < ctx->operands.n; i++) {
		if (ntp_server_check(ctx->operands.v[i], &ctx->err) < 0)
			return -1;
		pve_strv_add(&list, ctx->operands.v[i]);
	}
	if (opts->keep && strcmp(verb, "set") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "--keep goes with ntp set only");
	if (strcmp(verb, "set") == 0)
		return net_ntp_set(ctx, &list);
	if (strcmp(verb, "check") != 0 && list.n)
		return pve_err_set(&ctx->err, PVE_USAGE, "ntp %s: takes no server", verb);
	if (strcmp(verb, "reset") == 0)
		return net_ntp_reset(ctx);
	if (ntp_setup_read(&s, &ctx->sys, &ctx->err) < 0)
		return -1;
	return verb[0] == 'c' ? check(ctx, &s, &list) : show(ctx, &s);
}
