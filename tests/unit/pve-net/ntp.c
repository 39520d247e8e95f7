/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-net/ntp.h"
#include "pve-net/sntp.h"

#define COOKIE 0x0123456789abcdefULL
#define SEC ((int64_t)1000000000)
#define MS ((int64_t)1000000)

static void put64(unsigned char *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)v;
}

/* Of a time as the packet has it. */
static uint64_t stamp(int64_t ns)
{
	return ((uint64_t)(ns / SEC) + 2208988800u) << 32 |
	       ((uint64_t)(ns % SEC) << 32) / (uint64_t)SEC;
}

static void answer(unsigned char p[SNTP_SIZE], int64_t there, int64_t back)
{
	memset(p, 0, SNTP_SIZE);
	p[0] = 4 << 3 | 4;
	p[1] = 2;
	put64(p + 24, COOKIE);
	put64(p + 32, stamp(there));
	put64(p + 40, stamp(back));
}

static void request(void **state)
{
	unsigned char p[SNTP_SIZE];

	(void)state;
	sntp_request(p, COOKIE);
	assert_int_equal(p[0], 0x23);
	for (int i = 1; i < 40; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(p[40], 0x01);
	assert_int_equal(p[47], 0xef);
}

/* within: a microsecond, for fractions are rounded. */
static void near(int64_t a, int64_t b)
{
	assert_true(a - b < 1000 && b - a < 1000);
}

static void times(void **state)
{
	/* now; the last second of the era, and the first of the next one (2036-02-07) */
	static const int64_t all[] = {1795000000 * SEC, 2085978495 * SEC + 999 * MS,
				      2085978496 * SEC};
	static const int64_t offsets[] = {0,        3 * MS,           -3 * MS,          5 * SEC,
					  -5 * SEC, 40000 * SEC * 24, -40000 * SEC * 24};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < sizeof(offsets) / sizeof(*offsets); j++) {
			unsigned char p[SNTP_SIZE];
			struct sntp_reply r;
			int64_t t = all[i];

			/* 10 ms there, 2 ms at the server, 10 ms back */
			answer(p, t + offsets[j] + 10 * MS, t + offsets[j] + 12 * MS);
			sntp_parse(&r, p, sizeof(p), COOKIE, t, t + 22 * MS);
			assert_int_equal(r.verdict, SNTP_OK);
			assert_int_equal(r.stratum, 2);
			near(r.offset, offsets[j]);
			near(r.delay, 20 * MS);
		}
}

static enum sntp_verdict verdict(const unsigned char *p, size_t len, struct sntp_reply *r)
{
	sntp_parse(r, p, len, COOKIE, 1795000000 * SEC, 1795000000 * SEC + MS);
	if (r->verdict != SNTP_OK) {
		assert_true(r->offset == 0);
		assert_true(r->delay == 0);
	}
	return r->verdict;
}

static void faults(void **state)
{
	unsigned char p[SNTP_SIZE];
	struct sntp_reply r;

	(void)state;
	answer(p, 1795000000 * SEC, 1795000000 * SEC);
	for (size_t n = 0; n < SNTP_SIZE; n++)
		assert_int_equal(verdict(p, n, &r), SNTP_BOGUS);
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_OK);
	p[0] = 4 << 3 | 3; /* a client's */
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_BOGUS);
	p[0] = 4 << 3 | 4;
	p[31] ^= 1;
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_ORIGIN);
	p[31] ^= 1;
	p[0] |= 3 << 6;
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_UNSYNC);
	p[0] = 4 << 3 | 4;
	p[1] = 16;
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_UNSYNC);
	p[1] = 0;
	memcpy(p + 12, "RATE", 4);
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_KISS);
	assert_string_equal(r.kiss, "RATE");
	memcpy(p + 12, "\033[2J", 4);
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_KISS);
	assert_string_equal(r.kiss, "");
	p[1] = 1;
	memset(p + 40, 0, 8);
	assert_int_equal(verdict(p, SNTP_SIZE, &r), SNTP_BOGUS);
}

/* "server:line kind" of each. */
static void list_is(const struct ntp_conf *c, const char *want)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < c->n; i++)
		pve_buf_printf(&b, "%s%s:%u %s", i ? ", " : "", c->v[i].name, c->v[i].line,
			       c->v[i].kind);
	assert_string_equal(pve_buf_str(&b), want);
}

static void timesyncd(void **state)
{
	struct ntp_conf c = {0};

	(void)state;
	ntp_timesyncd_read(
		&c,
		pve_span("NTP=lost\n[Time]\n#NTP=no\nNTP=a b\n FallbackNTP = f\n"
			 "NTP = c \\\r\n  # no server\n  d\nRootDistanceMaxSec=5\n[X]\nNTP=no\n"),
		"main");
	list_is(&c, "a:4 server, b:4 server, f:5 fallback, c:6 server, d:8 server");
	assert_int_equal(ntp_conf_servers(&c), 4);
	ntp_timesyncd_read(&c, pve_span("[Time]\nNTP=\nNTP=x"), "drop-in");
	list_is(&c, "f:5 fallback, x:3 server");
	ntp_conf_done(&c);
}

static void chrony(void **state)
{
	struct ntp_conf c = {0};
	struct pve_strv more = {0};
	char *text;

	(void)state;
	ntp_chrony_read(
		&c,
		pve_span("# server no\n! server no\nserver a iburst\n  POOL p maxsources 4\n"
			 "peer b\nserver\nmakestep 1 3\nConfDir /a\t /b\nconfdir /d\n"
			 "sourcedir /etc/chrony/sources.d\ninclude /c"),
		"chrony.conf", &more);
	list_is(&c, "a:3 server, p:4 pool, b:5 peer");
	text = pve_strv_join(&more, ",");
	assert_string_equal(text,
			    "confdir /a /b,confdir /d,sourcedir /etc/chrony/sources.d,include /c");
	free(text);
	pve_strv_done(&more);
	ntp_conf_done(&c);
}

static void written(void **state)
{
	static const char *const bad[] = {"", "-x", "a b", "a\n", "a=b", "a#b", "a\"", "é"};
	static const char *const good[] = {"ntp1.example.com", "192.0.2.1", "2001:db8::1", "::1",
					   "fe80::1%vmbr0"};
	struct pve_strv list = {0};
	struct ntp_conf c = {0};
	PVE_BUF dropin = {0};
	PVE_BUF sources = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ntp_server_check(bad[i], NULL), -1);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(ntp_server_check(good[i], NULL), 0);
	pve_strv_add(&list, "a");
	pve_strv_add(&list, "::1");
	ntp_dropin_format(&dropin, &list);
	assert_string_equal(pve_buf_str(&dropin), "[Time]\nNTP=\nNTP=a ::1\n");
	ntp_timesyncd_read(&c, (struct pve_span){dropin.data, dropin.len}, "x");
	list_is(&c, "a:3 server, ::1:3 server");
	ntp_sources_format(&sources, &list);
	assert_string_equal(pve_buf_str(&sources), "server a iburst\nserver ::1 iburst\n");
	pve_strv_done(&list);
	ntp_conf_done(&c);
}

static void used(void **state)
{
	static const char sources[] = "^,-,a.example,2,6,377,1,0.1,0.1,0.1\n"
				      "^,*,b.example,2,6,377,1,0.1,0.1,0.1\n";
	static const char properties[] =
		"SystemNTPServers=a\nServerName=a.example\nServerAddress=1\n";

	(void)state;
	assert_false(ntp_chrony_uses(pve_span(sources), "a.example"));
	assert_true(ntp_chrony_uses(pve_span(sources), "b.example"));
	assert_false(ntp_chrony_uses(pve_span(sources), "b.exampl"));
	assert_false(ntp_chrony_uses(pve_span(""), "b"));
	assert_true(ntp_timesyncd_uses(pve_span(properties), "a.example"));
	assert_false(ntp_timesyncd_uses(pve_span(properties), "a"));
}

static void map(unsigned (*f)(struct pve_span, struct pve_buf *), const char *from, const char *to,
		unsigned n)
{
	PVE_BUF out = {0};

	assert_int_equal(f(pve_span(from), &out), n);
	assert_string_equal(pve_buf_str(&out), to);
}

static void mute(void **state)
{
	(void)state;
	map(ntp_chrony_mute, "", "", 0);
	map(ntp_chrony_mute, "# server a\nserver\nserver b\r\n\tPeer c x\nservers d\npool e",
	    "# server a\nserver\n#pve-net: server b\r\n#pve-net: \tPeer c x\nservers d\n#pve-net: "
	    "pool e",
	    3);
	map(ntp_chrony_unmute,
	    "#pve-net: server b\r\n #pve-net: pool e\n#pve-net: else\n#pve-net: pool e",
	    "server b\r\n #pve-net: pool e\n#pve-net: else\npool e", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request),   cmocka_unit_test(times),  cmocka_unit_test(faults),
		cmocka_unit_test(timesyncd), cmocka_unit_test(chrony), cmocka_unit_test(written),
		cmocka_unit_test(used),      cmocka_unit_test(mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
