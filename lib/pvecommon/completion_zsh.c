/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/completion_impl.h"
#include "pvecommon/mem.h"

/* Adds text for the inside of single quotes in bash and zsh. */
static void add_quoted(struct pve_buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			pve_buf_puts(b, "'\\''");
		else
			pve_buf_putc(b, *s);
	}
}

static const char zsh_head[] =
	"#compdef @N\n"
	"# zsh completion for @N, made by '@N completion zsh'\n"
	"\n"
	"# [OPTION...] COMMAND[,OPTION...]: first fields of its rows, for compadd with its options\n"
	"_@N_rows()\n"
	"{\n"
	"\tlocal -a root names\n"
	"\t[[ -n $opt_args[--root] ]] && root=(--root ${(Q)opt_args[--root]})\n"
	"\tnames=(${${(f)\"$(command $service $root ${(s:,:)@[-1]} -H 2> /dev/null)\"}%%$'\\t'*})\n"
	"\tcompadd \"${(@)@[1,-2]}\" -a names\n"
	"}\n"
	"\n"
	"_@N()\n"
	"{\n"
	"\tlocal curcontext=$curcontext state state_descr ret=1\n"
	"\tlocal -a line globals cmds\n"
	"\tlocal -A opt_args\n";

static const char zsh_foot[] = "\t\tesac\n"
			       "\t\t;;\n"
			       "\tesac\n"
			       "\treturn ret\n"
			       "}\n"
			       "\n"
			       "if [[ $funcstack[1] == _@N ]]; then\n"
			       "\t_@N \"$@\"\n"
			       "else\n"
			       "\tcompdef _@N @N\n"
			       "fi\n";

/* One specification of _arguments(1) for an option.  cmd is where the columns of --output
 * come from, or NULL. */
static void zsh_opt(struct pve_buf *b, const struct pve_opt *opt, const struct pve_cmd *cmd)
{
	bool value = cmd_opt_takes_value(opt);
	bool many = opt->kind == PVE_OPT_COUNT || opt->kind == PVE_OPT_LIST;
	PVE_BUF help = {0};

	if (!cmd_opt_shown(opt))
		return;
	pve_buf_puts(b, many ? " '*'" : " ");
	if (opt->letter && !many)
		pve_buf_printf(b, "'(-%c --%s)'", opt->letter, opt->name);
	if (opt->letter)
		pve_buf_printf(b, "{-%c%s,--%s%s}'[", opt->letter, value ? "+" : "", opt->name,
			       value ? "=" : "");
	else
		pve_buf_printf(b, "'--%s%s[", opt->name, value ? "=" : "");
	completion_escaped(&help, opt->help, "[]\\");
	add_quoted(b, pve_buf_str(&help));
	pve_buf_putc(b, ']');
	if (value)
		pve_buf_printf(b, ":%s:", opt->arg);
	if (opt->kind == PVE_OPT_CHOICE) {
		pve_buf_printf(b, "(%s)", opt->choices);
	} else if (value && strcmp(opt->arg, "DIR") == 0) {
		pve_buf_puts(b, "_files -/");
	} else if (value && strcmp(opt->arg, "FILE") == 0) {
		pve_buf_puts(b, "_files");
	} else if (cmd && cmd->ncols && completion_is_output(opt)) {
		pve_buf_puts(b, "_sequence compadd -");
		completion_all_cols(b, cmd);
	}
	pve_buf_puts(b, "'");
}

/* --output with the columns of cmd. */
static void zsh_output(struct pve_buf *b, const struct pve_cmd *cmd)
{
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		if (completion_is_output(opt))
			zsh_opt(b, opt, cmd);
}

static void zsh_operands(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	const char *c = cmd->complete;

	if (!c)
		return;
	pve_buf_puts(b, " '*:operand:");
	if (*c == '!') {
		pve_buf_printf(b, "_%s_rows ", tool->name);
		/* One word, so that it can be told from the options that zsh puts before it. */
		for (c++; *c; c++)
			pve_buf_putc(b, *c == ' ' ? ',' : *c);
	} else if (*c == '@' && strcmp(c, "@command") != 0) {
		pve_buf_puts(b, strcmp(c, "@dir") == 0 ? "_files -/" : "_files");
	} else {
		pve_buf_putc(b, '(');
		if (*c == '@')
			completion_all_cmds(b, tool);
		else
			pve_buf_puts(b, c);
		pve_buf_putc(b, ')');
	}
	pve_buf_putc(b, '\'');
}

static void zsh_cmd_words(struct pve_buf *b, const struct pve_tool *tool)
{
	const struct pve_cmd *cmd;

	pve_buf_puts(b, "\tcmds=(\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		for (const char *name = cmd->name; name;
		     name = name == cmd->name ? cmd->alias : NULL) {
			pve_buf_printf(b, "\t\t'%s:", name);
			add_quoted(b, cmd->help);
			pve_buf_puts(b, "'\n");
		}
	pve_buf_puts(b, "\t)\n");
}

void completion_zsh(const struct pve_tool *tool, struct pve_buf *b)
{
	const struct pve_opt *opt;
	const struct pve_cmd *cmd;

	completion_template(b, tool, zsh_head);
	pve_buf_puts(b, "\tglobals=(\n");
	for (opt = cmd_global_opts; opt->name; opt++) {
		if (completion_is_output(opt))
			continue;
		pve_buf_putc(b, '\t');
		zsh_opt(b, opt, NULL);
		pve_buf_putc(b, '\n');
	}
	pve_buf_puts(b, "\t)\n");
	zsh_cmd_words(b, tool);
	pve_buf_puts(b, "\t_arguments -s -S -C -A '-*' $globals");
	zsh_output(b, NULL);
	pve_buf_puts(b, " '1: :->command' '*:: :->rest' && ret=0\n"
			"\tcase $state in\n"
			"\tcommand) _describe -t commands command cmds && ret=0 ;;\n"
			"\trest)\n"
			"\t\tcase $line[1] in\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_buf_puts(b, "\t\t");
		completion_cmd_names(b, cmd, "|");
		pve_buf_puts(b, ")\n\t\t\t_arguments -s -S $globals");
		zsh_output(b, cmd);
		for (opt = cmd->opts; opt && opt->name; opt++)
			zsh_opt(b, opt, cmd);
		zsh_operands(b, tool, cmd);
		pve_buf_puts(b, " && ret=0\n\t\t\t;;\n");
	}
	completion_template(b, tool, zsh_foot);
}
