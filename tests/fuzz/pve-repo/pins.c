/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include "pve-repo/pins.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Priorities are what apt allows, and matching bears any pattern. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct repo_pin_list list = {.origin = "Debian",
					   .label = "Debian",
					   .archive = "stable",
					   .codename = "bookworm",
					   .version = "12.1",
					   .site = "deb.debian.org",
					   .component = "main",
					   .arch = "amd64"},
				   status = {.status = true}, *lists[] = {&list, &status};
	const struct repo_pin_version v = {.package = "perl-base",
					   .arch = "amd64",
					   .source = "perl",
					   .version = "5.36-1",
					   .native = true,
					   .list = lists,
					   .nlists = 2};
	struct repo_pins p = {0};
	struct pve_diags d = {0};

	repo_pins_parse(&p, "f", (struct pve_span){(const char *)data, size}, &d);
	for (size_t i = 0; i < p.n; i++)
		assert(p.v[i].priority && p.v[i].priority >= SHRT_MIN &&
		       p.v[i].priority <= SHRT_MAX && p.v[i].data && p.v[i].line);
	repo_pins_match(&p, &v);
	repo_pins_list_priority(&p, &list, 500, NULL);
	repo_pins_list_priority(&p, &status, 100, NULL);
	pve_diags_done(&d);
	repo_pins_done(&p);
	return 0;
}
