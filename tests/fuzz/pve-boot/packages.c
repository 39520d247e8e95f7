/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels in dpkg's status: any bytes are read or refused, and what is read is sorted. */
#include "pve-boot/select.h"

#include "../lib/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_packages p = {0};
	struct boot_selection s = {0};
	struct boot_wishes w = {0};
	struct pve_err e = {0};

	if (boot_packages_parse(&p, (struct pve_span){(const char *)data, size}, &e) == 0) {
		for (size_t i = 1; i < p.n; i++)
			assert(boot_version_cmp(p.v[i - 1].version, p.v[i].version) <= 0);
		if (boot_select(&s, &p, &w, &e) == 0)
			assert(s.boot.n > 0 && s.keep.n >= s.boot.n);
	}
	boot_selection_done(&s);
	boot_packages_done(&p);
	return 0;
}
