/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_INTERFACES_H
#define PVE_NET_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys.h"
#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/map.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * One file of interfaces(5) as a concrete syntax tree.  Any bytes are a file, and parse
 * then format gives the same bytes.
 *
 * There are two layers.  The physical lines are the file: together their bytes are all of
 * it, and format does nothing but write them one after the other.  Stanzas and options
 * are a reading of the lines and refer to them by number.  An editor says which lines change
 * (batch.h) and the result is parsed anew; nobody has to keep the two layers in step.
 *
 * A host may have tens of thousands of lines, so all of this is small, and what many lines
 * have in common is kept once for the file: the first word of a head and what stands behind
 * the name of an iface line (struct net_head), and the spelling of an option (struct net_key).
 *
 * The reading is that of Debian's ifupdown 0.8.41, the most permissive of the engines and
 * the one that interfaces(5) documents.  Where others understand a line differently there
 * is a flag or a diagnostic.
 */

enum net_line_kind {
	NET_LINE_BLANK,
	NET_LINE_COMMENT,   /* first byte that is not white space is '#' */
	NET_LINE_HEAD,      /* opens a stanza */
	NET_LINE_OPTION,    /* belongs to the stanza before it */
	NET_LINE_CONTINUED, /* the line before ended in a backslash: part of that line */
	NET_LINE_OPAQUE,    /* a mako template line ("%..." or in "<% ... %>"): kept, not read */
};

/* Lines lie behind one another: each ends where the next one begins, and line[nlines] is the
 * end of the text. */
struct net_line {
	uint32_t start : 27; /* offset in the text */
	uint32_t eol : 2;    /* bytes of the line end: 2 CR LF, 1 LF, 0 the last line has none */
	uint32_t kind : 3;   /* enum net_line_kind */
};
#define NET_TEXT_MAX ((1u << 27) - 1) /* bytes; more than PVE_FS_MAX */

/* What a stanza is. */
enum net_stanza_kind {
	NET_IFACE,        /* iface NAME [FAMILY METHOD] [inherits OTHER] */
	NET_AUTO,         /* auto NAME... */
	NET_ALLOW,        /* allow-CLASS NAME...; allow-auto is NET_AUTO */
	NET_NO_AUTO_DOWN, /* no-auto-down NAME... */
	NET_NO_SCRIPTS,   /* no-scripts NAME... */
	NET_RENAME,       /* rename CUR=NEW... */
	NET_SOURCE,       /* source PATTERN */
	NET_SOURCE_DIR,   /* source-directory PATTERN (any word that begins "source-dir") */
	NET_MAPPING,      /* mapping GLOB... with options script and map */
	NET_VLAN,         /* vlan NAME with options (ifupdown2): outside a stanza only */
	NET_TEMPLATE,     /* template NAME with options (ifupdown-ng): outside a stanza only */
	NET_STRAY,        /* options that stand in no stanza; its head is its first option */
};

/* What stands on the head lines of many stanzas.  Spans are of the first of them. */
struct net_head {
	struct net_file *file;
	struct pve_span word; /* the first word as written: "auto", "allow-hotplug" */
	struct pve_span tail; /* NET_IFACE: all that stands behind the name */
	/* NET_IFACE only; each may be empty. */
	struct pve_span family, method, inherits;
	bool plain; /* every engine understands it: there is nothing to report */
};

/* Line numbers count from 1.  Spans point into the text, or into the file's arena when a
 * line was continued.  All of them live as long as the file and its text. */
struct net_option {
	const struct net_key *key; /* with its spelling */
	struct net_stanza *stanza; /* where it stands */
	struct pve_span value;     /* the joined line behind the key, trimmed; may be empty */
	uint32_t line;             /* of the key */
	uint32_t nlines : 31;      /* physical lines: 1 unless continued */
	uint32_t after_blank : 1;  /* a blank line separates it from its stanza: Proxmox VE's
				    * own reader does not see it as part of the stanza */
};

struct net_stanza {
	const struct net_head *head; /* with its file */
	struct net_option *opt; /* nopts of them, in order of lines */
	struct pve_span name;   /* NET_IFACE only, may be empty; but its p is where the
				 * arguments begin, in every kind: see net_stanza_args */
	uint32_t args_len;
	uint32_t nopts;
	uint32_t lead; /* first line of the comment block directly above; or == line */
	uint32_t line; /* of the head */
	uint32_t last; /* last line that belongs to it: its last option, or a comment
			* below that which leads no other stanza; blank lines and
			* comments behind a blank line do not belong */
	enum net_stanza_kind kind : 8;
	bool no_auto_down : 1; /* such a line without names stands inside the stanza */
	bool no_scripts : 1;
	bool autostart : 1; /* "auto" or "allow-auto" without names inside the stanza */
	bool hotplug : 1;   /* "allow-hotplug" likewise */
};

#define NET_LOOKS 16

struct net_file {
	const char *path;      /* for messages; in the arena */
	struct pve_span text;  /* borrowed: what was parsed */
	bool bom;              /* it begins with a UTF-8 byte order mark */
	bool comments;         /* there is a line of that kind */
	struct net_line *line; /* line[0] is line number 1; one more than nlines */
	uint32_t nlines;
	struct net_stanza *stanza; /* in order */
	uint32_t nstanzas;
	struct net_option *opt; /* of all stanzas, in order */
	uint32_t nopts;
	struct pve_map keys;  /* spelling -> struct net_key, of those seen */
	struct pve_map words; /* first word of a head -> struct net_head; not of NET_IFACE */
	struct pve_map tails; /* what stands behind the name on an iface line -> likewise */
	/* Those of the maps that were found last, by look (interfaces_impl.h): most lines have
	 * one of these. */
	const struct net_key *recent_key[NET_LOOKS];
	const struct net_head *recent_word[NET_LOOKS], *recent_tail[NET_LOOKS];
	struct pve_arena mem;
};

/* Splits text into lines and reads them.  text has at most NET_TEXT_MAX bytes and is borrowed
 * for the life of the result.
 * Never fails; what an engine refuses or misreads goes to d (may be NULL) with path and
 * line: PVE_ERROR when ifupdown refuses the whole file for it, PVE_WARNING when it ignores
 * or misreads the line.  The diagnostics borrow the path of the file: use them before
 * net_file_free. */
struct net_file *net_file_parse(const char *path, struct pve_span text, struct pve_diags *d);
/* Brings the reading up to date with a text, whole, in which these lines stand in the place of gone
 * lines from number from on (none: in front of it); lines is that part of whole.  False, and nothing
 * has changed, unless those and these are options in the body of one iface stanza that need no
 * other line to be understood, and the file is one without diagnostics: then parse it anew.  The
 * old text is borrowed on. */
bool net_file_reread(struct net_file *f, struct pve_span whole, uint32_t from, uint32_t gone,
		     struct pve_span lines);
/* Adds the bytes of all lines. */
void net_file_format(const struct net_file *f, struct pve_buf *out);
void net_file_free(struct net_file *f);

/* All bytes of the lines from..to, numbers, the last one not included. */
struct pve_span net_lines_bytes(const struct net_file *f, uint32_t from, uint32_t to);
/* The text of the comment lines from..to (numbers, both included) joined by newlines, each
 * without '#' and one blank behind it; other lines are left out.  Added to out. */
void net_file_comment(const struct net_file *f, uint32_t from, uint32_t to, struct pve_buf *out);
/* The last option with that id in the stanza, or NULL. */
const struct net_option *net_stanza_find(const struct net_stanza *s, enum net_key_id id);
/* Does any of the engines have this method in that family, "dhcp" in "inet"? */
bool net_method_is_known(struct pve_span family, struct pve_span method);

/* The bytes of a line, by its number, without its line end. */
static inline struct pve_span net_line_text(const struct net_file *f, uint32_t number)
{
	const struct net_line *l = &f->line[number - 1];

	return (struct pve_span){f->text.p + l->start, l[1].start - l->start - l->eol};
}

/* The rest of the head's joined line behind its first word, trimmed. */
static inline struct pve_span net_stanza_args(const struct net_stanza *s)
{
	return (struct pve_span){s->name.p, s->args_len};
}

#endif
