/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lets apt take packages of which nobody knows who made them. */
#include <string.h>

#include "pve-repo/check.h"
#include "pve-repo/uri.h"

/* Options of an entry and the value that opens it. */
static const struct {
	const char *key;
	bool bad;
	const char *what;
} options[] = {
	{"trusted", true, "is taken without a signature"},
	{"allow-insecure", true, "is taken without a signature"},
	{"allow-weak", true, "is taken with a weak signature"},
	{"allow-downgrade-to-insecure", true, "may lose its signature"},
	{"check-valid-until", false, "may be older than it says of itself"},
	{"check-date", false, "may be of any date"},
};

const char *repo_option_opens(const struct repo_option *o)
{
	for (size_t i = 0; o->known && o->last && i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(o->key, options[i].key) == 0 &&
		    (repo_bool(o->value, 0) != 0) == options[i].bad)
			return options[i].what;
	return NULL;
}

static void check_entry(struct repo_check *c, const struct repo_entry *e)
{
	for (size_t i = 0; i < e->noptions; i++) {
		const struct repo_option *o = &e->option[i];
		const char *what = repo_option_opens(o);

		if (what)
			repo_check_trapped(c, REPO_CHECK_UNVERIFIED, e, o->line, "with %s=%s %s %s",
					   o->key, o->value, e->uris.v[0].text, what);
	}
	for (size_t i = 0; i < e->uris.n; i++) {
		struct repo_uri u;

		repo_uri_parse(&u, e->uris.v[i].text, &c->mem);
		if (u.password[0])
			repo_check_entry(c, REPO_CHECK_LOGIN, e,
					 "the URI for %s has a password: /etc/apt/auth.conf.d is the "
					 "place for it", u.host);
	}
}

/* apt.conf(5), apt-secure(8). */
static const struct {
	const char *key;
	bool bad, otherwise;
	const char *what;
} settings[] = {
	{"Acquire::Check-Date", false, true, "a mirror may show lists of any date"},
	{"Acquire::Check-Valid-Until", false, true, "a mirror may hold updates back for ever"},
	{"Acquire::AllowInsecureRepositories", true, false, "repositories need no signature"},
	{"Acquire::AllowWeakRepositories", true, false, "weak signatures are taken"},
	{"Acquire::AllowDowngradeToInsecureRepositories", true, false,
	 "a repository may lose its signature"},
	{"APT::Get::AllowUnauthenticated", true, false, "packages need no signature"},
	{"Acquire::https::Verify-Peer", false, true, "any server is taken for the right one"},
	{"Acquire::https::Verify-Host", false, true, "any server is taken for the right one"},
};

const char *repo_setting_opens(const struct repo_aptconf *conf,
			       const struct repo_aptconf_item *item, const char **good)
{
	for (size_t i = 0; item->file && i < sizeof(settings) / sizeof(*settings); i++)
		if (repo_aptconf_find(conf, settings[i].key) == item &&
		    repo_aptconf_bool(conf, settings[i].key, settings[i].otherwise) ==
			    settings[i].bad) {
			*good = settings[i].bad ? "\"false\"" : "\"true\"";
			return settings[i].what;
		}
	return NULL;
}

static void check_setting(struct repo_check *c, const struct repo_aptconf_item *item)
{
	const char *good, *what = repo_setting_opens(c->facts->conf, item, &good);
	struct pve_finding *f;

	if (!what)
		return;
	f = repo_check_at(c, REPO_CHECK_APT_UNVERIFIED, item->file, item->line, "%s \"%s\": %s",
			  item->key, item->value, what);
	if (item->len)
		pve_finding_fix(f, "pve-repo repair %s:%u", item->file, item->line);
}

void repo_check_trust(struct repo_check *c)
{
	for (size_t i = 0; i < c->s->nentries; i++)
		if (c->s->entry[i]->enabled && c->s->entry[i]->uris.n)
			check_entry(c, c->s->entry[i]);
	for (size_t i = 0; c->facts->conf && i < sizeof(settings) / sizeof(*settings); i++) {
		const struct repo_aptconf_item *item =
			repo_aptconf_find(c->facts->conf, settings[i].key);

		if (item)
			check_setting(c, item);
	}
}
