/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_EDIT_H
#define PVE_NET_EDIT_H

#include "batch.h"
#include "model.h"

/*
 * Edits of a configuration: which lines of which file change.  Pure.
 *
 * An edit reads the configuration once, collects operations on lines, and gives the new bytes of
 * each file.  One command may edit several interfaces as long as no two edits concern the same
 * lines; for anything else the result is read anew.
 *
 * Whatever is wrong is collected, one line each (net_edit_err), and then nothing counts.
 */
struct net_edit {
	const struct net_conf *conf;
	struct net_batch *of;  /* one for each file of conf */
	bool force;            /* options that nobody knows, and inherited ones, are taken */
	struct pve_buf notes;  /* lines for the administrator to look at */
	struct pve_buf errors; /* lines */
	int code;              /* of the first error */
	struct pve_arena mem;
};

/* conf must have at least one file, perhaps an empty one, and is borrowed. */
void net_edit_init(struct net_edit *ed, const struct net_conf *conf);
void net_edit_done(struct net_edit *ed);
/* The errors of all edits so far as one; 0 when there was none. */
int net_edit_err(const struct net_edit *ed, struct pve_err *e);
/* Does file n change?  Its new bytes, added to out. */
bool net_edit_changes(const struct net_edit *ed, size_t n);
void net_edit_format(struct net_edit *ed, size_t n, struct pve_buf *out);
/* Does the configuration, which is that of the edit, now read as if the new bytes of file n had been
 * parsed?  They are borrowed, and the old ones on.  False when it takes a parser (net_file_reread);
 * then nothing has changed. */
bool net_edit_reread(struct net_edit *ed, struct net_conf *conf, size_t n, struct pve_span bytes);

/* One OPTION=VALUE, OPTION=, OPTION+=VALUE or OPTION-=VALUE of a command line. */
enum net_change_op { NET_SET, NET_ADD, NET_TAKE };

struct net_change {
	enum net_change_op op;
	const char *spelling;      /* of the option, as typed */
	const struct net_key *key; /* NET_K_UNKNOWN when nobody knows it */
	struct pve_span value;     /* empty with NET_SET: the option goes */
	enum net_pseudo {
		NET_P_NONE,
		NET_P_AUTOSTART, /* autostart=yes|no|hotplug: the auto and allow-hotplug lines */
		NET_P_METHOD,    /* method=, method6=: of the iface line */
		NET_P_FAMILY6,   /* address6, gateway6: those of IPv6 only */
	} pseudo;
	bool inet6; /* method6 */
};

/* Reads one word of a command line; PVE_USAGE when it is no change.  Everything is in the
 * edit's arena. */
int net_change_parse(struct net_edit *ed, const char *word, struct net_change *c,
		     struct pve_err *e);

/*
 * Options of one interface.  Link options go to the stanza that has them, else to the first;
 * address, gateway and their like to the stanza of their family, which is made when it is
 * missing.  The method turns from manual to static with the first address and back with the
 * last; dhcp, auto and others stay.  An option that is there keeps its spelling and place.
 */
void net_edit_set(struct net_edit *ed, const char *iface, const struct net_change *c, size_t n);
/* A new interface at the end of the main file, before its last source lines.  type NET_T_UNKNOWN:
 * as options and name say.  What the type needs and is not given is added as the GUI does. */
void net_edit_add(struct net_edit *ed, const char *iface, enum net_type type,
		  const struct net_change *c, size_t n);
/* Its stanzas with the comments directly above, and its name on auto and allow- lines.  Where
 * others stand on it, or have it for a port: an error each; with cascade it is taken out of port
 * lists, and what stands on it goes too. */
void net_edit_remove(struct net_edit *ed, const char *iface, bool cascade);
/* Every reference by name, VLANs by dotted names on it and aliases included; in hooks, too, each
 * with a note. */
void net_edit_rename(struct net_edit *ed, const char *old, const char *name);
/* Puts whole lines, text, at the end of the main file, before its last source lines, with a blank
 * line before them. */
void net_edit_append(struct net_edit *ed, struct pve_span text);

/* host.fw of the firewall of Proxmox VE: the name as a word on lines that are no comments.  Added
 * to out; returns how often. */
unsigned net_rename_words(struct pve_span text, const char *old, const char *name,
			  struct pve_buf *out);

#endif
