/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "check.h"
#include "net.h"
#include "probe_dropin.h"
#include "pvecommon/fs.h"
#include "stage.h"

/* A file of which the checks know something.  That it is not there is an answer; that it
 * cannot be read leaves a question. */
static bool read_fact(struct pve_ctx *ctx, const char *path, struct pve_buf *text,
		      struct pve_findings *found)
{
	struct pve_err e = {0};
	bool there = false;

	if (probe_read(&ctx->sys, path, text, &there, &e) == 0)
		return there;
	pve_log_err(&ctx->log, &e);
	found->unknown = true;
	return false;
}

static void read_sysctl(struct pve_ctx *ctx, struct check_facts *facts, struct pve_strv *paths,
			struct pve_findings *found)
{
	static const char *const dirs[] = {"/etc/sysctl.d", "/run/sysctl.d",
					   "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", NULL};
	struct pve_err e = {0};

	if (probe_dropins(&ctx->sys, dirs, ".conf", paths, &e) < 0) {
		pve_log_err(&ctx->log, &e);
		found->unknown = true;
	}
	for (size_t n = 0; n < paths->n; n++) {
		PVE_BUF text = {0};

		if (read_fact(ctx, paths->v[n], &text, found))
			ipv6_rules_read(&facts->ipv6, (struct pve_span){text.data, text.len},
					paths->v[n]);
	}
}

static void read_engines(struct pve_ctx *ctx, struct check_facts *facts, struct pve_dpkg *db,
			 struct pve_findings *found)
{
	struct pve_err e = {0};

	if (!pve_fs_exists(&ctx->sys, PVE_DPKG_STATUS))
		return;
	if (pve_dpkg_read(db, &ctx->sys, NULL, &e) == 0) {
		net_engine_versions(db, &facts->engine);
		facts->gui = pve_dpkg_version(db, "pve-manager").len > 0;
		return;
	}
	pve_log_err(&ctx->log, &e);
	found->unknown = true;
}

/* A later file has the last word, as in ifupdown2. */
static void read_policies(struct pve_ctx *ctx, struct check_facts *facts,
			  struct pve_findings *found)
{
	static const char *const dirs[] = {"/etc/network/ifupdown2/policy.d",
					   "/var/lib/ifupdown2/policy.d", NULL};
	PVE_STRV paths = {0};

	probe_dropins(&ctx->sys, dirs, ".json", &paths, NULL);
	for (size_t i = 0; i < paths.n; i++) {
		PVE_BUF text = {0};

		if (read_fact(ctx, paths.v[i], &text, found))
			check_facts_policy(facts, (struct pve_span){text.data, text.len});
	}
}

/* Below --root owners and groups are those of whoever unpacked the tree. */
static void read_mode(struct pve_ctx *ctx, struct check_facts *facts)
{
	struct stat st;

	if (pve_fs_stat(&ctx->sys, NET_INTERFACES, &st, NULL) < 0)
		return;
	facts->mode = st.st_mode & 07777;
	facts->writable = ctx->sys.rooted ? 0002 : 0022;
	facts->owner = ctx->sys.rooted ? 0 : st.st_uid;
}

/* Another program's staging has no base; then the times tell. */
static bool older_than_live(struct pve_ctx *ctx)
{
	struct stat live, staged;

	return pve_fs_stat(&ctx->sys, NET_INTERFACES, &live, NULL) == 0 &&
	       pve_fs_stat(&ctx->sys, NET_STAGED, &staged, NULL) == 0 &&
	       staged.st_mtime < live.st_mtime;
}

static void read_staged(struct pve_ctx *ctx, struct check_facts *facts, struct pve_findings *found)
{
	struct net_stage s;
	struct pve_err e = {0};

	if (net_stage_read(&s, &ctx->sys, &e) < 0) {
		pve_log_err(&ctx->log, &e);
		found->unknown = true;
		return;
	}
	if (net_stage_pending(&s))
		facts->staged = CHECK_STAGED_GOOD;
	if (net_stage_check(&s, NULL) < 0 || (net_stage_foreign(&s) && older_than_live(ctx)))
		facts->staged = CHECK_STAGED_STALE;
	net_stage_done(&s);
}

static void read_programs(struct pve_ctx *ctx, const struct net_conf *conf,
			  struct check_facts *facts)
{
	PVE_STRV paths = {0};

	check_hook_programs(conf, &paths);
	for (size_t i = 0; i < paths.n; i++)
		if (!pve_fs_exists(&ctx->sys, paths.v[i])) {
			const char *path = pve_arena_strdup(&facts->mem, paths.v[i]);

			pve_map_set(&facts->absent, pve_span(path), (void *)path);
		}
}

static void read_facts(struct pve_ctx *ctx, const struct net_host *h, struct check_facts *facts,
		       struct pve_strv *paths, struct pve_findings *found)
{
	struct pve_sys *sys = &ctx->sys;
	PVE_BUF corosync = {0};

	if (read_fact(ctx, "/etc/pve/corosync.conf", &corosync, found))
		check_facts_corosync(facts, (struct pve_span){corosync.data, corosync.len});
	read_sysctl(ctx, facts, paths, found);
	facts->sdn = pve_fs_exists(sys, "/etc/network/interfaces.d/sdn");
	facts->ifupdown2 = pve_fs_exists(sys, "/etc/network/ifupdown2/ifupdown2.conf");
	for (unsigned n = 0; check_legacy[n]; n++) {
		PVE_FREE char *path = pve_asprintf("/usr/sbin/%s", check_legacy[n]);

		if (pve_fs_exists(sys, path))
			facts->legacy |= 1u << n;
	}
	read_policies(ctx, facts, found);
	read_mode(ctx, facts);
	read_staged(ctx, facts, found);
	read_programs(ctx, &h->conf, facts);
	if (h->have_live) {
		facts->link = &h->link;
		facts->live = &h->live;
	}
}

static void check_host(struct pve_ctx *ctx, const struct net_host *h, struct pve_findings *found)
{
	PVE_CLEANUP(pve_dpkg_done) struct pve_dpkg dpkg = {0};
	struct check_facts facts = {0};
	PVE_STRV paths = {0}; /* the rules in facts borrow them */

	if (h->conf.missing) {
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "there is no %s%s", ctx->sys.root,
			     NET_INTERFACES);
		found->unknown = true;
		return;
	}
	read_facts(ctx, h, &facts, &paths, found);
	read_engines(ctx, &facts, &dpkg, found);
	net_check(&h->conf, &h->model, &facts, found);
	check_facts_done(&facts);
}

const struct pve_opt net_check_options[] = {
	{'s', "staged", PVE_OPT_FLAG, offsetof(struct net_check_opts, staged),
	 .help = "the configuration as it is staged"},
	{0},
};

/* The staged configuration in place of the live one.  *s lives as long as the host. */
static int take_staged(struct pve_ctx *ctx, struct net_host *h, struct net_stage *s,
		       struct pve_err *e)
{
	if (net_stage_read(s, &ctx->sys, e) < 0)
		return -1;
	net_model_done(&h->model);
	net_conf_done(&h->conf);
	if (net_stage_conf(s, &ctx->sys, NET_VIEW_STAGED, &h->conf, e) < 0)
		return -1;
	net_model_read(&h->model, &h->conf);
	return 0;
}

static int read_host(struct pve_ctx *ctx, struct net_host *h, struct net_stage *s,
		     struct pve_err *e)
{
	const struct net_check_opts *opts = ctx->opts;

	if (net_host_read(h, &ctx->sys, 0, e) < 0)
		return -1;
	if (!opts->staged || take_staged(ctx, h, s, e) == 0)
		return 0;
	net_host_done(h);
	return -1;
}

int net_cmd_check(struct pve_ctx *ctx)
{
	PVE_CLEANUP(net_stage_done) struct net_stage stage = {0};
	struct pve_findings found = {0};
	struct net_host h;
	struct pve_err e = {0};
	int code;

	if (read_host(ctx, &h, &stage, &e) == 0) {
		check_host(ctx, &h, &found);
		net_host_done(&h);
	} else {
		pve_log_err(&ctx->log, &e);
		found.unknown = true;
	}
	code = pve_findings_report(ctx, &found);
	pve_findings_done(&found);
	return code;
}
