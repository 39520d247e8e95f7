/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-acme/renewal.h"
#include "pvecommon/mem.h"

#define DAY 86400
#define T0 1800000000

/* A certificate that was made at T0 for a name or two, without OpenSSL: only what is looked at. */
struct fake {
	struct pve_name san[2];
	struct pve_cert cert;
	struct pve_chain chain;
	struct acme_domain domain[2];
	struct acme_domains names;
	struct acme_renewal r;
};

static struct fake *make(struct fake *f, int days)
{
	static char fingerprint[] = "AA:BB";

	*f = (struct fake){.san = {{PVE_NAME_DNS, "a.example"}, {PVE_NAME_DNS, "*.a.example"}}};
	f->cert = (struct pve_cert){.fingerprint = fingerprint,
				    .not_before = T0,
				    .not_after = T0 + days * DAY,
				    .san = f->san,
				    .nsan = 2};
	f->chain = (struct pve_chain){.v = &f->cert, .n = 1};
	f->domain[0] = (struct acme_domain){.name = "a.example"};
	f->domain[1] = (struct acme_domain){.name = "*.a.example"};
	f->names = (struct acme_domains){.v = f->domain, .n = 2};
	f->r = (struct acme_renewal){.fingerprint = fingerprint};
	return f;
}

static struct acme_due due_at(struct fake *f, unsigned days, time_t now)
{
	struct acme_due due;

	acme_renewal_due(&f->r, &f->chain, &f->names, days, now, &due);
	return due;
}

static void is_due_at(struct fake *f, unsigned days, time_t at, enum acme_reason reason)
{
	struct acme_due due = due_at(f, days, at - 1);

	assert_int_equal(due.reason, reason);
	assert_int_equal(due.at, at);
	assert_false(due.now);
	assert_true(due_at(f, days, at).now);
}

static void a_third_is_left_or_half_of_short_lives(void **state)
{
	struct fake f;

	(void)state;
	is_due_at(make(&f, 90), 0, T0 + 60 * DAY, ACME_RENEW_LIFETIME);
	is_due_at(make(&f, 45), 0, T0 + 30 * DAY, ACME_RENEW_LIFETIME);
	is_due_at(make(&f, 12), 0, T0 + 8 * DAY, ACME_RENEW_LIFETIME);
	is_due_at(make(&f, 6), 0, T0 + 3 * DAY, ACME_RENEW_LIFETIME);
}

static void thirty_days_on_request_but_not_at_once(void **state)
{
	struct fake f;

	(void)state;
	is_due_at(make(&f, 90), 30, T0 + 60 * DAY, ACME_RENEW_DAYS);
	is_due_at(make(&f, 45), 30, T0 + 15 * DAY, ACME_RENEW_DAYS);
	/* It would be renewed with every run. */
	is_due_at(make(&f, 30), 30, T0 + 20 * DAY, ACME_RENEW_LIFETIME);
	is_due_at(make(&f, 6), 30, T0 + 3 * DAY, ACME_RENEW_LIFETIME);
}

static void the_window_goes_before_the_rule_but_not_beyond_expiry(void **state)
{
	struct fake f;

	(void)state;
	make(&f, 90)->r.point = T0 + 10 * DAY;
	is_due_at(&f, 0, T0 + 10 * DAY, ACME_RENEW_WINDOW);
	make(&f, 90)->r.point = T0 + 200 * DAY;
	assert_int_equal(due_at(&f, 0, T0 + 90 * DAY - 1).reason, ACME_RENEW_WINDOW);
	assert_int_equal(due_at(&f, 0, T0 + 90 * DAY).reason, ACME_RENEW_EXPIRED);
	assert_true(due_at(&f, 0, T0 + 90 * DAY).now);
}

static void other_names_are_due_at_once(void **state)
{
	struct fake f;

	(void)state;
	make(&f, 90)->names.n = 1;
	assert_int_equal(due_at(&f, 0, T0).reason, ACME_RENEW_NAMES);
	assert_true(due_at(&f, 0, T0).now);
	/* A wildcard does not stand for a name that it matches. */
	make(&f, 90)->domain[0].name = "b.a.example";
	assert_int_equal(due_at(&f, 0, T0).reason, ACME_RENEW_NAMES);
	make(&f, 90)->san[0].text = "A.Example";
	assert_int_equal(due_at(&f, 0, T0).reason, ACME_RENEW_LIFETIME);
}

static void what_was_uploaded_is_left_alone(void **state)
{
	struct acme_due due;
	struct fake f;

	(void)state;
	make(&f, 90)->r.fingerprint = NULL;
	assert_int_equal(due_at(&f, 0, T0 + 100 * DAY).reason, ACME_RENEW_FOREIGN);
	assert_false(due_at(&f, 0, T0 + 100 * DAY).now);
	make(&f, 90)->cert.fingerprint = "CC:DD";
	assert_int_equal(due_at(&f, 0, T0 + 100 * DAY).reason, ACME_RENEW_FOREIGN);
	acme_renewal_due(&f.r, NULL, &f.names, 0, T0, &due);
	assert_int_equal(due.reason, ACME_RENEW_NONE);
	assert_false(due.now);
	make(&f, 90)->names.n = 0;
	assert_false(due_at(&f, 0, T0 + 100 * DAY).now);
}

static void failures_pause_longer_and_longer(void **state)
{
	static const time_t pauses[] = {60, 600, 6000, DAY, DAY};
	struct acme_renewal r = {0};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		acme_renewal_failed(&r, "it\nfailed", 0, T0);
		assert_int_equal(r.not_before, T0 + pauses[i]);
		assert_int_equal(r.failures, i + 1);
		assert_string_equal(r.error, "it failed");
		r.mailed = T0;
	}
	assert_int_equal(r.mailed, T0);
	acme_renewal_failed(&r, "limited", T0 + 7 * DAY, T0);
	assert_int_equal(r.not_before, T0 + 7 * DAY);
	acme_renewal_ordered(&r, "EE", T0 + DAY);
	assert_int_equal(r.failures, 0);
	assert_null(r.error);
	assert_int_equal(r.not_before, 0);
	/* The first failure of a new row is told again. */
	r.mailed = T0;
	acme_renewal_failed(&r, "again", 0, T0 + DAY);
	assert_int_equal(r.mailed, 0);
	acme_renewal_done(&r);
}

/* A certificate of 90 days, whose renewal fails from its 50th day on. */
static void a_failure_is_told_once_and_when_a_third_and_a_seventh_are_left(void **state)
{
	static const struct {
		unsigned day;
		bool told;
	} table[] = {{50, true}, {51, false}, {59, false}, {60, true}, {61, false}, {77, false},
		     {78, true}, {79, false}, {90, false}, {95, false}};
	struct fake f;

	(void)state;
	make(&f, 90);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		time_t now = T0 + table[i].day * DAY;

		acme_renewal_failed(&f.r, "why", 0, now);
		assert_int_equal(acme_renewal_tells(&f.r, &f.chain, now), table[i].told);
		if (table[i].told)
			f.r.mailed = now;
	}
	/* Without a certificate there is nothing that runs out. */
	assert_false(acme_renewal_tells(&f.r, NULL, T0 + 95 * DAY));
	free(f.r.error);
}

static void a_pause_holds_back_what_is_due(void **state)
{
	struct fake f;

	(void)state;
	make(&f, 90)->r.not_before = T0 + 61 * DAY;
	assert_false(due_at(&f, 0, T0 + 60 * DAY).now);
	assert_int_equal(due_at(&f, 0, T0 + 60 * DAY).next, T0 + 61 * DAY);
	assert_true(due_at(&f, 0, T0 + 61 * DAY).now);
}

static void the_point_is_drawn_once_for_a_window(void **state)
{
	struct acme_renewal r = {0};

	(void)state;
	acme_renewal_window(&r, T0, T0 + 100, -1, 42, T0);
	assert_int_equal(r.point, T0 + 42);
	assert_int_equal(r.ask, T0 + 6 * 3600);
	acme_renewal_window(&r, T0, T0 + 100, 1, 7, T0);
	assert_int_equal(r.point, T0 + 42);
	assert_int_equal(r.ask, T0 + 60);
	acme_renewal_window(&r, T0, T0 + 10, 30 * DAY, UINT64_MAX, T0);
	assert_int_equal(r.point, T0 + UINT64_MAX % 10);
	assert_int_equal(r.ask, T0 + DAY);
	/* No sense in it: the rule of the lifetime holds. */
	acme_renewal_window(&r, T0 + 10, T0 + 10, 0, 7, T0);
	assert_int_equal(r.point, 0);
}

static void is_written_and_read(void **state)
{
	struct acme_renewal r = {0}, again = {0};
	PVE_BUF text = {0};
	PVE_BUF second = {0};

	(void)state;
	acme_renewal_ordered(&r, "AA:BB", T0);
	acme_renewal_window(&r, T0, T0 + 9, 60, 3, T0);
	acme_renewal_failed(&r, "a: b c", T0 + 5, T0 + 1);
	r.mailed = T0 + 2;
	acme_renewal_clock(&r, -301);
	acme_renewal_format(&r, &text);
	acme_renewal_parse(&again, (struct pve_span){text.data, text.len});
	acme_renewal_format(&again, &second);
	assert_string_equal(pve_buf_str(&text), pve_buf_str(&second));
	assert_string_equal(again.error, "a: b c");
	assert_int_equal(again.point, T0 + 3);
	assert_int_equal(again.skew, -301);
	acme_renewal_clock(&again, 299);
	assert_int_equal(again.skew, 0);
	acme_renewal_done(&again);
	acme_renewal_parse(&again, pve_span("nonsense\nfailures x\nfingerprint\nwindow 1\nask 99999999999999999999\n"));
	assert_null(again.fingerprint);
	assert_int_equal(again.ask, 0);
	acme_renewal_done(&again);
	acme_renewal_done(&r);
}

/* The certificate of RFC 9773, section 4.1: its identifiers are given there. */
static void the_identifier_of_renewal_information(void **state)
{
	static const char authority[] = "\x69\x88\x5b\x6b\x87\x46\x40\x41\xe1\xb3\x7b\x84\x7b\xa0\xae\x2c\xde\x01\xc8\xd4";
	const struct pve_cert cert = {.authority = {authority, 20}, .serial_der = {"\x00\x87\x65\x43\x21", 5}};
	const struct pve_cert none = {.serial_der = {"\x01", 1}};
	PVE_BUF id = {0};

	(void)state;
	assert_true(acme_renewal_id(&cert, &id));
	assert_string_equal(pve_buf_str(&id), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
	assert_false(acme_renewal_id(&none, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_third_is_left_or_half_of_short_lives),
		cmocka_unit_test(thirty_days_on_request_but_not_at_once),
		cmocka_unit_test(the_window_goes_before_the_rule_but_not_beyond_expiry),
		cmocka_unit_test(other_names_are_due_at_once),
		cmocka_unit_test(what_was_uploaded_is_left_alone),
		cmocka_unit_test(failures_pause_longer_and_longer),
		cmocka_unit_test(a_failure_is_told_once_and_when_a_third_and_a_seventh_are_left),
		cmocka_unit_test(a_pause_holds_back_what_is_due),
		cmocka_unit_test(the_point_is_drawn_once_for_a_window),
		cmocka_unit_test(is_written_and_read),
		cmocka_unit_test(the_identifier_of_renewal_information),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
