/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pvecommon/dns.h"
#include "pvecommon/mem.h"

/* Messages made by hand, byte by byte as RFC 1035, section 4, has them. */

static void put_rr(struct pve_buf *b, const char *name, unsigned type, const char *data, size_t n)
{
	assert_int_equal(pve_dns_put_name(b, name, NULL), 0);
	pve_dns_put16(b, type);
	pve_dns_put16(b, 1);
	pve_dns_put32(b, 60);
	pve_dns_put16(b, (unsigned)n);
	pve_buf_add(b, data, n);
}

static void header(struct pve_buf *b, unsigned flags, unsigned answers, unsigned authority)
{
	pve_dns_put16(b, 0x1234);
	pve_dns_put16(b, flags);
	pve_dns_put16(b, 1);
	pve_dns_put16(b, answers);
	pve_dns_put16(b, authority);
	pve_dns_put16(b, 0);
	assert_int_equal(pve_dns_put_name(b, "A.Example", NULL), 0);
	pve_dns_put16(b, PVE_DNS_TXT);
	pve_dns_put16(b, 1);
}

static int parse(const struct pve_buf *b, struct pve_dns_msg *m, struct pve_err *e)
{
	return pve_dns_parse(m, (struct pve_span){b->data, b->len}, e);
}

static void answer(void **state)
{
	struct pve_dns_msg m = {0};
	PVE_BUF b = {0};

	(void)state;
	header(&b, 0x8400, 3, 1);
	put_rr(&b, "a.example", PVE_DNS_TXT, "\2ab\0\3cd\"", 8);
	/* A pointer to the question's name: section 4.1.4. */
	put_rr(&b, "b.example", PVE_DNS_CNAME, "\xc0\x0c", 2);
	put_rr(&b, "a.example", PVE_DNS_CAA, "\0\5issueletsencrypt.org", 22);
	put_rr(&b, "", PVE_DNS_SOA, "\2ns\xc0\x0e", 5);
	assert_int_equal(parse(&b, &m, NULL), 0);
	assert_int_equal(m.id, 0x1234);
	assert_true(m.response && m.authoritative && !m.truncated);
	assert_int_equal(m.rcode, PVE_DNS_NOERROR);
	assert_string_equal(m.question, "a.example");
	assert_int_equal(m.question_type, PVE_DNS_TXT);
	assert_int_equal(m.n, 4);
	assert_string_equal(m.v[0].text, "abcd\"");
	assert_int_equal(m.v[0].text_len, 5);
	assert_int_equal(m.v[0].ttl, 60);
	assert_string_equal(m.v[1].name, "b.example");
	assert_string_equal(m.v[1].target, "a.example");
	assert_string_equal(m.v[2].text, "issue letsencrypt.org");
	assert_int_equal(m.v[3].section, PVE_DNS_AUTHORITY);
	assert_string_equal(m.v[3].name, "");
	assert_string_equal(m.v[3].target, "ns.example");
	pve_dns_done(&m);
}

/* Cut anywhere it is no message, and nothing of it stays. */
static void cut(void **state)
{
	PVE_BUF b = {0};

	(void)state;
	header(&b, 0x8400, 2, 0);
	put_rr(&b, "a.example", PVE_DNS_TXT, "\2ab", 3);
	put_rr(&b, "b.example", PVE_DNS_CNAME, "\xc0\x0c", 2);
	for (size_t n = 0; n < b.len; n++) {
		struct pve_dns_msg m = {0};
		struct pve_err e = {0};

		assert_int_equal(pve_dns_parse(&m, (struct pve_span){b.data, n}, &e), -1);
		assert_int_equal(e.code, PVE_DATA);
		assert_null(m.v);
	}
}

static void nonsense(void **state)
{
	static const struct {
		unsigned type;
		const char *data;
		size_t n;
	} cases[] = {
		{PVE_DNS_TXT, "\5ab", 3},         /* a string longer than the data */
		{PVE_DNS_CNAME, "\xc0\x20", 2},   /* a pointer to itself */
		{PVE_DNS_CNAME, "\xff\xff", 2},   /* and to nowhere */
		{PVE_DNS_CAA, "\0\12iss", 5},
		{PVE_DNS_CAA, "\0", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_dns_msg m = {0};
		PVE_BUF b = {0};

		header(&b, 0x8400, 1, 0);
		put_rr(&b, "a.example", cases[i].type, cases[i].data, cases[i].n);
		assert_int_equal(parse(&b, &m, NULL), -1);
	}
}

static void question(void **state)
{
	struct pve_dns_msg m = {0};
	struct pve_err e = {0};
	PVE_BUF b = {0};
	char longest[300];

	(void)state;
	assert_int_equal(pve_dns_query(&b, 7, "_acme-challenge.a.example", PVE_DNS_TXT, true, &e), 0);
	assert_int_equal(parse(&b, &m, &e), 0);
	assert_int_equal(m.id, 7);
	assert_false(m.response);
	assert_string_equal(m.question, "_acme-challenge.a.example");
	assert_int_equal(m.n, 1);
	assert_int_equal(m.v[0].type, PVE_DNS_OPT);
	assert_int_equal(m.v[0].class, 1232);
	assert_int_equal((unsigned char)b.data[2], 1); /* recursion desired */
	pve_dns_done(&m);
	memset(longest, 'a', sizeof(longest));
	longest[299] = '\0';
	assert_int_equal(pve_dns_query(&b, 7, longest, PVE_DNS_TXT, true, &e), -1);
	assert_int_equal(e.code, PVE_USAGE);
	assert_int_equal(pve_dns_query(&b, 7, "a..b", PVE_DNS_TXT, true, &e), -1);
}

/* RFC 2136: adding is of class IN with a time to live, removing of class NONE with 0. */
static void update(void **state)
{
	struct pve_dns_msg m = {0};
	struct pve_err e = {0};
	PVE_BUF add = {0};
	PVE_BUF del = {0};
	char text[257];

	(void)state;
	assert_int_equal(pve_dns_update(&add, 1, "example", "a.example", "text", 60, &e), 0);
	assert_int_equal(parse(&add, &m, &e), 0);
	assert_int_equal((unsigned char)add.data[2] >> 3, 5);
	assert_string_equal(m.question, "example");
	assert_int_equal(m.question_type, PVE_DNS_SOA);
	assert_int_equal(m.v[0].section, PVE_DNS_AUTHORITY);
	assert_int_equal(m.v[0].class, 1);
	assert_int_equal(m.v[0].ttl, 60);
	assert_string_equal(m.v[0].text, "text");
	pve_dns_done(&m);
	assert_int_equal(pve_dns_update(&del, 1, "example", "a.example", "text", 0, &e), 0);
	assert_int_equal(parse(&del, &m, &e), 0);
	assert_int_equal(m.v[0].class, 254);
	assert_int_equal(m.v[0].ttl, 0);
	pve_dns_done(&m);
	memset(text, 'x', 256);
	text[256] = '\0';
	assert_int_equal(pve_dns_update(&add, 1, "example", "a.example", text, 60, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer),   cmocka_unit_test(cut),    cmocka_unit_test(nonsense),
		cmocka_unit_test(question), cmocka_unit_test(update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
