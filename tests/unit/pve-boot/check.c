/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings that need the running host, of which tests of the whole tool have none: facts that are
 * made up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-boot/check.h"

#define NOW 1795780000

/* A host with one ESP of systemd-boot. */
struct host {
	struct esp esp;
	struct check_esp check;
	struct esp_node node;
	struct check_facts f;
	struct pve_findings found;
};

static void make(struct host *h)
{
	*h = (struct host){
		.node = {.path = "loader/loader.conf", .name = "loader.conf"},
		.esp = {.uuid = (char *)"0A1B-2C3D"},
		.f = {.now = NOW, .booted = NOW - 3600},
	};
	h->esp.tree.v = &h->node;
	h->esp.tree.n = 1;
	h->esp.tree.device = (char *)"/dev/sda2";
	h->check.esp = &h->esp;
	h->f.list.v = &h->esp;
	h->f.list.n = 1;
	h->f.list.exists = true;
	h->f.esp = &h->check;
	efivars_init(&h->f.vars);
	h->f.vars.efi = true;
}

static void text(struct check_text *t, const char *s, int64_t mtime)
{
	t->text.len = 0;
	pve_buf_puts(&t->text, s);
	t->mtime = mtime;
}

static void done(struct host *h)
{
	pve_buf_done(&h->f.next_pin.text);
	pve_buf_done(&h->f.cmdline.text);
	pve_buf_done(&h->f.running.text);
	efivars_done(&h->f.vars);
	pve_findings_done(&h->found);
}

static const struct pve_finding *find(const struct host *h, const char *code)
{
	for (size_t i = 0; i < h->found.n; i++)
		if (strcmp(h->found.v[i].code, code) == 0)
			return &h->found.v[i];
	return NULL;
}

static void a_pin_for_one_boot(void **state)
{
	struct host h;

	(void)state;
	make(&h);
	text(&h.f.next_pin, "6.8.12-4-pve\n", NOW - 60);
	check_kernels(&h.f, &h.found);
	assert_null(find(&h, "BOOT-NEXT-PIN-LEFT"));
	h.f.next_pin.mtime = NOW - 7200;
	check_kernels(&h.f, &h.found);
	assert_non_null(find(&h, "BOOT-NEXT-PIN-LEFT"));
	assert_string_equal(find(&h, "BOOT-NEXT-PIN-LEFT")->fix,
			    "pve-boot kernel unpin --next-boot");
	done(&h);
}

static void a_command_line_that_does_not_run(void **state)
{
	struct host h;

	(void)state;
	make(&h);
	text(&h.f.cmdline, "root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on\n", NOW);
	text(&h.f.running, "initrd=\\EFI\\x root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on\n", NOW);
	check_config(&h.f, &h.found);
	assert_int_equal(h.found.n, 0);
	text(&h.f.running, "BOOT_IMAGE=x root=ZFS=rpool/ROOT/pve-1 boot=zfs nomodeset\n", NOW);
	check_config(&h.f, &h.found);
	assert_non_null(find(&h, "BOOT-CMDLINE-RUNNING"));
	assert_string_equal(find(&h, "BOOT-CMDLINE-RUNNING")->message,
			    "the running kernel was started without these changes: "
			    "+intel_iommu=on -nomodeset");
	assert_int_equal(h.found.v[0].severity, PVE_F_INFO);
	done(&h);
}

static void systemd_boot_without_efi(void **state)
{
	struct host h;

	(void)state;
	make(&h);
	check_firmware(&h.f, &h.found);
	assert_null(find(&h, "BOOT-FIRMWARE-BIOS"));
	h.f.vars.efi = false;
	check_firmware(&h.f, &h.found);
	assert_string_equal(find(&h, "BOOT-FIRMWARE-BIOS")->fix, "pve-boot init /dev/sda2 grub");
	/* Of a mounted host nobody knows how it boots. */
	done(&h);
	make(&h);
	h.f.vars.efi = false;
	h.f.booted = 0;
	check_firmware(&h.f, &h.found);
	assert_null(find(&h, "BOOT-FIRMWARE-BIOS"));
	done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_for_one_boot),
		cmocka_unit_test(a_command_line_that_does_not_run),
		cmocka_unit_test(systemd_boot_without_efi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
