/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_SOLVE_H
#define PVE_ACME_SOLVE_H

#include "pve-acme/child.h"
#include "pve-acme/domains.h"
#include "pve-acme/node.h"
#include "pve-acme/plugins.h"
#include "pvecommon/sys.h"
#include "pveio/x509.h"

/*
 * Meeting challenges, each in the way of its plugin:
 *
 *     standalone             http-01 by a listener of our own
 *     standalone, webroot    http-01 by a file below the ROOT of another server
 *     standalone, tls-alpn   tls-alpn-01 by a listener of our own
 *     dns, nsupdate          dns-01 by an update of the zone (RFC 2136)
 *     dns, exec              dns-01 by a program: EXEC_PATH
 *     dns, any other api     dns-01 by acme.sh's script of that name
 */
struct acme_solve_name {
	struct pve_name name;       /* as ordered */
	const char *challenge;      /* as acme_plugin_challenge */
	const struct acme_plugin *plugin;
	const char *alias;          /* NULL */
};

/* One challenge that the server has set. */
struct acme_solve_task {
	const struct acme_solve_name *name;
	const char *token;
	const char *authorization;  /* of the key: keeper.h */
	const char *digest;         /* base64url of its SHA-256: the text of a record */
};

struct acme_solver {
	/* Set before start; borrowed. */
	struct pve_sys *sys;
	const struct acme_plugins *plugins;
	const char *resolver;       /* "ADDRESS[:PORT]"; NULL: the first of resolv.conf */
	const char *http_address;   /* NULL: all */
	unsigned http_port, tls_port;
	unsigned timeout_s;         /* for a record to be everywhere */
	void (*tell)(void *to, const char *line);
	void *tell_to;
	/* Keeps what is left to be removed, before it is there and when it is gone: a journal. */
	int (*keep)(void *data, const struct pve_strv *left, struct pve_err *e);
	void *keep_data;

	/* Internal. */
	struct acme_child http, alpn, dns;
	char resolver_text[256];    /* whom to ask, with commas between (dnsproc.h); "": nobody is known */
	struct pve_strv left;
};

/* Starts the processes that these names need, with dns the one for name servers too, and takes the ports:
 * before a key is read.  PVE_AGAIN when a port is in use, PVE_NOTHERE when no name server is known and
 * a name needs one.  Ends with acme_solver_stop, also on failure. */
int acme_solver_start(struct acme_solver *s, const struct acme_solve_name *names, size_t n,
		      bool dns, struct pve_err *e);
/* Prepares all, and waits until the CA can see them: once for all.  On failure what was
 * prepared so far is in left, for acme_solver_clean. */
int acme_solver_solve(struct acme_solver *s, const struct acme_solve_task *tasks, size_t n,
		      struct pve_err *e);
/* Adds what a run that died had left, as its journal says. */
void acme_solver_adopt(struct acme_solver *s, const struct pve_strv *left);
/* Removes all that is left.  Goes on after a failure, and keeps what could not be removed. */
int acme_solver_clean(struct acme_solver *s, struct pve_err *e);
/* Ends the processes.  Nothing listens any more. */
void acme_solver_stop(struct acme_solver *s);

/* --- dns-01: solve_dns.c ------------------------------------------------------------------ */

/* What is left of a record, as a line of the journal: "txt PLUGIN NAME TEXT". */
#define ACME_LEFT_TXT "txt"
#define ACME_LEFT_FILE "file"

/* Adds or removes one TXT record in the way of the plugin. */
int acme_solve_record(struct acme_solver *s, const struct acme_plugin *plugin, const char *name,
		      const char *text, bool add, struct pve_err *e);
/* Is what the plugin needs for that there: its key, its program? */
int acme_solve_ready(struct acme_solver *s, const struct acme_plugin *plugin, struct pve_err *e);
/* Where the record of a challenge goes: _acme-challenge. before the alias or the name without its
 * wildcard, and from there along the CNAMEs.  To be freed; NULL on failure. */
char *acme_solve_record_name(struct acme_solver *s, const struct acme_solve_name *name,
			     struct pve_err *e);
/* Has the DNS process do a job (dnsproc.h); args begins with the job's name and lacks the
 * resolver. */
int acme_solve_dns(struct acme_solver *s, const struct pve_strv *args, struct pve_strv *out,
		   struct pve_err *e);

#endif
