/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EFI variables: the bytes of a boot entry, and as those of every other one. */
#include "pve-boot/efivars.h"

#include "../lib/edits.h"
#include "pve-boot/firmware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"Boot0001-" EFI_GLOBAL,  "Boot000A-" EFI_GLOBAL,   "BootOrder-" EFI_GLOBAL,
		"BootNext-" EFI_GLOBAL,  "SecureBoot-" EFI_GLOBAL, "LoaderInfo-" EFI_LOADER,
		"Boot000a-" EFI_GLOBAL,  "-" EFI_GLOBAL,           EFI_GLOBAL,
		"SbatLevelRT-" EFI_SHIM, "MokSBStateRT-" EFI_SHIM,
	};
	struct pve_span bytes = {(const char *)data, size};
	struct firmware_loader l;
	struct efivars v;
	const char *why;

	efivars_init(&v);
	v.efi = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		efivars_take(&v, names[i], bytes);
	efivars_finish(&v);
	assert(v.nentries == 0 || v.nentries == 2);
	for (size_t i = 0; i < v.nentries; i++) {
		size_t n = strlen(v.entry[i].part);

		assert(n == 0 || n == EFI_GUID_TEXT - 1);
		assert(v.entry[i].file && v.entry[i].description);
	}
	firmware_loader(&v, &l);
	assert(l.name && l.source);
	firmware_needs(&v, &why);
	efivars_done(&v);
	return 0;
}
