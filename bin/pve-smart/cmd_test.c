/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"
#include "pvecommon/apply.h"
#include "pvecommon/run.h"
#include "smart.h"

enum {
	COL_DEVICE,
	COL_STATE,
	COL_TEST,
	COL_LEFT,
	COL_LAST,
	COL_RESULT,
	COL_HOUR,
	COL_SHORT,
	COL_LONG
};

const struct pve_col smart_test_cols[SMART_TEST_NCOLS] = {
	{"device", PVE_T_STR, false, "node"},
	{"state", PVE_T_STR, false, "running, passed, failed, none, unknown"},
	{"test", PVE_T_STR, false, "that runs"},
	{"left", PVE_T_INT, false, "percent that remain of it"},
	{"last", PVE_T_STR, false, "the newest test that came to an end"},
	{"result", PVE_T_STR, false, "of that, in the disk's words, or why it is not known"},
	{"hour", PVE_T_INT, false, "of the disk's life at which it ended"},
	{"short", PVE_T_INT, true, "minutes that a short test takes"},
	{"long", PVE_T_INT, true, "minutes that a long test takes"},
};

#define SET_MS 30000

/* --- state ------------------------------------------------------------------------- */

static void add_row(struct pve_out *out, const struct pve_disk *d, const struct pve_smart *s)
{
	const struct pve_smart_test *last = s->ntests ? &s->test[0] : NULL;
	struct pve_row *row = pve_out_row(out, NULL);
	const char *state = "none";

	if (s->state != PVE_SMART_READ)
		state = "unknown";
	else if (s->testing)
		state = "running";
	else if (last)
		state = last->passed > 0 ? "passed" : last->passed == 0 ? "failed" : "none";
	pve_row_str(row, COL_DEVICE, d->name);
	pve_row_str(row, COL_STATE, state);
	if (s->testing)
		pve_row_str(row, COL_TEST, *s->testing_type ? s->testing_type : "self-test");
	if (s->testing)
		pve_row_count(row, COL_LEFT, s->testing_left);
	if (last)
		pve_row_str(row, COL_LAST, last->type);
	pve_row_str(row, COL_RESULT,
		    last                         ? last->result
		    : s->state != PVE_SMART_READ ? s->why
						 : "no test is on record");
	if (last)
		pve_row_count(row, COL_HOUR, last->hours);
	pve_row_count(row, COL_SHORT, s->short_minutes);
	pve_row_count(row, COL_LONG, s->long_minutes);
}

static int show(struct pve_ctx *ctx, struct smart_host *h)
{
	const struct smart_ask_opts *opts = ctx->opts;
	struct pve_out *out;
	int rc;

	if (smart_host_read(h, ctx, true) < 0)
		return -1;
	smart_host_ask(h, ctx, opts->timeout, false);
	out = pve_out_new(smart_test_cols, SMART_TEST_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < h->nchosen; i++)
		add_row(out, h->chosen[i], smart_of(h, h->chosen[i]));
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

/* --- changes ----------------------------------------------------------------------- */

/* An action is a run of smartctl with one or two words before the disk. */
static void arguments(const struct pve_disk *d, const char *option, const char *value,
		      struct pve_strv *argv)
{
	PVE_FREE char *smartctl = pve_run_find("smartctl");

	pve_strv_add(argv, smartctl ? smartctl : "smartctl");
	pve_strv_add(argv, option);
	if (value)
		pve_strv_add(argv, value);
	smart_address(d, argv);
}

static const char *const *vector(const struct pve_strv *l)
{
	return l->n ? (const char *const *)l->v : NULL;
}

static void plan_run(struct pve_plan *plan, const struct pve_disk *d, const struct pve_strv *run,
		     const struct pve_strv *undo, const char *why)
{
	struct pve_step *step = pve_plan_run(plan, d->name, vector(run), vector(undo), "%s", why);

	step->timeout_ms = SET_MS;
}

/* What begins all changes: the lock, the one disk, and what it says now. */
static int begin(struct pve_ctx *ctx, struct smart_host *h, struct pve_change *change)
{
	const struct smart_ask_opts *opts = ctx->opts;

	if (ctx->sys.rooted)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "%s: acts on a device, so it does not go with --root",
				   ctx->cmd->name);
	if (pve_ctx_begin(ctx, NULL, NULL, change) < 0 || smart_host_read(h, ctx, true) < 0)
		return -1;
	smart_host_ask(h, ctx, opts ? opts->timeout : 0, false);
	return 0;
}

static int start(struct pve_ctx *ctx, struct smart_host *h)
{
	PVE_STRV run = {0}, undo = {0};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	const struct pve_smart *s;
	const struct pve_disk *d;
	/* The second operand is no disk. */
	PVE_FREE char *kind = ctx->operands.v[--ctx->operands.n];

	ctx->operands.v[ctx->operands.n] = NULL;
	if (begin(ctx, h, &change) < 0)
		return -1;
	d = smart_chosen(h);
	s = smart_of(h, d);
	if (s->state == PVE_SMART_NONE || s->state == PVE_SMART_UNKNOWN)
		return pve_err_set(&ctx->err, PVE_NOTHERE, "%s: %s", d->name, s->why);
	if (strcmp(kind, "abort") == 0) {
		arguments(d, "-X", NULL, &run);
		if (s->testing)
			plan_run(&plan, d, &run, &undo, "the self-test that runs is broken off");
		return pve_ctx_apply(ctx, &change, &plan);
	}
	if (s->testing)
		return pve_err_set(&ctx->err, PVE_AGAIN,
				   "%s: a self-test runs already (pve-smart test %s abort ends it)",
				   d->name, d->name);
	arguments(d, "-t", kind, &run);
	arguments(d, "-X", NULL, &undo);
	plan_run(&plan, d, &run, &undo,
		 *kind == 's' ? "a short self-test, the disk stays in use"
			      : "a long self-test of the whole surface, the disk stays in use");
	return pve_ctx_apply(ctx, &change, &plan);
}

static bool is_kind(const char *word)
{
	return strcmp(word, "short") == 0 || strcmp(word, "long") == 0 ||
	       strcmp(word, "abort") == 0;
}

int smart_cmd_test(struct pve_ctx *ctx)
{
	struct smart_host h = {0};
	int rc;

	if (ctx->operands.n == 2 && is_kind(ctx->operands.v[1]))
		rc = start(ctx, &h);
	else
		rc = show(ctx, &h);
	smart_host_done(&h);
	return rc;
}

static int set(struct pve_ctx *ctx, bool on)
{
	PVE_STRV run = {0}, undo = {0};
	struct smart_host h = {0};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	int rc = begin(ctx, &h, &change);

	if (rc == 0) {
		const struct pve_disk *d = smart_chosen(&h);
		const struct pve_smart *s = smart_of(&h, d);

		arguments(d, "-s", on ? "on" : "off", &run);
		arguments(d, "-s", on ? "off" : "on", &undo);
		/* One that answers, but not about SMART, may have it off without saying so. */
		if (s->state == PVE_SMART_NONE || (s->state == PVE_SMART_UNKNOWN && !s->protocol))
			rc = pve_err_set(&ctx->err, PVE_NOTHERE, "%s: %s", d->name, s->why);
		else if ((s->state == PVE_SMART_OFF || s->state == PVE_SMART_UNKNOWN) == on)
			plan_run(&plan, d, &run, &undo,
				 on ? "SMART on, so that the disk watches itself" : "SMART off");
	}
	if (rc == 0)
		rc = pve_ctx_apply(ctx, &change, &plan);
	smart_host_done(&h);
	return rc;
}

int smart_cmd_enable(struct pve_ctx *ctx)
{
	return set(ctx, true);
}

int smart_cmd_disable(struct pve_ctx *ctx)
{
	return set(ctx, false);
}
