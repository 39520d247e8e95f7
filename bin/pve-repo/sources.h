/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SOURCES_H
#define PVE_REPO_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * What apt reads from its source lists: the one-line format (*.list) and deb822 stanzas
 * (*.sources) as one type of entry, with the place of everything in the file.
 *
 * The reading is that of apt 2.6 to the byte (apt-pkg/sourcelist.cc, tagfile.cc, strutl.cc),
 * its surprises included: quotes that open in mid-word, stanzas joined by a line of blanks, the
 * last of two equal fields wins.  tests/unit/pve-repo/apt.c holds it against the real apt.  What
 * apt does not read but an administrator does, entries behind a '#' in *.list, is read, too.  Only
 * a stanza file with a NUL byte is refused here and not there.
 *
 * Pure: bytes in, no I/O.  probe.h reads the files of a host.
 */
enum repo_format { REPO_LIST, REPO_SOURCES };

/* A word as apt decodes it, with the place of its spelling in the file. */
struct repo_word {
	const char *text; /* NUL-terminated: quotes dropped, %HH decoded (one-line only) */
	size_t at, len;   /* bytes of the file, quotes included */
};

struct repo_words {
	struct repo_word *v;
	size_t n;
};

/* An option of a line, "arch=amd64", or any other field of a stanza than the four below. */
struct repo_option {
	const char *key;   /* in the one-line spelling for both formats: "signed-by", "arch+"
			    * (Architectures-Add); what is unknown: as it is spelled */
	const char *name;  /* as it is spelled in the file */
	const char *value; /* as apt decodes it; lists of a stanza are joined by commas */
	bool known;        /* apt 2.6 heeds it in this format, and newer ones */
	bool last;         /* no later one of this key in the entry: this is the one that counts */
	size_t at, len;    /* of "arch=amd64", or of all lines of the field with their ends */
	unsigned line;
};

/* A field of a stanza, in the order of the file; those that are no options are here, too. */
struct repo_field {
	const char *name;  /* as spelled; it spans lines when a line has no colon, as for apt */
	const char *value; /* with inner newlines, without comments, trimmed at both ends */
	struct repo_words words;
	size_t at, len;    /* all its lines with their ends, comments between them included, those
			    * behind the last one not */
	size_t value_at;   /* the first byte of the value; behind the colon when it is empty */
	size_t value_len;  /* to its last byte; comments in between included */
	unsigned line;
};

struct repo_file;

struct repo_entry {
	struct repo_file *file;
	bool enabled;    /* apt uses it */
	unsigned line;   /* where it begins, from 1: of a stanza its first field */
	unsigned number; /* what apt calls it: the line, or the number of the stanza */
	size_t at, len;  /* the line with its end and what is before and behind the entry in it;
			  * or from the first field of the stanza through the end of its last */
	struct repo_words types, uris, suites, components; /* the last field of that name */
	struct repo_option *option;
	size_t noptions;
	struct repo_field *field; /* REPO_SOURCES only */
	size_t nfields;
	size_t options_at, options_len; /* REPO_LIST: "[...]" with both brackets; 0: none */
	size_t hash_len; /* REPO_LIST, disabled: bytes from at to the type: "# ", "#" */
};

struct repo_file {
	const char *path; /* absolute, as apt names it */
	enum repo_format format;
	struct pve_span text; /* borrowed from the caller of repo_sources_add */
	bool refused;         /* apt refuses it, and with it all files; see diags */
	size_t entry, nentries; /* its entries: sources->entry[entry] and on */
};

struct repo_sources {
	struct repo_file **file;
	size_t nfiles, files_cap;
	struct repo_entry **entry; /* of all files, in the order in which apt reads them */
	size_t nentries, entries_cap;
	struct pve_diags diags; /* errors: apt refuses; warnings: it is not what it looks like */
	const char *arch;       /* the native architecture, for $(ARCH); borrowed */
	unsigned apt;           /* whose reading it is: 206 for apt 2.6; 0 not known, as 2.6 */
	struct pve_arena mem;
};

/* Reads one file after the other, in apt's order.  *s starts as { .arch = "amd64" }.  path is
 * copied, text is borrowed for the life of *s.  The format follows from the name.  A line or
 * stanza that apt refuses is an error in s->diags, with the line, and no entry; reading goes
 * on behind it. */
void repo_sources_add(struct repo_sources *s, const char *path, struct pve_span text);
/* To be called when all files are read: finds entries of the same repository whose options
 * cannot stand together, so that apt refuses both (debmetaindex.cc, GetDebReleaseIndexBy and
 * Set*).  Adds errors that name both places. */
void repo_sources_conflicts(struct repo_sources *s);
/* Is it one of those, and no fault of one entry alone? */
bool repo_is_conflict(const struct pve_diag *d);
void repo_sources_done(struct repo_sources *s);

/* The option of that key that counts, "signed-by", or NULL. */
/* The field of that key, "Signed-By" of "signed-by", or NULL when stanzas have none. */
const char *repo_option_field(const char *key);
/* Is it a list, in a line with commas and in a stanza with blanks between: arch and the like? */
bool repo_option_is_list(const char *key);
const struct repo_option *repo_entry_option(const struct repo_entry *e, const char *key);
/* REPO_LIST: what stands behind the last word that apt reads, blanks around it aside: a comment,
 * nothing, or what it drops. */
struct pve_span repo_entry_tail(const struct repo_entry *e);
/* The last field of that name in any case, or NULL. */
const struct repo_field *repo_entry_field(const struct repo_entry *e, const char *name);
/* The entry at this place: its line, or any line of its stanza.  NULL when there is none. */
struct repo_entry *repo_sources_find(const struct repo_sources *s, const char *path,
				     unsigned line);
/* Does the word end in '/': a repository without dists/ and components? */
bool repo_suite_is_flat(const char *suite);
bool repo_words_have(const struct repo_words *w, const char *text);
/* apt's reading of a boolean (strutl.cc, StringToBool): 1, 0, or otherwise when it is neither. */
int repo_bool(const char *text, int otherwise);
/* Is this a name that apt reads in sources.list.d (fileutl.cc, GetListOfFilesInDir)? */
bool repo_file_name_ok(const char *name);

#endif
