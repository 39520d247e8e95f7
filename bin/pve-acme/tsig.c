/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/tsig.h"

#include <inttypes.h>
#include <string.h>

#include "pvecommon/dns.h"
#include "pvecommon/mem.h"
#include "pveio/pkey.h"

#define CLASS_ANY 255u
#define FUDGE_S 300u
#define BADSIG 16u  /* RFC 8945, section 3 */
#define BADKEY 17u
#define BADTIME 18u

/* A signature as it stands in a record (section 4.2). */
struct signature {
	char algorithm[PVE_DNS_NAME];
	uint64_t time;
	unsigned fudge, id, error;
	struct pve_span mac, other;
	size_t start;    /* of the record in the message */
};

/* Are they the same name?  Configurations often write the final dot. */
static bool same_name(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n && a[n - 1] == '.';
	m -= m && b[m - 1] == '.';
	return n == m && strncasecmp(a, b, n) == 0;
}

static unsigned bits_of(const char *algorithm)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {{"hmac-sha256", 256}, {"hmac-sha384", 384}, {"hmac-sha512", 512}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (same_name(known[i].name, algorithm))
			return known[i].bits;
	return 0;
}

static void put48(struct pve_buf *out, uint64_t value)
{
	pve_dns_put16(out, (unsigned)(value >> 32) & 0xffff);
	pve_dns_put32(out, (uint32_t)value);
}

/* The variables that are signed behind the message (section 4.3.3). */
static int put_variables(const struct acme_tsig *key, uint64_t time, unsigned fudge, unsigned error,
			 struct pve_span other, struct pve_buf *out, struct pve_err *e)
{
	if (pve_dns_put_name(out, key->name, e) < 0)
		return -1;
	pve_dns_put16(out, CLASS_ANY);
	pve_dns_put32(out, 0);
	if (pve_dns_put_name(out, key->algorithm, e) < 0)
		return -1;
	put48(out, time);
	pve_dns_put16(out, fudge);
	pve_dns_put16(out, error);
	pve_dns_put16(out, (unsigned)other.len);
	pve_buf_span(out, other);
	return 0;
}

int acme_tsig_sign(const struct acme_tsig *key, struct pve_buf *message, time_t now,
		   struct pve_buf *mac, struct pve_err *e)
{
	const struct pve_span none = {0};
	unsigned bits = bits_of(key->algorithm);
	PVE_BUF input = {0};
	PVE_BUF data = {0};

	if (!bits)
		return pve_err_set(e, PVE_USAGE, "%s: TSIG needs hmac-sha256, -sha384 or -sha512",
				   key->algorithm);
	pve_buf_add(&input, message->data, message->len);
	if (put_variables(key, (uint64_t)now, FUDGE_S, 0, none, &input, e) < 0 ||
	    pve_hmac(bits, key->secret, (struct pve_span){input.data, input.len}, mac, e) < 0 ||
	    pve_dns_put_name(&data, key->algorithm, e) < 0)
		return -1;
	put48(&data, (uint64_t)now);
	pve_dns_put16(&data, FUDGE_S);
	pve_dns_put16(&data, (unsigned)mac->len);
	pve_buf_add(&data, mac->data, mac->len);
	pve_buf_add(&data, message->data, 2); /* the message's number */
	pve_dns_put16(&data, 0);
	pve_dns_put16(&data, 0);
	if (pve_dns_put_name(message, key->name, e) < 0)
		return -1;
	pve_dns_put16(message, PVE_DNS_TSIG);
	pve_dns_put16(message, CLASS_ANY);
	pve_dns_put32(message, 0);
	pve_dns_put16(message, (unsigned)data.len);
	pve_buf_add(message, data.data, data.len);
	pve_dns_count_additional(message);
	return 0;
}

/* --- the answer --------------------------------------------------------------------------- */

static unsigned get16(struct pve_span data, size_t at)
{
	const unsigned char *p = (const unsigned char *)data.p + at;

	return (unsigned)p[0] << 8 | p[1];
}

/* The name of the algorithm in the data, which is never compressed: its length, or 0. */
static size_t get_algorithm(struct pve_span data, char name[PVE_DNS_NAME])
{
	size_t at = 0, n = 0;

	while (at < data.len && data.p[at]) {
		size_t label = (unsigned char)data.p[at++];

		if (label > 63 || label > data.len - at || n + label + 2 > PVE_DNS_NAME)
			return 0;
		if (n)
			name[n++] = '.';
		for (size_t i = 0; i < label; i++, at++)
			name[n++] = (char)(data.p[at] >= 'A' && data.p[at] <= 'Z' ? data.p[at] + 32
										    : data.p[at]);
	}
	name[n] = '\0';
	return at < data.len ? at + 1 : 0;
}

/* Reads the signature, which must be the last record. */
static bool find_signature(const struct pve_dns_msg *m, const char *key, struct signature *s)
{
	const struct pve_dns_rr *rr = m->n ? &m->v[m->n - 1] : NULL;
	struct pve_span d;
	size_t at, mac, other;

	if (!rr || rr->type != PVE_DNS_TSIG || !same_name(rr->name, key))
		return false;
	d = rr->data;
	at = get_algorithm(d, s->algorithm);
	if (!at || d.len - at < 10)
		return false;
	s->time = (uint64_t)get16(d, at) << 32 | (uint64_t)get16(d, at + 2) << 16 | get16(d, at + 4);
	s->fudge = get16(d, at + 6);
	mac = get16(d, at + 8);
	at += 10;
	if (d.len - at < mac + 6)
		return false;
	s->mac = (struct pve_span){d.p + at, mac};
	at += mac;
	s->id = get16(d, at);
	s->error = get16(d, at + 2);
	other = get16(d, at + 4);
	at += 6;
	if (d.len - at != other)
		return false;
	s->other = (struct pve_span){d.p + at, other};
	s->start = rr->start;
	return true;
}

static int complaint(const struct signature *s, struct pve_err *e)
{
	const char *why = s->error == BADSIG    ? "the secret is another one there (BADSIG)"
			  : s->error == BADKEY  ? "the key is not known there (BADKEY)"
			  : s->error == BADTIME ? "the clocks differ too much (BADTIME)"
						: "for a reason of its own";

	return pve_err_set(e, PVE_DENIED, "the server refuses the signature: %s", why);
}

/* What the server has signed: the request's signature, then the answer as it was before its own
 * (section 5.3.2). */
static int put_answer(const struct acme_tsig *key, const struct signature *s, struct pve_span answer,
		      struct pve_span request_mac, struct pve_buf *out, struct pve_err *e)
{
	unsigned char *count;

	pve_dns_put16(out, (unsigned)request_mac.len);
	pve_buf_span(out, request_mac);
	pve_dns_put16(out, s->id);
	pve_buf_add(out, answer.p + 2, s->start - 2);
	count = (unsigned char *)out->data + 2 + request_mac.len + 10; /* additional records */
	if (count[1]-- == 0)
		count[0]--;
	return put_variables(key, s->time, s->fudge, s->error, s->other, out, e);
}

static int verify(const struct acme_tsig *key, const struct signature *s, struct pve_span answer,
		  struct pve_span request_mac, time_t now, struct pve_err *e)
{
	PVE_BUF input = {0};
	PVE_BUF mac = {0};

	if (put_answer(key, s, answer, request_mac, &input, e) < 0 ||
	    pve_hmac(bits_of(key->algorithm), key->secret,
		     (struct pve_span){input.data, input.len}, &mac, e) < 0)
		return -1;
	if (mac.len != s->mac.len || memcmp(mac.data, s->mac.p, mac.len) != 0)
		return pve_err_set(e, PVE_DENIED, "the signature of the server's answer is wrong");
	if (s->time > (uint64_t)now + s->fudge || s->time + s->fudge < (uint64_t)now)
		return pve_err_set(e, PVE_DENIED, "the server's clock says %" PRIu64, s->time);
	return 0;
}

int acme_tsig_verify(const struct acme_tsig *key, struct pve_span answer,
		     struct pve_span request_mac, time_t now, struct pve_err *e)
{
	struct pve_dns_msg m = {0};
	struct signature s = {0};
	int rc;

	if (pve_dns_parse(&m, answer, e) < 0)
		return -1;
	if (!find_signature(&m, key->name, &s))
		rc = pve_err_set(e, PVE_DENIED, "the server's answer is not signed");
	else
		rc = s.error ? complaint(&s, e) : verify(key, &s, answer, request_mac, now, e);
	pve_dns_done(&m);
	return rc;
}
