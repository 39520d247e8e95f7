/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans for one ESP: the cases of the stock tool's defects, and over generated ESPs the four rules
 * of syncplan.h, looked at behind each operation.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pve-boot/syncplan.h"
#include "pvecommon/mem.h"

#define M (1024ull * 1024)

/* --- an ESP that a plan is carried out on --------------------------------------------------- */

struct model_pair {
	bool there, offered, mixed;
	enum sync_trust trust;
	unsigned same;
	uint64_t image, initrd, dir;
	uint64_t aside; /* bytes that lie beside it: new ones before, old ones behind the exchange */
};

#define VERSIONS 8
static const char *const names[VERSIONS] = {"6.8-8", "6.8-7", "6.8-6", "6.8-5",
					    "6.8-4", "6.8-3", "6.8-2", "6.8-1"};

struct model {
	const struct sync_in *in;
	struct model_pair v[VERSIONS], other[VERSIONS];
	uint64_t free;
	enum sync_trust floor; /* what rule 1 guards */
	bool guarded;
};

static size_t index_of(const char *version)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (strcmp(names[i], version) == 0)
			return i;
	fail_msg("no such version: %s", version);
	return 0;
}

static const struct sync_want *want_of(const struct sync_in *in, const char *version)
{
	for (size_t i = 0; i < in->nwant; i++)
		if (strcmp(in->want[i].version, version) == 0)
			return &in->want[i];
	return NULL;
}

static bool holds(const struct model *m, enum sync_trust floor)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (m->v[i].there && m->v[i].offered && !m->v[i].mixed && m->v[i].trust >= floor)
			return true;
	return false;
}

static void model_start(struct model *m, const struct sync_in *in)
{
	*m = (struct model){.in = in, .free = in->free};
	for (size_t i = 0; i < in->nhave; i++) {
		const struct sync_have *h = &in->have[i];
		struct model_pair *p = &(h->other_layout ? m->other : m->v)[index_of(h->version)];

		*p = (struct model_pair){true,     h->offered && !h->other_layout, false,  h->trust,
					 h->same,  h->image,                       h->initrd, h->dir, 0};
	}
	m->floor = holds(m, SYNC_VERIFIED) ? SYNC_VERIFIED : SYNC_COMPLETE;
	m->guarded = holds(m, m->floor);
}

static uint64_t pick(unsigned files, uint64_t image, uint64_t initrd, uint64_t dir)
{
	return (files & SYNC_IMAGE ? image : 0) + (files & SYNC_INITRD ? initrd : 0) +
	       (files == SYNC_BOTH ? dir : 0);
}

static void take(struct model *m, const struct sync_op *op)
{
	struct model_pair *p = &m->v[index_of(op->version)];
	const struct sync_want *w = want_of(m->in, op->version);

	assert_non_null(w);
	assert_false(w->unusable);
	assert_int_equal(pick(op->files, w->image, w->initrd, w->dir), op->bytes);
	assert_true(m->free >= op->bytes && m->free - op->bytes >= m->in->reserve);
	m->free -= op->bytes;
	p->aside = op->bytes;
}

static void place(struct model *m, const struct sync_op *op)
{
	struct model_pair *p = &m->v[index_of(op->version)];
	const struct sync_want *w = want_of(m->in, op->version);
	uint64_t old = pick(op->files, p->image, p->initrd, p->dir);

	assert_true(p->aside || !pick(op->files, w->image, w->initrd, w->dir));
	assert_int_equal(op->kind == SYNC_SWAP, p->there);
	/* Rule 4, in the middle of the operation. */
	if (op->kind == SYNC_SWAP && m->in->split && op->files == SYNC_BOTH && p->offered) {
		p->mixed = true;
		assert_true(!holds(m, m->floor) || !m->guarded); /* else it had to be withdrawn */
		p->mixed = false;
	}
	p->aside = p->there ? old : 0;
	p->there = true;
	p->trust = SYNC_VERIFIED;
	p->same |= op->files;
	assert_int_equal(SYNC_BOTH, p->same);
	if (op->files & SYNC_IMAGE)
		p->image = w->image;
	if (op->files & SYNC_INITRD)
		p->initrd = w->initrd;
	if (op->files == SYNC_BOTH)
		p->dir = w->dir;
}

static void menu(struct model *m, const struct sync_plan *plan, size_t i)
{
	const struct sync_op *op = &plan->v[i];

	if (!m->in->menu)
		m->v[index_of(op->version)].offered = op->kind == SYNC_OFFER;
	for (size_t k = 0; m->in->menu && k < VERSIONS; k++)
		m->v[k].offered = sync_menu_has(plan, m->in, i, names[k]);
	/* The menu has nothing that is not there. */
	for (size_t k = 0; k < VERSIONS; k++)
		assert_true(m->v[k].there || !m->v[k].offered);
}

static void drop(struct model *m, const struct sync_op *op)
{
	struct model_pair *p = &(op->other_layout ? m->other : m->v)[index_of(op->version)];

	assert_true(p->there && !p->offered); /* rule 2 */
	assert_int_equal(p->image + p->initrd + p->dir, op->bytes);
	m->free += op->bytes;
	*p = (struct model_pair){0};
}

static void drop_old(struct model *m, const struct sync_op *op)
{
	struct model_pair *p = &m->v[index_of(op->version)];

	assert_int_equal(p->aside, op->bytes);
	m->free += p->aside;
	p->aside = 0;
}

static void step(struct model *m, const struct sync_plan *plan, size_t i)
{
	const struct sync_op *op = &plan->v[i];

	switch (op->kind) {
	case SYNC_COPY: take(m, op); break;
	case SYNC_PLACE:
	case SYNC_SWAP: place(m, op); break;
	case SYNC_DROP_OLD: drop_old(m, op); break;
	case SYNC_OFFER:
	case SYNC_WITHDRAW: menu(m, plan, i); break;
	case SYNC_DROP: drop(m, op); break;
	case SYNC_DEFAULT: break;
	}
	assert_int_equal(m->free, op->free);
	if (m->guarded)
		assert_true(holds(m, m->floor)); /* rule 1 */
}

static bool left_out(const struct sync_plan *plan, const char *version)
{
	for (size_t i = 0; i < plan->nleft_out; i++)
		if (strcmp(plan->left_out[i], version) == 0)
			return true;
	return false;
}

/* Was there a pair in the other layout, and has it to stay? */
static bool other_stays(const struct sync_in *in, size_t version)
{
	bool there = false;

	for (size_t i = 0; i < in->nhave; i++)
		there |= in->have[i].other_layout && strcmp(in->have[i].version, names[version]) == 0;
	return there && in->keep_other;
}

/* A plan leads to what is wanted, and to nothing else. */
static void check_end(const struct model *m, const struct sync_plan *plan)
{
	bool any = false;

	for (size_t i = 0; i < m->in->nwant; i++) {
		const struct sync_want *w = &m->in->want[i];
		const struct model_pair *p = &m->v[index_of(w->version)];

		any |= !w->unusable && !left_out(plan, w->version);
		if (w->unusable || left_out(plan, w->version))
			continue;
		assert_true(p->there && p->offered && p->same == SYNC_BOTH);
	}
	for (size_t i = 0; any && i < VERSIONS; i++) {
		assert_int_equal(m->other[i].there, other_stays(m->in, i));
		assert_true(!m->v[i].there || want_of(m->in, names[i]));
		assert_int_equal(0, m->v[i].aside);
	}
}

/* Makes the plan, walks through it and returns it as a line, "copy A; place A; ...". */
static char *walk(const struct sync_in *in, struct pve_err *e)
{
	struct sync_plan plan = {0};
	struct model m;
	PVE_BUF text = {0};

	if (sync_plan(&plan, in, e) < 0) {
		assert_int_equal(0, plan.n);
		return NULL;
	}
	model_start(&m, in);
	for (size_t i = 0; i < plan.n; i++) {
		struct sync_op plain = plan.v[i];

		step(&m, &plan, i);
		plain.bytes = 0;
		pve_buf_puts(&text, i ? "; " : "");
		sync_op_format(&plain, &text);
	}
	check_end(&m, &plan);
	sync_plan_done(&plan);
	return pve_strdup(pve_buf_str(&text));
}

/* --- named cases ----------------------------------------------------------------------------- */

static struct sync_have good(size_t i, uint64_t bytes)
{
	return (struct sync_have){names[i], false, true, SYNC_VERIFIED, SYNC_BOTH, bytes / 2, bytes / 2, 0};
}

static struct sync_want wish(size_t i, uint64_t bytes)
{
	return (struct sync_want){names[i], bytes / 2, bytes / 2, 0, false, false};
}

#define EXPECT(in, want)                                       \
	do {                                                   \
		struct pve_err own = {0};                      \
		PVE_FREE char *got = walk(in, &own);           \
		if (!got)                                      \
			fail_msg("%s", own.msg);               \
		assert_string_equal(want, got);                \
	} while (0)

static void test_nothing_to_do(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(1, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 2, want, 2, 0, M, false, false, false}), "");
}

static void test_new_kernel(void **state)
{
	struct sync_have have[] = {good(1, 10 * M), good(2, 10 * M), good(3, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 3, want, 2, 20 * M, M, false, false, false}),
	       "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); offer 6.8-8; "
	       "set the default; withdraw 6.8-5; withdraw 6.8-6; drop 6.8-5; drop 6.8-6");
	/* The menu of GRUB is written once. */
	EXPECT((&(struct sync_in){have, 3, want, 2, 20 * M, M, true, true, false}),
	       "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); "
	       "set the default; withdraw 6.8-6; drop 6.8-5; drop 6.8-6");
}

/* B1: 20 MB, two kernels of 7 MB and a new one: the stock tool copies first, and stays full. */
static void b1_a_full_esp(void **state)
{
	struct sync_have have[] = {good(1, 7 * M), good(2, 7 * M)};
	struct sync_want want[] = {wish(0, 7 * M), wish(1, 7 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 2, want, 2, 6 * M, M, false, false, false}),
	       "withdraw 6.8-6; drop 6.8-6; copy 6.8-8 (kernel and initrd); "
	       "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

/* B1: an initrd grows beyond what is free, and there is nothing else to boot from. */
static void b1_an_initrd_grows(void **state)
{
	struct sync_have have[] = {good(0, 7 * M)};
	struct sync_want want[] = {wish(0, 11 * M)};
	struct sync_in in = {have, 1, want, 1, 9 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	have[0].same = 0;
	assert_null(walk(&in, &e));
	assert_int_equal(PVE_FAILED, e.code);
	assert_non_null(strstr(e.msg, "no room for 6.8-8: 12582912 bytes needed, 9437184 free"));
}

static void test_grows_beside_another(void **state)
{
	struct sync_have have[] = {good(0, 7 * M), good(1, 7 * M)};
	struct sync_want want[] = {wish(0, 11 * M), wish(1, 7 * M)};

	(void)state;
	have[0].same = 0;
	EXPECT((&(struct sync_in){have, 2, want, 2, 6 * M, M, false, false, false}),
	       "withdraw 6.8-8; drop 6.8-8; copy 6.8-8 (kernel and initrd); "
	       "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

static void test_evict(void **state)
{
	struct sync_have have[] = {good(1, 7 * M), good(2, 7 * M)};
	struct sync_want want[] = {wish(0, 7 * M), wish(1, 7 * M), wish(2, 7 * M)};
	struct sync_in in = {have, 2, want, 3, 4 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	want[2].spare = true;
	assert_null(walk(&in, &e));
	in.evict = true;
	EXPECT(&in, "withdraw 6.8-6; drop 6.8-6; copy 6.8-8 (kernel and initrd); "
		    "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

/* B17: the pair of a version that was built again is replaced as a pair; an initrd that was made
 * anew alone. */
static void test_rebuilt(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(1, 10 * M)};
	struct sync_want want[] = {wish(0, 12 * M), wish(1, 10 * M)};
	struct sync_in in = {have, 2, want, 2, 20 * M, M, false, false, false};

	(void)state;
	have[0].same = 0;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); exchange 6.8-8 (kernel and initrd); "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
	have[0].same = SYNC_IMAGE;
	EXPECT(&in, "copy 6.8-8 (initrd); exchange 6.8-8 (initrd); drop the old 6.8-8 (initrd); "
		    "set the default");
	/* In the root of an ESP two files cannot change at once: the menu lets go of them. */
	have[0].same = 0;
	in.menu = in.split = true;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); withdraw 6.8-8; "
		    "exchange 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
}

/* B2, B13: what is bad in /boot, or not wanted by anybody, takes nothing away. */
static void test_unusable(void **state)
{
	struct sync_have have[] = {good(0, 10 * M)};
	struct sync_want want[] = {wish(1, 10 * M)};
	struct sync_in in = {have, 1, want, 1, 20 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	want[0].unusable = true;
	EXPECT(&in, "");
	in.nwant = 0;
	assert_null(walk(&in, &e));
	assert_int_equal(PVE_FAILED, e.code);
}

/* B11: after a change of the loader, the other loader's copies go. */
static void test_other_layout(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(0, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M)};

	(void)state;
	have[1].other_layout = true;
	EXPECT((&(struct sync_in){have, 2, want, 1, 0, 0, true, true, false}),
	       "set the default; drop 6.8-8");
}

/* Another loader is about to come: what the old one starts stays, also when space is short. */
static void test_beside(void **state)
{
	struct sync_have have[] = {good(0, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};
	struct sync_in in = {have, 1, want, 2, 15 * M, 0, true, true, true, true};

	(void)state;
	have[0].other_layout = true;
	want[0].spare = want[1].spare = true;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "set the default");
	in.free = 5 * M;
	EXPECT(&in, "");
}

/* --- generated ------------------------------------------------------------------------------- */

static uint64_t seed = 88172645463325252ull;

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
	unsigned made = 0, refused = 0, rich = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct sync_have have[2 * VERSIONS];
		struct sync_want want[VERSIONS + 1];
		struct sync_in in;
		struct pve_err e = {0};
		char *line;

		random_in(&in, have, want);
		line = walk(&in, &e);
		made += line != NULL;
		refused += !line;
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
	assert_true(made > 30000 && refused > 3000 && rich == refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_do), cmocka_unit_test(test_new_kernel),
		cmocka_unit_test(b1_a_full_esp),          cmocka_unit_test(b1_an_initrd_grows),
		cmocka_unit_test(test_grows_beside_another),
		cmocka_unit_test(test_evict),         cmocka_unit_test(test_rebuilt),
		cmocka_unit_test(test_unusable),      cmocka_unit_test(test_other_layout),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
