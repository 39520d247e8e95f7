/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/completion_impl.h"
#include "pvecommon/mem.h"

/* " --name -x" of each option. */
static void add_opt_words(struct pve_buf *b, const struct pve_opt *opts)
{
	for (; opts && opts->name; opts++) {
		if (!cmd_opt_shown(opts))
			continue;
		pve_buf_printf(b, " --%s", opts->name);
		if (opts->letter)
			pve_buf_printf(b, " -%c", opts->letter);
	}
}

static const char bash_head[] =
	"# bash completion for @N, made by '@N completion bash'\n"
	"\n"
	"# WORD...: those that go on from what was typed\n"
	"_@I_words()\n"
	"{\n"
	"\tlocal w\n"
	"\tfor w; do\n"
	"\t\t[[ $w == \"$cur\"* ]] && COMPREPLY+=(\"$w\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# COLUMN...: the last of a list with commas\n"
	"_@I_columns()\n"
	"{\n"
	"\tlocal before= last=$cur w\n"
	"\t[[ $cur == *,* ]] && before=${cur%,*}, last=${cur##*,}\n"
	"\t[[ $last == +* ]] && before+=+ last=${last#+}\n"
	"\tfor w; do\n"
	"\t\t[[ $w == \"$last\"* ]] && COMPREPLY+=(\"$before$w\")\n"
	"\tdone\n"
	"\tcompopt -o nospace\n"
	"}\n"
	"\n"
	"# COMMAND [OPTION...]: first fields of its rows, quoted\n"
	"_@I_rows()\n"
	"{\n"
	"\tlocal w\n"
	"\twhile IFS= read -r w; do\n"
	"\t\t[[ $w == \"$cur\"* ]] && COMPREPLY+=(\"$(printf %q \"$w\")\")\n"
	"\tdone < <(\"$tool\" \"${root[@]}\" \"$@\" -H 2> /dev/null | cut -f 1)\n"
	"}\n"
	"\n"
	"# file|directory\n"
	"_@I_paths()\n"
	"{\n"
	"\tcompopt -o filenames\n"
	"\tmapfile -t COMPREPLY < <(compgen -A \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_@I()\n"
	"{\n"
	"\tlocal tool=$1 cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal cmd= i root=()\n"
	"\tCOMPREPLY=()\n"
	"\t# Bash takes --name=value apart into three words.\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t--root)\n"
	"\t\t\t[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
	"\t\t\troot=(--root \"${COMP_WORDS[++i]}\")\n"
	"\t\t\t;;\n";

static const char bash_foot[] = "\tesac\n"
				"} &&\n"
				"\tcomplete -F _@I @N\n";

static void bash_value(struct pve_buf *b, const char *ident, const char *cmd,
		       const struct pve_opt *opt)
{
	if (!cmd_opt_shown(opt) || !cmd_opt_takes_value(opt))
		return;
	pve_buf_printf(b, "\t%s:--%s", cmd, opt->name);
	if (opt->letter)
		pve_buf_printf(b, " | %s:-%c", cmd, opt->letter);
	pve_buf_puts(b, ")\n");
	if (opt->kind == PVE_OPT_CHOICE)
		pve_buf_printf(b, "\t\t_%s_words %s\n", ident, opt->choices);
	else if (strcmp(opt->arg, "DIR") == 0)
		pve_buf_printf(b, "\t\t_%s_paths directory\n", ident);
	else if (strcmp(opt->arg, "FILE") == 0)
		pve_buf_printf(b, "\t\t_%s_paths file\n", ident);
	pve_buf_puts(b, "\t\treturn\n\t\t;;\n");
}

/* The cases of "$cmd:$prev": a value that is due. */
static void bash_values(struct pve_buf *b, const struct pve_tool *tool, const char *ident)
{
	const struct pve_cmd *cmd;

	pve_buf_puts(b, "\tcase $cmd:$prev in\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		if (cmd->ncols) {
			pve_buf_printf(b, "\t%s:--output | %s:-o)\n\t\t_%s_columns", cmd->name,
				       cmd->name, ident);
			completion_all_cols(b, cmd);
			pve_buf_puts(b, "\n\t\treturn\n\t\t;;\n");
		}
		for (const struct pve_opt *opt = cmd->opts; opt && opt->name; opt++)
			bash_value(b, ident, cmd->name, opt);
	}
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		bash_value(b, ident, "*", opt);
	pve_buf_puts(b, "\tesac\n");
}

static void bash_operands(struct pve_buf *b, const struct pve_tool *tool, const char *ident,
			  const struct pve_cmd *cmd)
{
	if (!cmd->complete)
		return;
	pve_buf_printf(b, "\t%s:*)\n\t\t_%s_", cmd->name, ident);
	if (*cmd->complete == '!') {
		pve_buf_printf(b, "rows %s", cmd->complete + 1);
	} else if (strcmp(cmd->complete, "@file") == 0) {
		pve_buf_puts(b, "paths file");
	} else if (strcmp(cmd->complete, "@dir") == 0) {
		pve_buf_puts(b, "paths directory");
	} else if (strcmp(cmd->complete, "@command") == 0) {
		pve_buf_puts(b, "words");
		completion_all_cmds(b, tool);
	} else {
		pve_buf_printf(b, "words %s", cmd->complete);
	}
	pve_buf_puts(b, "\n\t\t;;\n");
}

static void bash_scan(struct pve_buf *b)
{
	const char *sep = "\t\t";

	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++) {
		if (!cmd_opt_takes_value(opt) || strcmp(opt->name, "root") == 0)
			continue;
		pve_buf_printf(b, "%s--%s", sep, opt->name);
		sep = " | ";
		if (opt->letter)
			pve_buf_printf(b, " | -%c", opt->letter);
	}
	pve_buf_puts(b, ")\n"
			"\t\t\t[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
			"\t\t\t((i++))\n"
			"\t\t\t;;\n"
			"\t\t-* | =) ;;\n"
			"\t\t*) [[ $cmd ]] || cmd=${COMP_WORDS[i]} ;;\n"
			"\t\tesac\n"
			"\tdone\n");
}

void completion_bash(const struct pve_tool *tool, struct pve_buf *b)
{
	PVE_FREE char *ident = completion_ident(tool);
	const struct pve_cmd *cmd;

	completion_template(b, tool, bash_head);
	bash_scan(b);
	pve_buf_puts(b, "\tcase $cmd in\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		if (cmd->alias)
			pve_buf_printf(b, "\t%s) cmd=%s ;;\n", cmd->alias, cmd->name);
	pve_buf_puts(b, "\tesac\n");
	bash_values(b, tool, ident);
	pve_buf_puts(b, "\tcase $cmd:$cur in\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_buf_printf(b, "\t%s:-*)\n\t\t_%s_words", cmd->name, ident);
		add_opt_words(b, cmd->opts);
		add_opt_words(b, cmd_global_opts);
		pve_buf_puts(b, "\n\t\t;;\n");
		bash_operands(b, tool, ident, cmd);
	}
	pve_buf_printf(b, "\t:-*)\n\t\t_%s_words", ident);
	add_opt_words(b, cmd_global_opts);
	pve_buf_printf(b, "\n\t\t;;\n\t:*)\n\t\t_%s_words", ident);
	completion_all_cmds(b, tool);
	pve_buf_puts(b, "\n\t\t;;\n");
	completion_template(b, tool, bash_foot);
}
