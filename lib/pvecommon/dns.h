/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DNS_H
#define PVECOMMON_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/*
 * Messages of the DNS (RFC 1035, RFC 2136) as bytes; who sends them is not decided here.  Names are
 * texts without a final dot, in lower case; "" is the root.
 */
enum pve_dns_type {
	PVE_DNS_A = 1,
	PVE_DNS_NS = 2,
	PVE_DNS_CNAME = 5,
	PVE_DNS_SOA = 6,
	PVE_DNS_TXT = 16,
	PVE_DNS_AAAA = 28,
	PVE_DNS_OPT = 41,
	PVE_DNS_TSIG = 250,
	PVE_DNS_CAA = 257,
};

enum pve_dns_rcode { /* RFC 1035, section 4.1.1; RFC 2136, section 2.2 */
	PVE_DNS_NOERROR,
	PVE_DNS_FORMERR,
	PVE_DNS_SERVFAIL,
	PVE_DNS_NXDOMAIN,
	PVE_DNS_NOTIMP,
	PVE_DNS_REFUSED,
	PVE_DNS_YXDOMAIN,
	PVE_DNS_YXRRSET,
	PVE_DNS_NXRRSET,
	PVE_DNS_NOTAUTH,
	PVE_DNS_NOTZONE,
};

enum pve_dns_section { PVE_DNS_ANSWER, PVE_DNS_AUTHORITY, PVE_DNS_ADDITIONAL };

#define PVE_DNS_NAME 256

struct pve_dns_rr {
	enum pve_dns_section section;
	char name[PVE_DNS_NAME];
	unsigned type, class;
	uint32_t ttl;              /* seconds */
	size_t start;              /* where it begins in the message */
	struct pve_span data;      /* as it came; borrowed from the message's bytes */
	char target[PVE_DNS_NAME]; /* NS, CNAME: the name; SOA: the primary server; else "" */
	char *text;                /* TXT: its strings, joined; CAA: tag, blank, value; else NULL */
	size_t text_len;
};

struct pve_dns_msg {
	uint16_t id;
	bool response, authoritative, truncated;
	unsigned rcode;
	char question[PVE_DNS_NAME]; /* "" when there is none */
	unsigned question_type;
	struct pve_dns_rr *v;
	size_t n, cap;
};

/* Reads a message into *m, which must be { 0 }.  PVE_DATA, and *m stays { 0 }, for one that is
 * cut off, or whose names are no names. */
int pve_dns_parse(struct pve_dns_msg *m, struct pve_span bytes, struct pve_err *e);
void pve_dns_done(struct pve_dns_msg *m);
/* "NXDOMAIN", for people. */
const char *pve_dns_rcode_name(unsigned rcode);

/* Adds a question.  recurse: the server shall ask others for us.  With it goes an OPT record that
 * allows answers of 1,232 bytes over UDP (RFC 6891).  PVE_USAGE for a name that is none. */
int pve_dns_query(struct pve_buf *out, uint16_t id, const char *name, enum pve_dns_type type,
		  bool recurse, struct pve_err *e);

/* Adds an update of a zone (RFC 2136): a TXT record of that name and text is added with a time
 * to live, or, with ttl 0, removed; other records of the name stay.  text: up to 255 bytes. */
int pve_dns_update(struct pve_buf *out, uint16_t id, const char *zone, const char *name,
		   const char *text, uint32_t ttl, struct pve_err *e);

/* Adds a name as it is in messages, without compression.  PVE_USAGE for one that is none. */
int pve_dns_put_name(struct pve_buf *out, const char *name, struct pve_err *e);
void pve_dns_put16(struct pve_buf *out, unsigned value);
void pve_dns_put32(struct pve_buf *out, uint32_t value);
/* One more record in a section: for what is put behind a finished message (section 4.1.1). */
void pve_dns_count_additional(struct pve_buf *message);

#endif
