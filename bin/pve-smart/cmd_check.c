/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"
#include "probe_smartd.h"
#include "smart.h"

const struct pve_opt smart_ask_options[] = {
	{'t', "timeout", PVE_OPT_DURATION, offsetof(struct smart_ask_opts, timeout),
	 .arg = "SECONDS", .help = "how long to wait for a disk (10)", .min = 1, .max = 600},
	{0},
};

static void check_disk(const struct smart_host *h, const struct pve_disk *d,
		       struct pve_findings *found)
{
	const struct smart_verdict *v = smart_verdict_of(h, d);
	const struct pve_smart *s = smart_of(h, d);

	for (size_t i = 0; i < v->n; i++) {
		const struct smart_problem *p = &v->problem[i];
		struct pve_finding *f =
			pve_findings_add(found, p->severity, p->code, d->name, "%s", p->message);

		if (p->fix)
			pve_finding_fix(f, "%s", p->fix);
	}
	/* That a disk has no SMART is an answer. */
	if (v->health == SMART_UNKNOWN && s->state != PVE_SMART_NONE && s->state != PVE_SMART_OFF)
		found->unknown = true;
}

/* Who would hear of a disk that fails, while nobody looks? */
static void check_host(const struct smart_host *h, struct pve_ctx *ctx, struct pve_findings *found)
{
	struct smartd_facts facts;
	struct smartd_files files;

	smartd_facts_read(&facts, &files, &ctx->sys);
	smartd_check(&facts, &h->disks, found);
	smartd_files_done(&files);
}

/* Of most controllers smartctl --scan does not find the disks.  One may as well pass them through,
 * so this is no warning. */
static void check_members(const struct smart_host *h, struct pve_findings *found)
{
	if (h->facts.raid_driver && !h->facts.nmembers)
		pve_findings_add(found, PVE_F_INFO, "SMART-RAID-HIDDEN", h->facts.raid_driver,
				 "a RAID controller may have disks that only it can see: neither "
				 "smartctl --scan nor /etc/smartd.conf names one (a line there is "
				 "\"/dev/sg0 -d cciss,0 -a -m root\", see -d in smartctl(8))");
}

static int check(struct pve_ctx *ctx, struct smart_host *h, struct pve_findings *found)
{
	const struct smart_ask_opts *opts = ctx->opts;

	if (smart_host_read(h, ctx, true) < 0)
		return -1;
	smart_host_ask(h, ctx, opts->timeout, false);
	for (size_t i = 0; i < h->nchosen; i++)
		check_disk(h, h->chosen[i], found);
	if (!ctx->operands.n) {
		check_members(h, found);
		check_host(h, ctx, found);
	}
	return 0;
}

int smart_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings found = {0};
	struct smart_host h = {0};
	int rc = check(ctx, &h, &found);

	if (rc < 0 && ctx->err.code == PVE_NOTHERE) {
		pve_log_err(&ctx->log, &ctx->err);
		ctx->err = (struct pve_err){0};
		found.unknown = true;
		rc = 0;
	}
	if (rc == 0)
		rc = pve_findings_report(ctx, &found);
	smart_host_done(&h);
	pve_findings_done(&found);
	return rc;
}
