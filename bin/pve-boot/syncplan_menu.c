/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan that was made: what the menu has behind each operation, and its text. */
#include <inttypes.h>
#include <string.h>

#include "pvecommon/num.h"
#include "syncplan.h"

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

/* From the end, so that what is looked at is whole. */
void sync_menu_merge(struct sync_plan *plan)
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

/* --- reading a plan ------------------------------------------------------------------------- */

bool sync_menu_has(const struct sync_plan *plan, const struct sync_in *in, size_t i,
		   const char *version)
{
	const struct sync_have *have = sync_have_of(in, version);
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
