/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SOURCES_IMPL_H
#define PVE_REPO_SOURCES_IMPL_H

#include "pve-repo/sources.h"

/* Between read.c and the readers of the two formats. */
void repo_read_list(struct repo_sources *s, struct repo_file *f);
void repo_read_stanzas(struct repo_sources *s, struct repo_file *f);

/* Adds an entry of f and returns it; its pointers are the caller's to set. */
struct repo_entry *repo_read_entry(struct repo_sources *s, struct repo_file *f);
/* Says that apt refuses the file because of this line. */
void repo_read_refuse(struct repo_sources *s, struct repo_file *f, unsigned line, const char *fmt,
		      ...) __attribute__((format(printf, 4, 5)));
/* The words of one list in the making; what is in *w stays valid until the next one is added. */
void repo_read_word(struct repo_words *w, size_t *cap, const char *text, size_t at, size_t len);
/* Moves the words to the arena. */
void repo_read_keep(struct repo_sources *s, struct repo_words *w);
/* Is it a type that apt knows? */
bool repo_type_known(const char *type);

/* The one-line key of an option of a line or field of a stanza, and whether apt heeds it there;
 * NULL when it heeds none of that name. */
const char *repo_option_key(enum repo_format format, const char *name);
/* Marks in each entry the option that counts of several with one key. */
void repo_read_last(struct repo_entry *e);

#endif
