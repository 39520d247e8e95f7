/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pveio/acme.h"

/* The objects of RFC 8555, in texts of our own. */

static void directory(void **state)
{
	struct pve_acme_directory d;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(
		pve_acme_directory_parse(
			&d,
			pve_span("{\"newNonce\":\"n\",\"newAccount\":\"a\",\"newOrder\":\"o\","
				 "\"meta\":{\"termsOfService\":\"t\",\"externalAccountRequired\":true,"
				 "\"caaIdentities\":[\"ca.test\",7,\"a b\",\"www.ca.test\"],"
				 "\"profiles\":{\"classic\":\"as ever\",\"short\":7}},\"odd\":[1]}"),
			&e),
		0);
	assert_string_equal(d.new_nonce, "n");
	assert_string_equal(d.new_order, "o");
	assert_null(d.revoke_cert);
	assert_null(d.website);
	assert_string_equal(d.terms, "t");
	assert_true(d.external_account);
	assert_string_equal(d.profiles[0], "classic");
	assert_string_equal(d.profile_texts[0], "as ever");
	assert_string_equal(d.profile_texts[1], "");
	assert_null(d.profiles[2]);
	assert_string_equal(d.caa_identities, "ca.test www.ca.test");
	pve_arena_done(&d.mem);
	assert_int_equal(pve_acme_directory_parse(&d, pve_span("{\"newNonce\":\"n\"}"), &e), -1);
	assert_string_equal(e.msg, "the member newAccount is missing, or no text");
	assert_null(d.mem.head);
	assert_int_equal(pve_acme_directory_parse(&d, pve_span("[1]"), &e), -1);
	assert_int_equal(e.code, PVE_DATA);
}

static void order(void **state)
{
	struct pve_acme_order o;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(
		pve_acme_order_parse(
			&o,
			pve_span("{\"status\":\"invalid\",\"expires\":\"2026-11-27T10:00:00.123Z\","
				 "\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.example\"},"
				 "{\"type\":\"ip\",\"value\":\"::1\"}],\"authorizations\":[\"u1\",\"u2\"],"
				 "\"finalize\":\"f\",\"error\":{\"type\":"
				 "\"urn:ietf:params:acme:error:dns\",\"detail\":\"no such name\"}}"),
			&e),
		0);
	assert_int_equal(o.expires, 1795773600);
	assert_int_equal(o.nids, 2);
	assert_string_equal(o.id[1].value, "::1");
	assert_int_equal(o.nauthorizations, 2);
	assert_string_equal(o.authorizations[1], "u2");
	assert_null(o.certificate);
	assert_true(o.failed);
	assert_string_equal(o.error.type, "dns");
	pve_arena_done(&o.mem);
	assert_int_equal(pve_acme_order_parse(&o,
					      pve_span("{\"status\":\"ready\",\"finalize\":\"f\","
						       "\"authorizations\":[1]}"),
					      &e),
			 -1);
	assert_string_equal(e.msg, "the member authorizations is no list of texts");
}

/* A token that could lead out of a directory is none. */
static void authz(void **state)
{
	struct pve_acme_authz a;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(
		pve_acme_authz_parse(
			&a,
			pve_span("{\"status\":\"pending\",\"wildcard\":true,\"identifier\":{\"type\":"
				 "\"dns\",\"value\":\"a.example\"},\"challenges\":[{\"type\":\"dns-01\","
				 "\"url\":\"u\",\"token\":\"A-_z\"},{\"type\":\"http-01\",\"url\":\"v\","
				 "\"token\":\"../etc\",\"status\":\"invalid\",\"error\":{\"detail\":"
				 "\"x\"}},{\"type\":\"new\",\"url\":\"w\"}]}"),
			&e),
		0);
	assert_true(a.wildcard);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.v[0].token, "A-_z");
	assert_string_equal(a.v[0].status, "pending");
	assert_null(a.v[1].token);
	assert_true(a.v[1].failed);
	assert_null(a.v[2].token);
	pve_arena_done(&a.mem);
}

static void problem(void **state)
{
	struct pve_acme_problem p;
	PVE_BUF text = {0};

	(void)state;
	pve_acme_problem_parse(
		&p, pve_span("{\"type\":\"urn:ietf:params:acme:error:compound\",\"detail\":\"two things\","
			     "\"status\":403,\"algorithms\":[\"ES256\",\"RS256\"],\"subproblems\":["
			     "{\"type\":\"urn:ietf:params:acme:error:caa\",\"detail\":\"forbidden\","
			     "\"identifier\":{\"type\":\"dns\",\"value\":\"a.example\"}},"
			     "{\"type\":\"about:blank\",\"detail\":\"odd\"},7]}"));
	assert_int_equal(p.status, 403);
	assert_string_equal(p.algorithms, "ES256 RS256");
	pve_acme_problem_text(&p, &text);
	assert_string_equal(pve_buf_str(&text), "compound: two things; a.example: caa: forbidden; "
						"about:blank: odd");
	pve_arena_done(&p.mem);
	text.len = 0;
	pve_acme_problem_parse(&p, pve_span("<html>"));
	pve_acme_problem_text(&p, &text);
	assert_string_equal(pve_buf_str(&text), "no reason given");
	pve_arena_done(&p.mem);
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(pve_acme_time("1970-01-02T00:00:00Z"), 86400);
	assert_int_equal(pve_acme_time("1970-01-02t00:00:00.5z"), 86400);
	assert_int_equal(pve_acme_time("1970-01-02T01:00:00+01:00"), 86400);
	assert_int_equal(pve_acme_time("1970-01-01T23:30:00-00:30"), 86400);
	assert_int_equal(pve_acme_time("yesterday"), 0);
	assert_int_equal(pve_acme_time("1970-01-02T00:00:00"), 0);
}

static void renewal(void **state)
{
	struct pve_acme_renewal r;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_acme_renewal_parse(
				 &r,
				 pve_span("{\"suggestedWindow\":{\"start\":\"2026-01-01T00:00:00Z\","
					  "\"end\":\"2026-01-02T00:00:00Z\"},\"explanationURL\":\"u\"}"),
				 &e),
			 0);
	assert_int_equal(r.end - r.start, 86400);
	assert_string_equal(r.explanation, "u");
	pve_arena_done(&r.mem);
	/* RFC 9773, section 4.2: a window that ends before it begins is none. */
	assert_int_equal(pve_acme_renewal_parse(
				 &r,
				 pve_span("{\"suggestedWindow\":{\"start\":\"2026-01-02T00:00:00Z\","
					  "\"end\":\"2026-01-01T00:00:00Z\"}}"),
				 &e),
			 -1);
	assert_string_equal(e.msg, "the member suggestedWindow is no span of time");
}

static void quoting(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	pve_acme_quote(&out, "a\"\\\n\xc3\xa4");
	assert_string_equal(pve_buf_str(&out), "\"a\\\"\\\\\\n\\u00E4\"");
	out.len = 0;
	pve_acme_quote(&out, "\xff");
	assert_string_equal(pve_buf_str(&out), "\"\"");
	assert_true(pve_acme_valid(pve_span("{\"a\":1}")));
	assert_false(pve_acme_valid(pve_span("{\"a\":1")));
	assert_false(pve_acme_valid(pve_span("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directory), cmocka_unit_test(order),   cmocka_unit_test(authz),
		cmocka_unit_test(problem),   cmocka_unit_test(times),   cmocka_unit_test(renewal),
		cmocka_unit_test(quoting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
