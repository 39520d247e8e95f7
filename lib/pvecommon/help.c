/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>

#include "pvecommon/cmd_impl.h"
#include "pvecommon/mem.h"

#define PAGE_WIDTH 79
/* Where explanations start at most; a longer term gets a line of its own. */
#define TERM_MAX 26

/* Adds words of text between column indent and PAGE_WIDTH; the line stands at column at. */
static void add_wrapped(struct pve_buf *b, size_t at, size_t indent, const char *text)
{
	struct pve_span rest = pve_span(text), word;
	bool first = true;

	while ((word = pve_span_word(&rest)).len) {
		if (!first && at + 1 + word.len > PAGE_WIDTH) {
			pve_buf_printf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			pve_buf_putc(b, ' ');
			at++;
		}
		pve_buf_span(b, word);
		at += word.len;
		first = false;
	}
	pve_buf_putc(b, '\n');
}

/* A clause of the tables as a paragraph: a sentence of its own. */
static void add_sentence(struct pve_buf *b, const char *clause)
{
	PVE_FREE char *s = pve_asprintf("%s.", clause);

	s[0] = (char)toupper((unsigned char)s[0]);
	add_wrapped(b, 0, 0, s);
}

/* "  term      explanation", the explanation at column indent. */
static void add_item(struct pve_buf *b, size_t indent, const char *term, const char *text)
{
	pve_buf_printf(b, "  %s", term);
	if (strlen(term) + 4 > indent)
		pve_buf_printf(b, "\n%*s", (int)indent, "");
	else
		pve_buf_printf(b, "%*s", (int)(indent - strlen(term) - 2), "");
	add_wrapped(b, indent, indent, text);
}

/* Items under a heading, aligned with each other: terms and texts alternate. */
static void add_items(struct pve_buf *b, const char *heading, const struct pve_strv *items)
{
	size_t indent = 0;

	if (!items->n)
		return;
	for (size_t i = 0; i < items->n; i += 2) {
		size_t end = strlen(items->v[i]) + 4;

		if (end > indent && end <= TERM_MAX)
			indent = end;
	}
	indent = indent ? indent : 8;
	pve_buf_printf(b, "\n%s\n", heading);
	for (size_t i = 0; i < items->n; i += 2)
		add_item(b, indent, items->v[i], items->v[i + 1]);
}

static void list_opts(struct pve_strv *items, const struct pve_opt *opts)
{
	for (; opts && opts->name; opts++) {
		char letter[] = {'-', opts->letter, ',', ' ', '\0'};

		if (!cmd_opt_shown(opts))
			continue;
		pve_strv_addf(items, "%s--%s%s%s", opts->letter ? letter : "    ", opts->name,
			      opts->arg ? " " : "", opts->arg ? opts->arg : "");
		if (opts->kind == PVE_OPT_CHOICE)
			pve_strv_addf(items, "%s: %s", opts->help, opts->choices);
		else
			pve_strv_add(items, opts->help);
	}
}

void help_usage(const struct pve_tool *tool, FILE *f)
{
	const struct pve_cmd *cmd;
	PVE_BUF b = {0};

	fprintf(f, "Usage: %s [OPTION...] COMMAND [OPTION...] [OPERAND...]\n", tool->name);
	pve_buf_puts(&b, "Commands:");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		pve_buf_printf(&b, " %s", cmd->name);
	fprintf(f, "%s\nSee '%s help'.\n", pve_buf_str(&b), tool->name);
}

void help_tool(const struct pve_tool *tool, struct pve_buf *b)
{
	PVE_STRV cmds = {0}, opts = {0};
	const struct pve_cmd *cmd;

	pve_buf_printf(b, "Usage: %s [OPTION...] COMMAND [OPTION...] [OPERAND...]\n", tool->name);
	add_sentence(b, tool->help);
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_strv_addf(&cmds, "%s%s%s", cmd->name, cmd->alias ? ", " : "",
			      cmd->alias ? cmd->alias : "");
		pve_strv_add(&cmds, cmd->help);
	}
	add_items(b, "Commands:", &cmds);
	list_opts(&opts, cmd_global_opts);
	add_items(b, "Options of every command:", &opts);
	pve_buf_printf(b,
		       "\nAn operand - reads operands from standard input, one a line.\n"
		       "See '%s help COMMAND' and %s(8).\n",
		       tool->name, tool->name);
}

static void list_cols(struct pve_strv *items, const struct pve_cmd *cmd)
{
	for (size_t i = 0; i < cmd->ncols; i++) {
		pve_strv_add(items, cmd->cols[i].name);
		pve_strv_addf(items, "%s%s", cmd->cols[i].help ? cmd->cols[i].help : "",
			      cmd->cols[i].hidden ? "" : " (default)");
	}
}

void help_cmd(const struct pve_tool *tool, const struct pve_cmd *cmd, struct pve_buf *b)
{
	PVE_STRV opts = {0}, cols = {0};
	const char *operands = cmd->operands ? cmd->operands : "";

	pve_buf_printf(b, "Usage: %s %s [OPTION...]%s%s\n", tool->name, cmd->name,
		       *operands ? " " : "", operands);
	if (cmd->alias)
		pve_buf_printf(b, "       %s %s [OPTION...]%s%s\n", tool->name, cmd->alias,
			       *operands ? " " : "", operands);
	add_sentence(b, cmd->help);
	list_opts(&opts, cmd->opts);
	add_items(b, "Options:", &opts);
	list_cols(&cols, cmd);
	add_items(b, "Columns for --output:", &cols);
	if (cmd->more)
		pve_buf_printf(b, "\n%s%s", cmd->more,
			       *cmd->more && cmd->more[strlen(cmd->more) - 1] == '\n' ? "" : "\n");
	pve_buf_printf(b, "\nOptions of every command: see '%s help'.\n", tool->name);
}

/* --- the tables themselves, for tests and other programs --------------------------- */

enum { T_KIND, T_COMMAND, T_NAME, T_LETTER, T_ARG, T_HELP, T_COLS };

static const struct pve_col table_cols[T_COLS] = {
	[T_KIND] = {"kind", PVE_T_STR, false, "tool, global, command, alias, option or column"},
	[T_COMMAND] = {"command", PVE_T_STR, false, "the command it belongs to"},
	[T_NAME] = {"name", PVE_T_STR, false, "as typed, an option without its dashes"},
	[T_LETTER] = {"letter", PVE_T_STR, false, "of an option; of a column: * when default"},
	[T_ARG] = {"arg", PVE_T_STR, false, "value, operands, or type of a column"},
	[T_HELP] = {"help", PVE_T_STR, false, "one clause"},
};

static struct pve_row *table_row(struct pve_out *out, const char *kind, const char *command,
				 const char *name, const char *arg, const char *help)
{
	struct pve_row *row = pve_out_row(out, NULL);

	pve_row_str(row, T_KIND, kind);
	pve_row_str(row, T_COMMAND, command);
	pve_row_str(row, T_NAME, name);
	pve_row_str(row, T_ARG, arg);
	pve_row_str(row, T_HELP, help);
	return row;
}

static void table_opts(struct pve_out *out, const char *kind, const char *command,
		       const struct pve_opt *opts)
{
	for (; opts && opts->name; opts++) {
		struct pve_row *row;

		if (!cmd_opt_shown(opts))
			continue;
		row = table_row(out, kind, command, opts->name,
				opts->kind == PVE_OPT_CHOICE ? opts->choices : opts->arg,
				opts->help);
		if (opts->letter)
			pve_row_fmt(row, T_LETTER, "%c", opts->letter);
	}
}

static void table_cmd(struct pve_out *out, const struct pve_cmd *cmd)
{
	static const char *const types[] = {
		[PVE_T_STR] = "string", [PVE_T_INT] = "number", [PVE_T_SIZE] = "size",
		[PVE_T_BOOL] = "bool",  [PVE_T_TIME] = "time",
	};

	table_row(out, "command", NULL, cmd->name, cmd->operands, cmd->help);
	if (cmd->alias)
		table_row(out, "alias", cmd->name, cmd->alias, cmd->operands, cmd->help);
	table_opts(out, "option", cmd->name, cmd->opts);
	for (size_t i = 0; i < cmd->ncols; i++) {
		const struct pve_col *col = &cmd->cols[i];
		struct pve_row *row =
			table_row(out, "column", cmd->name, col->name, types[col->type], col->help);

		pve_row_str(row, T_LETTER, col->hidden ? NULL : "*");
	}
}

int help_table(struct pve_ctx *ctx)
{
	struct pve_out_opts opts = {.no_header = !ctx->out.json, .json = ctx->out.json};
	struct pve_out *out = pve_out_new(table_cols, T_COLS, &opts, &ctx->err);
	const struct pve_cmd *cmd;
	int rc;

	if (!out)
		return -1;
	table_row(out, "tool", NULL, ctx->tool->name, NULL, ctx->tool->help);
	table_opts(out, "global", NULL, cmd_global_opts);
	for (size_t i = 0; (cmd = cmd_at(ctx->tool, i)); i++)
		table_cmd(out, cmd);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}
