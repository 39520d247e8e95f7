/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine.h"

#include <regex.h>

#include "pvecommon/debver.h"

static const char *const names[] = {
	[NET_ENGINE_NATIVE] = "native",
	[NET_ENGINE_IFUPDOWN2] = "ifupdown2",
	[NET_ENGINE_REBOOT] = "reboot",
};

enum net_engine net_engine_parse(const char *word)
{
	for (int i = NET_ENGINE_NATIVE; word && i <= NET_ENGINE_REBOOT; i++)
		if (strcmp(word, names[i]) == 0)
			return (enum net_engine)i;
	return NET_ENGINE_NATIVE;
}

const char *net_engine_name(enum net_engine engine)
{
	return names[engine];
}

void net_engine_versions(const struct pve_dpkg *db, struct net_engine_versions *v)
{
	v->ifupdown = pve_dpkg_version(db, "ifupdown");
	v->ifupdown2 = pve_dpkg_version(db, "ifupdown2");
}

static bool contains(struct pve_span s, const char *word)
{
	return s.len && memmem(s.p, s.len, word, strlen(word));
}

bool net_engine_is_pve(struct pve_span v)
{
	return (contains(v, "pve") || contains(v, "pmx") || contains(v, "proxmox")) &&
	       pve_debver_cmp(v, pve_span("1.2.8")) >= 0;
}

/* ifupdown2 matches the expression of bridge-ports-condone-regex at the start of a name. */
static bool spares_guests(struct pve_span pattern)
{
	static const char *const samples[] = {"tap100i0", "veth100i0", "fwpr100p0", NULL};
	PVE_FREE char *text = pve_asprintf("^(%.*s)", PVE_SPAN_ARG(pattern));
	regex_t re;
	bool all = true;

	if (!pattern.len || regcomp(&re, text, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	for (size_t i = 0; samples[i]; i++)
		all &= regexec(&re, samples[i], 0, NULL, 0) == 0;
	regfree(&re);
	return all;
}

void net_engine_unsafe(const struct net_model *m, struct pve_strv *unsafe)
{
	for (size_t k = 0; k < m->nifaces; k++) {
		const struct net_iface *i = m->iface[k];
		bool spared = false;

		for (size_t o = 0; o < i->nopts; o++)
			if (pve_span_eq(i->opt[o]->key->spelling, "bridge-ports-condone-regex"))
				spared = spares_guests(i->opt[o]->value);
		if (i->type == NET_T_BRIDGE && !spared)
			pve_strv_add(unsafe, i->name);
	}
}

int net_engine_check(enum net_engine engine, const struct net_engine_versions *v,
		     const struct net_model *m, struct pve_err *e)
{
	PVE_STRV unsafe = {0};
	PVE_FREE char *list = NULL;

	if (engine != NET_ENGINE_IFUPDOWN2)
		return 0;
	if (!v->ifupdown2.len)
		return pve_err_set(e, PVE_NOTHERE,
				   "--engine ifupdown2: it is not installed; native needs no "
				   "other program");
	if (net_engine_is_pve(v->ifupdown2))
		return 0;
	net_engine_unsafe(m, &unsafe);
	if (!unsafe.n)
		return 0;
	list = pve_strv_join(&unsafe, ", ");
	return pve_err_set(e, PVE_DENIED,
			   "--engine ifupdown2: version %.*s would take running guests off %s; use "
			   "the native engine, or give each \"bridge-ports-condone-regex "
			   "^(tap|veth|fwpr)[0-9]\"",
			   PVE_SPAN_ARG(v->ifupdown2), list);
}

static void plan_reload(struct pve_plan *plan, const char *now, const char *undo, const char *why)
{
	const char *const argv[] = {NET_RELOAD_CALL, now, NULL};
	const char *const inverse[] = {NET_RELOAD_CALL, undo, NULL};

	pve_plan_call(plan, strcmp(now, "run") == 0 ? "run ifreload -a" : "prepare ifreload -a",
		      argv, inverse, "%s", why);
}

void net_engine_plan_before(struct pve_plan *plan, enum net_engine engine)
{
	if (engine == NET_ENGINE_IFUPDOWN2)
		plan_reload(plan, "skip", "again",
			    "so that it runs once more when the files come back");
}

void net_engine_plan_after(struct pve_plan *plan, enum net_engine engine)
{
	if (engine == NET_ENGINE_IFUPDOWN2)
		plan_reload(plan, "run", "skip", "ifupdown2 applies the files");
}
