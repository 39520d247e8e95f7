/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An ESP that a plan is carried out on; behind each operation the four rules of syncplan.h are looked
 * at.
 */
#ifndef TESTS_SYNCPLAN_MODEL_H
#define TESTS_SYNCPLAN_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pve-boot/syncplan.h"
#include "pvecommon/mem.h"

struct model_pair {
	bool there, offered, split;
	enum sync_trust trust;
	unsigned same;
	uint64_t image, initrd, dir;
	uint64_t aside; /* bytes that lie beside it: new ones before, old ones behind the exchange */
};

#define VERSIONS 8
#define ALL (3 * VERSIONS) /* behind the versions their twins, and twins of those */
static const char *const names[VERSIONS] = {"6.8-8", "6.8-7", "6.8-6", "6.8-5",
					    "6.8-4", "6.8-3", "6.8-2", "6.8-1"};

struct model {
	const struct sync_in *in;
	struct model_pair v[ALL], other[VERSIONS];
	uint64_t free;
	enum sync_trust floor; /* what rule 1 guards */
	bool guarded;
};

/* Which version, or twin of it; to be freed. */
static char *name_of(size_t i)
{
	return pve_asprintf("%s%s%s", names[i % VERSIONS], i < VERSIONS ? "" : SYNC_TWIN,
			    i < 2 * VERSIONS ? "" : SYNC_TWIN);
}

static size_t index_of(const char *version)
{
	for (size_t i = 0; i < ALL; i++) {
		PVE_FREE char *name = name_of(i);

		if (strcmp(name, version) == 0)
			return i;
	}
	fail_msg("no such version: %s", version);
	return 0;
}

/* A twin is wanted as what it is of is. */
static const struct sync_want *want_of(const struct sync_in *in, const char *version)
{
	for (size_t i = 0; i < in->nwant; i++)
		if (strcmp(in->want[i].version, names[index_of(version) % VERSIONS]) == 0)
			return &in->want[i];
	return NULL;
}

static bool holds(const struct model *m, enum sync_trust floor)
{
	for (size_t i = 0; i < ALL; i++)
		if (m->v[i].there && m->v[i].offered && m->v[i].trust >= floor)
			return true;
	return false;
}

static void model_start(struct model *m, const struct sync_in *in)
{
	*m = (struct model){.in = in, .free = in->free};
	for (size_t i = 0; i < in->nhave; i++) {
		const struct sync_have *h = &in->have[i];
		struct model_pair *p = &(h->other_layout ? m->other : m->v)[index_of(h->version)];

		*p = (struct model_pair){true,     h->offered && !h->other_layout, h->split, h->trust,
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
	/* Rule 4: in the middle of the operation the files are of two builds. */
	if (op->kind == SYNC_SWAP && op->files == SYNC_BOTH && (m->in->split || p->split))
		assert_false(p->offered);
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
	for (size_t k = 0; m->in->menu && k < ALL; k++) {
		PVE_FREE char *name = name_of(k);

		m->v[k].offered = sync_menu_has(plan, m->in, i, name);
	}
	/* The menu has nothing that is not there. */
	for (size_t k = 0; k < ALL; k++)
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
		assert_false(m->v[VERSIONS + i].there || m->v[2 * VERSIONS + i].there);
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

#endif
