/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_CMD_H
#define PVECOMMON_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/err.h"
#include "pvecommon/log.h"
#include "pvecommon/out.h"
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

struct pve_opt {
	char letter;         /* 0: none */
	const char *name;    /* without the dashes */
	enum pve_opt_kind kind;
	size_t offset;       /* offsetof the field in the command's options struct */
	const char *arg;     /* how help calls the value: "DIR"; NULL for flags */
	const char *help;    /* one clause */
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
	const struct pve_col *cols; /* its columns for -o, help and completion; may be NULL */
	size_t ncols;
	const char *complete;       /* operands for completion: space-separated words,
				     * "@file", "@dir", or "!COMMAND": the first field of
				     * that command of this tool with -H; NULL: none */
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

/* main() of every tool.  Returns the exit code. */
int pve_main(const struct pve_tool *tool, int argc, char **argv);

/* For commands: prints rows to stdout, returns 0 or -1 with ctx->err. */
int pve_ctx_print(struct pve_ctx *ctx, struct pve_out *out);

/*
 * Findings of a "check" command: the columns severity, code, object, message, fix, and the
 * exit code that belongs to them.
 */
enum pve_finding_severity { PVE_F_INFO, PVE_F_WARNING, PVE_F_CRITICAL };

struct pve_finding {
	enum pve_finding_severity severity;
	const char *code;    /* stable: "NET-GATEWAY-TWICE"; static */
	char *object;        /* what it is about: "vmbr0", "/etc/network/interfaces:12" */
	char *message;       /* one clause */
	char *fix;           /* a command, or NULL */
};

struct pve_findings {
	struct pve_finding *v;
	size_t n, cap;
	bool unknown;        /* something could not be found out: exit 3 unless critical */
};

extern const struct pve_col pve_finding_cols[];
extern const size_t pve_finding_ncols;

/* Adds one and returns it; object and message are copied from the formats' results.  fix
 * may be set afterwards with pve_finding_fix. */
struct pve_finding *pve_findings_add(struct pve_findings *f, enum pve_finding_severity s,
				     const char *code, const char *object, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void pve_finding_fix(struct pve_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Worst first, then in the order they were added. */
void pve_findings_sort(struct pve_findings *f);
/* Prints them as rows and returns the exit code of a check, or -1 with ctx->err. */
int pve_findings_report(struct pve_ctx *ctx, struct pve_findings *f);
void pve_findings_done(struct pve_findings *f);

#endif
