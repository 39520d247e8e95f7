/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, gateways and the methods that go with them. */
#include "edit_part.h"

/* A netmask beside an address that says its prefix would say it twice. */
static void drop_masks(struct edit_set *set, struct edit_part *p)
{
	static const struct net_key mask = {"netmask", NET_K_NETMASK};

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if (edit_part_live(p, i, &mask) &&
		    memchr(set->change->value.p, '/', set->change->value.len))
			edit_option_delete(set, p, i);
}

static struct edit_part *part_of(struct edit_set *set, bool inet6, bool with_addresses)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && edit_part_takes_addresses(p) &&
		    (!with_addresses || edit_part_addresses(p)))
			return p;
	return NULL;
}

/* The method that leaves no room for an address of the family, or NULL. */
static const char *other_method(struct edit_set *set, bool inet6)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && !edit_part_takes_addresses(p))
			return p->method;
	return NULL;
}

static void put_address(struct edit_set *set, struct edit_part *p)
{
	p->touched = true;
	p->added_addresses++;
	drop_masks(set, p);
	edit_option_insert(set, p, set->change->value);
}

static void set_address(struct edit_set *set, bool inet6)
{
	struct edit_part *p;
	const char *method;
	bool done = false;

	for (p = set->part; p; p = p->next) {
		if (!edit_part_count(p, &edit_address_key, inet6))
			continue;
		p->touched = true;
		if (done) {
			edit_part_remove(set, p, inet6);
			continue;
		}
		drop_masks(set, p);
		done = edit_part_replace(set, p, inet6);
	}
	if (done)
		return;
	p = part_of(set, inet6, false);
	method = other_method(set, inet6);
	if (p)
		put_address(set, p);
	else if (method)
		edit_complain(set->ed, PVE_DATA,
			      "%s gets its %s address by %s: set %s=static as well, or add one "
			      "with address+=",
			      set->iface, inet6 ? "IPv6" : "IPv4", method,
			      inet6 ? "method6" : "method");
	else
		put_address(set, edit_part_add(set, NULL, inet6 ? "inet6" : "inet", "static"));
}

/* A second address is a second stanza, which every engine understands; but where several
 * stand in one stanza already (ifupdown2) it joins them. */
static void add_address(struct edit_set *set, bool inet6)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (edit_find_line(set, &p, &n))
		return;
	for (p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && edit_part_takes_addresses(p) &&
		    (edit_part_typeless(p) || edit_part_addresses(p) > 1 ||
		     !edit_part_addresses(p)))
			break;
	put_address(set, p ? p : edit_part_add(set, NULL, inet6 ? "inet6" : "inet", "static"));
}

static void remove_addresses(struct edit_set *set, bool only6)
{
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (!edit_part_count(p, &edit_address_key, only6 ? 1 : -1))
			continue;
		p->touched = true;
		edit_part_remove(set, p, only6 ? 1 : -1);
	}
}

void edit_change_address(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool inet6 = c->value.len && memchr(c->value.p, ':', c->value.len);

	if (!c->value.len)
		remove_addresses(set, c->pseudo == NET_P_FAMILY6);
	else if (c->op == NET_TAKE)
		edit_take_line(set);
	else if (c->op == NET_ADD)
		add_address(set, inet6);
	else
		set_address(set, inet6);
}

void edit_set_gateway(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool inet6 = c->value.len && memchr(c->value.p, ':', c->value.len), done = false;
	struct edit_part *p;

	for (p = set->part; p; p = p->next) {
		if (c->value.len)
			done |= edit_part_count(p, c->key, inet6) &&
				edit_part_replace(set, p, inet6);
		else
			edit_part_remove(set, p, c->pseudo == NET_P_FAMILY6 ? 1 : -1);
	}
	if (!c->value.len || done || edit_inherits(set))
		return;
	p = part_of(set, inet6, true);
	if (p)
		edit_option_insert(set, p, c->value);
	else
		edit_complain(set->ed, PVE_DATA, "%s has no %s address for the gateway %.*s",
			      set->iface, inet6 ? "IPv6" : "IPv4", PVE_SPAN_ARG(c->value));
}

/* --- methods -------------------------------------------------------------------- */

void edit_set_method(struct edit_set *set)
{
	const struct net_change *c = set->change;
	const char *method = c->value.p;
	bool found = false;

	if (c->value.len &&
	    !net_method_is_known(pve_span(c->inet6 ? "inet6" : "inet"), c->value)) {
		edit_complain(set->ed, PVE_USAGE, "%s=%s: no such method", c->spelling, method);
		return;
	}
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (edit_part_typeless(p) || !edit_part_is(p, c->inet6))
			continue;
		found = true;
		if (c->value.len)
			p->method = method;
		else
			p->dropped = true;
	}
	if (!found && c->value.len)
		edit_part_add(set, NULL, c->inet6 ? "inet6" : "inet", method);
}
