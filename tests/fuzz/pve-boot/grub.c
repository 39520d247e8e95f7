/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB: whatever the settings, a menu has each kernel once; an environment block keeps its size, and
 * what is set is read back.  An EFI program may be anything. */
#include "pve-boot/grub.h"
#include "pve-boot/install.h"

#include "../lib/edits.h"

static void menu(struct pve_span text)
{
	static const char *const versions[] = {"6.8.12-4-pve", "6.8.8-1-pve"};
	struct boot_grub_settings s = {0};
	struct boot_grub g = {.title = "Title", .versions = versions, .n = 2, .settings = &s};
	PVE_BUF line = {0}, out = {0};

	boot_grub_custom(text, &s.custom);
	boot_grub_settings_add(&s, text, "file", NULL);
	if (boot_grub_cmdline(&s, text, &line, NULL) == 0)
		assert(memmem(line.data, line.len, "root=", 5));
	g.cmdline = pve_buf_str(&line);
	boot_grub_cfg(&g, &out);
	for (int i = 0; i < 2; i++)
		assert(boot_grub_has(span_of(&out), versions[i]));
	boot_grub_settings_done(&s);
}

static void environment(struct pve_span text)
{
	PVE_BUF once = {0}, twice = {0};

	if (boot_grubenv_set(text, "next_entry", "proxmox-6.8", &once, NULL) < 0)
		return;
	assert(once.len == (text.len ? text.len : BOOT_GRUBENV_SIZE));
	assert(pve_span_eq(boot_grubenv_get(span_of(&once), "next_entry"), "proxmox-6.8"));
	assert(boot_grubenv_set(span_of(&once), "next_entry", "proxmox-6.8", &twice, NULL) == 0);
	assert_same(span_of(&once), &twice);
	pve_buf_done(&twice);
	assert(boot_grubenv_set(span_of(&once), "next_entry", NULL, &twice, NULL) == 0);
	assert(!boot_grubenv_get(span_of(&twice), "next_entry").p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	menu(text);
	environment(text);
	return 0;
}
