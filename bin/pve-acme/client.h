/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_CLIENT_H
#define PVE_ACME_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/sys.h"
#include "pveio/acme.h"
#include "pveio/http.h"

/*
 * One conversation with an ACME server: signed requests with their nonces, repeated as long as
 * that helps (RFC 8555, sections 6.1 to 6.8).
 *
 * Networks lose requests, and they lose answers.  A request that may be repeated at will is; for
 * one that may not, the caller is told that its fate is unknown, looks what the server has made
 * of it, and decides.
 */
enum acme_key {
	ACME_KEY_ACCOUNT,
	ACME_KEY_NEXT, /* that a roll-over leads to */
	ACME_KEY_CERT, /* for a revocation */
};

/* Whoever holds the keys. */
struct acme_signer {
	const char *alg[3]; /* by enum acme_key; NULL: there is no such key */
	const char *jwk[3];
	int (*sign)(void *data, enum acme_key key, struct pve_span input, struct pve_buf *signature,
		    struct pve_err *e);
	/* Adds the binding of the account's key to an account that the CA knows from elsewhere, for
	 * the URL of newAccount (section 7.3.4); NULL: there is none. */
	int (*bind)(void *data, const char *url, struct pve_buf *jws, struct pve_err *e);
	void *data;
};

struct acme_client_opts {
	struct pve_sys *sys;
	const char *directory;   /* URL */
	const char *ca_pem;      /* certificates to trust; NULL: the system's */
	const char *kid;         /* the account's URL; NULL: it is not known yet */
	const struct acme_signer *signer;
	unsigned timeout_s;      /* for everything together */
	void (*tell)(void *to, const char *line); /* hears what is going on; NULL */
	void *tell_to;
};

enum acme_fate {
	ACME_DONE,
	ACME_REFUSED, /* the server said no: problem */
	ACME_LOST,    /* it may have been done, or not */
	ACME_GIVEN_UP,
};

struct acme_client {
	struct acme_client_opts opts; /* kid is set when the account is found */
	struct pve_http_session *http;
	struct pve_acme_directory dir;
	char *nonce;                  /* the next one to use, or NULL */
	char *kid;                    /* owned copy behind opts.kid, or NULL */
	int64_t deadline;             /* ns of CLOCK_MONOTONIC */
	unsigned failures, losses;    /* in a row */
	enum acme_fate fate;          /* of the last request */
	struct pve_acme_problem problem; /* what the server said when it refused */
	time_t not_before;            /* it said: not before that; 0 */
	int64_t skew;                 /* of this host's clock: acme_clock_skew */
};

enum acme_body { ACME_BODY_ANY, ACME_BODY_JSON, ACME_BODY_PEM };

struct acme_ask {
	const char *what;        /* for messages: "the new order" */
	const char *url;
	const char *payload;     /* JSON; "": POST-as-GET; NULL: GET, not signed */
	enum acme_key key;
	bool by_jwk;             /* signed with the key in it, not with the account's URL */
	bool once;               /* must not be repeated unseen: ACME_LOST comes back */
	enum acme_body body;     /* what an answer must hold to be whole */
};

/* opts is copied, what it points to borrowed.  Asks the server for its directory.  Ends with
 * acme_client_done, also when it fails. */
int acme_client_init(struct acme_client *c, const struct acme_client_opts *opts, struct pve_err *e);
void acme_client_done(struct acme_client *c);

/* 0 for an answer 2xx, which ends with pve_http_done.  Else -1, and c->fate says what became of
 * it: with ACME_REFUSED c->problem is what the server said.  Codes: PVE_AGAIN when the time is over
 * or the server wants a later try (c->not_before), PVE_NOTHERE when it is not there, or knows
 * no such account, PVE_DENIED when its certificate is not trusted, else PVE_FAILED. */
int acme_client_ask(struct acme_client *c, const struct acme_ask *ask, struct pve_http_res *res,
		    struct pve_err *e);
/* Waits; PVE_AGAIN when the time would be over before. */
int acme_client_pause(struct acme_client *c, unsigned ms, struct pve_err *e);
/* The pause before the n-th look at something that the server works on: Retry-After of its
 * last answer, or else acme_poll_pause. */
unsigned acme_client_poll(struct acme_client *c, const struct pve_http_res *last, unsigned n);
void acme_client_tell(struct acme_client *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Did the last request fail with this type of problem? */
bool acme_client_refused(const struct acme_client *c, const char *type);
/* The target of a field Link with that relation (RFC 8288), the n-th from 0; to be freed, or
 * NULL. */
char *acme_client_link(const struct pve_http_res *res, const char *rel, size_t n);

#endif
