/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_ACME_H
#define PVEIO_ACME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/strv.h"

/*
 * The objects of ACME as structs: bytes in, through jansson.  Members that a struct does not
 * name are passed over, since servers may add any (RFC 8555, section 7.1).  A member that must be
 * there and is not, or is of another type, is PVE_DATA and named.  Texts are never NULL but where
 * the note says so, and live until the object ends with pve_arena_done(&x.mem).  A failed parse
 * leaves the object { 0 }.
 */

/* Section 7.1.1 */
struct pve_acme_directory {
	const char *new_nonce, *new_account, *new_order;
	const char *revoke_cert, *key_change; /* NULL: not offered */
	const char *renewal_info;             /* RFC 9773; NULL: not offered */
	const char *terms;                    /* URL; NULL: none */
	const char *website;                  /* NULL: none */
	bool external_account;                /* EAB is required */
	const char *caa_identities;           /* names of the CA in CAA records, a blank between; "" */
	const char *const *profiles;          /* names, then NULL; no names: not offered */
	const char *const *profile_texts;     /* what each is, for people */
	struct pve_arena mem;
};

/* RFC 8555, section 6.7, and RFC 7807 */
struct pve_acme_subproblem {
	const char *type, *detail;
	const char *identifier; /* "" when it concerns none */
};

struct pve_acme_problem {
	const char *type;       /* without "urn:ietf:params:acme:error:"; "" when there is none */
	const char *detail;
	const char *instance;   /* URL for people; "" */
	const char *algorithms; /* of badSignatureAlgorithm, with spaces between; "" */
	unsigned status;        /* of HTTP; 0 when it is not said */
	struct pve_acme_subproblem *sub;
	size_t nsub;
	struct pve_arena mem;
};

/* Section 7.1.2 */
struct pve_acme_account {
	const char *status;     /* valid, deactivated, revoked */
	const char *orders;     /* URL; NULL */
	const char *const *contacts; /* "mailto:...", then NULL */
	struct pve_arena mem;
};

struct pve_acme_identifier {
	const char *type, *value; /* "dns" or "ip" */
};

/* Section 7.1.3 */
struct pve_acme_order {
	const char *status;      /* pending, ready, processing, valid, invalid, or another word */
	const char *finalize;    /* URL */
	const char *certificate; /* URL; NULL until it is valid */
	const char *profile;     /* "" when it is not said */
	time_t expires;          /* 0: not said */
	struct pve_acme_identifier *id;
	size_t nids;
	const char *const *authorizations; /* URLs, then NULL */
	size_t nauthorizations;
	bool failed;             /* it has an error */
	struct pve_acme_problem error; /* its texts live in mem of the order */
	struct pve_arena mem;
};

/* Section 8 */
struct pve_acme_challenge {
	const char *type;        /* http-01, dns-01, tls-alpn-01, ... */
	const char *url;
	const char *status;      /* pending, processing, valid, invalid */
	const char *token;       /* NULL for kinds that have none, and when it is no base64url */
	bool failed;             /* it has an error */
	struct pve_acme_problem error;
};

/* Section 7.1.4 */
struct pve_acme_authz {
	const char *status;      /* pending, valid, invalid, deactivated, expired, revoked */
	struct pve_acme_identifier id;
	bool wildcard;
	struct pve_acme_challenge *v;
	size_t n;
	struct pve_arena mem;
};

/* RFC 9773, section 4.2 */
struct pve_acme_renewal {
	time_t start, end;       /* of the window */
	const char *explanation; /* URL for people; "" */
	struct pve_arena mem;
};

int pve_acme_directory_parse(struct pve_acme_directory *d, struct pve_span json,
			     struct pve_err *e);
int pve_acme_account_parse(struct pve_acme_account *a, struct pve_span json, struct pve_err *e);
int pve_acme_order_parse(struct pve_acme_order *o, struct pve_span json, struct pve_err *e);
int pve_acme_authz_parse(struct pve_acme_authz *a, struct pve_span json, struct pve_err *e);
/* Is it base64url, and not empty?  A token becomes a part of a path (RFC 8555, section 8.3).  NULL is
 * none. */
bool pve_acme_is_token(const char *t);
int pve_acme_renewal_parse(struct pve_acme_renewal *w, struct pve_span json, struct pve_err *e);
/* The URLs of a list of orders (section 7.1.2.1), as far as they can be read. */
void pve_acme_orders_parse(struct pve_span json, struct pve_strv *urls);
/* Never fails: what is no problem document has the type "", and no detail. */
void pve_acme_problem_parse(struct pve_acme_problem *p, struct pve_span json);

/* The problem in words, with its subproblems: "rejectedIdentifier: policy forbids it; a.example:
 * ...". */
void pve_acme_problem_text(const struct pve_acme_problem *p, struct pve_buf *out);

/* Is it one whole JSON object?  An answer that was cut off is none. */
bool pve_acme_valid(struct pve_span json);

/* Adds text as a JSON string, quoted. */
void pve_acme_quote(struct pve_buf *out, const char *text);

/* RFC 3339, with a fraction or without; 0 when it is none. */
time_t pve_acme_time(const char *text);

#endif
