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
	uint64_t bytes;               /* that its removal frees */
};

struct planner {
	const struct sync_in *in;
	struct sync_plan *plan;
	struct pair *v;
	size_t n;
	uint64_t free;
};

static const char *version_of(const struct pair *p)
{
	return p->have ? p->have->version : p->want->version;
}

static bool superfluous(const struct pair *p)
{
	return p->there && !p->want;
}

static struct sync_op *add(struct planner *pl, enum sync_op_kind kind, const struct pair *p)
{
	struct sync_plan *plan = pl->plan;

	plan->v = pve_grow(plan->v, plan->n, &plan->cap, sizeof(*plan->v));
	plan->v[plan->n] = (struct sync_op){.kind = kind, .free = pl->free};
	if (p) {
		plan->v[plan->n].version = version_of(p);
		plan->v[plan->n].other_layout = p->have && p->have->other_layout;
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

/* The new files of a pair come, and the old ones go. */
static void bring(struct planner *pl, struct pair *p)
{
	unsigned files = missing(p);
	uint64_t comes = need(p);
	bool was_there = p->there;
	uint64_t goes = was_there ? bytes_of(p->have->image, p->have->initrd, p->have->dir, files) : 0;
	bool aside = pl->in->split && files == SYNC_BOTH && p->offered && dispensable(pl, p);
	struct sync_op *op;

	pl->free -= comes;
	op = add(pl, SYNC_COPY, p);
	op->files = files;
	op->bytes = comes;
	if (aside)
		withdraw(pl, p);
	op = add(pl, was_there ? SYNC_SWAP : SYNC_PLACE, p);
	op->files = files;
	p->there = true;
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
	if (p->have->other_layout)
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
	for (size_t i = pl->n; i-- > 0;) {
		struct pair *p = &pl->v[i];

		if (p == coming)
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

/* Frees what may be freed until the pair has room; false when that is not enough. */
static bool make_room(struct planner *pl, struct pair *p)
{
	while (!has_room(pl, p)) {
		struct pair *victim = least_of_superfluous(pl);

		if (!victim && p->there && dispensable(pl, p))
			victim = p;
		if (!victim && pl->in->evict && (victim = least_of_spare(pl, p)))
			leave_out(pl, victim);
		if (!victim)
			return false;
		withdraw(pl, victim);
		drop(pl, victim);
	}
	return true;
}

/* --- the whole ----------------------------------------------------------------------------- */

static const struct sync_have *have_of(const struct sync_in *in, const char *version)
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

	pl->v = pve_calloc(in->nwant + in->nhave + 1, sizeof(*pl->v));
	for (size_t i = 0; i < in->nwant; i++)
		pl->v[pl->n++] = pair_of(have_of(in, in->want[i].version), &in->want[i]);
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

static int bring_wanted(struct planner *pl, struct pve_err *e)
{
	for (size_t i = 0; i < pl->in->nwant; i++) {
		const struct sync_want *want = &pl->in->want[i];
		struct pair *p = &pl->v[i]; /* they come first, in this order */

		if (want->unusable || p->left_out || !missing(p))
			continue;
		if (make_room(pl, p))
			bring(pl, p);
		else if (pl->in->evict && want->spare)
			leave_out(pl, p);
		else
			return refuse(pl, p, e);
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

static bool is_menu(const struct sync_op *op)
{
	return op->kind == SYNC_OFFER || op->kind == SYNC_WITHDRAW;
}

/* Was its pair put in place by an earlier operation?  sync_menu_has sees that by itself. */
static bool is_placed(const struct sync_plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if ((plan->v[k].kind == SYNC_PLACE || plan->v[k].kind == SYNC_SWAP) &&
		    strcmp(plan->v[k].version, plan->v[i].version) == 0)
			return true;
	return false;
}

/* Will the menu be written again before an old file goes? */
static bool is_early(const struct sync_plan *plan, size_t i)
{
	for (i++; i < plan->n && plan->v[i].kind != SYNC_DROP_OLD; i++)
		if (is_menu(&plan->v[i]))
			return true;
	return false;
}

/* With one file for all: a pair may wait for the next time that the file is written, and pairs
 * that leave in a row leave at once.  Done from the end, so that what is looked at is whole. */
static void merge_menu(struct sync_plan *plan)
{
	for (size_t i = plan->n; i-- > 0;) {
		bool last = i + 1 == plan->n || !is_menu(&plan->v[i + 1]);

		if ((plan->v[i].kind == SYNC_OFFER && is_placed(plan, i) && is_early(plan, i)) ||
		    (plan->v[i].kind == SYNC_WITHDRAW && !last)) {
			memmove(&plan->v[i], &plan->v[i + 1],
				(plan->n - i - 1) * sizeof(*plan->v));
			plan->n--;
		}
	}
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
			merge_menu(plan);
	} else {
		sync_plan_done(plan);
	}
	free(pl.v);
	return ret;
}

void sync_plan_done(struct sync_plan *plan)
{
	free(plan->v);
	free(plan->left_out);
	*plan = (struct sync_plan){0};
}

/* --- reading a plan ------------------------------------------------------------------------- */

bool sync_menu_has(const struct sync_plan *plan, const struct sync_in *in, size_t i,
		   const char *version)
{
	const struct sync_have *have = have_of(in, version);
	bool has = have && have->offered;

	for (size_t k = 0; k < plan->n; k++) {
		const struct sync_op *op = &plan->v[k];

		/* What goes before the menu is written again is out of it already. */
		if (k > i && is_menu(op))
			break;
		if (!op->version || op->other_layout || strcmp(op->version, version) != 0)
			continue;
		if (op->kind == SYNC_WITHDRAW || op->kind == SYNC_DROP)
			has = false;
		else if (k <= i && (op->kind == SYNC_PLACE || op->kind == SYNC_SWAP ||
				    op->kind == SYNC_OFFER))
			has = true;
	}
	return has;
}

void sync_op_format(const struct sync_op *op, struct pve_buf *out)
{
	static const char *const verbs[] = {
		[SYNC_COPY] = "copy",         [SYNC_PLACE] = "place",
		[SYNC_SWAP] = "exchange",     [SYNC_DROP_OLD] = "drop the old",
		[SYNC_OFFER] = "offer",       [SYNC_WITHDRAW] = "withdraw",
		[SYNC_DROP] = "drop",         [SYNC_DEFAULT] = "set the default",
	};
	static const char *const files[] = {"", " (kernel)", " (initrd)", " (kernel and initrd)"};
	char size[PVE_SIZE_TEXT], left[PVE_SIZE_TEXT];

	pve_buf_puts(out, verbs[op->kind]);
	if (op->version)
		pve_buf_printf(out, " %s%s", op->version, files[op->files]);
	if (op->bytes)
		pve_buf_printf(out, ", %s %s, %s free then", pve_num_size_text(op->bytes, size),
			       op->kind == SYNC_COPY ? "written" : "freed",
			       pve_num_size_text(op->free, left));
}
