/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom CAA records let issue: RFC 8659, section 4, and RFC 8657. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-acme/caa.h"
#include "pvecommon/mem.h"

static const struct acme_caa_want plain = {"ca.test www.ca.test", "https://ca.test/acct/1", "http-01", false};
static const struct acme_caa_want wild = {"ca.test www.ca.test", "https://ca.test/acct/1", "dns-01", true};

static bool allows(const struct acme_caa_want *want, const struct acme_caa *v, size_t n)
{
	PVE_BUF why = {0};
	bool yes = acme_caa_allows(v, n, want, &why);

	assert_int_equal(!why.len, yes);
	return yes;
}

#define ALLOWS(want, ...)                                                                          \
	allows(want, (const struct acme_caa[]){__VA_ARGS__},                                       \
	       sizeof((const struct acme_caa[]){__VA_ARGS__}) / sizeof(struct acme_caa))

static void names_of_the_ca(void **state)
{
	(void)state;
	assert_true(allows(&plain, NULL, 0));
	assert_true(ALLOWS(&plain, {"issue", "ca.test"}));
	assert_true(ALLOWS(&plain, {"Issue", "  WWW.CA.TEST ; "}));
	assert_false(ALLOWS(&plain, {"issue", "other.example"}));
	assert_false(ALLOWS(&plain, {"issue", ""}));
	assert_false(ALLOWS(&plain, {"issue", ";"}));
	assert_false(ALLOWS(&plain, {"issue", "ca.tes"}));
	assert_false(ALLOWS(&plain, {"issue", "ca.test.example"}));
	/* One that permits is enough. */
	assert_true(ALLOWS(&plain, {"issue", "other.example"}, {"issue", "ca.test"}));
	/* What restricts nobody. */
	assert_true(ALLOWS(&plain, {"iodef", "mailto:a@example.org"}));
	assert_true(ALLOWS(&plain, {"issuewild", ";"}));
}

static void wildcards(void **state)
{
	(void)state;
	assert_true(ALLOWS(&wild, {"issue", "ca.test"}));
	assert_false(ALLOWS(&wild, {"issue", "other.example"}));
	assert_false(ALLOWS(&wild, {"issue", "ca.test"}, {"issuewild", ";"}));
	assert_true(ALLOWS(&wild, {"issue", ";"}, {"issuewild", "ca.test"}));
}

static void parameters(void **state)
{
	(void)state;
	assert_true(ALLOWS(&plain, {"issue", "ca.test; accounturi=https://ca.test/acct/1"}));
	assert_false(ALLOWS(&plain, {"issue", "ca.test; accounturi=https://ca.test/acct/2"}));
	assert_true(ALLOWS(&plain, {"issue", "ca.test;validationmethods=dns-01,http-01"}));
	assert_false(ALLOWS(&plain, {"issue", "ca.test; validationmethods=dns-01"}));
	assert_false(ALLOWS(&plain, {"issue", "ca.test; validationmethods="}));
	assert_true(ALLOWS(&wild, {"issue", "ca.test; ValidationMethods = dns-01 ; policy=ev"}));
	assert_true(ALLOWS(&plain, {"issue", "ca.test; accounturi=https://ca.test/acct/2"},
			   {"issue", "ca.test"}));
}

static void the_account_need_not_be_known(void **state)
{
	const struct acme_caa_want nobody = {"ca.test", NULL, "http-01", false};

	(void)state;
	assert_true(ALLOWS(&nobody, {"issue", "ca.test; accounturi=https://ca.test/acct/2"}));
}

static void what_a_ca_may_not_know(void **state)
{
	const struct acme_caa known[] = {
		{"Issue", "ca.test", true}, {"iodef", "x", true}, {"issuewild", ";", true}, {"tbs", "x", false}};
	const struct acme_caa other[] = {{"issue", "ca.test", false}, {"tbs", "x", true}};

	(void)state;
	assert_null(acme_caa_critical(NULL, 0));
	assert_null(acme_caa_critical(known, 4));
	assert_string_equal(acme_caa_critical(other, 2), "tbs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_ca),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(parameters),
		cmocka_unit_test(the_account_need_not_be_known),
		cmocka_unit_test(what_a_ca_may_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
