/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/completion_impl.h"
#include "pvecommon/mem.h"

char *completion_ident(const struct pve_tool *tool)
{
	char *s = pve_strdup(tool->name);

	for (char *p = s; *p; p++)
		if (*p == '-' || *p == '.')
			*p = '_';
	return s;
}

void completion_escaped(struct pve_buf *b, const char *s, const char *special)
{
	for (; *s; s++) {
		if (strchr(special, *s))
			pve_buf_putc(b, '\\');
		pve_buf_putc(b, *s);
	}
}

void completion_template(struct pve_buf *b, const struct pve_tool *tool, const char *text)
{
	PVE_FREE char *ident = completion_ident(tool);

	for (; *text; text++) {
		if (text[0] == '@' && (text[1] == 'N' || text[1] == 'I'))
			pve_buf_puts(b, *++text == 'N' ? tool->name : ident);
		else
			pve_buf_putc(b, *text);
	}
}

void completion_cmd_names(struct pve_buf *b, const struct pve_cmd *cmd, const char *sep)
{
	pve_buf_puts(b, cmd->name);
	if (cmd->alias)
		pve_buf_printf(b, "%s%s", sep, cmd->alias);
}

void completion_all_cmds(struct pve_buf *b, const struct pve_tool *tool)
{
	const struct pve_cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_buf_putc(b, ' ');
		completion_cmd_names(b, cmd, " ");
	}
}

void completion_all_cols(struct pve_buf *b, const struct pve_cmd *cmd)
{
	for (size_t i = 0; i < cmd->ncols; i++)
		pve_buf_printf(b, " %s", cmd->cols[i].name);
}

bool completion_is_output(const struct pve_opt *opt)
{
	return strcmp(opt->name, "output") == 0;
}

bool completion_add(const struct pve_tool *tool, const char *shell, struct pve_buf *b)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash(tool, b);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh(tool, b);
	else if (strcmp(shell, "fish") == 0)
		completion_fish(tool, b);
	else
		return false;
	return true;
}
