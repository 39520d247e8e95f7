/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-acme/client.h"
#include "pve-acme/journal.h"
#include "pve-acme/jws.h"
#include "pve-acme/keyfile.h"
#include "pve-acme/listen.h"
#include "pve-acme/msg.h"
#include "pve-acme/retry.h"
#include "pve-acme/tsig.h"
#include "pvecommon/dns.h"
#include "pveio/base64.h"

/* What goes over wires, and what is kept between runs. */

static void retry_after(void **state)
{
	const time_t now = 1795773600; /* Fri, 27 Nov 2026 10:00:00 GMT */

	(void)state;
	assert_int_equal(acme_retry_after(pve_span(" 120 "), now), 120);
	assert_int_equal(acme_retry_after(pve_span("0"), now), 0);
	assert_int_equal(acme_retry_after(pve_span("Fri, 27 Nov 2026 10:01:30 GMT"), now), 90);
	assert_int_equal(acme_retry_after(pve_span("Friday, 27-Nov-26 10:01:30 GMT"), now), 90);
	assert_int_equal(acme_retry_after(pve_span("Fri Nov 27 10:01:30 2026"), now), 90);
	assert_int_equal(acme_retry_after(pve_span("Fri, 27 Nov 2026 09:00:00 GMT"), now), 0);
	assert_int_equal(acme_retry_after(pve_span("soon"), now), -1);
	assert_int_equal(acme_retry_after(pve_span("-5"), now), -1);
	assert_int_equal(acme_retry_after(pve_span(""), now), -1);
}

static void is_skew(const char *date, const char *age, int64_t want, const char *words)
{
	const time_t now = 1795773600; /* Fri, 27 Nov 2026 10:00:00 GMT */
	const struct pve_span none = {0};
	char text[ACME_SKEW_TEXT];
	int64_t skew = acme_clock_skew(date ? pve_span(date) : none, age ? pve_span(age) : none, now);

	assert_int_equal(skew, want);
	if (words)
		assert_string_equal(acme_skew_text(skew, text), words);
}

static void clock_skew(void **state)
{
	(void)state;
	is_skew("Fri, 27 Nov 2026 10:00:00 GMT", NULL, 0, NULL);
	is_skew("Fri, 27 Nov 2026 09:49:00 GMT", NULL, 660, "11 minutes ahead of");
	is_skew("Mon, 30 Nov 2026 11:00:00 GMT", NULL, -3 * 86400 - 3600, "3 days behind");
	is_skew("Fri, 27 Nov 2026 10:01:30 GMT", NULL, -90, "90 seconds behind");
	is_skew("Fri, 27 Nov 2026 10:00:01 GMT", NULL, -1, "1 second behind");
	/* A cache had it for an hour. */
	is_skew("Fri, 27 Nov 2026 09:00:00 GMT", "3600", 0, NULL);
	/* Nothing is known, so nothing is said. */
	is_skew("Fri, 27 Nov 2020 09:00:00 GMT", "odd", 0, NULL);
	is_skew("yesterday", NULL, 0, NULL);
	is_skew(NULL, NULL, 0, NULL);
}

static void pauses(void **state)
{
	(void)state;
	assert_int_equal(acme_poll_pause(0), 50);
	assert_int_equal(acme_poll_pause(1), 100);
	assert_int_equal(acme_poll_pause(100), 5000);
	for (uint32_t random = 0; random < 4000; random += 7) {
		assert_in_range(acme_retry_pause(0, random), 75, 100);
		assert_in_range(acme_retry_pause(31, random), 3750, 5000);
	}
}

static void jws(void **state)
{
	const struct acme_jws with_kid = {.alg = "ES256",
					  .kid = "https://ca/1",
					  .nonce = "n",
					  .url = "https://ca/o",
					  .payload = {"{}", 2}};
	const struct acme_jws with_key = {.alg = "EdDSA", .jwk = "{\"kty\":\"OKP\"}", .url = "u"};
	PVE_BUF input = {0};
	PVE_BUF header = {0};
	PVE_BUF whole = {0};

	(void)state;
	acme_jws_input(&with_kid, &input);
	assert_true(pve_base64url_decode(
		(struct pve_span){input.data, strcspn(pve_buf_str(&input), ".")}, &header));
	assert_string_equal(pve_buf_str(&header),
			    "{\"alg\":\"ES256\",\"kid\":\"https://ca/1\",\"nonce\":\"n\","
			    "\"url\":\"https://ca/o\"}");
	assert_string_equal(strchr(pve_buf_str(&input), '.'), ".e30");
	acme_jws_format(pve_span("aa.bb"), pve_span("\xff\xff"), &whole);
	assert_string_equal(pve_buf_str(&whole),
			    "{\"protected\":\"aa\",\"payload\":\"bb\",\"signature\":\"__8\"}");
	input.len = header.len = 0;
	acme_jws_input(&with_key, &input);
	/* POST-as-GET: nothing behind the dot. */
	assert_int_equal(input.data[input.len - 1], '.');
	assert_true(pve_base64url_decode((struct pve_span){input.data, input.len - 1}, &header));
	assert_string_equal(pve_buf_str(&header),
			    "{\"alg\":\"EdDSA\",\"jwk\":{\"kty\":\"OKP\"},\"url\":\"u\"}");
}

static char *link_of(const char *headers, const char *rel, size_t n)
{
	struct pve_http_res res = {0};
	char *target;

	pve_buf_puts(&res.headers, headers);
	target = acme_client_link(&res, rel, n);
	pve_buf_done(&res.headers);
	return target;
}

static void links(void **state)
{
	static const char headers[] = "HTTP/1.1 200 OK\r\nLink: <https://ca/up>;rel=\"up\"\r\n"
				      "Link: <https://ca/1>; rel=\"alternate\", "
				      "<https://ca/2>;rel=alternate\r\nlink: <x>\r\nLink: y\r\n";
	static const char *const alternates[] = {"https://ca/1", "https://ca/2", NULL};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *target = link_of(headers, "alternate", i);

		if (alternates[i])
			assert_string_equal(target, alternates[i]);
		else
			assert_null(target);
		free(target);
	}
}

static void messages(void **state)
{
	struct acme_msg m = {.word = ACME_MSG_JOB}, back = {0};
	struct pve_err e = {0};
	PVE_BUF bytes = {0};

	(void)state;
	pve_strv_add(&m.args, "order");
	pve_strv_add(&m.args, "");
	pve_strv_add(&m.args, "a\nb");
	acme_msg_format(&m, &bytes);
	assert_int_equal(acme_msg_parse(&back, (struct pve_span){bytes.data, bytes.len}, &e), 0);
	assert_int_equal(back.word, ACME_MSG_JOB);
	assert_int_equal(back.args.n, 3);
	assert_string_equal(back.args.v[1], "");
	assert_string_equal(back.args.v[2], "a\nb");
	acme_msg_done(&back);
	assert_int_equal(acme_msg_parse(&back, (struct pve_span){bytes.data, bytes.len - 1}, &e), -1);
	assert_int_equal(acme_msg_parse(&back, (struct pve_span){NULL, 0}, &e), -1);
	e = (struct pve_err){.code = PVE_AGAIN, .msg = "later"};
	acme_msg_fill_error(&m, &e, ACME_REFUSED, 5);
	e = (struct pve_err){0};
	assert_int_equal(acme_msg_error(&m, &e), -1);
	assert_int_equal(e.code, PVE_AGAIN);
	assert_string_equal(e.msg, "later");
	acme_msg_done(&m);
}

static void journal(void **state)
{
	static const char text[] = "directory https://ca/dir\naccount default\nbegun 7\n"
				   "order https://ca/o/1\nkey QUJD\ncsr MII\nname dns a.example\n"
				   "name dns *.a.example\nleft txt p _acme-challenge.a.example T\n";
	struct acme_journal j = {0};
	struct pve_err e = {0};
	PVE_STRV names = {0};
	PVE_BUF out = {0};

	(void)state;
	assert_int_equal(acme_journal_parse(&j, pve_span(text), "f", &e), 0);
	assert_string_equal(j.key, "ABC");
	assert_int_equal(j.begun, 7);
	assert_int_equal(j.left.n, 1);
	acme_journal_format(&j, &out);
	assert_string_equal(pve_buf_str(&out), text);
	pve_strv_add(&names, "dns a.example");
	assert_false(acme_journal_fits(&j, "https://ca/dir", "default", &names));
	pve_strv_add(&names, "dns *.a.example");
	assert_true(acme_journal_fits(&j, "https://ca/dir", "default", &names));
	assert_false(acme_journal_fits(&j, "https://other/dir", "default", &names));
	assert_false(acme_journal_fits(&j, "https://ca/dir", "other", &names));
	acme_journal_done(&j);
	assert_int_equal(acme_journal_parse(&j, pve_span("account a\nodd line\n"), "f", &e), -1);
	assert_string_equal(e.msg, "f:2: no line of a journal");
	assert_null(j.account);
	assert_int_equal(acme_journal_parse(&j, pve_span("key *\n"), "f", &e), -1);
}

static void keyfile(void **state)
{
	struct pve_arena mem = {0};
	struct acme_keyfile k;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(acme_keyfile_parse(&k,
					    pve_span("# made by tsig-keygen\nkey \"acme.\" {\n"
						     "\talgorithm hmac-sha256; // strong\n"
						     "\t/* key */ secret\t\"QUJD=\";\n};\n"),
					    "f", &mem, &e),
			 0);
	assert_string_equal(k.name, "acme.");
	assert_string_equal(k.algorithm, "hmac-sha256");
	assert_string_equal(k.secret, "QUJD=");
	assert_int_equal(acme_keyfile_parse(&k, pve_span("key a {secret b;}\nkey"), "f", &mem, &e), -1);
	assert_string_equal(e.msg, "f:2: key has no value");
	assert_int_equal(acme_keyfile_parse(&k, pve_span("key a { };\n"), "f", &mem, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	pve_arena_done(&mem);
}

/* Signed, then taken for an answer that is signed over another request: refused. */
static void tsig(void **state)
{
	const struct acme_tsig key = {"acme.", "hmac-sha256", {"secret", 6}};
	const struct acme_tsig md5 = {"acme.", "hmac-md5", {"secret", 6}};
	struct pve_dns_msg m = {0};
	struct pve_err e = {0};
	PVE_BUF message = {0};
	PVE_BUF mac = {0};
	PVE_BUF again = {0};

	(void)state;
	assert_int_equal(pve_dns_update(&message, 9, "example", "a.example", "t", 60, &e), 0);
	pve_buf_add(&again, message.data, message.len);
	assert_int_equal(acme_tsig_verify(&key, (struct pve_span){again.data, again.len},
					  (struct pve_span){0}, 1000, &e),
			 -1);
	assert_string_equal(e.msg, "the server's answer is not signed");
	assert_int_equal(acme_tsig_sign(&key, &message, 1000, &mac, &e), 0);
	assert_int_equal(mac.len, 32);
	assert_int_equal(pve_dns_parse(&m, (struct pve_span){message.data, message.len}, &e), 0);
	assert_int_equal(m.v[m.n - 1].type, PVE_DNS_TSIG);
	assert_string_equal(m.v[m.n - 1].name, "acme");
	pve_dns_done(&m);
	assert_int_equal(acme_tsig_verify(&key, (struct pve_span){message.data, message.len},
					  (struct pve_span){mac.data, mac.len}, 1000, &e),
			 -1);
	assert_string_equal(e.msg, "the signature of the server's answer is wrong");
	assert_int_equal(acme_tsig_sign(&md5, &again, 1000, &mac, &e), -1);
	assert_int_equal(e.code, PVE_USAGE);
}

static void port_holder(void **state)
{
	static const char table[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
		"timeout inode\n"
		"   0: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0   "
		"     0 11 1 0 20 4 30 10 -1\n"
		"   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0   "
		"     0 4711 1 0 100 0 0 10 0\n";

	(void)state;
	assert_int_equal(acme_listen_inode(pve_span(table), 80), 4711);
	assert_int_equal(acme_listen_inode(pve_span(table), 81), 0);
	assert_int_equal(acme_listen_inode(pve_span("odd"), 80), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_after), cmocka_unit_test(pauses),  cmocka_unit_test(jws),
		cmocka_unit_test(links),       cmocka_unit_test(messages), cmocka_unit_test(journal),
		cmocka_unit_test(keyfile),     cmocka_unit_test(tsig),    cmocka_unit_test(port_holder),
		cmocka_unit_test(clock_skew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
