/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "want.h"

#include <stdarg.h>

#include "pvecommon/num.h"
#include "want_impl.h"

/* More devices on top of one another than the kernel allows (MAX_NEST_DEV). */
#define MAX_DEPTH 16

void net_want_say(struct net_wanting *w, enum pve_severity s, const struct net_option *o,
		  const char *fmt, ...)
{
	PVE_BUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	pve_diags_add(w->diags, s, o ? o->stanza->head->file->path : NULL, o ? o->line : 0, "%s",
		      pve_buf_str(&text));
}

struct pve_span net_iface_method(const struct net_iface *i, const char *family)
{
	struct pve_span method = {"", 0};

	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_eq(i->stanza[n]->head->family, family))
			method = i->stanza[n]->head->method;
	return method;
}

bool net_want_has(const struct net_state *want, const char *name)
{
	return net_state_find(want, name) != NULL;
}

/* --- links --------------------------------------------------------------------- */

/* What rtnetlink calls it; NULL for what this engine does not make. */
static const char *kind_of(enum net_type t)
{
	switch (t) {
	case NET_T_BOND:
		return "bond";
	case NET_T_VLAN:
		return "vlan";
	case NET_T_BRIDGE:
		return "bridge";
	case NET_T_VXLAN:
		return "vxlan";
	case NET_T_DUMMY:
		return "dummy";
	case NET_T_VETH:
		return "veth";
	case NET_T_VRF:
		return "vrf";
	case NET_T_OVS_BRIDGE:
	case NET_T_OVS_INT_PORT:
		return NET_KIND_OVS;
	default:
		return NULL;
	}
}

static bool is_left_alone(enum net_type t)
{
	return t == NET_T_TUNNEL || t == NET_T_PPP || t == NET_T_OVS_BOND;
}

static struct net_link *add_link(struct net_wanting *w, const struct net_iface *i, unsigned depth);

/* What it stands on is wanted too. */
static void add_lower(struct net_wanting *w, const struct net_iface *i, unsigned depth)
{
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		add_link(w, e->lower, depth + 1);
}

static const struct net_iface *raw_of(const struct net_iface *i)
{
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (e->relation == NET_RAW)
			return e->lower;
	return NULL;
}

static const struct net_option *any_option(const struct net_iface *i)
{
	return i->nopts ? i->opt[i->nopts - 1] : NULL;
}

/* A VLAN without its id or device is not made; false then. */
static bool want_vlan(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	const struct net_iface *raw = raw_of(i);

	if (!raw || i->vlan_id < 1 || i->vlan_id > 4094) {
		net_want_say(w, PVE_ERROR, any_option(i),
			     "%s: a VLAN needs a device under it and an id from 1 to 4094", i->name);
		return false;
	}
	net_link_set_text(l, PVE_NL_LOWER, raw->name);
	net_link_set_number(l, PVE_NL_VLAN_ID, (uint64_t)i->vlan_id);
	net_link_set_number(l, PVE_NL_VLAN_PROTO, 0x8100);
	return true;
}

/* The port that IANA gave, as ifupdown2 does; the kernel's own default is older. */
static void want_vxlan(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	const struct net_option *o = NULL;
	struct net_addr a;

	net_link_set_number(l, PVE_NL_VXLAN_PORT, 4789);
	while ((o = net_iface_next(i, NET_K_VXLAN_REMOTEIP, o))) {
		struct pve_span rest = o->value, word;

		while ((word = pve_span_word(&rest)).len) {
			struct pve_nl_remote r = {0};

			if (!net_addr_parse(word, &a)) {
				net_want_say(w, PVE_ERROR, o, "'%.*s' is no address",
					     PVE_SPAN_ARG(word));
				continue;
			}
			r.family = a.family;
			r.bytes = a.bytes;
			if (!net_link_has_remote(l, &r))
				net_link_add_remote(w->want, l, &r);
		}
	}
}

static void want_kind(struct net_wanting *w, struct net_link *l, const struct net_iface *i,
		      bool *good)
{
	l->kind = kind_of(i->type) ? kind_of(i->type) : "";
	l->make = *l->kind && strcmp(l->kind, NET_KIND_OVS) != 0;
	*good = true;
	if (i->type == NET_T_VLAN)
		*good = want_vlan(w, l, i);
	else if (i->type == NET_T_VXLAN)
		want_vxlan(w, l, i);
}

static void want_up(struct net_link *l, const struct net_iface *i)
{
	bool down = false;

	for (size_t n = 0; n < i->nopts; n++)
		if (strcmp(i->opt[n]->key->name, "link-down") == 0)
			net_want_bool(i->opt[n]->value, &down);
	net_link_set_number(l, PVE_NL_UP, !down);
}

static struct net_link *add_link(struct net_wanting *w, const struct net_iface *i, unsigned depth)
{
	struct net_link *l = net_state_find(w->want, i->name);
	bool good;

	/* Aliases are addresses of what they stand on. */
	if (l || depth > MAX_DEPTH || is_left_alone(i->type))
		return l;
	if (i->type == NET_T_ALIAS) {
		add_lower(w, i, depth);
		return NULL;
	}
	/* Before what is under it, so that a circle ends here. */
	l = net_state_add(w->want, i->name);
	l->iface = i;
	l->optional = i->start == NET_START_HOTPLUG;
	want_kind(w, l, i, &good);
	if (!good) {
		l->gone = true;
		return NULL;
	}
	want_up(l, i);
	net_want_attrs(w, l, i);
	if (strcmp(l->kind, NET_KIND_OVS) == 0)
		net_link_unset(l, PVE_NL_MTU); /* ovs-vsctl asks for it */
	add_lower(w, i, depth);
	return l;
}

static void warn_left_alone(struct net_wanting *w, const struct net_iface *i)
{
	if (i->type == NET_T_TUNNEL || i->type == NET_T_PPP)
		net_want_say(w, PVE_WARNING, any_option(i),
			     "%s: a %s is left alone by this engine; use --engine ifupdown2 or reboot",
			     i->name, net_type_name(i->type));
}

static void add_links(struct net_wanting *w)
{
	const struct net_model *m = w->model;

	for (size_t n = 0; n < m->nifaces; n++) {
		if (m->iface[n]->start != NET_START_AUTO && m->iface[n]->start != NET_START_HOTPLUG)
			continue;
		warn_left_alone(w, m->iface[n]);
		add_link(w, m->iface[n], 0);
	}
}

/* --- masters and ports --------------------------------------------------------- */

static void want_masters(struct net_wanting *w, const struct net_link *upper)
{
	for (const struct net_edge *e = upper->iface->lower; e; e = e->next_lower) {
		struct net_link *port = net_state_find(w->want, e->lower->name);

		if (port && e->relation != NET_RAW && !net_type_is_ovs(upper->iface->type))
			net_link_set_text(port, PVE_NL_MASTER, upper->name);
	}
}

static void want_port_number(struct net_wanting *w, const struct net_option *o,
			     struct pve_span name, struct pve_span value, enum pve_nl_attr attr)
{
	PVE_FREE char *text = pve_strndup(name.p, name.len);
	struct net_link *port = net_state_find(w->want, text);
	uint64_t n;

	if (pve_num_span(value, attr == PVE_NL_PORT_COST ? 65535 : 63, &n) < 0)
		net_want_say(w, PVE_ERROR, o, "'%.*s' is no value of %s", PVE_SPAN_ARG(value),
			     o->key->name);
	else if (port)
		net_link_set_number(port, attr, n);
}

/* "bridge-pathcost eno1 100" (bridge-utils), "bridge-pathcosts eno1=100 eno2=4" (ifupdown2). */
static void want_port_numbers(struct net_wanting *w, const struct net_option *o)
{
	static const struct {
		const char *key;
		enum pve_nl_attr attr;
	} keys[] = {{"bridge-pathcost", PVE_NL_PORT_COST},
		    {"bridge-pathcosts", PVE_NL_PORT_COST},
		    {"bridge-portprio", PVE_NL_PORT_PRIO},
		    {"bridge-portprios", PVE_NL_PORT_PRIO}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct pve_span rest = o->value, word;

		if (strcmp(o->key->name, keys[i].key) != 0)
			continue;
		while ((word = pve_span_word(&rest)).len) {
			const char *eq = memchr(word.p, '=', word.len);
			struct pve_span value;

			if (eq) {
				value = (struct pve_span){eq + 1,
							  word.len - (size_t)(eq + 1 - word.p)};
				word.len = (size_t)(eq - word.p);
			} else {
				value = pve_span_word(&rest);
			}
			want_port_number(w, o, word, value, keys[i].attr);
		}
	}
}

static void want_ports(struct net_wanting *w, const struct net_link *l)
{
	const struct net_iface *i = l->iface;

	want_masters(w, l);
	for (size_t n = 0; strcmp(l->kind, "bridge") == 0 && n < i->nopts; n++)
		want_port_numbers(w, i->opt[n]);
	for (size_t n = 0; n < i->rare->nport_words; n++)
		if (strcmp(i->rare->port_word[n], "none") != 0) {
			net_want_say(w, PVE_WARNING, net_iface_find(i, NET_K_BRIDGE_PORTS),
				     "%s: a pattern of ports is left alone: name the ports", i->name);
			break;
		}
}

/* Attributes of a port mean nothing on what is none. */
static void drop_port_values(struct net_link *l, const struct net_state *want)
{
	const struct net_link *master = net_state_find(want, net_link_text(l, PVE_NL_MASTER));

	if (master && strcmp(master->kind, "bridge") == 0)
		return;
	for (unsigned i = l->nvalues; i-- > 0;)
		if (pve_nl_attrs[l->value[i].attr].place == PVE_NL_AT_PORT)
			net_link_unset(l, l->value[i].attr);
}

/* --- all of it ----------------------------------------------------------------- */

static void add_addresses(struct net_wanting *w)
{
	for (size_t n = 0; n < w->model->nifaces; n++) {
		const struct net_iface *i = w->model->iface[n], *base = i;
		struct net_link *l;

		if (i->type == NET_T_ALIAS && (i->start == NET_START_AUTO))
			base = raw_of(i);
		l = base ? net_state_find(w->want, base->name) : NULL;
		if (!l)
			continue;
		net_want_addresses(w, l, i);
		if (base == i)
			net_want_sysctls(w, l, i);
	}
}

void net_want_read(struct net_state *want, const struct net_model *m, struct pve_diags *d)
{
	struct net_wanting w = {.want = want, .model = m, .diags = d};

	net_state_init(want);
	net_want_attrs_init(&w);
	add_links(&w);
	for (size_t n = 0; n < want->n; n++)
		if (!want->link[n]->gone)
			want_ports(&w, want->link[n]);
	for (size_t n = 0; n < want->n; n++)
		drop_port_values(want->link[n], want);
	add_addresses(&w);
	net_want_vlans(&w);
	pve_map_done(&w.attrs);
}

void net_want_rename(struct net_state *want, const struct net_state *now)
{
	for (size_t n = 0; n < want->n; n++) {
		struct net_link *l = want->link[n];
		const struct net_link *live = net_state_find(now, l->name);

		if (live && strcmp(live->name, l->name) != 0) {
			l->name = pve_arena_strdup(&want->mem, live->name);
			if (!pve_map_get(&want->by_name, pve_span(l->name)))
				pve_map_set(&want->by_name, pve_span(l->name), l);
		}
		for (unsigned i = 0; i < l->nvalues; i++) {
			if (pve_nl_attrs[l->value[i].attr].form != PVE_NL_LINK || !*l->value[i].s)
				continue;
			live = net_state_find(now, l->value[i].s);
			if (live)
				l->value[i].s = pve_arena_strdup(&want->mem, live->name);
		}
	}
}
