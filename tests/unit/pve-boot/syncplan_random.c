/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans for one ESP, over generated ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "syncplan_model.h"

static uint64_t seed = 88172645463325252ull;

static char twin_names[VERSIONS][32];

static unsigned random_below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static void random_have(struct sync_have *h, size_t version, bool other)
{
	*h = (struct sync_have){
		.version = names[version],
		.other_layout = other,
		.offered = random_below(4) > 0,
		.trust = (enum sync_trust)random_below(3),
		.image = 1 + random_below(3),
		.initrd = 1 + random_below(6),
		.dir = random_below(2),
	};
	/* Files that are as they should be are good. */
	h->same = h->trust == SYNC_VERIFIED && random_below(2) ? SYNC_BOTH : random_below(3);
	if (h->trust == SYNC_BROKEN && random_below(2))
		h->initrd = 0, h->same &= SYNC_IMAGE;
	h->split = random_below(3) == 0;
}

static void random_in(struct sync_in *in, struct sync_have *have, struct sync_want *want)
{
	unsigned modes = random_below(2);

	*in = (struct sync_in){.have = have, .want = want};
	for (size_t i = 0; i < VERSIONS; i++) {
		if (random_below(3) == 0)
			random_have(&have[in->nhave++], i, false);
		if (random_below(12) == 0)
			random_have(&have[in->nhave++], i, true);
		/* What an interrupted run left. */
		if (random_below(12) == 0) {
			random_have(&have[in->nhave], i, false);
			have[in->nhave].same = 0;
			have[in->nhave++].version = twin_names[i];
		}
		if (random_below(3) == 0)
			want[in->nwant++] = (struct sync_want){names[i],
							       1 + random_below(3),
							       1 + random_below(6),
							       random_below(2),
							       random_below(2),
							       random_below(8) == 0};
	}
	if (!in->nwant)
		want[in->nwant++] = (struct sync_want){names[0], 1, 1, 0, false, false};
	in->free = random_below(24);
	in->reserve = random_below(3);
	in->menu = in->split = modes;
	in->evict = random_below(2);
	in->keep_other = random_below(4) == 0;
}

static void test_generated(void **state)
{
	unsigned made = 0, refused = 0, rich = 0, twins = 0;

	(void)state;
	for (size_t i = 0; i < VERSIONS; i++)
		snprintf(twin_names[i], sizeof(twin_names[i]), "%s" SYNC_TWIN, names[i]);
	for (unsigned i = 0; i < 100000; i++) {
		struct sync_have have[3 * VERSIONS];
		struct sync_want want[VERSIONS + 1];
		struct sync_in in;
		struct pve_err e = {0};
		char *line;

		random_in(&in, have, want);
		line = walk(&in, &e);
		made += line != NULL;
		refused += !line;
		twins += line && strstr(line, "copy") && strstr(line, SYNC_TWIN " (kernel and initrd)");
		free(line);
		if (line)
			continue;
		/* What was refused for want of space has a plan when there is more. */
		in.free += 200;
		line = walk(&in, &e);
		assert_non_null(line);
		rich += line != NULL;
		free(line);
	}
	assert_true(made > 30000 && refused > 3000 && rich == refused && twins > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
