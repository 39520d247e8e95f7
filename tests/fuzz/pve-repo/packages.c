/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include "pve-repo/updates.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct repo_policy *p, const struct repo_index *x, struct pve_span text,
		 size_t step)
{
	size_t from = 0, to = 0;

	while (to < text.len) {
		to = to + step < text.len ? to + step : text.len;
		from += repo_policy_feed(p, x, (struct pve_span){text.p + from, to - from},
					 to == text.len);
	}
	assert(from == text.len);
}

static void answer(const struct pve_dpkg *db, struct repo_lists *l, struct pve_span text,
		   size_t step, struct repo_updates *u)
{
	const struct repo_phasing phasing = {.machine_id = "x"};
	const struct repo_pins pins = {0};
	struct repo_policy *p = repo_policy_new(db, l, &pins, &phasing);

	feed(p, l->index[0], text, step);
	repo_policy_updates(p, u);
	repo_policy_free(p);
}

/* A Release, a status and a list, with a form feed between them.  The answer is the same in
 * whatever pieces the list comes, and everything in it is newer than what is installed or built
 * anew. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	const char *one = size ? memchr(text, '\f', size) : NULL;
	const char *two = one ? memchr(one + 1, '\f', (size_t)(end - one - 1)) : NULL;
	struct repo_updates whole = {0}, parts = {0};
	struct repo_lists l = {0};
	struct repo_dist dist = {.uri = "http://h/", .suite = "s", .site = "h"};
	struct repo_index index = {.dist = &dist}, *indexes[] = {&index};
	struct repo_release_file file;
	struct pve_dpkg db = {0};
	struct pve_span list;

	if (!two)
		return 0;
	pve_strv_add(&l.archs, "amd64");
	l.index = indexes;
	l.nindexes = 1;
	pve_buf_add(&dist.text, text, (size_t)(one - text));
	repo_dist_parse(&l, &dist);
	if (repo_release_find(&dist.release, "main/binary-amd64/Packages", &file))
		assert(file.digest.p >= dist.text.data);
	pve_buf_add(&db.text, one + 1, (size_t)(two - one - 1));
	pve_dpkg_parse(&db, "status", NULL);
	list = (struct pve_span){two + 1, (size_t)(end - two - 1)};
	answer(&db, &l, list, list.len + 1, &whole);
	answer(&db, &l, list, 7, &parts);
	assert(whole.n == parts.n);
	for (size_t i = 0; i < whole.n; i++) {
		assert(strcmp(whole.v[i].package, parts.v[i].package) == 0);
		assert(strcmp(whole.v[i].candidate, parts.v[i].candidate) == 0);
		assert(whole.v[i].dist == &dist);
	}
	repo_updates_done(&whole);
	repo_updates_done(&parts);
	pve_dpkg_done(&db);
	pve_buf_done(&dist.text);
	pve_strv_done(&l.archs);
	pve_arena_done(&l.mem);
	return 0;
}
