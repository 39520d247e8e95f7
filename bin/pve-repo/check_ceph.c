/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pve-repo/check.h"

/* "15.2.17-pve1" is octopus. */
static const struct repo_ceph *installed(const struct repo_check *c)
{
	unsigned long major = c->facts->ceph_version ? strtoul(c->facts->ceph_version, NULL, 10) : 0;

	for (size_t i = 0; i < repo_ncephs; i++)
		if (repo_cephs[i].major == major)
			return &repo_cephs[i];
	return NULL;
}

/* A month is over when the next one has begun: "2022-08" by the text of the date. */
static bool is_over(const char *month, time_t now)
{
	struct tm tm;
	char text[16];

	if (!gmtime_r(&now, &tm) || !strftime(text, sizeof(text), "%Y-%m", &tm))
		return false;
	return strcmp(text, month) > 0;
}

static void check_release(struct repo_check *c, struct repo_single *one)
{
	const struct repo_suite *s = one->kind.suite;
	const struct repo_ceph *ceph = one->kind.ceph;
	unsigned has = repo_ceph_channels(ceph, s);
	struct pve_finding *f;

	if (one->kind.product != REPO_CEPH || !s)
		return;
	if (!ceph)
		f = repo_check_entry(c, REPO_CHECK_CEPH_RELEASE, one->e,
				     "%s is no Ceph release that is known here",
				     one->e->uris.v[one->u].text);
	else if (!has)
		f = repo_check_entry(c, REPO_CHECK_CEPH_RELEASE, one->e,
				     "Ceph %s is not made for %s", ceph->name, s->codename);
	else if (!(has & 1u << one->kind.channel))
		f = repo_check_entry(c, REPO_CHECK_CEPH_RELEASE, one->e,
				     "Ceph %s for %s has no component %s", ceph->name, s->codename,
				     one->e->components.v[one->k].text);
	else
		return;
	pve_finding_fix(f, "%s", repo_check_command(c, "disable", one));
}

static void check_installed(struct repo_check *c, struct repo_single *one)
{
	const struct repo_ceph *have = installed(c), *is = one->kind.ceph;

	if (one->kind.product != REPO_CEPH || !is || !have || have == is)
		return;
	pve_finding_fix(repo_check_entry(c, REPO_CHECK_CEPH_INSTALLED, one->e,
					 "Ceph %s is installed, but the repository is of %s%s", have->name,
					 is->name,
					 is->major > have->major
						 ? ": the next upgrade takes the step to it"
						 : ": there will be no updates"),
			"%s", repo_check_command(c, "disable", one));
}

static void check_eol(struct repo_check *c, struct repo_single *one)
{
	const struct repo_ceph *ceph = one->kind.ceph;

	if (one->kind.product == REPO_CEPH && ceph && is_over(ceph->eol, c->facts->now))
		repo_check_no_fix(repo_check_entry(
			c, REPO_CHECK_CEPH_EOL, one->e,
			"Ceph %s has had its last update upstream in %s", ceph->name, ceph->eol));
}

/* Of two releases the second is one too many, unless it is what is installed. */
static void check_twice(struct repo_check *c, struct repo_single *one)
{
	const struct repo_single *first = c->ceph;

	if (one->kind.product != REPO_CEPH || !one->kind.ceph)
		return;
	if (!first) {
		c->ceph = pve_arena_alloc(&c->mem, sizeof(*c->ceph));
		*c->ceph = *one;
	} else if (first->kind.ceph != one->kind.ceph) {
		const struct repo_single *extra = installed(c) == one->kind.ceph ? first : one;

		pve_finding_fix(repo_check_entry(c, REPO_CHECK_CEPH_TWICE, extra->e,
						 "Ceph %s and %s are both enabled",
						 first->kind.ceph->name, one->kind.ceph->name),
				"%s", repo_check_command(c, "disable", extra));
	}
}

void repo_check_ceph(struct repo_check *c)
{
	repo_check_each(c, check_release);
	repo_check_each(c, check_twice);
	repo_check_each(c, check_installed);
	repo_check_each(c, check_eol);
}
