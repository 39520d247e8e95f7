/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_CMDLINE_H
#define PVE_BOOT_CMDLINE_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

/*
 * The kernel's command line.  With systemd-boot it stands in /etc/kernel/cmdline: words on one or
 * more lines, which are joined; lines that begin with # are comments.  A word may hold blanks
 * between double quotes, as the kernel has it (Documentation/admin-guide/kernel-parameters.rst).
 * With GRUB it is GRUB_CMDLINE_LINUX_DEFAULT of /etc/default/grub.
 */
#define BOOT_CMDLINE "/etc/kernel/cmdline"
#define BOOT_GRUB_DEFAULTS "/etc/default/grub"
#define BOOT_GRUB_VARIABLE "GRUB_CMDLINE_LINUX_DEFAULT"

/* The whole line, words separated by one blank, added to out.  Fails with PVE_DATA and
 * file:line for a CR or another control character, an open quote, no word at all, and when no
 * word begins with root= (nfsroot= is none): such a kernel would find no root. */
int boot_cmdline_parse(struct pve_span text, const char *file, struct pve_buf *out,
		       struct pve_err *e);

/* How the words of a command change.  set: these are all words; else those of add are appended
 * unless they are there, and each of remove goes wherever it stands. */
struct boot_cmdline_edit {
	const char *set;                    /* NULL: not */
	const struct pve_strv *add, *remove; /* may be NULL */
};

/* One line of words, changed, added to out.  PVE_USAGE for words that no command line can hold,
 * and for one that is to be removed and is not there. */
int boot_cmdline_edit(struct pve_span line, const struct boot_cmdline_edit *edit,
		      struct pve_buf *out, struct pve_err *e);
/* The same for the bytes of /etc/kernel/cmdline: comments and untouched lines stay; what is added
 * goes to the last line with words.  PVE_DATA when a line has what no command line can hold, unless
 * all of it is set anew. */
int boot_cmdline_edit_file(struct pve_span text, const struct boot_cmdline_edit *edit,
			   struct pve_buf *out, struct pve_err *e);

#endif
