/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_MSG_H
#define PVE_ACME_MSG_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/strv.h"

/*
 * What the keeper of the keys and the process that talks to the network say to each other: a
 * word of one byte and a list of texts.  One message is one packet (unix(7), SOCK_SEQPACKET).
 */
enum acme_word {
	/* from the keeper: the work */
	ACME_MSG_BEGIN = 'b', /* directory, CA certificates, account URL, time-out, and for each of the
			       * three keys algorithm and JWK; "" for what there is not; answer: skew of our clock, seconds */
	ACME_MSG_JOB = 'j',   /* name of the job, then what it wants */
	/* from the network's side, while it works */
	ACME_MSG_SIGN = 's',  /* number of the key, input; answer: base64 of the signature */
	ACME_MSG_BIND = 'e',  /* URL of newAccount; answer: JSON */
	ACME_MSG_PLACED = 'p', /* URL of the order; answer: nothing */
	ACME_MSG_SOLVE = 'c', /* name number and token of each challenge; answer: nothing */
	ACME_MSG_TELL = 't',  /* a line of what is going on; no answer */
	/* to a responder (responder.h) */
	ACME_MSG_PAGES = 'g', /* name, token, authorization of each */
	/* answers */
	ACME_MSG_OK = 'o',
	ACME_MSG_ERROR = 'x', /* code, fate, not-before, message */
};

#define ACME_MSG_MAX (192u << 10) /* bytes of one; the system's limit for a packet is a little more */

struct acme_msg {
	char word;
	struct pve_strv args;
};

/* Texts must not hold NULs: they are what separates them. */
void acme_msg_format(const struct acme_msg *m, struct pve_buf *out);
/* PVE_DATA when it is no message; *m must be { 0 }. */
int acme_msg_parse(struct acme_msg *m, struct pve_span bytes, struct pve_err *e);
void acme_msg_done(struct acme_msg *m);

#define ACME_MSG PVE_CLEANUP(acme_msg_done) struct acme_msg

/* Makes m an ACME_MSG_ERROR. */
void acme_msg_fill_error(struct acme_msg *m, const struct pve_err *e, int fate, long long not_before);
/* The error of an ACME_MSG_ERROR, put into *e; returns -1. */
int acme_msg_error(const struct acme_msg *m, struct pve_err *e);

/* Sends, and waits for one.  PVE_FAILED when the other side has ended. */
int acme_msg_send(int fd, const struct acme_msg *m, struct pve_err *e);
int acme_msg_recv(int fd, struct acme_msg *m, struct pve_err *e);

#endif
