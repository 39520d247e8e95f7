/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries and loader.conf of systemd-boot: what is not ours stays byte for byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-boot/bls.h"
#include "pvecommon/mem.h"

#define TITLE "Proxmox Virtual Environment"
#define DIR "/EFI/proxmox/6.8.12-4-pve/"
#define FRESH                                                                                      \
	"title    " TITLE "\nversion  6.8.12-4-pve\noptions  root=ZFS=rpool/ROOT/pve-1 boot=zfs\n" \
	"linux    " DIR "vmlinuz-6.8.12-4-pve\ninitrd   " DIR "initrd.img-6.8.12-4-pve\n"

static const struct bls_entry ours = {
	.title = {TITLE, sizeof(TITLE) - 1},
	.version = {"6.8.12-4-pve", 12},
	.options = {"root=ZFS=rpool/ROOT/pve-1 boot=zfs", 34},
	.linux_path = {DIR "vmlinuz-6.8.12-4-pve", sizeof(DIR "vmlinuz-6.8.12-4-pve") - 1},
	.initrd = {DIR "initrd.img-6.8.12-4-pve", sizeof(DIR "initrd.img-6.8.12-4-pve") - 1},
};

static const struct {
	const char *was, *want; /* NULL: as it was */
} entries[] = {
	{"", FRESH},
	{FRESH, NULL},
	/* Keys of others, comments, blanks and line ends stay. */
	{"# mine\n" FRESH "devicetree /x.dtb\nsort-key a\n", NULL},
	{"title " TITLE "\r\nversion\t6.8.12-4-pve\r\noptions root=ZFS=rpool/ROOT/pve-1 boot=zfs\r\n"
	 "linux " DIR "vmlinuz-6.8.12-4-pve\r\ninitrd " DIR "initrd.img-6.8.12-4-pve\r\n",
	 NULL},
	/* A second line of options would be added to the first by the loader. */
	{FRESH "options  quiet\n", FRESH},
	{"initrd   /EFI/intel-ucode.img\n" FRESH, NULL},
	{"title    " TITLE "\nversion  6.8.12-4-pve\noptions  old\n"
	 "linux    " DIR "vmlinuz-6.8.12-4-pve\ninitrd   " DIR "initrd.img-6.8.12-4-pve\n",
	 FRESH},
	{"title    " TITLE "\nversion  6.8.12-4-pve\noptions  root=ZFS=rpool/ROOT/pve-1 boot=zfs\n"
	 "linux    " DIR "vmlinuz-6.8.12-4-pve",
	 FRESH},
};

static void test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		PVE_BUF out = {0};

		bls_entry_format(&ours, pve_span(entries[i].was), &out);
		assert_string_equal(entries[i].want ? entries[i].want : entries[i].was,
				    pve_buf_str(&out));
	}
}

static void test_entry_parse(void **state)
{
	struct bls_entry entry;

	(void)state;
	bls_entry_parse(&entry, pve_span("#title x\n title  A B \r\noptions a\noptions b\nlinux /l"));
	assert_true(pve_span_eq(entry.title, "A B"));
	assert_true(pve_span_eq(entry.options, "a"));
	assert_true(pve_span_eq(entry.linux_path, "/l"));
	assert_int_equal(0, entry.initrd.len);
}

/* B11: 6.8.12 is not 6.8.12-10-pve.  B21: an entry that is counted is found. */
static void test_names(void **state)
{
	static const struct {
		const char *name, *version;
		bool is, counts;
	} names[] = {
		{"proxmox-6.8.12-4-pve.conf", "6.8.12-4-pve", true, false},
		{"PROXMOX-6.8.12-4-pve.CONF", "6.8.12-4-pve", true, false},
		{"proxmox-6.8.12-4-pve+3.conf", "6.8.12-4-pve", true, true},
		{"proxmox-6.8.12-4-pve+0-3.conf", "6.8.12-4-pve", true, true},
		{"proxmox-6.8.12-10-pve.conf", "6.8.12", false, false},
		{"proxmox-6.8.12-4-pve-custom.conf", "6.8.12-4-pve", false, false},
		{"proxmox-6.8.12-4-pve+x.conf", "6.8.12-4-pve", false, false},
		{"proxmox-6.8.12-4-pve.conf.bak", "6.8.12-4-pve", false, false},
		{"memtest86+x64.efi.conf", "86", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(names[i].is, bls_entry_is(names[i].name, names[i].version));
		assert_int_equal(names[i].counts, bls_entry_counts(names[i].name));
	}
}

static const struct {
	const char *was, *pin;
	bool counted;
	const char *want; /* NULL: nothing is to be changed */
} loaders[] = {
	{BLS_LOADER_NEW, NULL, false, NULL},
	{BLS_LOADER_NEW, "6.8.12-4-pve", false, "timeout 3\ndefault proxmox-6.8.12-4-pve.conf\n"},
	{"timeout 3\ndefault proxmox-6.8.12-4-pve.conf\n", "6.8.12-4-pve", false, NULL},
	/* B21: the pattern that also matches the entry with its counter, in each version. */
	{BLS_LOADER_NEW, "6.8.12-4-pve", true, "timeout 3\ndefault proxmox-6.8.12-4-pve[.+]*conf\n"},
	{"timeout 3\ndefault proxmox-6.8.12-4-pve.conf\n", NULL, false, BLS_LOADER_NEW},
	/* B6: keys of others stay.  B19: so does a default of others, unless we pin. */
	{"# x\ntimeout menu-hidden\neditor no\r\ndefault windows.conf\n", NULL, false, NULL},
	{"default windows.conf\neditor no", "6.8.12-4-pve", false,
	 "default proxmox-6.8.12-4-pve.conf\neditor no"},
	{"editor no", "6.8.12-4-pve", false, "editor no\ndefault proxmox-6.8.12-4-pve.conf\n"},
	{"timeout 3\n", NULL, false, NULL},
	/* The last one counts. */
	{"default a\n default b\n#default c\n", "6.8.12-4-pve", false,
	 "default a\ndefault proxmox-6.8.12-4-pve.conf\n#default c\n"},
};

static void test_loader(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loaders) / sizeof(*loaders); i++) {
		struct pve_span was = pve_span(loaders[i].was);
		char value[160];
		PVE_BUF out = {0};
		bool any = bls_loader_want(was, loaders[i].pin, loaders[i].counted, value,
					   sizeof(value));

		assert_int_equal(loaders[i].want != NULL, any);
		if (!any)
			continue;
		bls_loader_set_default(was, value, &out);
		assert_string_equal(loaders[i].want, pve_buf_str(&out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_entry_parse),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_loader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
