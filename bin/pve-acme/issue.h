/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ISSUE_H
#define PVE_ACME_ISSUE_H

#include "pve-acme/journal.h"
#include "pve-acme/keeper.h"
#include "pve-acme/probe.h"
#include "pve-acme/solve.h"

/*
 * Getting a certificate for the names of this node: from the configuration to a chain and a key
 * that belong together.  What is under way stands in a journal, ACME_STATE_DIR/order: a run that
 * dies is gone on with by the next one, with the same order and the same key, and what it left
 * in a zone or below a webroot is removed then.  The journal is written as the executor writes its
 * own, beside any plan: it must change between two answers of a server.
 */
struct acme_issue_opts {
	const char *ca_pem;         /* NULL: the system's */
	const char *resolver;       /* NULL: resolv.conf */
	const char *http_address;   /* NULL: all */
	unsigned http_port, tls_port;
	bool forwarded;             /* one of these three was given: something passes the CA on to us */
	unsigned timeout_s;
	enum pve_pkey_type key_type;
	bool reuse_key;             /* that of the certificate that is there: none is made */
	const char *profile, *preferred_chain; /* NULL */
	const char *replaces;       /* certificate identifier (RFC 9773); NULL */
	bool reregister;            /* an account that the server lost is made anew */
	bool dry_run;               /* only acme_issue_init: no keeper, no lock, nothing is written */
	void (*tell)(void *to, const char *line);
	void (*warn)(void *to, const char *line); /* of what does not keep the order from being placed */
	void *tell_to;
};

struct acme_issue {
	struct pve_sys *sys;
	const struct acme_host *host;
	struct acme_issue_opts opts;
	struct acme_solve_name *names; /* by the order of the host's domains */
	size_t n;
	struct pve_strv words;         /* "TYPE VALUE" of each, for the journal */
	int lock;
	struct acme_journal journal;
	bool journal_read;             /* before that, the file must stay as it is */
	struct acme_keeper keeper;     /* started by the caller, before anything secret is read */
	struct acme_solver solver;
	struct acme_stored account;
	struct acme_file account_file;
	struct pve_pkey *account_key, *key;
	bool searches;                 /* the journal is of a run that may have placed an order */
	bool reregistered;             /* account is another one now, and wants to be written */
	time_t not_before;             /* the server wants no try before; 0 */
	bool kept_out;                 /* somebody else has the lock, or it is not ours to take */
};

/* Checks everything that can be checked without a server: names and their plugins, the account,
 * that the certificate's files could be written.  Takes the lock of orders.  *i must be { 0 } but
 * for the keeper; ends with acme_issue_done, also on failure. */
int acme_issue_init(struct acme_issue *i, struct pve_sys *sys, const struct acme_host *host,
		    const struct acme_issue_opts *opts, unsigned wait_s, struct pve_err *e);
/* Orders, or goes on with an order, and adds the chain and the key, PEM.  They stay in the journal
 * until acme_issue_finish. */
int acme_issue_run(struct acme_issue *i, struct pve_buf *chain, struct pve_buf *key,
		   struct pve_err *e);
/* The certificate is in place: the journal goes, but for what could not be removed yet. */
int acme_issue_finish(struct acme_issue *i, struct pve_err *e);
void acme_issue_done(struct acme_issue *i);

/* Within acme_issue_run, before anything is spent: clock, profile, and what look.h says.  issue_look.c. */
int acme_issue_look(struct acme_issue *i, struct pve_err *e);

#endif
