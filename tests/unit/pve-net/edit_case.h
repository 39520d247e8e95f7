/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One edit of one file as text: what goes in, what is asked for, what comes out. */
#ifndef TESTS_EDIT_CASE_H
#define TESTS_EDIT_CASE_H

#include "pve-net/edit.h"
#include "pvecommon/strv.h"

/* Carries out "set IFACE CHANGE...", "add ...", "remove IFACE", "remove! IFACE" (with cascade) or
 * "rename OLD NEW"; "set! ..." with force.  Words stand between '|'.  The result is the new text,
 * or the error lines behind "error CODE: ".  notes (may be NULL) gets the notes. */
static inline char *edit_text(const char *text, const char *command, struct pve_buf *notes)
{
	struct pve_buf out = {0};
	struct pve_strv word = {0};
	struct net_change c[16] = {0};
	struct net_conf conf;
	struct net_edit ed;
	struct pve_err e = {0};
	const char *verb;
	size_t n = 0;

	pve_strv_split(&word, pve_span(command), "|");
	verb = word.v[0];
	net_conf_parse(&conf, "f", pve_span(text));
	net_edit_init(&ed, &conf);
	ed.force = strcmp(verb, "set!") == 0;
	for (size_t i = 2; i < word.n && strcmp(verb, "rename") != 0; i++)
		if (net_change_parse(&ed, word.v[i], &c[n++], &e) < 0)
			break;
	if (!e.code) {
		if (strncmp(verb, "set", 3) == 0)
			net_edit_set(&ed, word.v[1], c, n);
		else if (strcmp(verb, "add") == 0)
			net_edit_add(&ed, word.v[1], NET_T_UNKNOWN, c, n);
		else if (strncmp(verb, "remove", 6) == 0)
			net_edit_remove(&ed, word.v[1], verb[6] == '!');
		else
			net_edit_rename(&ed, word.v[1], word.v[2]);
		net_edit_err(&ed, &e);
	}
	if (e.code)
		pve_buf_printf(&out, "error %d: %s", e.code, e.msg);
	else
		net_edit_format(&ed, 0, &out);
	if (notes)
		pve_buf_add(notes, ed.notes.data, ed.notes.len);
	pve_buf_puts(&out, "");
	net_edit_done(&ed);
	net_conf_done(&conf);
	pve_strv_done(&word);
	return pve_buf_take(&out);
}

#endif
