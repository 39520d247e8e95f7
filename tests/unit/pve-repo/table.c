/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table against itself, and against what the guide says of Proxmox VE 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pve-repo/add.h"
#include "pve-repo/table.h"

/* What is written is recognized as what was asked for, here and at the archive. */
static void each_is_recognized(void **state)
{
	(void)state;
	for (size_t i = 0; i < repo_nsuites; i++) {
		struct pve_arena mem = {0};
		const struct repo_standard *r = repo_standards(&repo_suites[i], &mem);

		for (; r->handle; r++) {
			PVE_FREE char *first = pve_strndup(r->components, strcspn(r->components, " "));
			char handle[REPO_HANDLE_MAX];
			struct repo_kind k;
			const char *uri;

			repo_classify(&k, r->uri, r->suite_name, first);
			assert_string_equal(repo_handle(&k, handle), r->handle);
			assert_ptr_equal(k.suite, r->suite);
			assert_ptr_equal(k.ceph, r->ceph);
			assert_false(k.archived);
			uri = repo_archive_uri(&k, r->uri, &mem);
			assert_int_equal(uri != NULL, r->suite->retired);
			if (!uri)
				continue;
			repo_classify(&k, uri, r->suite_name, first);
			assert_true(k.archived);
			/* At the archive the component alone tells which one it was. */
			assert_string_equal(repo_handle(&k, handle), r->handle);
		}
		pve_arena_done(&mem);
	}
}

static void spellings_are_one(void **state)
{
	static const char *const uris[] = {
		"http://download.proxmox.com/debian/pve", "https://download.proxmox.com/debian/pve/",
		"http://DOWNLOAD.proxmox.com//debian//pve", "http://download.proxmox.com/debian",
		"http://user@download.proxmox.com:80/debian/pve",
	};
	char handle[REPO_HANDLE_MAX];
	struct repo_kind k;

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		repo_classify(&k, uris[i], "bookworm", "pve-no-subscription");
		assert_string_equal(repo_handle(&k, handle), "no-subscription");
	}
	repo_classify(&k, "http://download.proxmox.com/debian/pbs", "bookworm", "pbs-no-subscription");
	assert_int_equal(k.product, REPO_PROXMOX_OTHER);
	repo_classify(&k, "http://download.proxmox.com/debian", "bookworm", "pbs-no-subscription");
	assert_int_equal(k.product, REPO_PROXMOX_OTHER);
	repo_classify(&k, "http://example.org/debian/pve", "bookworm", "pve-no-subscription");
	assert_int_equal(k.product, REPO_FOREIGN);
	repo_classify(&k, "http://download.proxmox.com/debian/ceph-quincy", "bookworm", "main");
	assert_string_equal(repo_handle(&k, handle), "ceph-quincy-no-subscription");
	repo_classify(&k, "http://mirror.example.org/pub/debian-security", "buster/updates", "main");
	assert_int_equal(k.product, REPO_DEBIAN_SECURITY);
	assert_string_equal(k.suffix, "/updates");
}

/* Each Ceph for each release: the matrix, as handles. */
static void ceph_matrix(void **state)
{
	static const struct {
		const char *codename, *handles;
	} want[] = {
		{"jessie", ""},
		{"stretch", "luminous-test luminous-main"},
		{"buster", "octopus-test octopus-main nautilus-test nautilus-main luminous-main"},
		{"bullseye", "quincy-test quincy-main pacific-test pacific-main octopus-test octopus-main"},
		{"bookworm", "squid-enterprise squid-no-subscription squid-test reef-enterprise "
			     "reef-no-subscription reef-test quincy-enterprise quincy-no-subscription "
			     "quincy-test"},
		{"trixie", "tentacle-enterprise tentacle-no-subscription tentacle-test squid-enterprise "
			   "squid-no-subscription squid-test"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct pve_arena mem = {0};
		const struct repo_standard *r =
			repo_standards(repo_suite_find(want[i].codename), &mem);
		PVE_BUF b = {0};

		for (; r->handle; r++)
			if (r->product == REPO_CEPH)
				pve_buf_printf(&b, "%s%s", b.len ? " " : "", r->handle + strlen("ceph-"));
		assert_string_equal(pve_buf_str(&b), want[i].handles);
		pve_arena_done(&mem);
	}
}

static void releases_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < repo_nsuites; i++) {
		assert_int_equal(repo_suites[i].debian, repo_suites[i - 1].debian + 1);
		assert_int_equal(repo_suites[i].pve, repo_suites[i - 1].pve + 1);
		assert_int_equal(repo_suite_order(repo_suites[i].codename), i);
	}
	for (size_t i = 1; i < repo_ncephs; i++)
		assert_true(repo_cephs[i].major > repo_cephs[i - 1].major);
	assert_null(repo_suite_find("nosuch"));
	assert_null(repo_ceph_find("nosuch"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_recognized),
		cmocka_unit_test(spellings_are_one),
		cmocka_unit_test(ceph_matrix),
		cmocka_unit_test(releases_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
