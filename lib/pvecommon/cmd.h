/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_CMD_H
#define PVECOMMON_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/findings.h"
#include "pvecommon/log.h"
#include "pvecommon/out.h"
#include "pvecommon/progress.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/*
 * The command line of a tool as tables.  Parsing, help, usage errors with the nearest
 * name, completion for three shells and the exit code all come out of them, and a test
 * holds the manual against them.
 */
enum pve_opt_kind {
	PVE_OPT_FLAG,     /* bool */
	PVE_OPT_COUNT,    /* int: how many times it was given */
	PVE_OPT_STR,      /* const char *: the last one wins */
	PVE_OPT_LIST,     /* struct pve_strv: all of them */
	PVE_OPT_UINT,     /* uint64_t, from min to max */
	PVE_OPT_SIZE,     /* uint64_t, bytes */
	PVE_OPT_DURATION, /* uint64_t, seconds */
	PVE_OPT_CHOICE,   /* const char *: one of the space-separated words in choices */
};

/* Global options may stand before and behind the command and are found first, so a command
 * must not reuse their names and letters (cmd_impl.h; a test holds that). */
struct pve_opt {
	char letter;         /* 0: none */
	const char *name;    /* without the dashes */
	enum pve_opt_kind kind;
	size_t offset;       /* offsetof the field in the command's options struct */
	const char *arg;     /* how help calls the value, NULL for flags; "DIR" and "FILE"
			      * are completed as such */
	const char *help;    /* one clause; NULL: hidden, for tests */
	const char *choices; /* for PVE_OPT_CHOICE */
	uint64_t min, max;   /* for numbers; max 0: no limit */
};

/* Everything that a running command is handed. */
struct pve_ctx {
	const struct pve_tool *tool;
	const struct pve_cmd *cmd;
	struct pve_sys sys;
	struct pve_log log;
	struct pve_out_opts out;   /* from -o, -H, --json, --color and the terminal */
	bool dry_run, yes;
	uint64_t wait;             /* seconds to wait for the lock */
	void *opts;                /* the command's options struct, cmd->opts_size bytes */
	struct pve_strv operands;  /* after "-" was replaced by standard input */
	struct pve_err err;
};

struct pve_cmd {
	const char *name;
	const char *alias;          /* second name, or NULL */
	const char *operands;       /* as in help: "[IFACE...]"; "" for none */
	const char *help;           /* one clause */
	const char *more;           /* further lines for "help COMMAND", or NULL */
	const struct pve_opt *opts; /* ends with a NULL name; may be NULL */
	size_t opts_size;
	unsigned min, max;          /* number of operands; PVE_MANY: no limit */
	bool one_dash;              /* "-name value" is its option "--name", too, for people who
				     * know the command from a tool that has them so */
	const struct pve_col *cols; /* its columns for -o, help and completion; may be NULL */
	size_t ncols;
	const char *complete;       /* operands for completion: space-separated words,
				     * "@file", "@dir", "@command", or "!COMMAND [OPTION]":
				     * the first field of that command of this tool with -H;
				     * NULL: none */
	/* Returns the exit code.  For a failure: fill ctx->err and return -1; it is printed
	 * and its code is the exit code. */
	int (*run)(struct pve_ctx *ctx);
};

#define PVE_MANY ~0u

struct pve_tool {
	const char *name;            /* "pve-net" */
	const char *help;            /* one clause */
	const struct pve_cmd *cmds;  /* ends with a NULL name; help and completion are added */
};

/*
 * main() of every tool.  Returns the exit code.
 *
 * Names match exactly; "--" ends options; "--name value", "--name=value", "-x value",
 * "-xvalue" and "-xy" are all read.  The operand "-", standing alone before a command that
 * takes operands, is replaced by standard input: of each line the first tab-separated
 * field, with the escapes of -H undone (text.h), empty lines skipped.  When nothing comes
 * that way the command is not run at all, for some take no operand to mean everything.
 *
 * -o is checked against cmd->cols before the command runs, so that a wrong column is found
 * before anything changed.  Standard output that could not be written is an error.
 */
int pve_main(const struct pve_tool *tool, int argc, char **argv);

/* For commands: prints rows to stdout, returns 0 or -1 with ctx->err. */
int pve_ctx_print(struct pve_ctx *ctx, struct pve_out *out);
/* For commands, before something that destroys data: asks the question that the format
 * makes and returns 0 for yes.  Does not ask with --yes and --dry-run.  Else, and without a
 * terminal, -1 with PVE_DENIED in ctx->err. */
int pve_ctx_confirm(struct pve_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* For commands: starts a progress bar on stderr, or a mute one when that is no terminal or
 * with --quiet.  label is borrowed.  See progress.h. */
void pve_ctx_progress(struct pve_ctx *ctx, struct pve_progress *p, const char *label,
		      enum pve_progress_unit unit, uint64_t total);

#endif
