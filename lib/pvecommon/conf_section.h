/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_CONF_SECTION_H
#define PVECOMMON_CONF_SECTION_H

#include "pvecommon/textfile.h"

/*
 * Section files of Proxmox VE, read and rewritten losslessly: /etc/pve/storage.cfg,
 * status.cfg, priv/acme/plugins.cfg.
 *
 *     zfspool: local-zfs
 *             pool rpool/data
 *             sparse
 *
 * As its own reader (pve-common, PVE::SectionConfig) has it: a section begins with "TYPE: ID"
 * in the first column, where status.cfg lets the ID be missing, and ends at an empty line; a
 * line of blanks does not end it.  Lines that begin with white space are "key value" or a bare
 * key.  Lines whose first non-blank is '#' are comments everywhere.  All other lines are
 * ignored there, and so are second lines of a key; of two sections with one ID the last wins.
 */
struct pve_conf_section_key {
	struct pve_span name;
	struct pve_span value; /* without blanks around; empty for a bare key */
	size_t line;           /* from 0, in text */
	bool repeated;         /* the section has this key above already.  The reader refuses
				* it, unless the key is one of its few lists */
};

struct pve_conf_section {
	struct pve_span type; /* as written; readers take it in lower case */
	struct pve_span id;   /* the type when it is missing */
	bool bare;            /* the ID is missing: fine in status.cfg, nowhere else */
	size_t line, end;     /* its lines: the header, and the one behind its last */
	size_t key, nkeys;    /* its keys: file->keys[key] and on, in the order of the file */
};

struct pve_conf_section_file {
	struct pve_textfile text;
	struct pve_conf_section *v;
	size_t n, cap;
	struct pve_conf_section_key *keys;
	size_t nkeys, keys_cap;
};

/* Reads bytes into *f, which must be { 0 }; d may be NULL.  Everything is kept; reported with
 * the line in `file` (a name for messages, borrowed by d) are
 * - as errors: lines that the reader would ignore, among them a header without an empty line
 *   before it;
 * - as warnings: repeated keys, repeated IDs, lines that end in CR LF (Proxmox VE then sees no
 *   empty line), lines of blanks in a section.
 * Types, keys and values are the business of the caller, who knows their meaning. */
void pve_conf_section_parse(struct pve_conf_section_file *f, struct pve_span bytes,
			    const char *file, struct pve_diags *d);
/* Adds the bytes of the file to b: those that were read, but for the lines that were edited. */
void pve_conf_section_format(const struct pve_conf_section_file *f, struct pve_buf *b);
void pve_conf_section_done(struct pve_conf_section_file *f);

/* The section of this type (upper and lower case are the same; NULL: any) and ID, the last if
 * there are several, or NULL.  The pointer lives until a section is added or removed; it
 * stays good while keys are edited. */
struct pve_conf_section *pve_conf_section_find(const struct pve_conf_section_file *f,
					       const char *type, const char *id);
/* The first key of that name, or NULL.  It lives until the next edit; its spans live as long
 * as the file. */
const struct pve_conf_section_key *pve_conf_section_get(const struct pve_conf_section_file *f,
							const struct pve_conf_section *s,
							const char *key);

/* Sets the first key of that name, and no byte when it has that value; an empty value makes a
 * bare key.  A new key goes below the section's last one, indented as that.  PVE_USAGE for a
 * key or value that the format cannot hold (control characters, blanks at the ends). */
int pve_conf_section_set(struct pve_conf_section_file *f, struct pve_conf_section *s,
			 const char *key, struct pve_span value, struct pve_err *e);
/* Removes every line of that key; false when there was none. */
bool pve_conf_section_remove(struct pve_conf_section_file *f, struct pve_conf_section *s,
			     const char *key);

/* Adds a section without keys at the end, an empty line before it (and behind it when the
 * file was empty or ended in one, as Proxmox VE writes it).  *out, unless out is NULL, is the
 * new section.  PVE_USAGE for a type or ID that no header can hold; PVE_FAILED when the ID is
 * taken. */
int pve_conf_section_add(struct pve_conf_section_file *f, const char *type, const char *id,
			 struct pve_conf_section **out, struct pve_err *e);
/* Removes a section with the empty line behind it, and with the comment that stands directly
 * above its header, since that speaks of it; a comment with an empty line below stays. */
void pve_conf_section_drop(struct pve_conf_section_file *f, struct pve_conf_section *s);

#endif
