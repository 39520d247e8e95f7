/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel selection of the stock tool, case by case, and where this one differs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pve-boot/select.h"
#include "pvecommon/mem.h"

/*
 * packages: words, each an installed package of the stock table: "m6.8" is the meta package of a
 * series, "6.8.12-4" is proxmox-kernel-6.8.12-4-pve-signed, "pve:..." has the old name; before
 * a "/" two letters as dpkg -l has them.  A version whose files are missing ends in "!".
 * running and the other versions, and want, have "-pve" behind each that ends in a digit.
 */
struct selection_case {
	const char *name, *packages, *running, *manual, *pin, *next, *callers, *want;
};

static const struct selection_case cases[] = {
	{"S1", "m6.8 6.8.12-1 6.8.12-10 6.8.12-9 6.8.4-2", "6.8.12-9", .want = "6.8.12-10 6.8.12-9"},
	{"S2", "m6.8 6.8.12-1 6.8.12-10 6.8.12-9 6.8.4-2", "6.8.4-2",
	 .want = "6.8.12-10 6.8.12-9 6.8.4-2"},
	{"S3", "m6.8 m6.5 6.8.12-4 6.8.8-1 6.5.13-6 6.5.11-4", "6.8.12-4",
	 .want = "6.8.12-4 6.8.8-1 6.5.13-6"},
	{"S4", "m6.8 m6.5 6.8.12-4 6.8.8-1 6.5.13-6 6.5.11-4 pve:m6.2 pve:6.2.16-20", "6.8.12-4",
	 .want = "6.8.12-4 6.8.8-1 6.5.13-6"},
	{"S5", "m6.8 6.8.12-4 6.8.8-1 6.5.13-6", "6.8.12-4", .want = "6.8.12-4 6.8.8-1"},
	{"S6", "6.8.12-4 6.8.8-1 6.5.13-6", "6.8.12-4", .want = "6.8.12-4 6.8.8-1"},
	{"S7", "m6.14 m6.1 6.14.8-2 6.14.0-2 6.11.11-2 6.1.15-1 6.1.10-1", "6.14.8-2",
	 .want = "6.14.8-2 6.14.0-2 6.1.15-1"},
	/* The running kernel has no vmlinuz any more: the caller passes none. */
	{"S8", "m6.8 6.8.12-4 6.8.8-1", NULL, .want = "6.8.12-4 6.8.8-1"},
	{"S9", "m6.8 6.8.12-4 other:linux-image-6.1.0-56-amd64", "6.1.0-56-amd64",
	 .want = "6.8.12-4 6.1.0-56-amd64"},
	{"S9, not running any more", "m6.8 6.8.12-4 other:linux-image-6.1.0-56-amd64", "6.8.12-4",
	 .want = "6.8.12-4"},
	{"S10: ours keeps upper case", "m6.8 6.8.12-4", "6.9.0-MyBuild",
	 .want = "6.9.0-MyBuild 6.8.12-4"},
	{"S11", "m6.8 6.8.12-4 6.8.8-1 6.5.13-6 6.2.16-20", "6.8.12-4", "5.15.30-1 6.1.0-56-amd64",
	 "6.5.13-6", "6.2.16-20",
	 .want = "6.8.12-4 6.8.8-1 6.5.13-6 6.2.16-20 6.1.0-56-amd64 5.15.30-1"},
	{"S12", "m6.8 iU/6.8.12-4 iF/6.8.8-1 hi/6.8.4-3 rc/6.8.12-9 un/6.8.12-10 pn/6.8.12-11",
	 "6.8.4-3", .want = "6.8.12-4 6.8.8-1 6.8.4-3"},
	{"S12: unpacked without files takes no slot",
	 "m6.8 iU/6.8.12-4! iF/6.8.8-1! hi/6.8.4-3 6.8.4-2", "6.8.4-3", .want = "6.8.4-3 6.8.4-2"},
	{"half-installed takes no slot", "m6.8 iH/6.8.12-4 6.8.8-1 6.8.4-3", "6.8.4-3",
	 .want = "6.8.8-1 6.8.4-3"},
	{"S13", "m6.14 m6.17 m7.0 6.14.8-2 6.14.11-4 6.17.2-1 6.17.13-1 7.0.2-6", "6.17.13-1",
	 .want = "7.0.2-6 6.17.13-1"},
	{"S14",
	 "pve:m6.2 pve:m5.15 pve:6.2.16-5 6.2.16-6 pve:6.2.11-1-pve-relaxablermrr pve:5.15.108-1 "
	 "pve:5.15.102-1",
	 "6.2.16-5", .want = "6.2.16-6 6.2.16-5 5.15.108-1"},
	{"S15", "m6.8 6.8.0-1~rc1 6.8.0-1 6.8.0-2", "6.8.0-1", .want = "6.8.0-2 6.8.0-1"},
	{"S16", "m6.8 6.8.12-4 6.8.8-1 iF/6.5.13-6", "6.8.12-4", .callers = "6.5.13-6",
	 .want = "6.8.12-4 6.8.8-1 6.5.13-6"},
	{"S17", "m6.5 6.5.13-6", "6.5.13-6", .manual = "6.8", .want = "6.5.13-6"},
	{"B2: S18 fails and selects nothing", "", NULL, .want = NULL},
	{"only metas is nothing, too", "m6.8 m6.5", NULL, .want = NULL},
	{"debug packages are none", "m6.8 6.8.12-4 6.8.12-9-pve-dbgsym 6.8.12-9-pve-dbg", "6.8.12-4",
	 .want = "6.8.12-4"},
};

/* Of a word: with "-pve" when it ends in a digit (but a series of two numbers does not). */
static char *version(const char *word)
{
	size_t n = strlen(word);

	if (n && word[n - 1] >= '0' && word[n - 1] <= '9' && strchr(word, '-'))
		return pve_asprintf("%s-pve", word);
	return pve_strdup(word);
}

static void versions(struct pve_strv *out, const char *words)
{
	PVE_STRV list = {0};

	if (words)
		pve_strv_split(&list, pve_span(words), " ");
	for (size_t i = 0; i < list.n; i++)
		pve_strv_take(out, version(list.v[i]));
}

static const char *status_of(const char *two)
{
	static const char *const words[][2] = {
		{"ii", "install ok installed"},      {"hi", "hold ok installed"},
		{"iU", "install ok unpacked"},       {"iF", "install ok half-configured"},
		{"iH", "install ok half-installed"}, {"rc", "deinstall ok config-files"},
		{"un", "unknown ok not-installed"},  {"pn", "purge ok not-installed"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(words[i][0], two, 2) == 0)
			return words[i][1];
	fail_msg("no such state: %s", two);
	return NULL;
}

static void add_stanza(struct pve_buf *status, const char *word)
{
	const char *state = "ii", *prefix = "proxmox-kernel-", *suffix = "-signed";
	PVE_FREE char *v = NULL;

	if (strchr(word, '/')) {
		state = word;
		word = strchr(word, '/') + 1;
	}
	if (strncmp(word, "pve:", 4) == 0)
		prefix = "pve-kernel-", suffix = "", word += 4;
	if (strncmp(word, "other:", 6) == 0)
		prefix = suffix = "", word += 6;
	if (*word == 'm' || strstr(word, "-dbg"))
		suffix = "";
	v = version(*word == 'm' ? word + 1 : word);
	v[strcspn(v, "!")] = '\0';
	if (strchr(word, '!')) {
		char *with = pve_asprintf("%s-pve", v);

		free(v);
		v = with;
	}
	pve_buf_printf(status,
		       "Package: %s%s%s\nStatus: %s\nArchitecture: amd64\nVersion: 1\n"
		       "Description: a kernel\n Depends on proxmox-kernel-9.9.9-9-pve\n\n",
		       prefix, v, suffix, status_of(state));
}

static bool lacks_files(const char *packages, const char *v)
{
	PVE_FREE char *mark = pve_asprintf("%.*s!", (int)strlen(v) - 4, v);

	return strlen(v) > 4 && strstr(packages, mark);
}

static void run_case(const struct selection_case *c)
{
	PVE_BUF status = {0};
	PVE_STRV words = {0}, callers = {0}, manual = {0}, want = {0};
	PVE_FREE char *running = c->running ? version(c->running) : NULL;
	PVE_FREE char *pin = c->pin ? version(c->pin) : NULL, *next = c->next ? version(c->next) : NULL;
	struct boot_packages p = {0};
	struct boot_selection s = {0};
	PVE_FREE char *got = NULL, *wanted = NULL;
	struct boot_wishes w = {running, &callers, &manual, pin, next};
	struct pve_err e = {0};

	pve_buf_puts(&status, "Package: base-files\nStatus: install ok installed\nVersion: 1\n\n");
	pve_strv_split(&words, pve_span(c->packages), " ");
	for (size_t i = 0; i < words.n; i++)
		add_stanza(&status, words.v[i]);
	versions(&callers, c->callers);
	versions(&manual, c->manual);
	versions(&want, c->want);
	assert_int_equal(0, boot_packages_parse(&p, (struct pve_span){status.data, status.len}, &e));
	for (size_t i = 0; i < p.n; i++)
		p.v[i].files = !lacks_files(c->packages, p.v[i].version);
	if (!c->want) {
		assert_int_equal(-1, boot_select(&s, &p, &w, &e));
		assert_int_equal(PVE_FAILED, e.code);
		assert_int_equal(0, s.boot.n);
	} else {
		if (boot_select(&s, &p, &w, &e) < 0)
			fail_msg("%s: %s", c->name, e.msg);
		got = pve_strv_join(&s.boot, " ");
		wanted = pve_strv_join(&want, " ");
		if (strcmp(got, wanted) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", c->name, got, wanted);
	}
	boot_selection_done(&s);
	boot_packages_done(&p);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		run_case(&cases[i]);
}

/* B2: a database that cannot be read selects nothing, and is an error. */
static void test_bad_database(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"garbage",
		"Package: base-files\nStatus: install ok installed\n\nPackage: proxmox-kernel-6.8.12-4-pve",
		"Package: base-files\n\nPackage: proxmox-kernel-6.8.12-4-pve\nVersion: 1\n\n",
		"Package: base-files\n\nPackage: proxmox-kernel-6.8.12-4-pve\nStatus: install\n\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct boot_packages p = {0};
		struct pve_err e = {0};

		assert_int_equal(-1, boot_packages_parse(&p, pve_span(bad[i]), &e));
		assert_int_equal(PVE_DATA, e.code);
		boot_packages_done(&p);
	}
}

static void test_first_package_is_a_kernel(void **state)
{
	struct boot_packages p = {0};

	(void)state;
	assert_int_equal(0, boot_packages_parse(&p,
						pve_span("Package: pve-kernel-6.2\nStatus: install ok "
							 "installed\n\nPackage: pve-kernel-6.2.1-1-pve\n"
							 "Status: install ok installed\n"),
						NULL));
	assert_int_equal(2, p.n);
	assert_string_equal("6.2.1-1-pve", p.v[0].version);
	boot_packages_done(&p);
}

/* Callers' versions that are selected without them, too, are not passing. */
static void test_passing(void **state)
{
	PVE_STRV callers = {0}, manual = {0};
	const struct boot_wishes w = {.callers = &callers, .manual = &manual, .pin = "6.5.13-6-pve"};
	struct boot_packages p = {0};
	struct boot_selection s = {0};
	struct pve_err e = {0};

	(void)state;
	pve_strv_add(&callers, "6.1.0-56-amd64");
	pve_strv_add(&callers, "6.1.0-47-amd64");
	pve_strv_add(&callers, "6.5.13-6-pve");
	pve_strv_add(&manual, "6.1.0-47-amd64");
	assert_int_equal(0, boot_select(&s, &p, &w, &e));
	assert_int_equal(3, s.boot.n);
	assert_int_equal(1, s.passing.n);
	assert_string_equal("6.1.0-56-amd64", s.passing.v[0]);
	boot_selection_done(&s);
}

static void test_apt(void **state)
{
	struct boot_selection s = {0};
	PVE_BUF out = {0};

	(void)state;
	pve_strv_add(&s.keep, "6.8.12-4-pve");
	pve_strv_add(&s.keep, "6.8");
	boot_apt_format(&s, &out);
	assert_non_null(strstr(pve_buf_str(&out), "APT::NeverAutoRemove\n{\n"));
	assert_non_null(strstr(pve_buf_str(&out), "\"^pve-kernel-6\\.8\\.12-4-pve$\";\n"));
	assert_non_null(strstr(pve_buf_str(&out), "\"^proxmox-kernel-6\\.8\\.12-4-pve$\";\n"));
	assert_non_null(strstr(pve_buf_str(&out), "\"^proxmox-kernel-6\\.8\\.12-4-pve-signed$\";\n"));
	assert_non_null(strstr(pve_buf_str(&out), "\"^proxmox-kernel-6\\.8$\";\n"));
	assert_non_null(strstr(pve_buf_str(&out), "};\n"));
	boot_selection_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bad_database),
		cmocka_unit_test(test_first_package_is_a_kernel),
		cmocka_unit_test(test_passing),
		cmocka_unit_test(test_apt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
