/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/verb.h"

#include <stdlib.h>
#include <string.h>

#include "pvecommon/mem.h"

static const struct acme_verb *find(struct pve_ctx *ctx, const struct acme_verb *verbs)
{
	const char *word = ctx->operands.v[0], *near;
	PVE_FREE char *list = NULL;
	struct pve_strv names = {0};

	for (const struct acme_verb *v = verbs; v->name; v++) {
		if (strcmp(v->name, word) == 0) {
			pve_strv_done(&names);
			return v;
		}
		pve_strv_add(&names, v->name);
	}
	near = pve_str_nearest(word, (const char *const *)names.v);
	list = pve_strv_join(&names, " ");
	if (near)
		pve_err_set(&ctx->err, PVE_USAGE, "%s: unknown command '%s'; did you mean '%s'?",
			    ctx->cmd->name, word, near);
	else
		pve_err_set(&ctx->err, PVE_USAGE, "%s: unknown command '%s'; there are: %s",
			    ctx->cmd->name, word, list);
	pve_strv_done(&names);
	return NULL;
}

static bool is_given(const struct pve_opt *opt, const void *base)
{
	const void *field = (const char *)base + opt->offset;

	switch (opt->kind) {
	case PVE_OPT_FLAG:
		return *(const bool *)field;
	case PVE_OPT_COUNT:
		return *(const int *)field;
	case PVE_OPT_STR:
	case PVE_OPT_CHOICE:
		return *(const char *const *)field;
	case PVE_OPT_LIST:
		return ((const struct pve_strv *)field)->n;
	default:
		return *(const uint64_t *)field;
	}
}

static int check_options(struct pve_ctx *ctx, const struct acme_verb *verb)
{
	struct pve_strv taken = {0};
	int rc = 0;

	pve_strv_split(&taken, pve_span(verb->options), " ");
	for (const struct pve_opt *opt = ctx->cmd->opts; rc == 0 && opt && opt->name; opt++)
		if (is_given(opt, ctx->opts) && !pve_strv_has(&taken, opt->name))
			rc = pve_err_set(&ctx->err, PVE_USAGE, "%s %s: takes no option '--%s'",
					 ctx->cmd->name, verb->name, opt->name);
	pve_strv_done(&taken);
	return rc;
}

int acme_verb_run(struct pve_ctx *ctx, const struct acme_verb *verbs)
{
	struct pve_strv *o = &ctx->operands;
	const struct acme_verb *verb = find(ctx, verbs);

	if (!verb || check_options(ctx, verb) < 0)
		return -1;
	if (o->n - 1 < verb->min)
		return pve_err_set(&ctx->err, PVE_USAGE, "%s %s: needs %s; see '%s help %s'",
				   ctx->cmd->name, verb->name, verb->operands, ctx->tool->name,
				   ctx->cmd->name);
	if (o->n - 1 > verb->max)
		return pve_err_set(&ctx->err, PVE_USAGE, "%s %s: %s '%s'; see '%s help %s'",
				   ctx->cmd->name, verb->name,
				   verb->max ? "one operand too many:" : "takes no operand, got",
				   o->v[verb->max + 1], ctx->tool->name, ctx->cmd->name);
	free(o->v[0]);
	memmove(o->v, o->v + 1, o->n * sizeof(*o->v)); /* with the NULL at the end */
	o->n--;
	return verb->run(ctx);
}
