/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New interfaces. */
#include "edit_impl.h"
#include "value.h"

/* A stanza that is being made. */
struct fresh {
	struct net_edit *ed;
	const char *iface;
	enum net_type type;
	const struct net_change *c;
	size_t n;
	struct pve_buf text;
};

static const struct net_change *given(const struct fresh *f, enum net_key_id id)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->c[i].key->id == id && f->c[i].value.len)
			return &f->c[i];
	return NULL;
}

static const struct net_change *given_pseudo(const struct fresh *f, enum net_pseudo pseudo,
					     bool inet6)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->c[i].pseudo == pseudo && f->c[i].inet6 == inet6)
			return &f->c[i];
	return NULL;
}

static enum net_type type_of(const struct fresh *f)
{
	static const struct {
		enum net_key_id key;
		enum net_type type;
	} by_option[] = {
		{NET_K_BRIDGE_PORTS, NET_T_BRIDGE}, {NET_K_BRIDGE_VLAN_AWARE, NET_T_BRIDGE},
		{NET_K_BRIDGE_STP, NET_T_BRIDGE},   {NET_K_BOND_SLAVES, NET_T_BOND},
		{NET_K_BOND_MODE, NET_T_BOND},      {NET_K_VLAN_RAW_DEVICE, NET_T_VLAN},
		{NET_K_VXLAN_ID, NET_T_VXLAN},
	};
	const struct net_change *ovs = given(f, NET_K_OVS_TYPE);

	if (f->type != NET_T_UNKNOWN)
		return f->type;
	for (enum net_type t = NET_T_OVS_BRIDGE; ovs && t <= NET_T_OVS_INT_PORT; t++)
		if (pve_span_eq(ovs->value, net_type_name(t)))
			return t;
	for (size_t i = 0; i < sizeof(by_option) / sizeof(by_option[0]); i++)
		if (given(f, by_option[i].key))
			return by_option[i].type;
	if (strncmp(f->iface, "vmbr", 4) == 0 && !strchr(f->iface, '.'))
		return NET_T_BRIDGE;
	return net_type_of_name(f->iface);
}

static void put(struct fresh *f, const char *option, struct pve_span value)
{
	pve_buf_span(&f->text, edit_indent(f->ed->conf->file[0], NULL));
	pve_buf_printf(&f->text, "%s %.*s\n", option, PVE_SPAN_ARG(value));
}

static void put_default(struct fresh *f, enum net_key_id id, const char *option, const char *value)
{
	if (!given(f, id))
		put(f, option, pve_span(value));
}

/* What a type needs, as the GUI writes it. */
static void put_defaults(struct fresh *f)
{
	switch (f->type) {
	case NET_T_BRIDGE:
		put_default(f, NET_K_BRIDGE_PORTS, "bridge-ports", "none");
		put_default(f, NET_K_BRIDGE_STP, "bridge-stp", "off");
		put_default(f, NET_K_BRIDGE_FD, "bridge-fd", "0");
		break;
	case NET_T_BOND:
		if (!given(f, NET_K_BOND_ARP_INTERVAL))
			put_default(f, NET_K_BOND_MIIMON, "bond-miimon", "100");
		put_default(f, NET_K_BOND_MODE, "bond-mode", "balance-rr");
		break;
	case NET_T_DUMMY:
		put_default(f, NET_K_LINK_TYPE, "link-type", "dummy");
		break;
	case NET_T_OVS_BRIDGE:
	case NET_T_OVS_BOND:
	case NET_T_OVS_PORT:
	case NET_T_OVS_INT_PORT:
		put_default(f, NET_K_OVS_TYPE, "ovs_type", net_type_name(f->type));
		break;
	default:
		break;
	}
}

static bool is_six(const struct net_change *c)
{
	return c->value.len && memchr(c->value.p, ':', c->value.len);
}

/* Options of the IP protocols stand in the stanza of theirs. */
static bool is_ip(const struct net_change *c)
{
	return c->key->id == NET_K_ADDRESS || c->key->id == NET_K_GATEWAY;
}

static void put_family(struct fresh *f, bool inet6)
{
	for (size_t i = 0; i < f->n; i++)
		if (is_ip(&f->c[i]) && f->c[i].value.len && is_six(&f->c[i]) == inet6)
			put(f, f->c[i].spelling, f->c[i].value);
}

static unsigned addresses(const struct fresh *f, bool inet6)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->c[i].key->id == NET_K_ADDRESS && f->c[i].value.len &&
		     is_six(&f->c[i]) == inet6;
	return n;
}

static const char *method_of(const struct fresh *f, bool inet6)
{
	const struct net_change *m = given_pseudo(f, NET_P_METHOD, inet6);

	if (m && m->value.len)
		return m->value.p;
	return addresses(f, inet6) ? "static" : "manual";
}

static void put_options(struct fresh *f)
{
	bool ovs = f->type >= NET_T_OVS_BRIDGE;

	for (size_t i = 0; i < f->n; i++)
		if (!is_ip(&f->c[i]) && !f->c[i].pseudo && f->c[i].value.len)
			put(f, edit_spelling(f->ed, NULL, f->c[i].spelling, ovs), f->c[i].value);
}

/* "auto", unless it was said otherwise; a NIC without an address comes up with what stands on
 * it. */
static void put_start(struct fresh *f)
{
	const struct net_change *start = given_pseudo(f, NET_P_AUTOSTART, false);
	bool yes = f->type != NET_T_ETH || addresses(f, false) || addresses(f, true) ||
		   given_pseudo(f, NET_P_METHOD, false);

	if (start ? pve_span_eq(start->value, "yes") : yes)
		pve_buf_printf(&f->text, "auto %s\n", f->iface);
	else if (start && pve_span_eq(start->value, "hotplug"))
		pve_buf_printf(&f->text, "allow-hotplug %s\n", f->iface);
	else if (start && start->value.len && !pve_span_eq(start->value, "no"))
		edit_complain(f->ed, PVE_USAGE, "autostart=%.*s: yes, no or hotplug",
			      PVE_SPAN_ARG(start->value));
}

static void put_stanzas(struct fresh *f)
{
	bool six = addresses(f, true) || given_pseudo(f, NET_P_METHOD, true);

	put_start(f);
	pve_buf_printf(&f->text, "iface %s inet %s\n", f->iface, method_of(f, false));
	put_family(f, false);
	put_options(f);
	put_defaults(f);
	if (!six)
		return;
	pve_buf_printf(&f->text, "\niface %s inet6 %s\n", f->iface, method_of(f, true));
	put_family(f, true);
}

static bool check_name(struct net_edit *ed, const char *name)
{
	const char *why = net_name_refusal(name);

	if (why)
		edit_complain(ed, PVE_USAGE, "the name '%.40s' %s", name, why);
	else if (edit_defined(ed, name))
		edit_complain(ed, PVE_DATA, "%s exists already: use 'pve-net set %s'", name, name);
	return !ed->code;
}

static void check_changes(struct fresh *f)
{
	size_t four = 0, six = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct net_change *c = &f->c[i];

		if (c->op == NET_TAKE)
			edit_complain(f->ed, PVE_USAGE, "%s is new: nothing to take from %s",
				      f->iface, c->spelling);
		else if (!c->pseudo && c->key->id == NET_K_UNKNOWN && !f->ed->force)
			edit_unknown(f->ed, c);
		else if (c->pseudo != NET_P_METHOD && c->pseudo != NET_P_AUTOSTART && c->value.len)
			edit_refused(f->ed, c);
		four += c->key->id == NET_K_ADDRESS && !is_six(c);
		six += c->key->id == NET_K_ADDRESS && is_six(c);
	}
	if (four > 1 || six > 1)
		edit_complain(f->ed, PVE_USAGE,
			      "one address of a family here; add others with 'pve-net set %s "
			      "address+=...'",
			      f->iface);
}

/* What the type cannot be without. */
static void check_needs(struct fresh *f)
{
	size_t len;
	int id;

	if (f->type == NET_T_BOND && !given(f, NET_K_BOND_SLAVES))
		edit_complain(f->ed, PVE_USAGE, "a bond needs bond-slaves=\"NIC NIC\"");
	if (f->type == NET_T_VLAN && !net_name_vlan(f->iface, &len, &id) &&
	    !given(f, NET_K_VLAN_RAW_DEVICE))
		edit_complain(f->ed, PVE_USAGE,
			      "a VLAN is called PARENT.ID, or needs vlan-raw-device= and vlan-id=");
	if (f->type == NET_T_VXLAN && !given(f, NET_K_VXLAN_ID))
		edit_complain(f->ed, PVE_USAGE, "a VXLAN needs vxlan-id=");
}

void net_edit_add(struct net_edit *ed, const char *iface, enum net_type type,
		  const struct net_change *c, size_t n)
{
	struct fresh f = {.ed = ed, .iface = iface, .type = type, .c = c, .n = n};

	f.type = type_of(&f);
	if (check_name(ed, iface)) {
		check_changes(&f);
		check_needs(&f);
		put_stanzas(&f);
	}
	if (!ed->code)
		net_edit_append(ed, (struct pve_span){f.text.data, f.text.len});
	pve_buf_done(&f.text);
}

/* --- the end of the file -------------------------------------------------------- */

/* Where a new stanza goes: behind everything but the source lines that end the file. */
static uint32_t end_of(const struct net_file *f)
{
	uint32_t at = f->nlines + 1, i = f->nstanzas;

	while (i &&
	       (f->stanza[i - 1].kind == NET_SOURCE || f->stanza[i - 1].kind == NET_SOURCE_DIR))
		at = f->stanza[--i].lead;
	/* A file of nothing but source lines begins with them. */
	return i ? at : f->nlines + 1;
}

static void insert_lines(struct net_batch *b, uint32_t at, struct pve_span text)
{
	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		net_batch_insert(b, at, (struct pve_span){text.p, n});
		text.p += n + !!end;
		text.len -= n + !!end;
	}
}

void net_edit_append(struct net_edit *ed, struct pve_span text)
{
	const struct net_file *f = ed->conf->file[0];
	struct net_batch *b = edit_batch(ed, f);
	uint32_t at = end_of(f);

	if (at > 1 && f->line[at - 2].kind != NET_LINE_BLANK)
		net_batch_insert(b, at, pve_span(""));
	insert_lines(b, at, text);
	if (at <= f->nlines)
		net_batch_insert(b, at, pve_span(""));
}
