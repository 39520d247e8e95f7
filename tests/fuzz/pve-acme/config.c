/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/nodeconf.h"

#include "../lib/edits.h"

/* The first line is a value for one of the properties, the rest the configuration of a node.  What is
 * taken can be read again, and changes one place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span file = {(const char *)data, size};
	const char *end = size ? memchr(file.p, '\n', size) : NULL;
	size_t n = end ? (size_t)(end - file.p) : size;
	PVE_FREE char *value = pve_strndup(size ? file.p : "", n);
	bool changed[ACME_CONF_KEYS] = {false};
	struct acme_domains before = {0}, after = {0};
	struct pve_conf_colon c = {0};
	struct pve_diags d = {0};
	int key = (int)(size % ACME_CONF_KEYS);
	PVE_BUF text = {0};

	file.p += n + (end != NULL);
	file.len -= n + (end != NULL);
	pve_conf_colon_parse(&c, file, "f", &d);
	acme_domains_parse(&before, &c, "f", &d);
	changed[key] = true;
	if (acme_conf_set(&c, key, value, NULL) == 0) {
		acme_conf_verify(&c, changed, &after, NULL);
		pve_conf_colon_format(&c, &text);
		if (key != ACME_CONF_DESCRIPTION)
			assert_one_place(file, span_of(&text), strlen(value) + 64);
	}
	acme_conf_delete(&c, value, NULL);
	acme_domains_done(&before);
	acme_domains_done(&after);
	pve_conf_colon_done(&c);
	pve_diags_done(&d);
	return 0;
}
