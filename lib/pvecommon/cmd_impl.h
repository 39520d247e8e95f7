/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_CMD_IMPL_H
#define PVECOMMON_CMD_IMPL_H

#include "pvecommon/buf.h"
#include "pvecommon/cmd.h"

/* Between cmd.c (running), cmd_parse.c (reading the command line), help.c and completion.c.
 * Names without "pve_" are not exported (pvecommon.map). */

struct cmd_globals {
	const char *root, *output, *color;
	bool dry_run, yes, no_header, json, quiet, help, version;
	int verbose;
	uint64_t wait; /* seconds */
};

/* A command line that was read.  Strings point into argv. */
struct cmd_line {
	const struct pve_tool *tool;
	struct cmd_globals g;
	const struct pve_cmd *cmd; /* NULL when none was named */
	void *opts;                /* as in struct pve_ctx */
	struct pve_strv operands;
	bool from_stdin; /* the operand "-" was replaced by standard input */
};

extern const struct pve_opt cmd_global_opts[];
extern const struct pve_cmd cmd_builtins[]; /* help and completion */

/* Commands of the tool, then the built-in ones; NULL behind the last. */
const struct pve_cmd *cmd_at(const struct pve_tool *tool, size_t i);
/* By name or alias, or NULL. */
const struct pve_cmd *cmd_find(const struct pve_tool *tool, const char *name);
/* The same, with an error that names the nearest. */
const struct pve_cmd *cmd_lookup(const struct pve_tool *tool, const char *name,
				 struct pve_err *e);

/* Reads a command line: options, the command, operands as they are.  All errors are
 * PVE_USAGE.  line is valid, and ends with cmd_line_done, in either case. */
int cmd_parse(const struct pve_tool *tool, int argc, char **argv, struct cmd_line *line,
	      struct pve_err *e);
/* Replaces the operand "-" by lines of in, then checks the number of operands. */
int cmd_operands(struct cmd_line *line, FILE *in, struct pve_err *e);
void cmd_line_done(struct cmd_line *line);

/* Is there something to say about the option (it is not hidden)? */
static inline bool cmd_opt_shown(const struct pve_opt *opt)
{
	return opt->help;
}

static inline bool cmd_opt_takes_value(const struct pve_opt *opt)
{
	return opt->kind != PVE_OPT_FLAG && opt->kind != PVE_OPT_COUNT;
}

void help_usage(const struct pve_tool *tool, FILE *f);
void help_tool(const struct pve_tool *tool, struct pve_buf *b);
void help_cmd(const struct pve_tool *tool, const struct pve_cmd *cmd, struct pve_buf *b);
/* Rows of kind, command, name, letter, arg, help. */
int help_table(struct pve_ctx *ctx);

/* Adds the completion script for a shell; false when the shell is not known. */
bool completion_add(const struct pve_tool *tool, const char *shell, struct pve_buf *b);

#endif
