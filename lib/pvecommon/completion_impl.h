/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_COMPLETION_IMPL_H
#define PVECOMMON_COMPLETION_IMPL_H

#include "pvecommon/cmd_impl.h"

/*
 * Completion scripts for three shells, written from the tables.  Names that come from the
 * host (interfaces, disks) are never evaluated by the shell: bash's "compgen -W" would
 * expand a file called $(reboot), so the bash script compares words itself.
 */

/* Each adds the whole script. */
void completion_bash(const struct pve_tool *tool, struct pve_buf *b);
void completion_zsh(const struct pve_tool *tool, struct pve_buf *b);
void completion_fish(const struct pve_tool *tool, struct pve_buf *b);

/* What they share.
 * ident: the tool's name as part of a function's name; the caller frees it.
 * escaped: s with a backslash before each of the characters in special.
 * template: the fixed part of a script, "@N" replaced by the tool's name and "@I" by ident.
 * cmd_names: "name", or "name SEP alias".
 * all_cmds, all_cols: each name with a blank before it. */
char *completion_ident(const struct pve_tool *tool);
void completion_escaped(struct pve_buf *b, const char *s, const char *special);
void completion_template(struct pve_buf *b, const struct pve_tool *tool, const char *text);
void completion_cmd_names(struct pve_buf *b, const struct pve_cmd *cmd, const char *sep);
void completion_all_cmds(struct pve_buf *b, const struct pve_tool *tool);
void completion_all_cols(struct pve_buf *b, const struct pve_cmd *cmd);
bool completion_is_output(const struct pve_opt *opt);

#endif
