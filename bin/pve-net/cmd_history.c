/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "apply.h"
#include "hold.h"
#include "probe_gen.h"
#include "pvecommon/exec_hold.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

enum {
	COL_GENERATION,
	COL_TIME,
	COL_USER,
	COL_VIA,
	COL_WHY,
	COL_FILES,
	COL_CURRENT,
	COL_LOGIN,
	COL_FROM,
};

const struct pve_col net_history_cols[NET_HISTORY_NCOLS] = {
	{"generation", PVE_T_INT, false, "its number; empty: the files now, changed since"},
	{"time", PVE_T_TIME, false, "when it was put into effect"},
	{"user", PVE_T_STR, false, "who did, by sudo or by itself"},
	{"via", PVE_T_STR, false, "the command; hand: something else had changed the files"},
	{"why", PVE_T_STR, false, "the reason given with --message"},
	{"files", PVE_T_STR, false, "files that differ from the generation before"},
	{"current", PVE_T_BOOL, false, "is it what the files say now?"},
	{"login", PVE_T_STR, true, "the account that logged in"},
	{"from", PVE_T_STR, true, "address at the other end of the ssh connection"},
};

/* The generations of the store, and the files as they are. */
struct history {
	struct net_gen_store store;
	struct net_gen *v; /* one for each of the store */
	size_t n;
	struct net_gen now;
	size_t current; /* the newest that is what the files say; n: none */
};

static void history_done(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		net_gen_done(&h->v[i]);
	free(h->v);
	net_gen_done(&h->now);
	net_gen_store_done(&h->store);
}

static int read_now(struct history *h, struct pve_sys *sys, struct pve_err *e)
{
	struct net_conf c;
	int ret;

	if (net_conf_read(&c, sys, NET_INTERFACES, e) < 0)
		return -1;
	ret = net_gen_take(sys, &c, NULL, &h->now, e);
	net_conf_done(&c);
	return ret;
}

static int history_read(struct history *h, struct pve_sys *sys, struct pve_err *e)
{
	if (net_gen_list(sys, &h->store, e) < 0 || read_now(h, sys, e) < 0)
		return -1;
	h->v = pve_calloc(h->store.n + 1, sizeof(*h->v));
	for (; h->n < h->store.n; h->n++)
		if (net_gen_read(sys, h->store.number[h->n], &h->v[h->n], e) < 0)
			return -1;
	h->current = h->n;
	if (h->n && net_gen_same(&h->v[h->n - 1], &h->now))
		h->current = h->n - 1;
	return 0;
}

/* Names of the files that differ, with commas between them. */
static void changed_files(const struct net_gen *before, const struct net_gen *g,
			  struct pve_buf *out)
{
	static const struct net_gen none;

	before = before ? before : &none;
	for (int pass = 0; pass < 2; pass++) {
		const struct net_gen *a = pass ? before : g, *b = pass ? g : before;

		for (size_t i = 0; i < a->nfiles; i++) {
			const struct net_gen_file *f = net_gen_find(b, a->file[i].path);

			if (pass ? f != NULL : f && pve_span_same(f->bytes, a->file[i].bytes))
				continue;
			pve_buf_printf(out, "%s%s", out->len ? "," : "", a->file[i].path);
		}
	}
}

static void add_row(struct pve_out *out, const struct net_gen *before, const struct net_gen *g,
		    bool current)
{
	struct pve_row *row = pve_out_row(out, NULL);
	PVE_BUF files = {0};

	changed_files(before, g, &files);
	if (g->number) {
		pve_row_int(row, COL_GENERATION, g->number);
		pve_row_time(row, COL_TIME, g->time);
	}
	pve_row_text(row, COL_USER, g->user);
	pve_row_str(row, COL_VIA, g->via);
	pve_row_text(row, COL_WHY, g->why);
	pve_row_buf(row, COL_FILES, &files);
	pve_row_bool(row, COL_CURRENT, current);
	pve_row_text(row, COL_LOGIN, g->login);
	pve_row_text(row, COL_FROM, g->from);
	pve_row_color(row, current ? "bold" : NULL);
}

static void say_held(struct pve_ctx *ctx)
{
	char until[PVE_TIME_TEXT];
	PVE_HELD held = {0};

	if (pve_exec_held(&ctx->sys, NET_APPLY_TOOL, &held, NULL) == 0 &&
	    held.state == PVE_HELD_WAITING)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "the newest awaits confirmation until %s: " NET_HELD_HELP,
			     pve_num_time_text(held.until, until));
}

static int list(struct pve_ctx *ctx, struct history *h)
{
	struct pve_out *out =
		pve_out_new(net_history_cols, NET_HISTORY_NCOLS, &ctx->out, &ctx->err);
	int ret;

	if (!out)
		return -1;
	for (size_t i = 0; i < h->n; i++)
		add_row(out, i ? &h->v[i - 1] : NULL, &h->v[i], i == h->current);
	if (h->n && h->current == h->n) {
		h->now.via = "hand";
		add_row(out, &h->v[h->n - 1], &h->now, true);
	}
	say_held(ctx);
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

static void put_field(struct pve_buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	pve_buf_printf(out, "%-11s", name);
	pve_text_safe(out, pve_span(value));
	pve_buf_putc(out, '\n');
}

/* Lines that come from files: only their controls are made harmless. */
static void put_lines(struct pve_buf *out, struct pve_span text)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		size_t n = nl ? (size_t)(nl - text.p) : text.len;

		for (size_t from = 0; from < n;) {
			/* Stanzas are indented by tabs. */
			const char *tab = memchr(text.p + from, '\t', n - from);
			size_t part = tab ? (size_t)(tab - text.p) - from : n - from;

			pve_text_safe(out, (struct pve_span){text.p + from, part});
			if (tab)
				pve_buf_putc(out, '\t');
			from += part + (tab != NULL);
		}
		pve_buf_putc(out, '\n');
		text.p += n + (nl != NULL);
		text.len -= n + (nl != NULL);
	}
}

/* One generation in full: who and why, the plan, the difference to the one before. */
static int show(struct pve_ctx *ctx, const struct history *h, unsigned number)
{
	static const struct net_gen none;
	char when[PVE_TIME_TEXT];
	PVE_BUF out = {0};
	PVE_BUF diff = {0};
	size_t i = 0;

	while (i < h->n && h->v[i].number != number)
		i++;
	if (i == h->n)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "there is no generation %u; see pve-net history", number);
	pve_buf_printf(&out, "%-11s%u\n", "generation", number);
	put_field(&out, "time", pve_num_time_text(h->v[i].time, when));
	put_field(&out, "user", h->v[i].user);
	put_field(&out, "login", h->v[i].login);
	put_field(&out, "from", h->v[i].from);
	put_field(&out, "via", h->v[i].via);
	put_field(&out, "why", h->v[i].why);
	if (h->v[i].plan.len)
		pve_buf_putc(&out, '\n');
	put_lines(&out, h->v[i].plan);
	net_gen_diff(i ? &h->v[i - 1] : &none, &h->v[i], &diff);
	if (diff.len)
		pve_buf_putc(&out, '\n');
	put_lines(&out, (struct pve_span){diff.data, diff.len});
	if (fwrite(out.data, 1, out.len, stdout) != out.len)
		return pve_err_sys(&ctx->err, errno, "writing standard output");
	return 0;
}

int net_cmd_history(struct pve_ctx *ctx)
{
	PVE_CLEANUP(history_done) struct history h = {0};
	uint64_t number = 0;

	if (ctx->operands.n &&
	    pve_num_u64(ctx->operands.v[0], 1, UINT_MAX, &number, &ctx->err) < 0)
		return pve_err_prefix(&ctx->err, "history");
	if (ctx->operands.n && (ctx->out.json || ctx->out.no_header))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "history %s: is text, so no --json and --no-header",
				   ctx->operands.v[0]);
	if (history_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	return ctx->operands.n ? show(ctx, &h, (unsigned)number) : list(ctx, &h);
}
