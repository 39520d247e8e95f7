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
 * are a reading of the lines and refer to them by number.  An editor changes lines and
 * then reads them anew (net_file_read); it never has to keep the two layers in step.
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

struct net_line {
	const char *p; /* in the text given to the parser, or in the arena after an edit */
	uint32_t len;  /* with its line end */
	uint8_t eol;   /* bytes of the line end: 2 CR LF, 1 LF, 0 the last line has none */
	uint8_t kind;  /* enum net_line_kind; set by net_file_read */
};

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

/* Line numbers count from 1.  Spans point into the text, or into the file's arena when a
 * line was continued.  All of them live as long as the file and its text. */
struct net_option {
	const struct net_key *key;
	struct net_stanza *stanza; /* where it stands */
	struct pve_span spelling;  /* of the key, as written: "bridge_ports" */
	struct pve_span value;     /* the joined line behind the key, trimmed; may be empty */
	uint32_t line;             /* of the key */
	uint32_t nlines;           /* physical lines: 1 unless continued */
	bool after_blank;          /* a blank line separates it from its stanza: Proxmox VE's
				    * own reader does not see it as part of the stanza */
	bool weak;                 /* written KEY?: a default only (ifupdown) */
};

struct net_stanza {
	struct net_file *file;
	enum net_stanza_kind kind;
	uint32_t lead;        /* first line of the comment block directly above; or == line */
	uint32_t line;        /* of the head */
	uint32_t last;        /* last line that belongs to it: its last option, or a comment
			       * below that which leads no other stanza; blank lines and
			       * comments behind a blank line do not belong */
	struct pve_span word; /* the head's first word as written: "auto", "allow-hotplug" */
	struct pve_span args; /* the rest of the head's joined line, trimmed */
	/* NET_IFACE only; each may be empty. */
	struct pve_span name, family, method, inherits;
	struct net_option *opt; /* nopts of them, in order of lines */
	uint32_t nopts;
	bool no_auto_down; /* such a line without names stands inside the stanza */
	bool no_scripts;
	bool autostart; /* "auto" or "allow-auto" without names inside the stanza */
	bool hotplug;   /* "allow-hotplug" likewise */
};

struct net_file {
	const char *path;      /* for messages; in the arena */
	struct pve_span text;  /* borrowed: what was parsed */
	bool bom;              /* it begins with a UTF-8 byte order mark */
	struct net_line *line; /* line[0] is line number 1 */
	uint32_t nlines;
	struct net_stanza *stanza; /* in order */
	uint32_t nstanzas;
	struct net_option *opt; /* of all stanzas, in order */
	uint32_t nopts;
	struct pve_map keys; /* spelling -> struct net_key, of those seen */
	struct pve_arena mem;
};

/* Splits text into lines and reads them.  text is borrowed for the life of the result.
 * Never fails; what an engine refuses or misreads goes to d (may be NULL) with path and
 * line: PVE_ERROR when ifupdown refuses the whole file for it, PVE_WARNING when it ignores
 * or misreads the line.  The diagnostics borrow the path of the file: use them before
 * net_file_free. */
struct net_file *net_file_parse(const char *path, struct pve_span text, struct pve_diags *d);
/* Reads the lines, which were changed, anew.  Stanzas and options from before are invalid. */
void net_file_read(struct net_file *f, struct pve_diags *d);
/* Adds the bytes of all lines. */
void net_file_format(const struct net_file *f, struct pve_buf *out);
void net_file_free(struct net_file *f);

/* The bytes of a line without its line end. */
struct pve_span net_line_text(const struct net_line *l);
/* The text of the comment lines from..to (numbers, both included) joined by newlines, each
 * without '#' and one blank behind it; other lines are left out.  Added to out. */
void net_file_comment(const struct net_file *f, uint32_t from, uint32_t to, struct pve_buf *out);
/* The last option with that id in the stanza, or NULL. */
const struct net_option *net_stanza_find(const struct net_stanza *s, enum net_key_id id);

#endif
