/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-repo/check.h"

static const char *suite_of(const struct repo_single *one)
{
	return one->e->suites.v[one->n].text;
}

/* Once for each suite of an entry, not for each component. */
static bool is_first(const struct repo_single *one)
{
	return one->k == 0 && one->u == 0;
}

static void unstable(struct repo_check *c, const struct repo_single *one)
{
	struct pve_finding *f = repo_check_entry(c, REPO_CHECK_SUITE_UNSTABLE, one->e,
						 "%s is not for a host in production", suite_of(one));

	pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
}

static void alias(struct repo_check *c, const struct repo_single *one)
{
	static const char *const moving[] = {"testing", "unstable", "sid", "experimental"};
	const char *suite = suite_of(one);
	struct pve_finding *f;

	for (size_t i = 0; i < sizeof(moving) / sizeof(*moving); i++)
		if (strncmp(suite, moving[i], strlen(moving[i])) == 0) {
			unstable(c, one);
			return;
		}
	f = repo_check_entry(c, REPO_CHECK_SUITE_ALIAS, one->e,
			     "%s is another release from the day of the next one on", suite);
	if (c->facts->suite && one->kind.product != REPO_FOREIGN)
		pve_finding_fix(f, "pve-repo suite %s", c->facts->suite->codename);
}

static void release(struct repo_check *c, const struct repo_single *one)
{
	const struct repo_suite *host = c->facts->suite, *s = one->kind.suite;
	struct pve_finding *f;

	if (!host || s == host)
		return;
	if (repo_suite_order(s->codename) > repo_suite_order(host->codename)) {
		f = repo_check_entry(c, REPO_CHECK_SUITE_NEW, one->e,
				     "%s is later than %s, which this host has", suite_of(one),
				     host->codename);
		pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
		return;
	}
	f = repo_check_entry(c, REPO_CHECK_SUITE_OLD, one->e, "%s is earlier than %s, which this host has",
			     suite_of(one), host->codename);
	if (one->kind.product == REPO_FOREIGN || one->kind.product == REPO_PROXMOX_OTHER)
		pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
	else
		pve_finding_fix(f, "pve-repo suite %s", host->codename);
}

/* Whatever the mirror: the suite has the form of its release, and nothing else is there. */
static void security(struct repo_check *c, const struct repo_single *one)
{
	const struct repo_suite *s = one->kind.suite;
	const char *want = s->slash_updates ? "/updates" : "-security";
	bool like = strcmp(one->kind.suffix, "/updates") == 0 ||
		    strcmp(one->kind.suffix, "-security") == 0;
	struct pve_finding *f;

	if (one->kind.product != REPO_DEBIAN_SECURITY &&
	    !(one->kind.product == REPO_DEBIAN && like))
		return;
	if (strcmp(one->kind.suffix, want) == 0)
		return;
	f = repo_check_entry(c, REPO_CHECK_SECURITY_SUITE, one->e,
			     "there is no suite %s: the security updates of %s are in %s%s",
			     suite_of(one), s->codename, s->codename, want);
	if (c->facts->suite)
		pve_finding_fix(f, "pve-repo suite %s", c->facts->suite->codename);
}

static void archive(struct repo_check *c, const struct repo_single *one)
{
	const struct repo_suite *s = one->kind.suite;
	struct pve_finding *f;

	if (!s->retired || one->kind.archived || !repo_maker(&one->kind) ||
	    one->kind.product == REPO_PROXMOX_OTHER)
		return;
	f = repo_check_entry(c, REPO_CHECK_ARCHIVE, one->e,
			     "%s is retired and has moved from %s to the archive of its maker",
			     s->codename, one->e->uris.v[one->u].text);
	if (c->facts->suite == s)
		pve_finding_fix(f, "pve-repo suite %s --archive", s->codename);
}

static void check(struct repo_check *c, struct repo_single *one)
{
	if (!is_first(one))
		return;
	if (one->kind.alias) {
		alias(c, one);
		return;
	}
	if (!one->kind.suite)
		return;
	release(c, one);
	security(c, one);
	archive(c, one);
}

void repo_check_suite(struct repo_check *c)
{
	repo_check_each(c, check);
}
