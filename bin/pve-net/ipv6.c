/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ipv6.h"

#include <arpa/inet.h>
#include <fnmatch.h>

#include "explain.h"
#include "pvecommon/textfile.h"

#define PREFIX "net/ipv6/conf/"
#define SUFFIX "/disable_ipv6"

/* The NAME of net.ipv6.conf.NAME.disable_ipv6 in either spelling, or NULL.  When the first
 * separator is a '.', '.' and '/' change places (sysctl.d(5)). */
static char *key_name(struct pve_arena *mem, struct pve_span key)
{
	char *path = pve_arena_memdup(mem, key.p, key.len);
	size_t sep = strcspn(path, "./"), len = key.len, head = strlen(PREFIX),
	       tail = strlen(SUFFIX);

	if (path[sep] == '.')
		for (char *p = path; *p; p++)
			*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	if (len <= head + tail || memcmp(path, PREFIX, head) != 0 ||
	    strcmp(path + len - tail, SUFFIX) != 0)
		return NULL;
	path[len - tail] = '\0';
	return path + head;
}

static void rule_read(struct ipv6_rules *r, struct pve_span text, const char *file, unsigned line)
{
	struct ipv6_rule rule = {.file = file, .line = line};
	struct pve_span key = pve_span_trim(text), value = {0};
	const char *eq;
	bool dash;

	if (!key.len || key.p[0] == '#' || key.p[0] == ';')
		return;
	dash = key.p[0] == '-';
	eq = memchr(key.p, '=', key.len);
	if (!eq && !dash)
		return;
	if (eq) {
		value = (struct pve_span){eq + 1, (size_t)(key.p + key.len - eq - 1)};
		key.len = (size_t)(eq - key.p);
	}
	if (dash)
		key.p++, key.len--;
	rule.name = key_name(&r->memory, pve_span_trim(key));
	if (!rule.name)
		return;
	value = pve_span_trim(value);
	rule.except = !eq;
	rule.glob = strpbrk(rule.name, "*?[") != NULL;
	rule.off = eq && !pve_span_eq(value, "0");
	r->v = pve_grow(r->v, r->n, &r->cap, sizeof(*r->v));
	r->v[r->n++] = rule;
}

void ipv6_rules_read(struct ipv6_rules *r, struct pve_span bytes, const char *file)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, bytes);
	for (size_t i = 0; i < t.n; i++)
		rule_read(r, t.v[i].text, file, (unsigned)i + 1);
	pve_textfile_done(&t);
}

void ipv6_rules_done(struct ipv6_rules *r)
{
	free(r->v);
	pve_arena_done(&r->memory);
	*r = (struct ipv6_rules){0};
}

/* The last rule for exactly this name, else the last glob that fits. */
static const struct ipv6_rule *named(const struct ipv6_rules *r, const char *name)
{
	const struct ipv6_rule *glob = NULL;

	for (size_t i = r->n; i-- > 0;) {
		const struct ipv6_rule *rule = &r->v[i];

		if (!rule->glob && strcmp(rule->name, name) == 0)
			return rule->except ? NULL : rule;
		if (!glob && rule->glob && !rule->except &&
		    fnmatch(rule->name, name, FNM_PATHNAME) == 0)
			glob = rule;
	}
	return glob;
}

const struct ipv6_rule *ipv6_rules_find(const struct ipv6_rules *r, const char *name)
{
	const struct ipv6_rule *own = named(r, name), *all = named(r, "all");

	if (strcmp(name, "all") == 0)
		return all;
	if (own && all)
		return own > all ? own : all;
	if (own || all)
		return own ? own : all;
	return named(r, "default");
}

/* net.ipv6.conf.NAME.disable_ipv6, in which a '.' of the name is written as '/'. */
static char *key_of(const char *name)
{
	char *key = pve_asprintf("net.ipv6.conf.%s.disable_ipv6", name);

	for (char *p = key + strlen("net.ipv6.conf."); p < key + strlen(key) - strlen(SUFFIX); p++)
		if (*p == '.')
			*p = '/';
	return key;
}

int ipv6_snippet_off(struct pve_span was, const struct pve_strv *names, struct pve_buf *out,
		     struct pve_err *e)
{
	static char *both[] = {"all", "default"};
	char *const *v = names->n ? names->v : both;
	size_t n = names->n ? names->n : 2;
	struct pve_textfile t = {0};
	int ret = 0;

	pve_textfile_parse(&t, was);
	for (size_t i = 0; i < n && ret == 0; i++) {
		PVE_FREE char *key = key_of(v[i]);

		ret = pve_textfile_sysctl_set(&t, key, pve_span("1"), e);
	}
	if (ret == 0)
		pve_textfile_format(&t, out);
	pve_textfile_done(&t);
	return ret;
}

/* Nothing but blank lines. */
static bool blank(const struct pve_textfile *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (pve_span_trim(t->v[i].text).len)
			return false;
	return true;
}

int ipv6_snippet_on(struct pve_span was, const struct pve_strv *names, struct pve_buf *out,
		    struct pve_err *e)
{
	struct ipv6_rules rules = {0};
	struct pve_textfile t = {0};
	int ret = 0;

	ipv6_rules_read(&rules, was, NULL);
	pve_textfile_parse(&t, was);
	for (size_t i = 0; i < rules.n && ret == 0; i++) {
		PVE_FREE char *key = key_of(rules.v[i].name);

		if (!names->n || pve_strv_has(names, rules.v[i].name))
			ret = pve_textfile_sysctl_remove(&t, key, e);
	}
	if (ret == 0 && !blank(&t))
		pve_textfile_format(&t, out);
	pve_textfile_done(&t);
	ipv6_rules_done(&rules);
	return ret;
}

/* Length of the NAME in "NAME=0". */
static size_t name_len(const char *value)
{
	return (size_t)(strrchr(value, '=') - value);
}

char ipv6_value(const struct pve_strv *values, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < values->n; i++)
		if (name_len(values->v[i]) == len && memcmp(values->v[i], name, len) == 0)
			return values->v[i][len + 1];
	return 0;
}

/* Of "NAME=0", with the memory of the caller. */
static const char *name_of(struct pve_arena *mem, const char *value)
{
	return pve_arena_memdup(mem, value, name_len(value));
}

void ipv6_want_off(const struct pve_strv *now, const struct pve_strv *names, struct pve_strv *want)
{
	struct pve_arena mem = {0};

	for (size_t i = 0; i < now->n; i++) {
		const char *name = name_of(&mem, now->v[i]);

		if (!names->n || pve_strv_has(names, name))
			pve_strv_addf(want, "%s=1", name);
	}
	pve_arena_done(&mem);
}

static bool of_guest(const char *name)
{
	struct explain x = {0};
	bool yes;

	explain_name(&x, name);
	yes = x.guest >= 0;
	explain_done(&x);
	return yes;
}

void ipv6_want_on(const struct pve_strv *now, const struct pve_strv *record,
		  const struct pve_strv *names, struct pve_strv *want)
{
	struct pve_arena mem = {0};

	for (size_t i = 0; i < now->n; i++) {
		const char *name = name_of(&mem, now->v[i]);
		char before = ipv6_value(record, name);
		bool asked = pve_strv_has(names, name);

		if (names->n && !asked)
			continue;
		if (!before)
			before = !asked && of_guest(name) ? ipv6_value(now, name) : '0';
		pve_strv_addf(want, "%s=%c", name, before);
	}
	pve_arena_done(&mem);
}

void ipv6_record_off(const struct pve_strv *old, const struct pve_strv *now,
		     const struct pve_strv *want, struct pve_strv *record)
{
	struct pve_arena mem = {0};

	for (size_t i = 0; i < old->n; i++)
		pve_strv_add(record, old->v[i]);
	for (size_t i = 0; i < now->n; i++) {
		const char *name = name_of(&mem, now->v[i]);
		char wanted = ipv6_value(want, name);

		if (wanted && !ipv6_value(old, name))
			pve_strv_add(record, now->v[i]);
	}
	pve_arena_done(&mem);
}

void ipv6_record_on(const struct pve_strv *old, const struct pve_strv *want,
		    struct pve_strv *record)
{
	struct pve_arena mem = {0};

	for (size_t i = 0; i < old->n; i++)
		if (!ipv6_value(want, name_of(&mem, old->v[i])))
			pve_strv_add(record, old->v[i]);
	pve_arena_done(&mem);
}

void ipv6_warn_stanzas(const struct net_conf *conf, const struct pve_strv *names,
		       struct pve_diags *d)
{
	for (size_t i = 0; i < conf->nstanzas; i++) {
		const struct net_stanza *s = conf->stanza[i];
		bool ours = !names->n;

		for (size_t j = 0; j < names->n; j++)
			ours |= pve_span_eq(s->name, names->v[j]);
		if (!ours || s->kind != NET_IFACE || !pve_span_eq(s->head->family, "inet6") ||
		    pve_span_eq(s->head->method, "manual") || pve_span_eq(s->head->method, "loopback"))
			continue;
		pve_diags_add(d, PVE_WARNING, s->head->file->path, s->line,
			      "%.*s has an inet6 stanza, which fails while IPv6 is off",
			      PVE_SPAN_ARG(s->name));
	}
}

/* Is it an IPv6 literal other than ::1 and a multicast address? */
static bool is_ipv6(struct pve_span s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, &a) == 1 && !IN6_IS_ADDR_LOOPBACK(&a) &&
	       !IN6_IS_ADDR_MULTICAST(&a);
}

void ipv6_warn_hosts(struct pve_span bytes, const char *file, struct pve_span node,
		     struct pve_diags *d)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, bytes);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span rest = t.v[i].text, address = pve_span_word(&rest), word;

		if (!is_ipv6(address))
			continue;
		while ((word = pve_span_word(&rest)).len && word.p[0] != '#')
			if (pve_span_same(word, node))
				pve_diags_add(d, PVE_WARNING, file, (unsigned)i + 1,
					      "this node's own name stands for the IPv6 address "
					      "%.*s: its services and the cluster may not start "
					      "without IPv6",
					      PVE_SPAN_ARG(address));
	}
	pve_textfile_done(&t);
}

void ipv6_warn_corosync(struct pve_span bytes, const char *file, struct pve_diags *d)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, bytes);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span rest = t.v[i].text, key = pve_span_word(&rest);
		bool ring = pve_span_starts(key, "ring") || pve_span_starts(key, "bindnetaddr");

		rest = pve_span_trim(rest);
		if (ring && is_ipv6(rest))
			pve_diags_add(d, PVE_WARNING, file, (unsigned)i + 1,
				      "corosync uses the IPv6 address %.*s: the cluster would "
				      "lose this node without IPv6",
				      PVE_SPAN_ARG(rest));
	}
	pve_textfile_done(&t);
}
