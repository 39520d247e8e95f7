/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of another host, from the JSON of iproute2. */
#include <arpa/inet.h>
#include <jansson.h>
#include <net/if.h>
#include <string.h>

#include "pveio/nl.h"

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static uint32_t number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static char *copy(struct pve_nl_snapshot *s, const json_t *o, const char *key)
{
	return pve_arena_strdup(&s->mem, text(o, key));
}

static int index_of(const struct pve_nl_snapshot *s, const char *name)
{
	for (size_t i = 0; *name && i < s->nlinks; i++)
		if (strcmp(s->link[i].name, name) == 0)
			return s->link[i].index;
	return 0;
}

/* One of the words in list; its place, or -1. */
static int word_place(const char *word, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return i;
	return -1;
}

static unsigned read_flags(const json_t *flags)
{
	unsigned all = 0;
	const json_t *f;
	size_t i;

	json_array_foreach(flags, i, f)
	{
		const char *name = json_string_value(f);

		if (!name)
			continue;
		if (strcmp(name, "UP") == 0)
			all |= IFF_UP;
		else if (strcmp(name, "LOWER_UP") == 0)
			all |= IFF_RUNNING;
		else if (strcmp(name, "LOOPBACK") == 0)
			all |= IFF_LOOPBACK;
	}
	return all;
}

/* ARPHRD_* of <net/if_arp.h>. */
static unsigned link_type(const char *name)
{
	if (strcmp(name, "ether") == 0)
		return 1;
	if (strcmp(name, "infiniband") == 0)
		return 32;
	return strcmp(name, "loopback") == 0 ? 772 : 0xffff;
}

/* What makes a link what it is; the rest of its attributes counts as not told. */
static void add_values(struct pve_nl_snapshot *s, struct pve_nl_link *l, enum pve_nl_attr a,
		       uint64_t av, enum pve_nl_attr b, uint64_t bv)
{
	struct pve_nl_value *v = pve_arena_alloc(&s->mem, 2 * sizeof(*v));

	v[0] = (struct pve_nl_value){.attr = a, .n = av};
	v[1] = (struct pve_nl_value){.attr = b, .n = bv};
	l->value = v;
	l->nvalues = 2;
}

static void read_kind(struct pve_nl_snapshot *s, struct pve_nl_link *l, const json_t *o)
{
	static const char *const modes[] = {"balance-rr", "active-backup", "balance-xor",
					    "broadcast",  "802.3ad",       "balance-tlb",
					    "balance-alb"};
	const json_t *info = json_object_get(o, "linkinfo"), *data;

	l->kind = copy(s, info, "info_kind");
	data = json_object_get(info, "info_data");
	if (strcmp(l->kind, "vlan") == 0) {
		l->vlan_id = (int)number(data, "id");
		l->vlan_proto = strcmp(text(data, "protocol"), "802.1ad") == 0 ? 0x88a8 : 0x8100;
		add_values(s, l, PVE_NL_VLAN_ID, (unsigned)l->vlan_id, PVE_NL_VLAN_PROTO,
			   l->vlan_proto);
	} else if (strcmp(l->kind, "bond") == 0) {
		l->bond_mode = word_place(text(data, "mode"), modes, 7);
		l->bond_miimon = number(data, "miimon");
		if (l->bond_mode >= 0)
			add_values(s, l, PVE_NL_BOND_MODE, (unsigned)l->bond_mode,
				   PVE_NL_BOND_MIIMON, l->bond_miimon);
	} else if (strcmp(l->kind, "bridge") == 0) {
		l->vlan_filtering = (int)number(data, "vlan_filtering");
		l->stp = (int)number(data, "stp_state");
		add_values(s, l, PVE_NL_BR_FILTERING, (unsigned)l->vlan_filtering, PVE_NL_BR_STP,
			   (unsigned)l->stp);
	}
}

static void read_altnames(struct pve_nl_snapshot *s, struct pve_nl_link *l, const json_t *list)
{
	const char **names = pve_arena_alloc(&s->mem, json_array_size(list) * sizeof(*names));
	const json_t *name;
	size_t i;

	l->altname = names;
	json_array_foreach(list, i, name) if (json_is_string(name)) names[l->naltnames++] =
		pve_arena_strdup(&s->mem, json_string_value(name));
}

static void read_link(struct pve_nl_snapshot *s, const json_t *o)
{
	struct pve_nl_link *l;
	char *state;

	if (!*text(o, "ifname"))
		return;
	l = pve_nl_link_add(s);
	l->index = (int)number(o, "ifindex");
	l->name = copy(s, o, "ifname");
	l->type = link_type(text(o, "link_type"));
	l->flags = read_flags(json_object_get(o, "flags"));
	l->mtu = number(o, "mtu");
	l->min_mtu = number(o, "min_mtu");
	l->max_mtu = number(o, "max_mtu");
	l->mac = copy(s, o, "address");
	l->perm_mac = copy(s, o, "permaddr");
	l->alias = copy(s, o, "ifalias");
	state = copy(s, o, "operstate");
	for (char *c = state; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
	l->operstate = *state ? state : "unknown";
	read_kind(s, l, o);
	read_altnames(s, l, json_object_get(o, "altnames"));
}

/* master and link are names there, and may stand before the link they mean. */
static void read_relations(struct pve_nl_snapshot *s, const json_t *links)
{
	struct pve_nl_link *l = s->link;
	const json_t *o;
	size_t i;

	json_array_foreach(links, i, o)
	{
		if (!*text(o, "ifname"))
			continue;
		l->master = index_of(s, text(o, "master"));
		if (!json_object_get(o, "link_netnsid"))
			l->lower = index_of(s, text(o, "link"));
		l++;
	}
}

static unsigned scope_number(const char *name)
{
	if (strcmp(name, "link") == 0)
		return 253;
	return strcmp(name, "host") == 0 ? 254 : 0;
}

static int read_literal(const char *literal, struct in6_addr *bytes)
{
	int family = strchr(literal, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, literal, bytes) == 1 ? family : 0;
}

static void read_addrs(struct pve_nl_snapshot *s, const json_t *link)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(link, "addr_info"), i, o)
	{
		struct pve_nl_addr a = {.index = (int)number(link, "ifindex")};

		a.family = read_literal(text(o, "local"), &a.bytes);
		a.prefix = number(o, "prefixlen");
		a.scope = scope_number(text(o, "scope"));
		a.peer = a.bytes;
		a.preferred = UINT32_MAX;
		if (!a.family)
			continue;
		s->addr = pve_grow(s->addr, s->naddrs, &s->addrs_cap, sizeof(a));
		s->addr[s->naddrs++] = a;
	}
}

static unsigned protocol_number(const char *name)
{
	/* rtnetlink(7), RTPROT_*. */
	static const char *const names[] = {"unspec", "redirect", "kernel", "boot", "static"};
	int n = word_place(name, names, 5);

	if (n >= 0)
		return (unsigned)n;
	if (strcmp(name, "ra") == 0)
		return 9;
	return strcmp(name, "dhcp") == 0 ? 16 : 0;
}

/* "ip route show table all" names every table but main. */
static unsigned table_number(const json_t *o)
{
	const json_t *table = json_object_get(o, "table");
	const char *name = text(o, "table");
	char *end;
	unsigned long n;

	if (!table || strcmp(name, "main") == 0)
		return 254;
	if (json_is_integer(table))
		return number(o, "table");
	n = strtoul(name, &end, 10);
	return *name && !*end ? (unsigned)n : 0;
}

static void read_route(struct pve_nl_snapshot *s, const json_t *o)
{
	const json_t *hop = json_array_get(json_object_get(o, "nexthops"), 0);
	struct pve_nl_route r = {.metric = number(o, "metric"), .table = table_number(o)};
	char dst[64];
	char *slash;

	hop = hop ? hop : o;
	if (!r.table || (*text(o, "type") && strcmp(text(o, "type"), "unicast") != 0))
		return;
	snprintf(dst, sizeof(dst), "%s", text(o, "dst"));
	slash = strchr(dst, '/');
	if (slash)
		*slash = '\0';
	r.oif = index_of(s, text(hop, "dev"));
	r.protocol = protocol_number(text(o, "protocol"));
	r.family = read_literal(text(hop, "gateway"), &r.gateway);
	r.has_gateway = r.family != 0;
	if (strcmp(dst, "default") != 0) {
		r.family = read_literal(dst, &r.dst);
		r.prefix = slash ? (unsigned)strtoul(slash + 1, NULL, 10)
				 : (r.family == AF_INET6 ? 128 : 32);
	} else if (!r.family) {
		r.family = AF_INET;
	}
	if (!r.family)
		return;
	s->route = pve_grow(s->route, s->nroutes, &s->routes_cap, sizeof(r));
	s->route[s->nroutes++] = r;
}

/* NULL with *e set when it is no array; an empty text is an empty array. */
static json_t *load(struct pve_span t, const char *what, struct pve_err *e)
{
	json_error_t where;
	json_t *root;

	if (!t.len)
		return json_array();
	root = json_loadb(t.p, t.len, 0, &where);
	if (!root)
		pve_err_set(e, PVE_DATA, "%s, line %d: %s", what, where.line, where.text);
	else if (!json_is_array(root))
		pve_err_set(e, PVE_DATA, "%s: not an array", what);
	else
		return root;
	json_decref(root);
	return NULL;
}

int pve_nl_snapshot_parse(struct pve_nl_snapshot *s, struct pve_span link, struct pve_span addr,
			  struct pve_span route, struct pve_err *e)
{
	json_t *links = load(link, "links", e);
	json_t *addrs = links ? load(addr, "addresses", e) : NULL;
	json_t *routes = addrs ? load(route, "routes", e) : NULL;
	const json_t *o;
	size_t i;

	*s = (struct pve_nl_snapshot){0};
	if (addr.len)
		s->want |= PVE_NL_ADDRS;
	if (route.len)
		s->want |= PVE_NL_ROUTES | PVE_NL_TABLES;
	if (routes) {
		json_array_foreach(links, i, o) read_link(s, o);
		read_relations(s, links);
		pve_nl_links_sort(s);
		json_array_foreach(addrs, i, o) read_addrs(s, o);
		json_array_foreach(routes, i, o) read_route(s, o);
	}
	json_decref(links);
	json_decref(addrs);
	json_decref(routes);
	return routes ? 0 : -1;
}
