/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_GEN_H
#define PVE_NET_GEN_H

#include <sys/types.h>
#include <time.h>

#include "pvecommon/plan.h"
#include "source.h"

/*
 * A generation: the configuration as it was put into effect once, with who, when and why.
 * Each is one file below NET_GEN_DIR, named by its number, so that it comes and goes as a
 * whole.  Pure.
 *
 *     pve-net generation 1
 *     time 1764245082              seconds since the epoch
 *     user alice                   and login, from, via, why likewise: text as in
 *                                  pve_text_escape, so that it is one line
 *     plan 31                      that many bytes, and a newline that is not of them
 *     change /etc/network/interfaces: ...
 *     file 512 0644 /etc/network/interfaces
 *     ...                          the bytes, likewise
 *     end
 *
 * An administrator without these tools can read it, and cut the files out of it.
 */
#define NET_GEN_PARENT "/var/lib/pve-net"
#define NET_GEN_DIR NET_GEN_PARENT "/generations"
#define NET_GEN_KEEP 50 /* how many are kept; the oldest go first */

struct net_gen_file {
	const char *path;
	mode_t mode;
	struct pve_span bytes;
};

/* Everything is in the arena. */
struct net_gen {
	unsigned number;    /* from 1; 0: not yet in the store */
	time_t time;
	const char *user;   /* who ran it: SUDO_USER, else the owner of the process; "" when
			     * that is not known, as for a change that another program made */
	const char *login;  /* the account of the login (loginuid); "" when there is none */
	const char *from;   /* the address at the other end of the ssh connection; or "" */
	const char *via;    /* the command: "apply", "rollback 3"; "hand" when the files were
			     * found changed by something else */
	const char *why;    /* of --message, or "" */
	struct pve_span plan; /* as text, see pve_plan_format */
	struct net_gen_file *file; /* the whole configuration in reading order; [0] is the main
				    * file unless there was none; then the pins (pin.h) */
	size_t nfiles, cap;
	struct pve_arena mem;
};

/* Adds a file; path and bytes are copied. */
void net_gen_add(struct net_gen *g, const char *path, mode_t mode, struct pve_span bytes);
/* NULL when the generation has no such file. */
const struct net_gen_file *net_gen_find(const struct net_gen *g, const char *path);
/* The same files with the same bytes?  Modes and order do not count. */
bool net_gen_same(const struct net_gen *a, const struct net_gen *b);
void net_gen_format(const struct net_gen *g, struct pve_buf *out);
/* Anything but what net_gen_format writes is PVE_DATA, with the line.  *g is set only on
 * success and ends with net_gen_done; its number is 0. */
int net_gen_parse(struct pve_span bytes, struct net_gen *g, struct pve_err *e);
void net_gen_done(struct net_gen *g);

/* The files but for the pins as a configuration, without following "source": those that were
 * sourced are all there, behind the main one.  Borrows g. */
void net_gen_conf(const struct net_gen *g, struct net_conf *c);

/* Adds the unified diff of every file that differs, b against a; a file that one of them
 * does not have is /dev/null there. */
void net_gen_diff(const struct net_gen *a, const struct net_gen *b, struct pve_buf *out);

/* What lies in the store. */
struct net_gen_store {
	bool parent, dir; /* is NET_GEN_PARENT, NET_GEN_DIR there? */
	unsigned *number; /* of the generations, ascending */
	size_t n;
};

/* Adds the steps that put generation "after" into the store and remove what is too old.
 * before: the configuration as it is now.  When it is not what the newest generation (last,
 * NULL when there is none) says, somebody has changed it without these tools: it becomes a
 * generation of its own first, so that it is not lost.  Nothing when that is not so and the
 * newest generation has the files of "after" already.  Sets the numbers of what is added. */
void net_gen_plan(struct pve_plan *plan, const struct net_gen_store *store,
		  const struct net_gen *last, struct net_gen *before, struct net_gen *after);
void net_gen_store_done(struct net_gen_store *store);

#define NET_GEN PVE_CLEANUP(net_gen_done) struct net_gen
#define NET_GEN_STORE PVE_CLEANUP(net_gen_store_done) struct net_gen_store

#endif
