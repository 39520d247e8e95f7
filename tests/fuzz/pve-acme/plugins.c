/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/plugins.h"

#include "../lib/edits.h"

/* Any file has a plugin standalone, and each of its plugins meets some challenge. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_conf_section_file f = {0};
	struct acme_plugins p = {0};
	struct pve_arena mem = {0};
	struct pve_diags d = {0};
	unsigned line;

	pve_conf_section_parse(&f, text, "f", &d);
	acme_plugins_parse(&p, &f, "f", &d);
	assert(acme_plugins_find(&p, "standalone"));
	for (size_t i = 0; i < p.n; i++) {
		assert(strstr(acme_plugin_challenge(&p.v[i]), "-01"));
		assert(p.v[i].delay <= ACME_DELAY_MAX);
		acme_plugin_is_for(&p.v[i], "node1");
		acme_plugin_data(&p.v[i], "KEY", &mem);
		if (p.v[i].data)
			acme_data_wrong(pve_span(p.v[i].data), &line);
	}
	acme_plugins_done(&p);
	pve_conf_section_done(&f);
	pve_arena_done(&mem);
	pve_diags_done(&d);
	return 0;
}
