/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_TEXTFILE_H
#define PVECOMMON_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

/*
 * Lossless editing of text files by line.  Any bytes are a text file: a line ends in LF, in
 * CR LF, or at the end of the file; NULs, a byte order mark and bytes that are no UTF-8 are
 * content as any other.  What no edit touches is written back byte for byte.
 *
 * Lines are counted from 0 here and from 1 in messages.
 */
struct pve_textfile_line {
	struct pve_span text; /* without the end of line */
	struct pve_span eol;  /* "\n", "\r\n", or empty at the end of the file */
};

struct pve_textfile {
	struct pve_textfile_line *v;
	size_t n, cap;
	const char *eol;         /* for new lines: the one that most lines have; LF if equal */
	struct pve_arena memory; /* of all texts: spans into the file live until _done */
};

/* Takes a copy of the bytes into *t, which must be { 0 }. */
void pve_textfile_parse(struct pve_textfile *t, struct pve_span bytes);
/* Adds the bytes of the file to b. */
void pve_textfile_format(const struct pve_textfile *t, struct pve_buf *b);
void pve_textfile_done(struct pve_textfile *t);

/* Replace, insert before line i (i == n appends), and delete.  A replaced line keeps its
 * own end of line; a new one has that of the file, and an unterminated last line is
 * terminated before something is put behind it.  PVE_USAGE when text holds LF or CR. */
int pve_textfile_set(struct pve_textfile *t, size_t i, struct pve_span text, struct pve_err *e);
int pve_textfile_insert(struct pve_textfile *t, size_t i, struct pve_span text, struct pve_err *e);
void pve_textfile_delete(struct pve_textfile *t, size_t i);

/*
 * Editors for one setting of a file that several tools edit.  For all of them:
 *
 * - find gives the assignment that wins when the file's own reader reads it, which is the
 *   last one, and false when there is none;
 * - set changes that assignment, and no byte when it has that value already; when there is
 *   none it takes the place of a commented-out one (removing the '#' if the value is the
 *   same, and else keeping the comment as a record and putting a line below), or appends;
 * - remove takes all assignments of the key away, and is no error when there is none;
 * - a key that cannot be a key, and a value with a control character or something else
 *   that the format cannot hold, is refused: PVE_USAGE, nothing changed.
 */
struct pve_setting {
	struct pve_span value; /* as the reader sees it; lives as long as the file */
	size_t line;           /* where the assignment begins */
	bool computed;         /* shell only: the value is not constant but holds an expansion
				* ($x, `x`, ~); value is then its source text */
};

/*
 * Assignments of a POSIX shell script that only sets variables: zed.rc, /etc/default/grub.
 * KEY=value, KEY='value', KEY="value" and concatenations of these, after "export" or without,
 * with a comment or "; more" behind, or several in one command (A=1 B=2); values may run over
 * lines.  With a command behind it (A=1 b) it is none.  Assignments in if and in functions count
 * as if they always ran; here-documents are not understood.  A new value is written in double
 * quotes, or in the manner of the old one where that can hold it.  set and remove fail with
 * PVE_DATA when the file ends inside a quote or behind a "\".
 */
bool pve_textfile_sh_find(struct pve_textfile *t, const char *key, struct pve_setting *s);
int pve_textfile_sh_set(struct pve_textfile *t, const char *key, struct pve_span value,
			struct pve_err *e);
int pve_textfile_sh_remove(struct pve_textfile *t, const char *key, struct pve_err *e);

/*
 * One parameter of a kernel module in modprobe.d(5): "options MODULE name=value ...", with
 * "\" at the end of a line that goes on.  '-' and '_' are the same in module and parameter
 * names, as for kmod and the kernel.  Other parameters and lines are kept; a new parameter
 * joins the module's last options line; the line goes when its last parameter is removed.
 * A value with blanks is written in double quotes; one with a double quote is refused.
 */
bool pve_textfile_modprobe_find(struct pve_textfile *t, const char *module, const char *name,
				struct pve_setting *s);
int pve_textfile_modprobe_set(struct pve_textfile *t, const char *module, const char *name,
			      struct pve_span value, struct pve_err *e);
int pve_textfile_modprobe_remove(struct pve_textfile *t, const char *module, const char *name,
				 struct pve_err *e);

/*
 * sysctl.d(5): "key = value", '#' and ';' comments, a '-' before the key to ignore failure.
 * net.ipv4.ip_forward and net/ipv4/ip_forward are the same key: when the first separator is
 * a '.', '.' and '/' change places (so net.ipv4.conf.eth0/100.mtu is the link eth0.100).
 */
bool pve_textfile_sysctl_find(struct pve_textfile *t, const char *key, struct pve_setting *s);
int pve_textfile_sysctl_set(struct pve_textfile *t, const char *key, struct pve_span value,
			    struct pve_err *e);
int pve_textfile_sysctl_remove(struct pve_textfile *t, const char *key, struct pve_err *e);

/*
 * Ini files of systemd (systemd.syntax(7)): [Section], Key=value, '#' and ';' comments, "\"
 * at the end of a line that goes on (read as one blank).  A section may come several times;
 * set adds to the last one, or adds the section at the end.
 */
bool pve_textfile_ini_find(struct pve_textfile *t, const char *section, const char *key,
			   struct pve_setting *s);
int pve_textfile_ini_set(struct pve_textfile *t, const char *section, const char *key,
			 struct pve_span value, struct pve_err *e);
int pve_textfile_ini_remove(struct pve_textfile *t, const char *section, const char *key,
			    struct pve_err *e);
/* Keys whose assignments add up, such as NTP=: adds the value of each to *values, in order,
 * after the last empty assignment, which resets the list. */
void pve_textfile_ini_list(struct pve_textfile *t, const char *section, const char *key,
			   struct pve_strv *values);
/* Makes value the only assignment of such a key: the one that wins is set, all others are
 * removed. */
int pve_textfile_ini_set_only(struct pve_textfile *t, const char *section, const char *key,
			      struct pve_span value, struct pve_err *e);

#endif
