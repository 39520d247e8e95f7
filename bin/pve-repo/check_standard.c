/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the standard repositories are used, and whether this host may. */
#include <string.h>

#include "pve-repo/add.h"
#include "pve-repo/check.h"

static bool is_active(const struct repo_check *c)
{
	return c->facts->sub.status == REPO_SUB_ACTIVE;
}

/* Instead of the enterprise repository, and of that of Ceph when it is used, too. */
static const char *without_subscription(struct repo_check *c)
{
	PVE_BUF b = {0};

	pve_buf_puts(&b, "pve-repo add --only no-subscription");
	for (const struct repo_standard *r = c->facts->all; r && r->handle; r++)
		if (r->product == REPO_CEPH && r->channel == REPO_ENTERPRISE &&
		    repo_is_enabled(c->s, r))
			pve_buf_printf(&b, " ceph-%s-no-subscription", r->ceph->name);
	return pve_arena_memdup(&c->mem, pve_buf_str(&b), b.len);
}

static const char *sub_text(struct repo_check *c)
{
	const struct repo_subscription *s = &c->facts->sub;

	if (s->status == REPO_SUB_NONE)
		return "this host has no subscription";
	if (s->why[0])
		return pve_arena_printf(&c->mem, "the subscription is invalid: %s", s->why);
	return pve_arena_printf(&c->mem, "the subscription is %s",
				repo_subscription_status(s->status));
}

static void enterprise(struct repo_check *c, const struct repo_single *one)
{
	bool ceph = one->kind.product == REPO_CEPH;
	const struct repo_auth *auth = ceph ? &c->facts->auth_ceph : &c->facts->auth;
	struct pve_finding *f;

	if (one->kind.archived)
		return;
	if (!is_active(c)) {
		f = repo_check_entry(c, REPO_CHECK_ENTERPRISE, one->e,
				     "%s, so the enterprise repository of %s answers 401 and "
				     "\"apt-get update\" fails", sub_text(c),
				     ceph ? "Ceph" : "Proxmox VE");
		if (c->facts->all)
			pve_finding_fix(f, "%s", without_subscription(c));
		else
			pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
		return;
	}
	if (!auth->found) {
		f = repo_check_entry(c, REPO_CHECK_AUTH, one->e,
				     "no file in /etc/apt/auth.conf.d has the login of the subscription "
				     "for %s", one->e->uris.v[one->u].text);
		pve_finding_fix(f, "pve-repo subscription --login");
	} else if (strcmp(auth->login, c->facts->sub.raw_key) != 0) {
		f = repo_check_at(c, REPO_CHECK_AUTH, auth->file, auth->line,
				  "the login is not the key of the subscription");
		pve_finding_fix(f, "pve-repo subscription --login");
	}
}

static void channel(struct repo_check *c, struct repo_single *one)
{
	const char *what = one->kind.product == REPO_CEPH ? "Ceph" : "Proxmox VE";
	struct pve_finding *f;

	if (one->kind.product != REPO_PVE && one->kind.product != REPO_CEPH)
		return;
	switch (one->kind.channel) {
	case REPO_ENTERPRISE:
		enterprise(c, one);
		break;
	case REPO_NO_SUBSCRIPTION:
		f = repo_check_entry(c, REPO_CHECK_NO_SUBSCRIPTION, one->e,
				     "the no-subscription repository of %s is not recommended for "
				     "production use", what);
		if (is_active(c) && c->facts->all && one->kind.product == REPO_PVE)
			pve_finding_fix(f, "pve-repo add --only enterprise");
		else
			repo_check_no_fix(f); /* without a subscription it is the right one */
		break;
	case REPO_TEST:
		f = repo_check_entry(c, REPO_CHECK_TEST, one->e,
				     "the test repository of %s is only for testing", what);
		pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
		break;
	default:
		break;
	}
}

/* pvetest on trixie, pve-test before: apt finds no such component and says so only in passing. */
static void component(struct repo_check *c, struct repo_single *one)
{
	const struct repo_suite *s = one->kind.suite;
	const char *text, *want;

	if (one->kind.product != REPO_PVE || !one->kind.channel || !s || !one->e->components.n)
		return;
	text = one->e->components.v[one->k].text;
	want = repo_component(REPO_PVE, one->kind.channel, s);
	if (want && strcmp(want, text) != 0) {
		struct pve_finding *f =
			repo_check_entry(c, REPO_CHECK_COMPONENT, one->e,
					 "%s has no component %s: it is %s there", s->codename, text,
					 want);

		if (s == c->facts->suite)
			pve_finding_fix(f, "pve-repo suite %s", s->codename);
	}
}

static bool any_enabled(const struct repo_check *c, enum repo_product p)
{
	for (const struct repo_standard *r = c->facts->all; r->handle; r++)
		if (r->product == p && repo_is_enabled(c->s, r))
			return true;
	return false;
}

void repo_check_standard(struct repo_check *c)
{
	repo_check_each(c, channel);
	repo_check_each(c, component);
	if (!c->facts->all)
		return;
	if (!any_enabled(c, REPO_PVE))
		pve_finding_fix(repo_check_about(c, REPO_CHECK_NONE, REPO_SOURCE_LIST,
						 "no repository of Proxmox VE for %s is enabled",
						 c->facts->suite->codename),
				"pve-repo add %s", is_active(c) ? "enterprise" : "no-subscription");
	if (!any_enabled(c, REPO_DEBIAN_SECURITY))
		pve_finding_fix(repo_check_about(c, REPO_CHECK_SECURITY_MISSING, REPO_SOURCE_LIST,
						 "the security updates of Debian %u are not enabled",
						 c->facts->suite->debian),
				"pve-repo add debian-security");
}
