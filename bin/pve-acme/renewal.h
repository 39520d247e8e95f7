/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_RENEWAL_H
#define PVE_ACME_RENEWAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "pve-acme/domains.h"
#include "pve-acme/node.h"
#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pveio/x509.h"

/*
 * When a certificate is renewed, and what is remembered for that between two runs, in the file
 * ACME_RENEWAL: lines "word rest".  Times are in seconds since the epoch; 0 is none.
 *
 *     fingerprint HEX     of the certificate that was ordered last; one with another is not ours
 *     ordered SECONDS
 *     window START END    that the CA suggests (RFC 9773), and the point in it that was drawn
 *     point SECONDS
 *     ask SECONDS         when the CA is asked for the window again
 *     tried SECONDS       the last renewal that failed, how many did in a row, and why
 *     failures COUNT
 *     error TEXT
 *     not-before SECONDS  no next try before that
 *     mailed SECONDS      when somebody was told of the failure
 *     clock SECONDS       by which our clock was ahead of the CA's when that was asked last, if it was
 *                         much; negative: behind
 */
#define ACME_RENEWAL ACME_STATE_DIR "/renewal"

struct acme_renewal {
	char *fingerprint; /* NULL: none was ordered yet */
	time_t ordered;
	time_t start, end, point, ask;
	time_t tried, not_before, mailed;
	unsigned failures;
	char *error;       /* NULL */
	int64_t skew;      /* of our clock against the server's, seconds: acme_clock_skew */
};

/* Reads *r, which must be { 0 }.  Lines that are not understood are left out: this is memory, and
 * a renewal must not fail for it. */
void acme_renewal_parse(struct acme_renewal *r, struct pve_span text);
void acme_renewal_format(const struct acme_renewal *r, struct pve_buf *out);
void acme_renewal_done(struct acme_renewal *r);

/* Why a certificate is renewed, and when. */
enum acme_reason {
	ACME_RENEW_NONE,     /* there is no certificate: nothing to renew */
	ACME_RENEW_FOREIGN,  /* it was not ordered here: never by itself */
	ACME_RENEW_NAMES,    /* other names are configured */
	ACME_RENEW_EXPIRED,
	ACME_RENEW_WINDOW,   /* the CA suggests it */
	ACME_RENEW_LIFETIME, /* a third of its life is left, or half of less than ten days */
	ACME_RENEW_DAYS,     /* that many days are left, as was asked for */
};

struct acme_due {
	enum acme_reason reason;
	time_t at;           /* when it is due; 0: never by itself */
	time_t next;         /* the same, but not before the pause after a failure is over */
	bool now;            /* is that over? */
};

/* chain: NULL when there is no certificate.  days: 0 for the rule of the lifetime; as many as the
 * certificate lives, or more, are not taken. */
void acme_renewal_due(const struct acme_renewal *r, const struct pve_chain *chain,
		      const struct acme_domains *names, unsigned days, time_t now,
		      struct acme_due *due);
const char *acme_reason_text(enum acme_reason reason);
/* Are the names of the certificate exactly those that are configured? */
bool acme_renewal_same_names(const struct pve_chain *chain, const struct acme_domains *names);

/* A renewal failed: the pause is 1, 10, 100 minutes, then a day, or longer when the server said
 * so (not_before, 0: it did not). */
void acme_renewal_failed(struct acme_renewal *r, const char *error, time_t not_before, time_t now);
/* Shall somebody be told of this failure?  Of the first one in a row; and of another one once a third,
 * and once a seventh, of the certificate's life is left, for a mail is soon forgotten.  chain: NULL when
 * there is no certificate. */
bool acme_renewal_tells(const struct acme_renewal *r, const struct pve_chain *chain, time_t now);
/* A new certificate is in place. */
void acme_renewal_ordered(struct acme_renewal *r, const char *fingerprint, time_t now);

/* The CA suggests a window for this certificate: a point in it is drawn once, by random (any
 * number).  retry_after: its Retry-After in seconds, kept between a minute and a day; -1: none. */
void acme_renewal_window(struct acme_renewal *r, time_t start, time_t end, int64_t retry_after,
			 uint64_t random, time_t now);
/* The CA was asked: keeps how far our clock is off, when that is worth saying. */
void acme_renewal_clock(struct acme_renewal *r, int64_t skew);
/* Adds the certificate's name in renewal information (RFC 9773, section 4.1); false when it has
 * no authority key identifier. */
bool acme_renewal_id(const struct pve_cert *cert, struct pve_buf *out);

#endif
