/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/dns.h"

#include <resolv.h>
#include <string.h>

#include "pvecommon/mem.h"

#define HEADER 12         /* bytes: RFC 1035, section 4.1.1 */
#define FLAG_QR 0x8000u
#define FLAG_AA 0x0400u
#define FLAG_TC 0x0200u
#define FLAG_RD 0x0100u
#define OPCODE_UPDATE (5u << 11)
#define CLASS_IN 1u
#define CLASS_NONE 254u
#define UDP_SIZE 1232u    /* what passes without fragments: RFC 9715 */
#define RECORDS 4096      /* of one message; more than 64 KiB hold with sense */

/* --- reading ------------------------------------------------------------------------------ */

struct reader {
	const unsigned char *start, *p, *end;
};

static bool get(struct reader *r, size_t n, const unsigned char **out)
{
	if ((size_t)(r->end - r->p) < n)
		return false;
	*out = r->p;
	r->p += n;
	return true;
}

static bool get16(struct reader *r, unsigned *out)
{
	const unsigned char *b;

	if (!get(r, 2, &b))
		return false;
	*out = (unsigned)b[0] << 8 | b[1];
	return true;
}

static bool get32(struct reader *r, uint32_t *out)
{
	unsigned high, low;

	if (!get16(r, &high) || !get16(r, &low))
		return false;
	*out = (uint32_t)high << 16 | low;
	return true;
}

static bool get_name(struct reader *r, char name[PVE_DNS_NAME])
{
	/* dn_expand(3) follows the pointers of compression, and refuses loops. */
	int n = r->p < r->end ? dn_expand(r->start, r->end, r->p, name, PVE_DNS_NAME) : -1;

	if (n < 0)
		return false;
	r->p += n;
	for (char *p = name; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return true;
}

/* TXT: strings with their lengths before them (RFC 1035, section 3.3.14). */
static bool read_text(struct pve_dns_rr *rr)
{
	PVE_BUF text = {0};
	size_t at = 0;

	while (at < rr->data.len) {
		size_t n = (unsigned char)rr->data.p[at++];

		if (n > rr->data.len - at)
			return false;
		pve_buf_add(&text, rr->data.p + at, n);
		at += n;
	}
	pve_buf_add(&text, "", 0);
	rr->text_len = text.len;
	rr->text = pve_buf_take(&text);
	return true;
}

/* CAA: flags, length of the tag, tag, value (RFC 8659, section 4.1). */
static bool read_caa(struct pve_dns_rr *rr)
{
	size_t n = rr->data.len >= 2 ? (unsigned char)rr->data.p[1] : 0;
	PVE_BUF text = {0};

	if (rr->data.len < 2 || n > rr->data.len - 2)
		return false;
	pve_buf_add(&text, rr->data.p + 2, n);
	pve_buf_putc(&text, ' ');
	pve_buf_add(&text, rr->data.p + 2 + n, rr->data.len - 2 - n);
	rr->text_len = text.len;
	rr->text = pve_buf_take(&text);
	return true;
}

static bool read_data(const struct reader *r, struct pve_dns_rr *rr)
{
	struct reader data = {r->start, (const unsigned char *)rr->data.p, r->end};

	if (rr->class != CLASS_IN)
		return true;
	switch (rr->type) {
	case PVE_DNS_NS:
	case PVE_DNS_CNAME:
	case PVE_DNS_SOA:
		return get_name(&data, rr->target);
	case PVE_DNS_TXT:
		return read_text(rr);
	case PVE_DNS_CAA:
		return read_caa(rr);
	default:
		return true;
	}
}

static bool read_rr(struct reader *r, struct pve_dns_msg *m, enum pve_dns_section section)
{
	struct pve_dns_rr *rr;
	const unsigned char *data;
	unsigned len;

	m->v = pve_grow(m->v, m->n, &m->cap, sizeof(*m->v));
	rr = &m->v[m->n++];
	*rr = (struct pve_dns_rr){.section = section, .start = (size_t)(r->p - r->start)};
	if (!get_name(r, rr->name) || !get16(r, &rr->type) || !get16(r, &rr->class) ||
	    !get32(r, &rr->ttl) || !get16(r, &len) || !get(r, len, &data))
		return false;
	rr->data = (struct pve_span){(const char *)data, len};
	return read_data(r, rr);
}

static bool read_all(struct reader *r, struct pve_dns_msg *m)
{
	unsigned id, flags, questions, count[3];

	if (!get16(r, &id) || !get16(r, &flags) || !get16(r, &questions))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!get16(r, &count[i]))
			return false;
	m->id = (uint16_t)id;
	m->response = flags & FLAG_QR;
	m->authoritative = flags & FLAG_AA;
	m->truncated = flags & FLAG_TC;
	m->rcode = flags & 15u;
	for (unsigned i = 0; i < questions; i++) {
		unsigned class;

		if (!get_name(r, m->question) || !get16(r, &m->question_type) || !get16(r, &class))
			return false;
	}
	for (unsigned s = 0; s < 3; s++)
		for (unsigned i = 0; i < count[s]; i++)
			if (m->n == RECORDS || !read_rr(r, m, (enum pve_dns_section)s))
				return false;
	return true;
}

int pve_dns_parse(struct pve_dns_msg *m, struct pve_span bytes, struct pve_err *e)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct reader r = {p, p, bytes.len ? p + bytes.len : p};

	if (read_all(&r, m))
		return 0;
	pve_dns_done(m);
	return pve_err_set(e, PVE_DATA, "the answer is no message of the DNS");
}

void pve_dns_done(struct pve_dns_msg *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].text);
	free(m->v);
	*m = (struct pve_dns_msg){0};
}

const char *pve_dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = {
		"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE",
	};

	return rcode < sizeof(names) / sizeof(*names) ? names[rcode] : "an unknown error";
}

/* --- writing ------------------------------------------------------------------------------ */

void pve_dns_put16(struct pve_buf *out, unsigned value)
{
	pve_buf_putc(out, (char)(value >> 8));
	pve_buf_putc(out, (char)value);
}

void pve_dns_put32(struct pve_buf *out, uint32_t value)
{
	pve_dns_put16(out, value >> 16);
	pve_dns_put16(out, value & 0xffff);
}

int pve_dns_put_name(struct pve_buf *out, const char *name, struct pve_err *e)
{
	unsigned char wire[PVE_DNS_NAME];
	int n = dn_comp(name, wire, sizeof(wire), NULL, NULL);

	if (n < 0)
		return pve_err_set(e, PVE_USAGE, "%s is no domain name", name);
	pve_buf_add(out, wire, (size_t)n);
	return 0;
}

static void put_header(struct pve_buf *out, unsigned id, unsigned flags, unsigned authority,
		       unsigned additional)
{
	pve_dns_put16(out, id);
	pve_dns_put16(out, flags);
	pve_dns_put16(out, 1); /* question, or zone */
	pve_dns_put16(out, 0);
	pve_dns_put16(out, authority);
	pve_dns_put16(out, additional);
}

int pve_dns_query(struct pve_buf *out, uint16_t id, const char *name, enum pve_dns_type type,
		  bool recurse, struct pve_err *e)
{
	put_header(out, id, recurse ? FLAG_RD : 0, 0, 1);
	if (pve_dns_put_name(out, name, e) < 0)
		return -1;
	pve_dns_put16(out, type);
	pve_dns_put16(out, CLASS_IN);
	pve_buf_putc(out, 0); /* the root owns OPT: RFC 6891, section 6.1.2 */
	pve_dns_put16(out, PVE_DNS_OPT);
	pve_dns_put16(out, UDP_SIZE);
	pve_dns_put32(out, 0);
	pve_dns_put16(out, 0);
	return 0;
}

int pve_dns_update(struct pve_buf *out, uint16_t id, const char *zone, const char *name,
		   const char *text, uint32_t ttl, struct pve_err *e)
{
	size_t n = strlen(text);

	if (n > 255)
		return pve_err_set(e, PVE_USAGE, "a text of %zu bytes is too long for a record", n);
	put_header(out, id, OPCODE_UPDATE, 1, 0);
	if (pve_dns_put_name(out, zone, e) < 0)
		return -1;
	pve_dns_put16(out, PVE_DNS_SOA);
	pve_dns_put16(out, CLASS_IN);
	if (pve_dns_put_name(out, name, e) < 0)
		return -1;
	pve_dns_put16(out, PVE_DNS_TXT);
	pve_dns_put16(out, ttl ? CLASS_IN : CLASS_NONE); /* RFC 2136, sections 2.5.1 and 2.5.4 */
	pve_dns_put32(out, ttl);
	pve_dns_put16(out, (unsigned)n + 1);
	pve_buf_putc(out, (char)n);
	pve_buf_add(out, text, n);
	return 0;
}

void pve_dns_count_additional(struct pve_buf *message)
{
	unsigned char *count = (unsigned char *)message->data + 10;

	if (++count[1] == 0)
		count[0]++;
}
