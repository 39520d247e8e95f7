/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hook.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

static const struct phase {
	const char *name, *mode, *dir;
	enum net_key_id key;
	enum net_hook_phase inverse;
	const char *why;
} phases[NET_HOOK_PHASES] = {
	[NET_PRE_UP] = {"pre-up", "start", "/etc/network/if-pre-up.d", NET_K_PRE_UP, NET_POST_DOWN,
			"hooks before it comes up"},
	[NET_POST_UP] = {"post-up", "start", "/etc/network/if-up.d", NET_K_UP, NET_PRE_DOWN,
			 "hooks after it came up"},
	[NET_PRE_DOWN] = {"pre-down", "stop", "/etc/network/if-down.d", NET_K_DOWN, NET_POST_UP,
			  "hooks before it goes down"},
	[NET_POST_DOWN] = {"post-down", "stop", "/etc/network/if-post-down.d", NET_K_POST_DOWN,
			   NET_PRE_UP, "hooks after it went down"},
};

const char *net_hook_dir(enum net_hook_phase phase)
{
	return phases[phase].dir;
}

bool net_hook_script_is_ours(const char *name)
{
	static const char *const ours[] = {"bridge",    "bridgevlan", "bridgevlanport",
					   "ifenslave", "vlan",       NULL};

	for (size_t i = 0; ours[i]; i++)
		if (strcmp(ours[i], name) == 0)
			return true;
	return false;
}

void net_hook_scripts_done(struct net_hook_scripts *s)
{
	for (int p = 0; p < NET_HOOK_PHASES; p++)
		pve_strv_done(&s->dir[p]);
	*s = (struct net_hook_scripts){0};
}

/* --- the environment --- */

/* Does an option of the interface stand in this stanza, or come to it by "inherits"? */
static bool is_of(const struct net_option *o, const struct net_stanza *st)
{
	return o->stanza == st ||
	       (st->head->inherits.len && o->stanza->kind == NET_IFACE &&
		pve_span_same(o->stanza->name, st->head->inherits));
}

/* IF_ and the name in upper case, "-" as "_", other characters that are no letters and digits
 * left out. */
static char *variable(struct pve_span spelling)
{
	PVE_BUF name = {0};

	pve_buf_puts(&name, "IF_");
	for (size_t i = 0; i < spelling.len; i++) {
		unsigned char c = (unsigned char)spelling.p[i];

		if (c == '-' || c == '_')
			pve_buf_putc(&name, '_');
		else if (c < 128 && isalnum(c))
			pve_buf_putc(&name, (char)toupper(c));
	}
	return pve_buf_take(&name);
}

static char **find(struct pve_strv *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, n) == 0 && env->v[i][n] == '=')
			return &env->v[i];
	return NULL;
}

/* Values of an option that is given several times are joined by newlines. */
static void add(struct pve_strv *env, const char *name, struct pve_span value)
{
	char **there = find(env, name), *joined;

	if (!there) {
		pve_strv_addf(env, "%s=%.*s", name, PVE_SPAN_ARG(value));
		return;
	}
	joined = pve_asprintf("%s\n%.*s", *there, PVE_SPAN_ARG(value));
	free(*there);
	*there = joined;
}

static void add_default(struct pve_strv *env, const char *name, const char *value)
{
	if (!find(env, name))
		add(env, name, pve_span(value));
}

/* Takes "/N" off IF_ADDRESS; the number, or -1. */
static int take_prefix(struct pve_strv *env)
{
	char **there = find(env, "IF_ADDRESS");
	char *slash = there ? strchr(*there, '/') : NULL;
	int family = there && strchr(*there, ':') ? AF_INET6 : AF_INET, bits;

	if (!slash)
		return -1;
	bits = net_mask_bits(pve_span(slash + 1), family);
	*slash = '\0';
	return bits;
}

/* Without a mask ifupdown takes that of the address's class. */
static int class_bits(uint32_t a)
{
	return a >> 31 == 0 ? 8 : a >> 30 == 2 ? 16 : 24;
}

static void add_dotted(struct pve_strv *env, const char *name, uint32_t a)
{
	struct in_addr in = {htonl(a)};
	char text[INET_ADDRSTRLEN];

	add(env, name, pve_span(inet_ntop(AF_INET, &in, text, sizeof(text))));
}

/* What ifupdown's method "inet static" makes of address, netmask and broadcast. */
static void complete_inet(struct pve_strv *env)
{
	int bits = take_prefix(env);
	char **there = find(env, "IF_ADDRESS"), **mask = find(env, "IF_NETMASK"), **cast;
	struct in_addr in;
	uint32_t a, host;

	if (!there || inet_pton(AF_INET, *there + strlen("IF_ADDRESS="), &in) != 1)
		return;
	a = ntohl(in.s_addr);
	if (mask)
		bits = net_mask_bits(pve_span(*mask + strlen("IF_NETMASK=")), AF_INET);
	else if (bits < 0)
		bits = class_bits(a);
	if (bits < 0)
		return;
	host = bits ? bits == 32 ? 0 : UINT32_MAX >> bits : UINT32_MAX;
	if (!mask)
		add_dotted(env, "IF_NETMASK", ~host);
	cast = find(env, "IF_BROADCAST");
	if (cast && strcmp(*cast, "IF_BROADCAST=-") == 0) {
		/* The one with no host bit set, but none at all where there is no room for it. */
		free(*cast);
		in.s_addr = htonl(bits >= 31 ? 0 : a & ~host);
		*cast = pve_asprintf("IF_BROADCAST=%s", inet_ntoa(in));
	} else if (!cast) {
		add_dotted(env, "IF_BROADCAST", bits >= 31 ? 0 : a | host);
	}
}

static void complete_inet6(struct pve_strv *env)
{
	int bits = take_prefix(env);
	char text[12];

	snprintf(text, sizeof(text), "%d", bits);
	if (bits >= 0)
		add_default(env, "IF_NETMASK", text);
	add_default(env, "IF_AUTOCONF", "0");
	add_default(env, "IF_DAD_ATTEMPTS", "60");
	add_default(env, "IF_DAD_INTERVAL", "0.1");
	add_default(env, "IF_PREFERRED_LIFETIME", "");
}

static void complete_inet6_auto(struct pve_strv *env)
{
	add_default(env, "IF_ACCEPT_RA", "2");
	add_default(env, "IF_DAD_ATTEMPTS", "60");
	add_default(env, "IF_LL_ATTEMPTS", "60");
	add_default(env, "IF_LL_INTERVAL", "0.1");
	add_default(env, "IF_REQUEST_PREFIX", "0");
}

/* What the methods of ifupdown add to the options and change of them. */
static void complete_method(const struct net_stanza *st, struct pve_strv *env)
{
	static const char ether[] = "IF_HWADDRESS=ether ";
	char **mac = find(env, "IF_HWADDRESS");

	if (mac && strncmp(*mac, ether, strlen(ether)) == 0) {
		char *bare = pve_asprintf("IF_HWADDRESS=%s", *mac + strlen(ether));

		free(*mac);
		*mac = bare;
	}
	if (pve_span_eq(st->head->family, "inet") && pve_span_eq(st->head->method, "static"))
		complete_inet(env);
	else if (pve_span_eq(st->head->family, "inet6") && pve_span_eq(st->head->method, "static"))
		complete_inet6(env);
	else if (pve_span_eq(st->head->family, "inet6") && pve_span_eq(st->head->method, "auto"))
		complete_inet6_auto(env);
}

void net_hook_env(const struct net_iface *i, const struct net_stanza *st,
		  enum net_hook_phase phase, bool verbose, struct pve_strv *env)
{
	const struct phase *p = &phases[phase];

	for (size_t k = 0; k < i->nopts; k++) {
		const struct net_option *o = i->opt[k];
		PVE_FREE char *name = variable(o->key->spelling);

		if (is_of(o, st) && !net_key_is_hook(o->key) && !(o->key->weak && find(env, name)))
			add(env, name, o->value);
	}
	complete_method(st, env);
	pve_strv_addf(env, "IFACE=%s", i->name);
	pve_strv_addf(env, "LOGICAL=%s", i->name);
	pve_strv_addf(env, "ADDRFAM=%.*s", PVE_SPAN_ARG(st->head->family));
	pve_strv_addf(env, "METHOD=%.*s", PVE_SPAN_ARG(st->head->method));
	pve_strv_addf(env, "MODE=%s", p->mode);
	pve_strv_addf(env, "PHASE=%s", p->name);
	pve_strv_addf(env, "VERBOSITY=%d", verbose);
	pve_strv_add(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

/* --- what has changed --- */

static bool same_stanza(const struct net_stanza *a, const struct net_stanza *b)
{
	return pve_span_same(a->head->family, b->head->family) && pve_span_same(a->head->method, b->head->method) &&
	       a->no_scripts == b->no_scripts;
}

/* Spellings may differ where both name a known option. */
static bool same_option(const struct net_option *a, const struct net_option *b)
{
	return a->key->id == b->key->id && strcmp(a->key->name, b->key->name) == 0 &&
	       pve_span_same(a->value, b->value);
}

bool net_iface_same(const struct net_iface *a, const struct net_iface *b)
{
	if (a->nstanzas != b->nstanzas || a->nopts != b->nopts)
		return false;
	for (size_t i = 0; i < a->nstanzas; i++)
		if (!same_stanza(a->stanza[i], b->stanza[i]))
			return false;
	for (size_t i = 0; i < a->nopts; i++)
		if (!same_option(a->opt[i], b->opt[i]))
			return false;
	return true;
}

/* --- steps --- */

/* The names on "no-scripts" lines. */
static void find_without(const struct net_model *m, struct pve_map *without)
{
	for (size_t k = 0; k < m->conf->nstanzas; k++) {
		const struct net_stanza *s = m->conf->stanza[k];
		struct pve_span rest = net_stanza_args(s), w;

		while (s->kind == NET_NO_SCRIPTS && (w = pve_span_word(&rest)).len)
			pve_map_set(without, w, (void *)s);
	}
}

struct target {
	const struct net_hook_change *c;
	const struct pve_map *without; /* see find_without */
	const struct net_iface *i;
	const struct net_stanza *st;
};

static void add_scripts(const struct target *t, enum net_hook_phase phase, struct pve_strv *argv)
{
	const struct pve_strv *dir = &t->c->scripts->dir[phase];

	if (t->st->no_scripts || pve_map_get(t->without, pve_span(t->i->name)))
		return;
	for (size_t i = 0; i < dir->n; i++)
		pve_strv_add(argv, dir->v[i]);
}

static void add_commands(const struct target *t, enum net_hook_phase phase, struct pve_strv *argv)
{
	for (size_t i = 0; i < t->i->nopts; i++) {
		const struct net_option *o = t->i->opt[i];

		if (is_of(o, t->st) && o->key->id == phases[phase].key)
			pve_strv_add_span(argv, o->value);
	}
}

/* The call of a phase; empty when there is nothing to run.  As an inverse nothing "must". */
static void make_call(const struct target *t, enum net_hook_phase phase, bool inverse,
		      struct pve_strv *argv)
{
	bool up = phase == NET_PRE_UP || phase == NET_POST_UP;
	PVE_STRV what = {0};

	if (!up)
		add_scripts(t, phase, &what);
	add_commands(t, phase, &what);
	if (up)
		add_scripts(t, phase, &what);
	/* Of thousands most have none, and the environment is not made for nothing. */
	if (!what.n)
		return;
	pve_strv_add(argv, NET_HOOK_CALL);
	pve_strv_add(argv, up && !inverse ? "must" : "may");
	net_hook_env(t->i, t->st, phase, t->c->verbose, argv);
	pve_strv_add(argv, "--");
	for (size_t i = 0; i < what.n; i++)
		pve_strv_add(argv, what.v[i]);
}

static void plan_stanza(struct pve_plan *plan, const struct target *t, enum net_hook_phase phase)
{
	static const char *const nothing[] = {NET_HOOK_CALL, "may", "--", NULL};
	const struct phase *p = &phases[phase];
	PVE_STRV argv = {0};
	PVE_STRV undo = {0};
	PVE_FREE char *what = NULL;

	make_call(t, phase, false, &argv);
	make_call(t, p->inverse, true, &undo);
	if (!argv.n && !undo.n)
		return;
	what = pve_asprintf("run %s of %s (%.*s)", p->name, t->i->name,
			    PVE_SPAN_ARG(t->st->head->family));
	pve_plan_call(plan, what, argv.n ? (const char *const *)argv.v : nothing,
		      undo.n ? (const char *const *)undo.v : nothing, "%s", p->why);
}

static void plan_iface(struct pve_plan *plan, const struct net_hook_change *c,
		       const struct pve_map *without, const struct net_iface *i,
		       enum net_hook_phase phase)
{
	for (size_t k = 0; k < i->nstanzas; k++) {
		const struct target t = {c, without, i, i->stanza[k]};

		plan_stanza(plan, &t, phase);
	}
}

/* Its counterpart in the other model, when that starts at boot as well. */
static const struct net_iface *other(const struct net_model *m, const struct net_iface *i)
{
	const struct net_iface *o = net_model_find(m, i->name);

	return o && o->nstanzas && o->start != NET_START_NO ? o : NULL;
}

static bool is_touched(const struct net_iface *i, const struct net_iface *counterpart)
{
	return i->start != NET_START_NO && !(counterpart && net_iface_same(i, counterpart));
}

static bool is_started(const struct net_hook_change *c, const struct net_iface *i)
{
	return i->start != NET_START_NO && c->started && pve_map_get(c->started, pve_span(i->name));
}

/* Old ones from the last to the first, so that what stands on others goes first. */
static void plan_old(struct pve_plan *plan, const struct net_hook_change *c, bool before)
{
	struct pve_map without = {0};

	find_without(c->old, &without);
	for (size_t k = c->old->nifaces; k-- > 0;) {
		const struct net_iface *i = c->old->iface[k], *want = other(c->want, i);

		if (!is_touched(i, want))
			continue;
		if (before)
			plan_iface(plan, c, &without, i, NET_PRE_DOWN);
		if (before == (want != NULL))
			plan_iface(plan, c, &without, i, NET_POST_DOWN);
	}
	pve_map_done(&without);
}

static void plan_want(struct pve_plan *plan, const struct net_hook_change *c, bool before)
{
	struct pve_map without = {0};

	find_without(c->want, &without);
	for (size_t k = 0; k < c->want->nifaces; k++) {
		const struct net_iface *i = c->want->iface[k];

		if (is_touched(i, other(c->old, i)) || is_started(c, i))
			plan_iface(plan, c, &without, i, before ? NET_PRE_UP : NET_POST_UP);
	}
	pve_map_done(&without);
}

void net_hook_plan_before(struct pve_plan *plan, const struct net_hook_change *c)
{
	plan_old(plan, c, true);
	plan_want(plan, c, true);
}

void net_hook_plan_after(struct pve_plan *plan, const struct net_hook_change *c)
{
	plan_old(plan, c, false);
	plan_want(plan, c, false);
}
