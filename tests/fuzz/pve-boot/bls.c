/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries and loader.conf: an edit leads to what was asked for, and a second one changes nothing. */
#include "pve-boot/bls.h"

#include "../lib/edits.h"

static const struct bls_entry ours = {
	.title = {"Title", 5},
	.version = {"6.8-pve", 7},
	.options = {"root=x quiet", 12},
	.linux_path = {"/EFI/proxmox/6.8-pve/vmlinuz-6.8-pve", 36},
	.initrd = {"/EFI/proxmox/6.8-pve/initrd.img-6.8-pve", 39},
};

static void entry(struct pve_span text)
{
	PVE_BUF once = {0}, twice = {0};
	struct bls_entry is;

	bls_entry_format(&ours, text, &once);
	bls_entry_parse(&is, span_of(&once));
	assert(pve_span_same(is.title, ours.title));
	assert(pve_span_same(is.version, ours.version));
	assert(pve_span_same(is.options, ours.options));
	assert(pve_span_same(is.linux_path, ours.linux_path));
	bls_entry_format(&ours, span_of(&once), &twice);
	assert_same(span_of(&once), &twice);
}

static void loader(struct pve_span text, const char *pin)
{
	PVE_BUF once = {0};
	char value[256];

	if (!bls_loader_want(text, pin, text.len % 2, value, sizeof(value)))
		return;
	bls_loader_set_default(text, value, &once);
	assert(pve_span_eq(bls_loader_default(span_of(&once)), value));
	assert(!bls_loader_want(span_of(&once), pin, text.len % 2, value, sizeof(value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	entry(text);
	loader(text, NULL);
	loader(text, "6.8-pve");
	return 0;
}
