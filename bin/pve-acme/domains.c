/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/domains.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/propstr.h"
#include "pveio/x509.h"

bool acme_is_id(const char *text)
{
	size_t n = strlen(text);

	if (n < 2 || !isalpha((unsigned char)text[0]))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	return true;
}

/* --- names -------------------------------------------------------------------------------- */

/* Labels of letters, digits, '-' and '_', each with none of the signs at its start; those of an
 * alias may begin with '_'.  RFC 1035, section 2.3.4, limits their lengths. */
static bool is_domain(const char *name, bool alias)
{
	size_t labels = 0;

	if (strlen(name) > 253)
		return false;
	for (;;) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || !(isalnum((unsigned char)*name) || (alias && *name == '_')))
			return false;
		for (size_t i = 1; i < n; i++)
			if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
				return false;
		labels++;
		if (!name[n])
			return labels >= 2;
		name += n + 1;
	}
}

/* What is wrong with a name, or NULL; *foreign as in struct acme_domain. */
static const char *judge_name(const char *name, bool *foreign)
{
	*foreign = true;
	if (pve_name_type(name) == PVE_NAME_IP)
		return NULL;
	if (strncmp(name, "*.", 2) == 0)
		return is_domain(name + 2, false) ? NULL : "is no domain behind its '*.'";
	*foreign = false;
	if (is_domain(name, false))
		return NULL;
	if (!strchr(name, '.'))
		return "has one label only; no public CA certifies that";
	if (name[strlen(name) - 1] == '.')
		return "ends with a dot";
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p > 0x7e)
			return "must be written in its ASCII form (xn--...)";
	return "is no domain name";
}

static char *lower(struct pve_arena *mem, struct pve_span text)
{
	char *s = pve_arena_memdup(mem, text.len ? text.p : "", text.len);

	for (char *p = s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return s;
}

/* --- the values --------------------------------------------------------------------------- */

struct reader {
	struct acme_domains *d;
	const char *file;
	struct pve_diags *diags;
	const char *key; /* that is read, and its line */
	unsigned line;
};

static struct acme_domain *add_name(struct reader *r, struct pve_span text)
{
	struct acme_domains *d = r->d;
	const char *name = lower(&d->mem, text);
	const struct acme_domain *old = acme_domains_find(d, name);
	struct acme_domain *one;
	bool foreign;
	const char *wrong = judge_name(name, &foreign);

	if (wrong || old) {
		if (wrong)
			pve_diags_add(r->diags, PVE_ERROR, r->file, r->line, "%s: '%s' %s", r->key, name,
				      wrong);
		else
			pve_diags_add(r->diags, PVE_ERROR, r->file, r->line,
				      "'%s' is named twice, by %s and by %s", name, old->key, r->key);
		return NULL;
	}
	d->v = pve_grow(d->v, d->n, &d->cap, sizeof(*d->v));
	one = &d->v[d->n++];
	*one = (struct acme_domain){
		.name = name, .plugin = ACME_STANDALONE, .line = r->line, .foreign = foreign};
	snprintf(one->key, sizeof(one->key), "%s", r->key);
	return one;
}

/* Errors for parts that are none of the words, which end with NULL. */
static void refuse_others(struct reader *r, const struct pve_propstr *p, const char *const *words)
{
	for (size_t i = 0; i < p->n; i++) {
		bool known = !p->v[i].key.len;

		for (size_t w = 0; words[w]; w++)
			known = known || pve_span_eq(p->v[i].key, words[w]);
		if (!known)
			pve_diags_add(r->diags, PVE_ERROR, r->file, r->line,
				      "%s: there is no property '%.*s'", r->key,
				      PVE_SPAN_ARG(p->v[i].key));
	}
}

static const char *id_of(struct reader *r, const struct pve_prop *p, const char *otherwise)
{
	const char *id = p ? pve_arena_memdup(&r->d->mem, p->value.p, p->value.len) : otherwise;

	if (acme_is_id(id))
		return id;
	pve_diags_add(r->diags, PVE_ERROR, r->file, r->line,
		      "%s: '%s' cannot be the name of an account or plugin", r->key, id);
	return otherwise;
}

static void read_acme(struct reader *r, struct pve_span value)
{
	static const char *const words[] = {"account", "domains", NULL};
	struct pve_propstr p = {0};
	const struct pve_prop *domains;
	struct pve_strv names = {0};

	pve_propstr_parse(&p, value, "account", r->file, r->line, r->diags);
	refuse_others(r, &p, words);
	r->d->account = id_of(r, pve_propstr_find(&p, "account"), r->d->account);
	domains = pve_propstr_find(&p, "domains");
	if (domains)
		pve_strv_split(&names, domains->value, "; \t");
	for (size_t i = 0; i < names.n; i++)
		add_name(r, pve_span(names.v[i]));
	pve_strv_done(&names);
	pve_propstr_done(&p);
}

static void read_alias(struct reader *r, struct acme_domain *one, const struct pve_prop *alias)
{
	const char *name = lower(&r->d->mem, alias->value);

	if (is_domain(name, true))
		one->alias = name;
	else
		pve_diags_add(r->diags, PVE_ERROR, r->file, r->line,
			      "%s: the alias '%s' is no domain name", r->key, name);
}

static void read_domain(struct reader *r, struct pve_span value)
{
	static const char *const words[] = {"domain", "plugin", "alias", NULL};
	struct pve_propstr p = {0};
	const struct pve_prop *domain, *alias;
	struct acme_domain *one = NULL;

	pve_propstr_parse(&p, value, "domain", r->file, r->line, r->diags);
	refuse_others(r, &p, words);
	domain = pve_propstr_find(&p, "domain");
	alias = pve_propstr_find(&p, "alias");
	if (domain)
		one = add_name(r, domain->value);
	else
		pve_diags_add(r->diags, PVE_ERROR, r->file, r->line, "%s: names no domain", r->key);
	if (one)
		one->plugin = id_of(r, pve_propstr_find(&p, "plugin"), ACME_STANDALONE);
	if (one && alias)
		read_alias(r, one, alias);
	pve_propstr_done(&p);
}

void acme_domains_parse(struct acme_domains *d, const struct pve_conf_colon *config,
			const char *file, struct pve_diags *diags)
{
	struct pve_diags ignored = {0};
	struct reader r = {d, file, diags ? diags : &ignored, "acme", 0};
	const struct pve_conf_colon_key *k = pve_conf_colon_find(config, "acme");
	char name[16];

	d->account = ACME_DEFAULT_ACCOUNT;
	if (k) {
		r.line = (unsigned)k->line + 1;
		read_acme(&r, k->value);
	}
	for (unsigned i = 0; i < ACME_DOMAIN_KEYS; i++) {
		snprintf(name, sizeof(name), "acmedomain%u", i);
		k = pve_conf_colon_find(config, name);
		if (!k)
			continue;
		r.key = name;
		r.line = (unsigned)k->line + 1;
		read_domain(&r, k->value);
	}
	pve_diags_done(&ignored);
}

const struct acme_domain *acme_domains_find(const struct acme_domains *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].name, name) == 0)
			return &d->v[i];
	return NULL;
}

void acme_domains_done(struct acme_domains *d)
{
	free(d->v);
	pve_arena_done(&d->mem);
	*d = (struct acme_domains){0};
}
