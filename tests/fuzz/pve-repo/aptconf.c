/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include "pve-repo/aptconf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every item has a place in the file, and each is found by its own name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_diags d = {0};
	struct repo_aptconf c;
	const char *path;

	repo_aptconf_init(&c);
	repo_aptconf_parse(&c, "f", text, &d);
	for (size_t i = 0; i < c.n; i++) {
		assert(c.v[i].key && c.v[i].value);
		assert(!c.v[i].file || (c.v[i].line > 0 && c.v[i].line <= size + 1));
		assert(c.v[i].at <= size && c.v[i].len <= size - c.v[i].at);
		assert(repo_aptconf_find(&c, c.v[i].key) >= &c.v[i]);
	}
	path = repo_aptconf_path(&c, "Dir::State::lists");
	assert(strlen(path) < 2 || path[strlen(path) - 1] != '/');
	pve_diags_done(&d);
	repo_aptconf_done(&c);
	return 0;
}
