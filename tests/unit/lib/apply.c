/* SPDX-License-Identifier: GPL-3.0-or-later */
/* begin and apply as a command uses them, with and without --dry-run; the plan's text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pvecommon/apply.h"
#include "scratch.h"

static const struct pve_tool tool = {.name = "pve-test"};

static void ctx_new(struct pve_ctx *ctx, struct scratch *s, bool dry_run)
{
	*ctx = (struct pve_ctx){.tool = &tool, .sys = s->sys, .dry_run = dry_run};
	pve_log_init(&ctx->log, "pve-test", 1, 0, true);
}

static int command(struct pve_ctx *ctx)
{
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, NULL, NULL, &change) < 0)
		return -1;
	pve_plan_write(&plan, "/f", NULL, pve_span("text\n"), 0644, "to test");
	return pve_ctx_apply(ctx, &change, &plan);
}

static void dry_run_changes_nothing(void **state)
{
	struct pve_ctx ctx;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	ctx_new(&ctx, &s, true);
	assert_int_equal(command(&ctx), 0);
	assert_int_equal(scratch_count(&s, "/"), 0);
	scratch_done(&s);
}

static void apply_changes(void **state)
{
	struct pve_ctx ctx;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	ctx_new(&ctx, &s, false);
	assert_int_equal(command(&ctx), 0);
	assert_true(scratch_is(&s, "/f", "text\n"));
	assert_int_equal(scratch_count(&s, "/"), 1);
	/* The same plan again: the file is there now, so its guard does not hold. */
	assert_int_equal(command(&ctx), -1);
	assert_int_equal(ctx.err.code, PVE_AGAIN);
	scratch_done(&s);
}

static void plan_reads_as_text(void **state)
{
	static const char *const argv[] = {"zpool", "set", "comment=a b; rm -rf /", "rpool", NULL};
	struct pve_span old = pve_span("old");
	PVE_PLAN plan = {0};
	PVE_BUF text = {0};

	(void)state;
	assert_null(pve_plan_write(&plan, "/same", &old, old, 0644, "never shown"));
	pve_plan_write(&plan, "/etc/new\nline", NULL, old, 0644, "because of %d", 7);
	pve_plan_write(&plan, "/etc/old", &old, pve_span("x"), 0644, "reason");
	pve_plan_remove(&plan, "/etc/gone", NULL, "unused");
	pve_plan_mkdir(&plan, "/etc/d", 0755, "needed");
	pve_plan_run(&plan, "rpool", argv, NULL, "to say so");
	pve_plan_format(&plan, &text);
	assert_string_equal(pve_buf_str(&text),
			    "create /etc/new?line: because of 7\n"
			    "change /etc/old: reason\n"
			    "remove /etc/gone: unused\n"
			    "mkdir /etc/d: needed\n"
			    "run zpool set 'comment=a b; rm -rf /' rpool: to say so\n");
}

static void rules_are_checked(void **state)
{
	struct pve_err e = {0};
	PVE_PLAN plan = {0};

	(void)state;
	pve_plan_write(&plan, "/a", NULL, pve_span("1"), 0644, "x");
	assert_int_equal(pve_plan_verify(&plan, &e), 0);
	pve_plan_remove(&plan, "/a", NULL, "x");
	assert_int_equal(pve_plan_verify(&plan, &e), -1);
	assert_non_null(strstr(e.msg, "two steps for /a"));
	pve_plan_done(&plan);
	pve_plan_mkdir(&plan, "relative", 0755, "x");
	assert_int_equal(pve_plan_verify(&plan, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dry_run_changes_nothing),
		cmocka_unit_test(apply_changes),
		cmocka_unit_test(plan_reads_as_text),
		cmocka_unit_test(rules_are_checked),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
