/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which loader an ESP gets, and small things around it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-boot/install.h"
#include "pve-boot/oneshot.h"
#include "pve-boot/uuids.h"

static const struct boot_firmware unknown = {0};
static const struct boot_firmware bios = {.known = true};
static const struct boot_firmware efi = {.known = true, .efi = true};
static const struct boot_firmware secure = {.known = true, .efi = true, .secure = true};

/* The mode, or -1 for a refusal. */
static int choose(const char *asked, enum esp_mode sibling, const struct boot_firmware *f,
		  bool starts_sd)
{
	enum esp_mode mode = ESP_MODE_NONE;
	const char *why = NULL;
	struct pve_err e = {0};

	if (boot_mode_choose(asked, sibling, f, starts_sd ? NULL : "has no signature", &mode, &why, &e) < 0) {
		assert_int_equal(e.code, PVE_FAILED);
		return -1;
	}
	assert_non_null(why);
	return (int)mode;
}

/* B7: the stock tool takes what it is told, and skips every ESP that has the other loader. */
static void b7_a_loader_is_that_of_the_siblings(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL, ESP_MODE_GRUB, &efi, false), ESP_MODE_GRUB);
	assert_int_equal(choose(NULL, ESP_MODE_SYSTEMD, &efi, false), ESP_MODE_SYSTEMD);
	assert_int_equal(choose(NULL, ESP_MODE_NONE, &efi, false), ESP_MODE_SYSTEMD);
	assert_int_equal(choose(NULL, ESP_MODE_NONE, &bios, false), ESP_MODE_GRUB);
	assert_int_equal(choose(NULL, ESP_MODE_NONE, &unknown, false), ESP_MODE_GRUB);
	assert_int_equal(choose("systemd-boot", ESP_MODE_GRUB, &efi, false), ESP_MODE_SYSTEMD);
	assert_int_equal(choose("grub", ESP_MODE_SYSTEMD, &efi, false), ESP_MODE_GRUB);
}

static void secure_boot_needs_a_signature(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL, ESP_MODE_NONE, &secure, false), ESP_MODE_GRUB);
	assert_int_equal(choose(NULL, ESP_MODE_NONE, &secure, true), ESP_MODE_SYSTEMD);
	/* Siblings that could not be started are no model. */
	assert_int_equal(choose(NULL, ESP_MODE_SYSTEMD, &secure, false), ESP_MODE_GRUB);
	assert_int_equal(choose("systemd-boot", ESP_MODE_NONE, &secure, false), -1);
	assert_int_equal(choose("systemd-boot", ESP_MODE_NONE, &secure, true), ESP_MODE_SYSTEMD);
}

static void edited(void (*edit)(struct pve_span, const char *, struct pve_buf *), const char *text,
		   const char *uuid, const char *want)
{
	PVE_BUF out = {0};

	edit(pve_span(text), uuid, &out);
	assert_string_equal(pve_buf_str(&out), want);
}

static void the_list_keeps_its_other_lines(void **state)
{
	(void)state;
	edited(boot_uuids_add, "", "0A1B-2C3D", "0A1B-2C3D\n");
	edited(boot_uuids_add, "# mine\n\n1111-2222", "0A1B-2C3D", "# mine\n\n1111-2222\n0A1B-2C3D\n");
	edited(boot_uuids_add, "0a1b-2c3d\n", "0A1B-2C3D", "0a1b-2c3d\n");
	edited(boot_uuids_remove, "# x\r\n 0a1b-2c3d \r\n1111-2222\n", "0A1B-2C3D", "# x\r\n1111-2222\n");
	edited(boot_uuids_remove, "0A1B-2C3DE\n", "0A1B-2C3D", "0A1B-2C3DE\n");
}

static void an_entry_for_one_attempt(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	assert_true(boot_oneshot_is_entry("proxmox-next+1.conf"));
	assert_true(boot_oneshot_is_entry("proxmox-6.8.12-4-pve.next+0-1.conf"));
	assert_false(boot_oneshot_is_entry("proxmox-6.8.12-4-pve.conf"));
	assert_false(boot_oneshot_is_entry("proxmox-6.8.12-next+1.conf"));
	assert_false(boot_oneshot_is_entry("debian-next+1.conf"));
	assert_false(boot_oneshot_is_entry("proxmox-next+1.conf.old"));
	boot_oneshot_entry(pve_span("title x\nlinux /y"), &out);
	assert_string_equal(pve_buf_str(&out), "title x\nlinux /y\nsort-key proxmox-next\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(b7_a_loader_is_that_of_the_siblings),
		cmocka_unit_test(secure_boot_needs_a_signature),
		cmocka_unit_test(the_list_keeps_its_other_lines),
		cmocka_unit_test(an_entry_for_one_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
