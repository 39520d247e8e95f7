/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pvecommon/cmd_impl.h"
#include "pvecommon/mem.h"
#include "pvecommon/text.h"

#define DEFAULT_WIDTH 80

/* Text may be more than the buffer of stdout: the reason of a failure is known only here. */
static int put(struct pve_ctx *ctx, const struct pve_buf *text)
{
	if (fputs(pve_buf_str(text), stdout) == EOF)
		return pve_err_sys(&ctx->err, errno, "writing standard output");
	return PVE_OK;
}

/* --- built-in commands --------------------------------------------------------- */

struct help_opts {
	bool table;
};

static int run_help(struct pve_ctx *ctx)
{
	const struct help_opts *opts = ctx->opts;
	const struct pve_cmd *cmd;
	PVE_BUF text = {0};

	if (opts->table)
		return help_table(ctx);
	if (!ctx->operands.n) {
		help_tool(ctx->tool, &text);
	} else {
		cmd = cmd_lookup(ctx->tool, ctx->operands.v[0], &ctx->err);
		if (!cmd)
			return -1;
		help_cmd(ctx->tool, cmd, &text);
	}
	return put(ctx, &text);
}

static int run_completion(struct pve_ctx *ctx)
{
	PVE_BUF text = {0};

	if (!completion_add(ctx->tool, ctx->operands.v[0], &text))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "completion: '%s' is none of: bash zsh fish",
				   ctx->operands.v[0]);
	return put(ctx, &text);
}

static const struct pve_opt help_opts[] = {
	{0, "table", PVE_OPT_FLAG, offsetof(struct help_opts, table), NULL, NULL},
	{0},
};

const struct pve_cmd cmd_builtins[] = {
	{
		.name = "help",
		.operands = "[COMMAND]",
		.help = "explain this tool or one of its commands",
		.opts = help_opts,
		.opts_size = sizeof(struct help_opts),
		.max = 1,
		.complete = "@command",
		.run = run_help,
	},
	{
		.name = "completion",
		.operands = "bash|zsh|fish",
		.help = "print a completion script for a shell",
		.min = 1,
		.max = 1,
		.complete = "bash zsh fish",
		.run = run_completion,
	},
	{0},
};

/* --- the terminal ---------------------------------------------------------------- */

/* With a standard stream closed, the first file that is opened would take its place, and
 * what is printed would go into it.  Each is opened the wrong way round, so that using it
 * is the error that it should be. */
static void keep_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Columns of the terminal behind fd; 0 when it is none. */
static unsigned width_of(int fd)
{
	struct winsize size = {0};

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return DEFAULT_WIDTH;
	return size.ws_col;
}

static bool use_color(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* --- running ---------------------------------------------------------------------- */

static int check_shape(const struct cmd_line *line, const struct pve_out_opts *opts,
		       struct pve_err *e)
{
	const struct pve_cmd *cmd = line->cmd;
	struct pve_out *out;

	if (line->g.no_header && line->g.json)
		return pve_err_set(e, PVE_USAGE, "--no-header and --json exclude each other");
	if (!opts->columns)
		return 0;
	if (!cmd->cols)
		return pve_err_set(e, PVE_USAGE, "%s: has no columns, so no --output", cmd->name);
	out = pve_out_new(cmd->cols, cmd->ncols, opts, e);
	if (!out)
		return pve_err_prefix(e, "%s", cmd->name);
	pve_out_free(out);
	return 0;
}

/* Runs the command of a line that was read.  Returns the exit code, or -1 with ctx->err. */
static int run(struct pve_ctx *ctx, struct cmd_line *line)
{
	const struct cmd_globals *g = &line->g;

	ctx->cmd = line->cmd;
	ctx->opts = line->opts;
	ctx->dry_run = g->dry_run;
	ctx->yes = g->yes;
	ctx->wait = g->wait;
	ctx->out = (struct pve_out_opts){
		.columns = g->output,
		.no_header = g->no_header,
		.json = g->json,
		.color = use_color(g->color),
	};
	if (check_shape(line, &ctx->out, &ctx->err) < 0 || cmd_operands(line, stdin, &ctx->err) < 0)
		return -1;
	if (line->from_stdin && !line->operands.n) {
		pve_log_line(&ctx->log, PVE_LOG_INFO, "%s: nothing on standard input",
			     ctx->cmd->name);
		if (g->json && ctx->cmd->cols)
			puts("[]");
		return PVE_OK;
	}
	ctx->operands = line->operands;
	line->operands = (struct pve_strv){0};
	if (pve_sys_init(&ctx->sys, g->root, &ctx->err) < 0)
		return -1;
	return line->cmd->run(ctx);
}

static int act(struct pve_ctx *ctx, struct cmd_line *line)
{
	PVE_BUF text = {0};

	if (line->g.version) {
		printf("%s %s\n", ctx->tool->name, PVE_VERSION);
		return PVE_OK;
	}
	if (line->g.help) {
		if (line->cmd)
			help_cmd(ctx->tool, line->cmd, &text);
		else
			help_tool(ctx->tool, &text);
		return put(ctx, &text);
	}
	if (!line->cmd) {
		help_usage(ctx->tool, stderr);
		return PVE_USAGE;
	}
	return run(ctx, line);
}

/* A command lives for milliseconds and soon wants again what it frees.  Pages that malloc(3)
 * would give back to the kernel meanwhile would have to be zeroed anew. */
static void keep_freed_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the largest that it takes */
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_TOP_PAD, 256 << 10);
}

int pve_main(const struct pve_tool *tool, int argc, char **argv)
{
	struct pve_ctx ctx = {.tool = tool};
	struct cmd_line line;
	int code;

	keep_standard_streams();
	keep_freed_memory();
	code = cmd_parse(tool, argc, argv, &line, &ctx.err);
	pve_log_init(&ctx.log, tool->name, line.g.quiet, line.g.verbose, line.g.root != NULL);
	if (code == 0)
		code = act(&ctx, &line);
	errno = 0;
	if (code >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		code = pve_err_sys(&ctx.err, errno ? errno : EIO, "writing standard output");
	if (code < 0) {
		if (!ctx.err.code)
			pve_err_set(&ctx.err, PVE_FAILED, "failed without a reason");
		pve_log_err(&ctx.log, &ctx.err);
		code = ctx.err.code;
	}
	pve_strv_done(&ctx.operands);
	pve_sys_done(&ctx.sys);
	cmd_line_done(&line);
	return code;
}

/* --- for commands ------------------------------------------------------------------ */

int pve_ctx_print(struct pve_ctx *ctx, struct pve_out *out)
{
	/* Widths of characters and the drawing of trees follow the user's locale; numbers
	 * and messages do not. */
	if (!ctx->out.no_header && !ctx->out.json)
		setlocale(LC_CTYPE, "");
	return pve_out_print(out, stdout, &ctx->err);
}

int pve_ctx_confirm(struct pve_ctx *ctx, const char *fmt, ...)
{
	PVE_FREE char *answer = NULL, *question = NULL;
	PVE_BUF safe = {0};
	size_t size = 0;
	va_list ap;
	bool yes;

	if (ctx->yes || ctx->dry_run)
		return 0;
	va_start(ap, fmt);
	question = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_text_safe(&safe, pve_span(question));
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return pve_err_set(&ctx->err, PVE_DENIED, "%s: refused without --yes",
				   pve_buf_str(&safe));
	fprintf(stderr, "%s: %s? [y/N] ", ctx->tool->name, pve_buf_str(&safe));
	yes = getline(&answer, &size, stdin) > 0 &&
	      (strcasecmp(answer, "y\n") == 0 || strcasecmp(answer, "yes\n") == 0);
	return yes ? 0 : pve_err_set(&ctx->err, PVE_DENIED, "not confirmed, nothing changed");
}

void pve_ctx_progress(struct pve_ctx *ctx, struct pve_progress *p, const char *label,
		      enum pve_progress_unit unit, uint64_t total)
{
	unsigned width = ctx->log.level >= PVE_LOG_NOTICE ? width_of(STDERR_FILENO) : 0;

	pve_progress_init(p, &ctx->sys, width ? stderr : NULL, label, unit, total);
	p->width = width;
}
