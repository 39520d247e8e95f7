/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/completion_impl.h"
#include "pvecommon/mem.h"

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
	completion_escaped(b, help, "'\\");
	pve_buf_puts(b, "'\n");
}

/* Starts a line; when cmd is not NULL it holds behind that command only. */
static void fish_start(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	completion_template(b, tool, "complete -c @N");
	if (!cmd)
		return;
	completion_template(b, tool, " -n '__fish_@I_in ");
	completion_cmd_names(b, cmd, " ");
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
		if (cmd && completion_is_output(opt)) {
			pve_buf_puts(b, " -a '(__fish_append ,");
			completion_all_cols(b, cmd);
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
		completion_template(b, tool, " -a '(__fish_@I_rows ");
		pve_buf_printf(b, "%s)'", c + 1);
	} else {
		pve_buf_puts(b, " -a '");
		if (*c == '@')
			completion_all_cmds(b, tool);
		else
			pve_buf_puts(b, c);
		pve_buf_putc(b, '\'');
	}
	pve_buf_putc(b, '\n');
}

static void fish_cmd(struct pve_buf *b, const struct pve_tool *tool, const struct pve_cmd *cmd)
{
	for (const char *name = cmd->name; name; name = name == cmd->name ? cmd->alias : NULL) {
		completion_template(b, tool,
				    "complete -c @N -n 'not __fish_@I_command >/dev/null' -a ");
		pve_buf_puts(b, name);
		fish_help(b, cmd->help);
	}
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		if (completion_is_output(opt) && cmd->ncols)
			fish_opt(b, tool, cmd, opt);
	for (const struct pve_opt *opt = cmd->opts; opt && opt->name; opt++)
		fish_opt(b, tool, cmd, opt);
	fish_operands(b, tool, cmd);
}

void completion_fish(const struct pve_tool *tool, struct pve_buf *b)
{
	const struct pve_cmd *cmd;

	completion_template(b, tool, fish_head);
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++) {
		if (!cmd_opt_takes_value(opt))
			continue;
		pve_buf_printf(b, " --%s", opt->name);
		if (opt->letter)
			pve_buf_printf(b, " -%c", opt->letter);
	}
	completion_template(b, tool, fish_middle);
	for (const struct pve_opt *opt = cmd_global_opts; opt->name; opt++)
		fish_opt(b, tool, NULL, opt);
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		fish_cmd(b, tool, cmd);
}
