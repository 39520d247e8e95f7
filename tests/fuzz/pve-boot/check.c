/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that check looks at, of which the first byte says which it is: whatever they hold,
 * findings have a place and a message.  And the list of ESPs: each UUID once. */
#include "pve-boot/check.h"

#include "../lib/edits.h"

static void list(struct pve_span text)
{
	struct esp_list l = {0};

	esp_list_parse(&l, text);
	assert(l.exists);
	for (size_t i = 0; i < l.n; i++) {
		assert(esp_is_uuid(pve_span(l.v[i].uuid)) && l.v[i].line);
		for (size_t k = 0; k < i; k++)
			assert(strcasecmp(l.v[i].uuid, l.v[k].uuid) != 0);
	}
	esp_list_done(&l);
}

static void find(struct check_facts *f)
{
	struct pve_findings found = {0};

	efivars_init(&f->vars);
	check_kernels(f, &found);
	check_config(f, &found);
	check_firmware(f, &found);
	for (size_t i = 0; i < found.n; i++)
		assert(*found.v[i].object && *found.v[i].message);
	pve_findings_done(&found);
	efivars_done(&f->vars);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct esp_node node = {.path = "loader/loader.conf", .name = "loader.conf"};
	struct esp esp = {.uuid = (char *)"0A1B-2C3D", .tree = {.v = &node, .n = 1}};
	struct check_esp check = {.esp = &esp};
	struct check_facts f = {.list = {.v = &esp, .n = 1, .exists = true},
				.esp = &check,
				.removable = true};
	struct check_text *const texts[] = {&f.pin,  &f.next_pin, &f.cmdline,   &f.running, &f.grub,
					    &f.fstab, &f.postinst, &f.initramfs, &f.debconf};
	struct check_text *one;

	if (!size)
		return 0;
	one = texts[data[0] % (sizeof(texts) / sizeof(*texts))];
	/* The words of GRUB are held against those of the command line. */
	if (one == &f.grub)
		pve_buf_puts(&f.cmdline.text, "root=/dev/sda1 quiet\n");
	pve_buf_add(&one->text, data + 1, size - 1);
	pve_buf_puts(&one->text, "");
	f.list.exists = one != &f.debconf;
	find(&f);
	list((struct pve_span){(const char *)data + 1, size - 1});
	pve_buf_done(&f.cmdline.text);
	if (one != &f.cmdline)
		pve_buf_done(&one->text);
	return 0;
}
