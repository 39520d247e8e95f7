/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/cmd_impl.h"
#include "pvecommon/mem.h"

/*
 * Completion scripts for three shells, written from the tables.  Names that come from the
 * host (interfaces, disks) are never evaluated by the shell: bash's "compgen -W" would
 * expand a file called $(reboot), so the bash script compares words itself.
 */

/* The tool's name as part of a function's name. */
static char *ident_of(const struct pve_tool *tool)
{
	char *s = pve_strdup(tool->name);

	for (char *p = s; *p; p++)
		if (*p == '-' || *p == '.')
			*p = '_';
	return s;
}

/* Adds s with a backslash before each of the characters in special. */
static void add_escaped(struct pve_buf *b, const char *s, const char *special)
{
	for (; *s; s++) {
		if (strchr(special, *s))
			pve_buf_putc(b, '\\');
		pve_buf_putc(b, *s);
	}
}

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

/* Replaces "@N" by the tool's name and "@I" by its identifier, as a template of the fixed
 * parts of a script. */
static void add_template(struct pve_buf *b, const struct pve_tool *tool, const char *text)
{
	PVE_FREE char *ident = ident_of(tool);

	for (; *text; text++) {
		if (text[0] == '@' && (text[1] == 'N' || text[1] == 'I'))
			pve_buf_puts(b, *++text == 'N' ? tool->name : ident);
		else
			pve_buf_putc(b, *text);
	}
}

/* "name" or "name SEP alias". */
static void add_cmd_names(struct pve_buf *b, const struct pve_cmd *cmd, const char *sep)
{
	pve_buf_puts(b, cmd->name);
	if (cmd->alias)
		pve_buf_printf(b, "%s%s", sep, cmd->alias);
}

static void add_all_cmds(struct pve_buf *b, const struct pve_tool *tool)
{
	const struct pve_cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_buf_putc(b, ' ');
		add_cmd_names(b, cmd, " ");
	}
}

static void add_all_cols(struct pve_buf *b, const struct pve_cmd *cmd)
{
	for (size_t i = 0; i < cmd->ncols; i++)
		pve_buf_printf(b, " %s", cmd->cols[i].name);
}

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

static bool is_output(const struct pve_opt *opt)
{
	return strcmp(opt->name, "output") == 0;
}

/* --- bash ---------------------------------------------------------------------- */

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
	"# COMMAND: first fields of its rows, quoted\n"
	"_@I_rows()\n"
	"{\n"
	"\tlocal w\n"
	"\twhile IFS= read -r w; do\n"
	"\t\t[[ $w == \"$cur\"* ]] && COMPREPLY+=(\"$(printf %q \"$w\")\")\n"
	"\tdone < <(\"$tool\" \"${root[@]}\" \"$1\" -H 2> /dev/null | cut -f 1)\n"
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
			add_all_cols(b, cmd);
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
		add_all_cmds(b, tool);
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

static void add_bash(const struct pve_tool *tool, struct pve_buf *b)
{
	PVE_FREE char *ident = ident_of(tool);
	const struct pve_cmd *cmd;

	add_template(b, tool, bash_head);
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
	add_all_cmds(b, tool);
	pve_buf_puts(b, "\n\t\t;;\n");
	add_template(b, tool, bash_foot);
}

/* --- zsh ----------------------------------------------------------------------- */

static const char zsh_head[] =
	"#compdef @N\n"
	"# zsh completion for @N, made by '@N completion zsh'\n"
	"\n"
	"# COMMAND: first fields of its rows\n"
	"_@N_rows()\n"
	"{\n"
	"\tlocal -a root names\n"
	"\t[[ -n $opt_args[--root] ]] && root=(--root ${(Q)opt_args[--root]})\n"
	"\tnames=(${${(f)\"$(command $service $root $1 -H 2> /dev/null)\"}%%$'\\t'*})\n"
	"\tcompadd -a names\n"
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
	if (opt->letter)
		pve_buf_printf(b, many ? " '*'" : " '(-%c --%s)'", opt->letter, opt->name);
	else
		pve_buf_puts(b, many ? " '*'" : " ");
	if (opt->letter)
		pve_buf_printf(b, "{-%c%s,--%s%s}'[", opt->letter, value ? "+" : "", opt->name,
			       value ? "=" : "");
	else
		pve_buf_printf(b, "'--%s%s[", opt->name, value ? "=" : "");
	add_escaped(&help, opt->help, "[]\\");
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
	} else if (cmd && cmd->ncols && is_output(opt)) {
		pve_buf_puts(b, "_sequence compadd -");
		add_all_cols(b, cmd);
	}
	pve_buf_puts(b, "'");
}

static void zsh_operands(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	const char *c = cmd->complete;

	if (!c)
		return;
	pve_buf_puts(b, " '*:operand:");
	if (*c == '!') {
		pve_buf_printf(b, "_%s_rows %s", tool->name, c + 1);
	} else if (*c == '@' && strcmp(c, "@command") != 0) {
		pve_buf_puts(b, strcmp(c, "@dir") == 0 ? "_files -/" : "_files");
	} else {
		pve_buf_putc(b, '(');
		if (*c == '@')
			add_all_cmds(b, tool);
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

static void add_zsh(const struct pve_tool *tool, struct pve_buf *b)
{
	const struct pve_opt *opt, *output = NULL;
	const struct pve_cmd *cmd;

	add_template(b, tool, zsh_head);
	pve_buf_puts(b, "\tglobals=(\n");
	for (opt = cmd_global_opts; opt->name; opt++) {
		if (is_output(opt)) {
			output = opt;
			continue;
		}
		pve_buf_puts(b, "\t\t");
		zsh_opt(b, opt, NULL);
		pve_buf_putc(b, '\n');
	}
	pve_buf_puts(b, "\t)\n");
	zsh_cmd_words(b, tool);
	pve_buf_puts(b, "\t_arguments -s -S -C $globals");
	zsh_opt(b, output, NULL);
	pve_buf_puts(b, " '1: :->command' '*:: :->rest' && ret=0\n"
			"\tcase $state in\n"
			"\tcommand) _describe -t commands command cmds && ret=0 ;;\n"
			"\trest)\n"
			"\t\tcase $line[1] in\n");
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_buf_puts(b, "\t\t");
		add_cmd_names(b, cmd, "|");
		pve_buf_puts(b, ")\n\t\t\t_arguments -s -S $globals");
		zsh_opt(b, output, cmd);
		for (opt = cmd->opts; opt && opt->name; opt++)
			zsh_opt(b, opt, cmd);
		zsh_operands(b, tool, cmd);
		pve_buf_puts(b, " && ret=0\n\t\t\t;;\n");
	}
	add_template(b, tool, zsh_foot);
}

/* --- fish ---------------------------------------------------------------------- */

static const char fish_head[] =
	"# fish completion for @N, made by '@N completion fish'\n"
	"\n"
	"function __fish_@I_rows --description 'first fields of the rows of a command'\n"
	"\tcommand @N $argv -H 2>/dev/null | string replace --regex '\\t.*' ''\n"
	"end\n"
	"\n"
	"function __fish_@I_in --description 'is one of these the command on the line?'\n"
	"\tset --local found (__fish_@I_command)\n"
	"\tand contains -- $found $argv\n"
	"end\n"
	"\n"
	"function __fish_@I_command --description 'the command on the line'\n"
	"\tset --local words (commandline -opc)\n"
	"\tset --local skip 1\n"
	"\tfor word in $words\n"
	"\t\tif test $skip = 1\n"
	"\t\t\tset skip 0\n"
	"\t\t\tcontinue\n"
	"\t\tend\n"
	"\t\tswitch $word\n"
	"\t\t\tcase";

static const char fish_middle[] = "\n"
				  "\t\t\t\tset skip 1\n"
				  "\t\t\tcase '-*'\n"
				  "\t\t\tcase '*'\n"
				  "\t\t\t\techo $word\n"
				  "\t\t\t\treturn 0\n"
				  "\t\tend\n"
				  "\tend\n"
				  "\treturn 1\n"
				  "end\n"
				  "\n"
				  "complete -c @N -f\n";

static void fish_help(struct pve_buf *b, const char *help)
{
	pve_buf_puts(b, " -d '");
	add_escaped(b, help, "'\\");
	pve_buf_puts(b, "'\n");
}

/* Starts a line; when cmd is not NULL it holds behind that command only. */
static void fish_start(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	add_template(b, tool, "complete -c @N");
	if (!cmd)
		return;
	add_template(b, tool, " -n '__fish_@I_in ");
	add_cmd_names(b, cmd, " ");
	pve_buf_putc(b, '\'');
}

static void fish_opt(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd,
		     const struct pve_opt *opt)
{
	if (!cmd_opt_shown(opt))
		return;
	fish_start(b, tool, cmd);
	if (opt->letter)
		pve_buf_printf(b, " -s %c", opt->letter);
	pve_buf_printf(b, " -l %s", opt->name);
	if (cmd_opt_takes_value(opt)) {
		pve_buf_puts(b, strcmp(opt->arg, "FILE") == 0 ? " -r -F" : " -x");
		if (opt->kind == PVE_OPT_CHOICE)
			pve_buf_printf(b, " -a '%s'", opt->choices);
		else if (strcmp(opt->arg, "DIR") == 0)
			pve_buf_puts(b, " -a '(__fish_complete_directories)'");
		if (cmd && is_output(opt)) {
			pve_buf_puts(b, " -a '(__fish_append ,");
			add_all_cols(b, cmd);
			pve_buf_puts(b, ")'");
		}
	}
	fish_help(b, opt->help);
}

static void fish_operands(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	const char *c = cmd->complete;

	if (!c)
		return;
	fish_start(b, tool, cmd);
	if (strcmp(c, "@file") == 0) {
		pve_buf_puts(b, " -F");
	} else if (strcmp(c, "@dir") == 0) {
		pve_buf_puts(b, " -a '(__fish_complete_directories)'");
	} else if (*c == '!') {
		add_template(b, tool, " -a '(__fish_@I_rows ");
		pve_buf_printf(b, "%s)'", c + 1);
	} else {
		pve_buf_puts(b, " -a '");
		if (*c == '@')
			add_all_cmds(b, tool);
		else
			pve_buf_puts(b, c);
		pve_buf_putc(b, '\'');
	}
	pve_buf_putc(b, '\n');
}

static void fish_cmd(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	for (const char *name = cmd->name; name; name = name == cmd->name ? cmd->alias : NULL) {
		add_template(b, tool, "complete -c @N -n 'not __fish_@I_command >/dev/null' -a ");
		pve_buf_puts(b, name);
		fish_help(b, cmd->help);
	}
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		if (is_output(opt) && cmd->ncols)
			fish_opt(b, tool, cmd, opt);
	for (const struct pve_opt *opt = cmd->opts; opt && opt->name; opt++)
		fish_opt(b, tool, cmd, opt);
	fish_operands(b, tool, cmd);
}

static void add_fish(const struct pve_tool *tool, struct pve_buf *b)
{
	const struct pve_cmd *cmd;

	add_template(b, tool, fish_head);
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++) {
		if (!cmd_opt_takes_value(opt))
			continue;
		pve_buf_printf(b, " --%s", opt->name);
		if (opt->letter)
			pve_buf_printf(b, " -%c", opt->letter);
	}
	add_template(b, tool, fish_middle);
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		fish_opt(b, tool, NULL, opt);
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		fish_cmd(b, tool, cmd);
}

bool completion_add(const struct pve_tool *tool, const char *shell, struct pve_buf *b)
{
	if (strcmp(shell, "bash") == 0)
		add_bash(tool, b);
	else if (strcmp(shell, "zsh") == 0)
		add_zsh(tool, b);
	else if (strcmp(shell, "fish") == 0)
		add_fish(tool, b);
	else
		return false;
	return true;
}
