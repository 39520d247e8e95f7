/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "syncplan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "select.h"

/* A pair while the plan is made. */
struct pair {
	const struct sync_have *have; /* NULL: it is not on the ESP yet */
	const struct sync_want *want; /* NULL: it should not be there */
	enum sync_trust trust;        /* as the plan has brought it about */
	bool there, offered;
	bool left_out;                /* wanted, but there is no room */
	bool brought;                 /* all of its files are as they should be */
	bool passing;                 /* a twin that has done its part */
	uint64_t bytes;               /* that its removal frees */
	const struct pair *of;        /* a twin: the pair that it is of */
};

struct planner {
	const struct sync_in *in;
	struct sync_plan *plan;
	struct pair *v;
	size_t n;
	struct sync_want *twin;       /* of each that is wanted */
	uint64_t free;
};

static const char *version_of(const struct pair *p)
{
	return p->have ? p->have->version : p->want->version;
}

static bool superfluous(const struct pair *p)
{
	return p->there && (!p->want || p->passing);
}

static struct sync_op *add(struct planner *pl, enum sync_op_kind kind, const struct pair *p)
{
	struct sync_plan *plan = pl->plan;

	plan->v = pve_grow(plan->v, plan->n, &plan->cap, sizeof(*plan->v));
	plan->v[plan->n] = (struct sync_op){.kind = kind, .free = pl->free};
	if (p) {
		plan->v[plan->n].version = version_of(p);
		plan->v[plan->n].other_layout = p->have && p->have->other_layout;
		plan->v[plan->n].of = p->of ? version_of(p->of) : NULL;
	}
	return &plan->v[plan->n++];
}

/* --- rule 1 -------------------------------------------------------------------------------- */

static bool another_is(const struct planner *pl, const struct pair *p, enum sync_trust trust)
{
	for (size_t i = 0; i < pl->n; i++)
		if (&pl->v[i] != p && pl->v[i].there && pl->v[i].offered && pl->v[i].trust >= trust)
			return true;
	return false;
}

/* May the menu lose this pair now? */
static bool dispensable(const struct planner *pl, const struct pair *p)
{
	if (!p->offered || p->trust == SYNC_BROKEN)
		return true;
	return another_is(pl, p, SYNC_VERIFIED) ||
	       (p->trust == SYNC_COMPLETE && another_is(pl, p, SYNC_COMPLETE));
}

/* --- operations ---------------------------------------------------------------------------- */

static void offer(struct planner *pl, struct pair *p)
{
	if (!p->offered)
		add(pl, SYNC_OFFER, p);
	p->offered = true;
}

static void withdraw(struct planner *pl, struct pair *p)
{
	if (p->offered)
		add(pl, SYNC_WITHDRAW, p);
	p->offered = false;
}

static void drop(struct planner *pl, struct pair *p)
{
	struct sync_op *op;

	pl->free += p->bytes;
	op = add(pl, SYNC_DROP, p);
	op->bytes = p->bytes;
	p->there = false;
	p->bytes = 0;
}

/* Which files a wanted pair still needs. */
static unsigned missing(const struct pair *p)
{
	if (p->brought)
		return 0;
	return p->there ? SYNC_BOTH & ~p->have->same : SYNC_BOTH;
}

static uint64_t bytes_of(uint64_t image, uint64_t initrd, uint64_t dir, unsigned files)
{
	return (files & SYNC_IMAGE ? image : 0) + (files & SYNC_INITRD ? initrd : 0) +
	       (files == SYNC_BOTH ? dir : 0);
}

static uint64_t need(const struct pair *p)
{
	return p->want ? bytes_of(p->want->image, p->want->initrd, p->want->dir, missing(p)) : 0;
}

/* Can its files not be exchanged in one step? */
static bool is_split(const struct planner *pl, const struct pair *p)
{
	return missing(p) == SYNC_BOTH && (pl->in->split || (p->have && p->have->split));
}

/* The new files of a pair come, and the old ones go. */
static void bring(struct planner *pl, struct pair *p)
{
	unsigned files = missing(p);
	uint64_t comes = need(p);
	bool was_there = p->there;
	uint64_t goes = was_there ? bytes_of(p->have->image, p->have->initrd, p->have->dir, files) : 0;
	bool aside = is_split(pl, p) && p->offered && dispensable(pl, p);
	struct sync_op *op;

	pl->free -= comes;
	op = add(pl, SYNC_COPY, p);
	op->files = files;
	op->bytes = comes;
	if (aside)
		withdraw(pl, p);
	op = add(pl, was_there ? SYNC_SWAP : SYNC_PLACE, p);
	op->files = files;
	p->there = p->brought = true;
	p->trust = SYNC_VERIFIED;
	p->bytes = p->bytes + comes - goes;
	/* What was taken out of the menu for this comes back before its old files go. */
	offer(pl, p);
	if (!was_there)
		return;
	pl->free += goes;
	op = add(pl, SYNC_DROP_OLD, p);
	op->files = files;
	op->bytes = goes;
}

/* --- space --------------------------------------------------------------------------------- */

/* Lower goes first: of the other loader, broken, the older. */
static int worth(const struct pair *p)
{
	if (!p->have || p->have->other_layout)
		return 0;
	return p->trust == SYNC_BROKEN ? 1 : 2;
}

static struct pair *least_of_superfluous(struct planner *pl)
{
	struct pair *least = NULL;

	for (size_t i = 0; i < pl->n; i++) {
		struct pair *p = &pl->v[i];
		int order;

		if (!superfluous(p) || !dispensable(pl, p))
			continue;
		order = least ? worth(p) - worth(least) : -1;
		if (order < 0 || (order == 0 && boot_version_cmp(version_of(p), version_of(least)) > 0))
			least = p;
	}
	return least;
}

/* The last of the list that may be left out, if it is behind the pair that comes. */
static struct pair *least_of_spare(struct planner *pl, const struct pair *coming)
{
	const struct pair *end = coming->of ? coming->of : coming;

	for (size_t i = pl->n; i-- > 0;) {
		struct pair *p = &pl->v[i];

		if (p == end)
			return NULL;
		if (p->want && p->want->spare && p->there && dispensable(pl, p))
			return p;
	}
	return NULL;
}

static void leave_out(struct planner *pl, struct pair *p)
{
	struct sync_plan *plan = pl->plan;

	plan->left_out = pve_realloc(plan->left_out, plan->nleft_out + 1, sizeof(*plan->left_out));
	plan->left_out[plan->nleft_out++] = version_of(p);
	p->left_out = true;
}

static bool has_room(const struct planner *pl, const struct pair *p)
{
	return pl->free >= need(p) && pl->free - need(p) >= pl->in->reserve;
}

/* What may go so that a pair has room.  That pair is no reason to let another one go: it will be out
 * of the menu while its files change. */
static struct pair *least(struct planner *pl, struct pair *p)
{
	bool offered = p->offered;
	struct pair *victim;

	p->offered = offered && !is_split(pl, p);
	victim = least_of_superfluous(pl);
	p->offered = offered;
	if (!victim && p->there && dispensable(pl, p))
		return p;
	if (victim || !pl->in->evict)
		return victim;
	p->offered = offered && !is_split(pl, p);
	victim = least_of_spare(pl, p);
	p->offered = offered;
	if (victim)
		leave_out(pl, victim);
	return victim;
}

/* Frees what may be freed until the pair has room; false when that is not enough. */
static bool make_room(struct planner *pl, struct pair *p)
{
	while (!has_room(pl, p)) {
		struct pair *victim = least(pl, p);

		if (!victim)
			return false;
		withdraw(pl, victim);
		drop(pl, victim);
	}
	return true;
}

/* --- the whole ----------------------------------------------------------------------------- */

const struct sync_have *sync_have_of(const struct sync_in *in, const char *version)
{
	for (size_t i = 0; i < in->nhave; i++)
		if (!in->have[i].other_layout && strcmp(in->have[i].version, version) == 0)
			return &in->have[i];
	return NULL;
}

static struct pair pair_of(const struct sync_have *have, const struct sync_want *want)
{
	struct pair p = {.have = have, .want = want};

	if (have) {
		p.there = true;
		p.offered = have->offered && !have->other_layout;
		p.trust = have->trust;
		p.bytes = have->image + have->initrd + have->dir;
	}
	return p;
}

/* Wanted pairs in their order, then the superfluous ones. */
static void collect(struct planner *pl)
{
	const struct sync_in *in = pl->in;

	/* Each that is wanted may get a twin. */
	pl->v = pve_calloc(2 * in->nwant + in->nhave, sizeof(*pl->v));
	pl->twin = pve_calloc(in->nwant, sizeof(*pl->twin));
	for (size_t i = 0; i < in->nwant; i++)
		pl->v[pl->n++] = pair_of(sync_have_of(in, in->want[i].version), &in->want[i]);
	for (size_t i = 0; i < in->nhave; i++) {
		bool wanted = in->keep_other && in->have[i].other_layout;

		for (size_t k = 0; k < in->nwant; k++)
			wanted |= pl->v[k].have == &in->have[i];
		if (!wanted)
			pl->v[pl->n++] = pair_of(&in->have[i], NULL);
	}
}

static int refuse(const struct planner *pl, const struct pair *p, struct pve_err *e)
{
	return pve_err_set(e, PVE_FAILED,
			   "no room for %s: %" PRIu64 " bytes needed, %" PRIu64
			   " free, and nothing that may go first; let go of a kernel (pve-boot kernel "
			   "list), or refresh --evict",
			   version_of(p), need(p) + pl->in->reserve, pl->free);
}

/* --- twins --------------------------------------------------------------------------------- */

/* Would there be nothing to boot while its files change? */
static bool is_alone(const struct planner *pl, const struct pair *p)
{
	if (!p->offered || !is_split(pl, p))
		return false;
	if (p->trust != SYNC_BROKEN)
		return !dispensable(pl, p);
	/* What is not what was written may boot nevertheless: it is not let go of when there is room
	 * for its twin and, with it gone, for its successor. */
	return !another_is(pl, p, SYNC_COMPLETE) && has_room(pl, p) &&
	       pl->free + p->bytes >= 2 * need(p) + pl->in->reserve;
}

/* Another one that comes anyhow, and may as well come before. */
static struct pair *comes_anyhow(const struct planner *pl, const struct pair *p)
{
	for (size_t i = 0; i < pl->in->nwant; i++) {
		struct pair *q = &pl->v[i];

		if (!q->there && !q->left_out && !q->want->unusable && missing(q) &&
		    pl->free >= need(p) + need(q) && pl->free - need(p) - need(q) >= pl->in->reserve)
			return q;
	}
	return NULL;
}

static bool is_known(const struct sync_in *in, const char *version)
{
	bool known = sync_have_of(in, version) != NULL;

	for (size_t i = 0; i < in->nwant; i++)
		known |= strcmp(in->want[i].version, version) == 0;
	return known;
}

static struct pair *add_twin(struct planner *pl, const struct pair *p)
{
	struct sync_want *want = &pl->twin[p - pl->v]; /* those that are wanted come first */
	char *name = pve_asprintf("%s" SYNC_TWIN, version_of(p));

	/* One that an interrupted run left goes by itself. */
	while (is_known(pl->in, name)) {
		char *longer = pve_asprintf("%s" SYNC_TWIN, name);

		free(name);
		name = longer;
	}
	pve_strv_take(&pl->plan->twins, name);
	*want = *p->want;
	want->version = name;
	want->spare = false;
	pl->v[pl->n] = (struct pair){.want = want, .of = p};
	return &pl->v[pl->n++];
}

/* With what has to boot meanwhile. */
static bool bring_safely(struct planner *pl, struct pair *p)
{
	struct pair *other = is_alone(pl, p) ? comes_anyhow(pl, p) : NULL, *twin = NULL;
	bool room;

	if (other)
		bring(pl, other);
	else if (is_alone(pl, p)) {
		twin = add_twin(pl, p);
		if (!make_room(pl, twin))
			return false;
		bring(pl, twin);
	}
	room = make_room(pl, p);
	if (room)
		bring(pl, p);
	if (twin)
		twin->passing = true;
	return room;
}

static int bring_wanted(struct planner *pl, struct pve_err *e)
{
	for (size_t i = 0; i < pl->in->nwant; i++) {
		const struct sync_want *want = &pl->in->want[i];
		struct pair *p = &pl->v[i]; /* they come first, in this order */

		if (want->unusable || p->left_out || !missing(p))
			continue;
		if (bring_safely(pl, p))
			continue;
		if (!pl->in->evict || !want->spare)
			return refuse(pl, p, e);
		leave_out(pl, p);
	}
	return 0;
}

/* All leave the menu before the first one goes, so that a menu of one file is written once; the
 * oldest first, for the last one may have to stay. */
static void drop_superfluous(struct planner *pl)
{
	for (size_t i = pl->n; i-- > 0;)
		if (superfluous(&pl->v[i]) && dispensable(pl, &pl->v[i]))
			withdraw(pl, &pl->v[i]);
	for (size_t i = pl->n; i-- > 0;)
		if (superfluous(&pl->v[i]) && !pl->v[i].offered)
			drop(pl, &pl->v[i]);
}

static bool any_to_drop(const struct planner *pl)
{
	for (size_t i = 0; i < pl->n; i++)
		if (superfluous(&pl->v[i]) && dispensable(pl, &pl->v[i]))
			return true;
	return false;
}

int sync_plan(struct sync_plan *plan, const struct sync_in *in, struct pve_err *e)
{
	struct planner pl = {.in = in, .plan = plan, .free = in->free};
	int ret = 0;

	if (!in->nwant)
		return pve_err_set(e, PVE_FAILED, "no kernel is wanted, so none is removed");
	collect(&pl);
	for (size_t i = 0; i < in->nwant; i++)
		if (pl.v[i].there && !missing(&pl.v[i]) && pl.v[i].trust == SYNC_VERIFIED)
			offer(&pl, &pl.v[i]);
	ret = bring_wanted(&pl, e);
	if (ret == 0) {
		/* Before the first that leaves, so that the default never is one that has gone. */
		if (plan->n || any_to_drop(&pl))
			add(&pl, SYNC_DEFAULT, NULL);
		drop_superfluous(&pl);
		if (in->menu)
			sync_menu_merge(plan);
	} else {
		sync_plan_done(plan);
	}
	free(pl.v);
	free(pl.twin);
	return ret;
}

void sync_plan_done(struct sync_plan *plan)
{
	free(plan->v);
	free(plan->left_out);
	pve_strv_done(&plan->twins);
	*plan = (struct sync_plan){0};
}
