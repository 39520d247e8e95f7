/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-net/check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the file, each finding has a place and a fix that a shell can be given. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct check_facts facts = {.sdn = size & 1, .ifupdown2 = size & 2};
	struct pve_findings found = {0};
	struct net_conf conf;
	struct net_model model;

	net_conf_parse(&conf, "f", text);
	net_model_read(&model, &conf);
	check_facts_corosync(&facts, text);
	ipv6_rules_read(&facts.ipv6, text, "f");
	net_check(&conf, &model, &facts, &found);
	for (size_t i = 0; i < found.n; i++) {
		assert(strncmp(found.v[i].object, "f:", 2) == 0 && atoi(found.v[i].object + 2) > 0);
		assert(found.v[i].fix);
		if (strncmp(found.v[i].fix, "pve-net ", 8) == 0)
			assert(!strpbrk(found.v[i].fix, "\n'\"\\$`;&|<>()*?~#{}[]!"));
	}
	pve_findings_done(&found);
	check_facts_done(&facts);
	net_model_done(&model);
	net_conf_done(&conf);
	return 0;
}
