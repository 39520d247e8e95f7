/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CMD_FIXTURE_H
#define TESTS_CMD_FIXTURE_H

/* A small tool and a way to run it in this process; include cmocka.h before. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pvecommon/buf.h"
#include "pvecommon/cmd.h"
#include "pvecommon/cmd_impl.h"
#include "pvecommon/mem.h"

/* --- a small tool ---------------------------------------------------------------- */

enum { COL_NAME, COL_MTU, COL_NOTE, NCOLS };

static const struct pve_col cols[NCOLS] = {
	[COL_NAME] = {"name", PVE_T_STR, false, "name of the interface"},
	[COL_MTU] = {"mtu", PVE_T_INT, false, "largest packet in bytes"},
	[COL_NOTE] = {"note", PVE_T_STR, true, "free text"},
};

struct set_opts {
	bool force;
	int more;
	const char *name, *color;
	struct pve_strv with;
	uint64_t count, size, age;
};

static int run_list(struct pve_ctx *ctx)
{
	struct pve_out *out = pve_out_new(cols, NCOLS, &ctx->out, &ctx->err);
	int rc;

	assert_non_null(out);
	for (int i = 0; i < 2; i++) {
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_fmt(row, COL_NAME, "eth%d", i);
		pve_row_int(row, COL_MTU, 1500);
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

static int run_get(struct pve_ctx *ctx)
{
	for (size_t i = 0; i < ctx->operands.n; i++)
		printf("<%s>", ctx->operands.v[i]);
	return PVE_OK;
}

static int run_set(struct pve_ctx *ctx)
{
	const struct set_opts *o = ctx->opts;

	printf("%d %d %s %s %zu %" PRIu64 " %" PRIu64 " %" PRIu64, o->force, o->more,
	       o->name ? o->name : "-", o->color ? o->color : "-", o->with.n, o->count, o->size,
	       o->age);
	printf(" n%d y%d w%" PRIu64, ctx->dry_run, ctx->yes, ctx->wait);
	for (size_t i = 0; i < ctx->operands.n; i++)
		printf(" <%s>", ctx->operands.v[i]);
	return PVE_OK;
}

static int run_fail(struct pve_ctx *ctx)
{
	return ctx->operands.n ? -1 : pve_err_set(&ctx->err, PVE_DATA, "a:1: one\na:2: two");
}

static int run_wipe(struct pve_ctx *ctx)
{
	if (pve_ctx_confirm(ctx, "erase disk %s", "\033sda") < 0)
		return -1;
	puts("wiped");
	return PVE_OK;
}

static int run_check(struct pve_ctx *ctx)
{
	struct pve_findings f = {0};
	int rc;

	for (size_t i = 0; i < ctx->operands.n; i++) {
		const char *word = ctx->operands.v[i];

		if (strcmp(word, "info") == 0)
			pve_findings_add(&f, PVE_F_INFO, "T-INFO", "a", "info %zu", i);
		else if (strcmp(word, "warning") == 0)
			pve_findings_add(&f, PVE_F_WARNING, "T-WARN", "b", "warning %zu", i);
		else if (strcmp(word, "critical") == 0)
			pve_finding_fix(pve_findings_add(&f, PVE_F_CRITICAL, "T-CRIT", "c",
							 "critical %zu", i),
					"mend %s", "c");
		else
			f.unknown = true;
	}
	rc = pve_findings_report(ctx, &f);
	pve_findings_done(&f);
	return rc;
}

static const struct pve_opt set_table[] = {
	{'f', "force", PVE_OPT_FLAG, offsetof(struct set_opts, force), NULL, "even if it hurts"},
	{'m', "more", PVE_OPT_COUNT, offsetof(struct set_opts, more), NULL, "more of it"},
	{'a', "name", PVE_OPT_STR, offsetof(struct set_opts, name), "NAME", "its name"},
	{'k', "kind", PVE_OPT_CHOICE, offsetof(struct set_opts, color), "KIND", "its kind",
	 .choices = "bond bridge"},
	{'w', "with", PVE_OPT_LIST, offsetof(struct set_opts, with), "FILE", "more files"},
	{'c', "count", PVE_OPT_UINT, offsetof(struct set_opts, count), "N", "how many", .min = 1,
	 .max = 9},
	{0, "size", PVE_OPT_SIZE, offsetof(struct set_opts, size), "BYTES", "how large"},
	{0, "age", PVE_OPT_DURATION, offsetof(struct set_opts, age), "TIME", "how old"},
	{0, "secret", PVE_OPT_FLAG, offsetof(struct set_opts, force), NULL, NULL},
	{0},
};

static const struct pve_cmd cmds[] = {
	{.name = "list",
	 .alias = "show",
	 .operands = "[IFACE...]",
	 .help = "print interfaces",
	 .max = PVE_MANY,
	 .cols = cols,
	 .ncols = NCOLS,
	 .complete = "!list",
	 .run = run_list},
	{.name = "get",
	 .operands = "IFACE",
	 .help = "print one",
	 .min = 1,
	 .max = 2,
	 .complete = "!list",
	 .run = run_get},
	{.name = "set",
	 .operands = "[WORD...]",
	 .help = "take every kind of option",
	 .opts = set_table,
	 .opts_size = sizeof(struct set_opts),
	 .max = PVE_MANY,
	 .run = run_set,
	 .more = "More about set."},
	{.name = "fail", .operands = "[X]", .help = "fail", .max = 1, .run = run_fail},
	{.name = "wipe", .operands = "", .help = "erase a disk", .run = run_wipe},
	{.name = "check",
	 .operands = "[WHAT...]",
	 .help = "look for faults",
	 .max = PVE_MANY,
	 .cols = pve_finding_cols,
	 .ncols = PVE_FINDING_NCOLS,
	 .run = run_check},
	{0},
};

static const struct pve_tool tool = {"pve-fix", "does this and that", cmds};

/* --- running it with its three streams in memory ------------------------------------ */

struct result {
	int code;
	struct pve_buf out, err;
};

static int memory(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void slurp(int fd, struct pve_buf *b)
{
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, pve_buf_reserve(b, 4096), 4096)) > 0)
		b->len += (size_t)n;
	pve_buf_reserve(b, 1)[0] = '\0';
}

/* Runs the tool on words; out replaces standard output when it is not negative. */
static void run_on(struct result *r, const char *input, int out, const char *const *words)
{
	int fds[3] = {memory(input), out >= 0 ? out : memory(""), memory("")}, saved[3], argc = 1;
	char *argv[32] = {(char *)(uintptr_t) "pve-fix"};

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	*r = (struct result){0};
	fflush(stdout);
	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
		dup2(fds[i], i);
	}
	r->code = pve_main(&tool, argc, argv);
	for (int i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	clearerr(stdin);
	clearerr(stdout);
	slurp(fds[1], &r->out);
	slurp(fds[2], &r->err);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void result_done(struct result *r)
{
	pve_buf_done(&r->out);
	pve_buf_done(&r->err);
}

#define RESULT PVE_CLEANUP(result_done) struct result
#define WORDS(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
#define RUN(r, ...) run_on(r, "", -1, WORDS(__VA_ARGS__))

static void expect(int code, const char *out, const char *err, const char *input,
		   const char *const *words)
{
	RESULT r;

	run_on(&r, input, -1, words);
	assert_string_equal(pve_buf_str(&r.err), err);
	assert_string_equal(pve_buf_str(&r.out), out);
	assert_int_equal(r.code, code);
}

#define OK(out, ...) expect(0, out, "", "", WORDS(__VA_ARGS__))
#define WRONG(err, ...) expect(64, "", "pve-fix: error: " err "\n", "", WORDS(__VA_ARGS__))

static bool has(const struct pve_buf *b, const char *text)
{
	return strstr(pve_buf_str(b), text);
}

#endif
