/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_SOURCE_H
#define PVE_NET_SOURCE_H

#include "interfaces.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

#define NET_INTERFACES "/etc/network/interfaces"

/*
 * A configuration: one file and all that it sources, in the order in which ifupdown reads
 * them.  A stanza is always edited in the file where it stands.
 */
struct net_conf {
	struct net_file **file; /* file[0] is the main one */
	size_t nfiles, files_cap;
	struct net_stanza **stanza; /* of all files: those of a sourced file stand at the place
				     * of the "source" line, which is here too */
	size_t nstanzas, stanzas_cap;
	struct pve_diags diags; /* of all files, and of "source" lines that lead nowhere */
	bool missing;           /* there is no main file */
	struct pve_strv text;   /* of each file */
	struct pve_map
		defined; /* names of iface stanzas among the first ndefined, for "inherits" */
	size_t ndefined;
	struct pve_map known; /* "device:inode" of the files */
	struct pve_arena mem;
};

/* Reads path and what it sources below the root of sys, each file once.  A pattern of
 * "source" is relative to the directory of the file that has it and knows *, ?, [..] and
 * ~ for nothing; it is never given to a shell.  "source-directory" takes the names made of
 * letters, digits, _ and -, in byte order.
 * A main file that is not there is an empty configuration with missing set; a file that
 * cannot be read is an error.  On failure *c is empty.  End with net_conf_done. */
int net_conf_read(struct net_conf *c, struct pve_sys *sys, const char *path, struct pve_err *e);
/* The same, and files whose path is in over (path -> struct pve_span) have those bytes instead of
 * what is on the disk, and are there if the disk has none.  The bytes are borrowed for the life of
 * *c, over only until this returns. */
int net_conf_read_over(struct net_conf *c, struct pve_sys *sys, const char *path,
		       const struct pve_map *over, struct pve_err *e);
/* The same from text, without following "source".  text is borrowed for the life of *c. */
void net_conf_parse(struct net_conf *c, const char *path, struct pve_span text);
/* Adds one more file behind those that are there, likewise. */
void net_conf_add(struct net_conf *c, const char *path, struct pve_span text);
void net_conf_done(struct net_conf *c);

/* Adds the paths that match a pattern below dir, in byte order.  One without wildcards matches
 * itself, whether it is there or not. */
void net_source_glob(struct pve_sys *sys, const char *dir, struct pve_span pattern,
		     struct pve_strv *out);

#endif
