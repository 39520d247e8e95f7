/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "pvecommon/cmd.h"
#include "pvecommon/mem.h"

enum { COL_SEVERITY, COL_CODE, COL_OBJECT, COL_MESSAGE, COL_FIX };

const struct pve_col pve_finding_cols[PVE_FINDING_NCOLS] = {
	[COL_SEVERITY] = {"severity", PVE_T_STR, false, "info, warning or critical"},
	[COL_CODE] = {"code", PVE_T_STR, false, "stable name of this kind of finding"},
	[COL_OBJECT] = {"object", PVE_T_STR, false, "what it is about"},
	[COL_MESSAGE] = {"message", PVE_T_STR, false, "what is wrong"},
	[COL_FIX] = {"fix", PVE_T_STR, false, "command that mends it, when there is one"},
};
const size_t pve_finding_ncols = PVE_FINDING_NCOLS;

static const struct {
	const char *word, *color;
} severities[] = {
	[PVE_F_INFO] = {"info", NULL},
	[PVE_F_WARNING] = {"warning", "yellow"},
	[PVE_F_CRITICAL] = {"critical", "red"},
};

struct pve_finding *pve_findings_add(struct pve_findings *f, enum pve_finding_severity s,
				     const char *code, const char *object, const char *fmt, ...)
{
	struct pve_finding *one;
	va_list ap;

	f->v = pve_grow(f->v, f->n, &f->cap, sizeof(*f->v));
	one = &f->v[f->n++];
	*one = (struct pve_finding){.severity = s, .code = code, .object = pve_strdup(object)};
	va_start(ap, fmt);
	one->message = pve_vasprintf(fmt, ap);
	va_end(ap);
	return one;
}

void pve_finding_fix(struct pve_finding *f, const char *fmt, ...)
{
	va_list ap;

	free(f->fix);
	va_start(ap, fmt);
	f->fix = pve_vasprintf(fmt, ap);
	va_end(ap);
}

/* One pass for each severity keeps the order within it, which qsort() would not. */
void pve_findings_sort(struct pve_findings *f)
{
	struct pve_finding *sorted;
	size_t n = 0;

	if (f->n < 2)
		return;
	sorted = pve_calloc(f->cap, sizeof(*sorted));
	for (int s = PVE_F_CRITICAL; s >= PVE_F_INFO; s--)
		for (size_t i = 0; i < f->n; i++)
			if ((int)f->v[i].severity == s)
				sorted[n++] = f->v[i];
	free(f->v);
	f->v = sorted;
}

int pve_findings_code(const struct pve_findings *f)
{
	bool warning = false;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].severity == PVE_F_CRITICAL)
			return PVE_CRITICAL;
		warning |= f->v[i].severity == PVE_F_WARNING;
	}
	if (f->unknown)
		return PVE_UNKNOWN;
	return warning ? PVE_FAILED : PVE_OK;
}

int pve_findings_report(struct pve_ctx *ctx, struct pve_findings *f)
{
	struct pve_out *out =
		pve_out_new(pve_finding_cols, PVE_FINDING_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	pve_findings_sort(f);
	for (size_t i = 0; i < f->n; i++) {
		const struct pve_finding *one = &f->v[i];
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, COL_SEVERITY, severities[one->severity].word);
		pve_row_str(row, COL_CODE, one->code);
		pve_row_str(row, COL_OBJECT, one->object);
		pve_row_str(row, COL_MESSAGE, one->message);
		pve_row_str(row, COL_FIX, one->fix);
		pve_row_color(row, severities[one->severity].color);
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc < 0 ? -1 : pve_findings_code(f);
}

void pve_findings_done(struct pve_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].object);
		free(f->v[i].message);
		free(f->v[i].fix);
	}
	free(f->v);
	*f = (struct pve_findings){0};
}
