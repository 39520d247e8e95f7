/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of one interface: which stanza they go to; edit_line.c writes the lines. */
#include "edit_part.h"
#include "value.h"

/* --- parts ---------------------------------------------------------------------- */

static bool typeless(const struct edit_part *p)
{
	return !p->family[0];
}

static struct edit_part *add_part(struct edit_set *set, const struct net_stanza *s,
				  const char *family, const char *method)
{
	struct edit_part *p = pve_arena_alloc(&set->ed->mem, sizeof(*p));

	p->s = s;
	p->family = family;
	p->was = p->method = method;
	if (s)
		p->gone = pve_arena_alloc(&set->ed->mem, s->nopts * sizeof(*p->gone));
	*set->end = p;
	set->end = &p->next;
	return p;
}

static void read_parts(struct edit_set *set)
{
	struct pve_arena *mem = &set->ed->mem;
	const struct net_stanza *s;
	size_t at = 0;

	set->end = &set->part;
	while ((s = edit_next(set->ed, set->iface, &at)))
		if (!edit_computed(set->ed, s))
			add_part(set, s, pve_arena_memdup(mem, s->head->family.p, s->head->family.len),
				 pve_arena_memdup(mem, s->head->method.p, s->head->method.len));
}

bool edit_part_is(const struct edit_part *p, bool inet6)
{
	return typeless(p) || strcmp(p->family, inet6 ? "inet6" : "inet") == 0;
}

/* May the part have addresses of its own? */
static bool takes_addresses(const struct edit_part *p)
{
	return typeless(p) || strcmp(p->method, "static") == 0 || strcmp(p->method, "manual") == 0;
}

/* The n-th option of the part, if it is still there and of that kind. */
static const struct net_option *live(const struct edit_part *p, uint32_t n,
				     const struct net_key *key)
{
	const struct net_option *o = &p->s->opt[n];

	if (p->gone[n] || o->key->id != key->id)
		return NULL;
	return key->id > NET_K_KNOWN || strcmp(o->key->name, key->name) == 0 ? o : NULL;
}

/* An address or gateway line by what it holds; what is no literal belongs to its stanza. */
static bool of_family(const struct edit_part *p, const struct net_option *o, bool inet6)
{
	struct net_addr a = {0};

	if (net_addr_parse(o->value, &a))
		return (a.family == AF_INET6) == inet6;
	return edit_part_is(p, inet6);
}

static unsigned count(const struct edit_part *p, const struct net_key *key, int family)
{
	unsigned n = 0;
	const struct net_option *o;

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if ((o = live(p, i, key)) && (family < 0 || of_family(p, o, family)))
			n++;
	return n;
}

static const struct net_key address_key = {"address", NET_K_ADDRESS};

static unsigned addresses(const struct edit_part *p)
{
	return count(p, &address_key, -1) + p->added_addresses;
}

/* --- single options ------------------------------------------------------------- */

bool edit_refused(struct net_edit *ed, const struct net_change *c)
{
	const char *why = net_value_refusal(c->key, c->value);
	PVE_BUF safe = {0};

	if (!why)
		return false;
	for (size_t i = 0; i < c->value.len; i++)
		pve_buf_putc(&safe, (unsigned char)c->value.p[i] < ' ' || c->value.p[i] == 127
					    ? '?'
					    : c->value.p[i]);
	edit_complain(ed, PVE_USAGE, "%s=%s: %s", c->spelling, pve_buf_str(&safe), why);
	return true;
}

/* A netmask beside an address that says its prefix would say it twice. */
static void drop_masks(struct edit_set *set, struct edit_part *p)
{
	static const struct net_key mask = {"netmask", NET_K_NETMASK};

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if (live(p, i, &mask) && memchr(set->change->value.p, '/', set->change->value.len))
			edit_option_delete(set, p, i);
}

/* Sets all lines of a key in a part to the one value; false when there is none. */
static bool replace_in(struct edit_set *set, struct edit_part *p, int family)
{
	const struct net_option *o;
	bool done = false;

	for (uint32_t i = p->s ? p->s->nopts : 0; i > 0; i--) {
		o = live(p, i - 1, set->change->key);
		if (!o || (family >= 0 && !of_family(p, o, family)))
			continue;
		if (done)
			edit_option_delete(set, p, i - 1);
		else
			edit_option_replace(set, o, set->change->value);
		done = true;
	}
	return done;
}

static void remove_in(struct edit_set *set, struct edit_part *p, int family)
{
	const struct net_option *o;

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if ((o = live(p, i, set->change->key)) && (family < 0 || of_family(p, o, family)))
			edit_option_delete(set, p, i);
}

/* Where an option goes that the interface does not have yet. */
static struct edit_part *home_of(struct edit_set *set)
{
	static const char *const six[] = {"accept-ra",          "autoconf", "dad-attempts",
					  "dad-interval",       "privext",  "request-prefix",
					  "preferred-lifetime", NULL};

	for (size_t i = 0; six[i]; i++) {
		if (strcmp(set->change->key->name, six[i]) != 0)
			continue;
		for (struct edit_part *p = set->part; p; p = p->next)
			if (edit_part_is(p, true))
				return p;
		edit_complain(set->ed, PVE_DATA,
			      "%s has no inet6 stanza for %s: give it an address or method6=auto",
			      set->iface, six[i]);
		return NULL;
	}
	return set->part;
}

/* ifupdown joins an inherited value and an own one. */
static bool inherits(struct edit_set *set)
{
	for (struct edit_part *p = set->part; p; p = p->next) {
		const struct net_stanza *parent;
		size_t at = 0;

		if (!p->s || !p->s->head->inherits.len || set->ed->force)
			continue;
		while ((parent = edit_next(set->ed,
					   pve_arena_memdup(&set->ed->mem, p->s->head->inherits.p,
							    p->s->head->inherits.len),
					   &at)))
			for (uint32_t i = 0; i < parent->nopts; i++)
				if (parent->opt[i].key->id == set->change->key->id &&
				    set->change->key->id > NET_K_KNOWN) {
					edit_complain(set->ed, PVE_DATA,
						      "%s inherits %s from %.*s (%s:%u): set it "
						      "there; --force sets it here, too",
						      set->iface, set->change->spelling,
						      PVE_SPAN_ARG(p->s->head->inherits),
						      parent->file->path, parent->opt[i].line);
					return true;
				}
	}
	return false;
}

static void set_option(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool done = false;
	struct edit_part *home;
	unsigned n = 0;

	for (struct edit_part *p = set->part; p; p = p->next)
		n += count(p, c->key, -1);
	if (net_key_is_hook(c->key) && n > 1 && c->value.len) {
		edit_complain(set->ed, PVE_USAGE,
			      "%s has %u %s commands: add one with %s+=, take one with %s-=",
			      set->iface, n, c->key->name, c->spelling, c->spelling);
		return;
	}
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (c->value.len)
			done |= replace_in(set, p, -1);
		else
			remove_in(set, p, -1);
	}
	if (!c->value.len || done || inherits(set))
		return;
	home = home_of(set);
	if (home)
		edit_option_insert(set, home, c->value);
}

/* --- lists ---------------------------------------------------------------------- */

static bool has_word(struct pve_span list, struct pve_span word)
{
	struct pve_span w;

	while ((w = pve_span_word(&list)).len)
		if (pve_span_same(w, word))
			return true;
	return false;
}

/* The only option of that key, the last one when there are several. */
static const struct net_option *last_of(struct edit_set *set, struct edit_part **in)
{
	const struct net_option *found = NULL, *o;

	for (struct edit_part *p = set->part; p; p = p->next)
		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			if ((o = live(p, i, set->change->key))) {
				found = o;
				*in = p;
			}
	return found;
}

static void add_words(struct edit_set *set)
{
	struct edit_part *p = NULL;
	const struct net_option *o = last_of(set, &p);
	struct pve_span rest = set->change->value, w;
	PVE_BUF all = {0};

	if (!o) {
		set_option(set);
		return;
	}
	if (!pve_span_eq(o->value, "none"))
		pve_buf_span(&all, o->value);
	while ((w = pve_span_word(&rest)).len)
		if (!has_word((struct pve_span){pve_buf_str(&all), all.len}, w)) {
			if (all.len)
				pve_buf_putc(&all, ' ');
			pve_buf_span(&all, w);
		}
	edit_option_replace(set, o, (struct pve_span){pve_buf_str(&all), all.len});
}

static const char *drop_word(void *data, unsigned index, struct pve_span word)
{
	return index && has_word(*(const struct pve_span *)data, word) ? "" : NULL;
}

static void take_words(struct edit_set *set)
{
	struct pve_span rest = set->change->value, w, left;
	struct edit_part *p = NULL;
	const struct net_option *o = last_of(set, &p);
	unsigned kept = 0;

	while ((w = pve_span_word(&rest)).len)
		if (!o || !has_word(o->value, w)) {
			edit_complain(set->ed, PVE_DATA, "%s: %.*s is not among its %s", set->iface,
				      PVE_SPAN_ARG(w), set->change->spelling);
			return;
		}
	left = o->value;
	while ((w = pve_span_word(&left)).len)
		kept += !has_word(set->change->value, w);
	if (kept)
		edit_words(set->ed, o->stanza->file, o->line, o->nlines, false, drop_word,
			   (void *)&set->change->value);
	else if (o->key->id == NET_K_BRIDGE_PORTS)
		edit_option_replace(set, o, pve_span("none"));
	else
		edit_option_delete(set, p, (uint32_t)(o - p->s->opt));
}

static bool same_value(const struct net_option *o, struct pve_span value)
{
	struct net_addr a = {0}, b = {0};

	if (pve_span_same(o->value, value))
		return true;
	if (o->key->id != NET_K_ADDRESS || !net_addr_parse(o->value, &a) ||
	    !net_addr_parse(value, &b))
		return false;
	return a.family == b.family && memcmp(&a.bytes, &b.bytes, sizeof(a.bytes)) == 0 &&
	       (a.prefix == b.prefix || a.prefix < 0 || b.prefix < 0);
}

static bool find_line(struct edit_set *set, struct edit_part **in, uint32_t *n)
{
	const struct net_option *o;

	for (struct edit_part *p = set->part; p; p = p->next)
		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			if ((o = live(p, i, set->change->key)) &&
			    same_value(o, set->change->value)) {
				*in = p;
				*n = i;
				return true;
			}
	return false;
}

static void take_line(struct edit_set *set)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (!find_line(set, &p, &n)) {
		edit_complain(set->ed, PVE_DATA, "%s has no %s %.*s", set->iface,
			      set->change->spelling, PVE_SPAN_ARG(set->change->value));
		return;
	}
	if (set->change->key->id == NET_K_ADDRESS)
		p->touched = true;
	edit_option_delete(set, p, n);
}

static void add_line(struct edit_set *set)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (find_line(set, &p, &n))
		return;
	if (!last_of(set, &p) && !inherits(set))
		p = set->part;
	if (p)
		edit_option_insert(set, p, set->change->value);
}

/* --- addresses ------------------------------------------------------------------ */

static struct edit_part *part_of(struct edit_set *set, bool inet6, bool with_addresses)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && takes_addresses(p) &&
		    (!with_addresses || addresses(p)))
			return p;
	return NULL;
}

/* The method that leaves no room for an address of the family, or NULL. */
static const char *other_method(struct edit_set *set, bool inet6)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && !takes_addresses(p))
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
		if (!count(p, &address_key, inet6))
			continue;
		p->touched = true;
		if (done) {
			remove_in(set, p, inet6);
			continue;
		}
		drop_masks(set, p);
		done = replace_in(set, p, inet6);
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
		put_address(set, add_part(set, NULL, inet6 ? "inet6" : "inet", "static"));
}

/* A second address is a second stanza, which every engine understands; but where several
 * stand in one stanza already (ifupdown2) it joins them. */
static void add_address(struct edit_set *set, bool inet6)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (find_line(set, &p, &n))
		return;
	for (p = set->part; p; p = p->next)
		if (edit_part_is(p, inet6) && takes_addresses(p) &&
		    (typeless(p) || addresses(p) > 1 || !addresses(p)))
			break;
	put_address(set, p ? p : add_part(set, NULL, inet6 ? "inet6" : "inet", "static"));
}

static void remove_addresses(struct edit_set *set, bool only6)
{
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (!count(p, &address_key, only6 ? 1 : -1))
			continue;
		p->touched = true;
		remove_in(set, p, only6 ? 1 : -1);
	}
}

static void change_address(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool inet6 = c->value.len && memchr(c->value.p, ':', c->value.len);

	if (!c->value.len)
		remove_addresses(set, c->pseudo == NET_P_FAMILY6);
	else if (c->op == NET_TAKE)
		take_line(set);
	else if (c->op == NET_ADD)
		add_address(set, inet6);
	else
		set_address(set, inet6);
}

static void set_gateway(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool inet6 = c->value.len && memchr(c->value.p, ':', c->value.len), done = false;
	struct edit_part *p;

	for (p = set->part; p; p = p->next) {
		if (c->value.len)
			done |= count(p, c->key, inet6) && replace_in(set, p, inet6);
		else
			remove_in(set, p, c->pseudo == NET_P_FAMILY6 ? 1 : -1);
	}
	if (!c->value.len || done || inherits(set))
		return;
	p = part_of(set, inet6, true);
	if (p)
		edit_option_insert(set, p, c->value);
	else
		edit_complain(set->ed, PVE_DATA, "%s has no %s address for the gateway %.*s",
			      set->iface, inet6 ? "IPv6" : "IPv4", PVE_SPAN_ARG(c->value));
}

/* --- methods -------------------------------------------------------------------- */

static bool known_method(bool inet6, struct pve_span method)
{
	static const char *const inet[] = {"loopback", "static", "manual", "dhcp",   "bootp",
					   "tunnel",   "ppp",    "wvdial", "ipv4ll", NULL};
	static const char *const six[] = {"auto",   "loopback", "static", "manual", "dhcp",
					  "tunnel", "v4tunnel", "6to4",   NULL};
	const char *const *list = inet6 ? six : inet;

	while (*list && !pve_span_eq(method, *list))
		list++;
	return *list;
}

static void set_method(struct edit_set *set)
{
	const struct net_change *c = set->change;
	const char *method = c->value.p;
	bool found = false;

	if (c->value.len && !known_method(c->inet6, c->value)) {
		edit_complain(set->ed, PVE_USAGE, "%s=%s: no such method", c->spelling, method);
		return;
	}
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (typeless(p) || !edit_part_is(p, c->inet6))
			continue;
		found = true;
		if (c->value.len)
			p->method = method;
		else
			p->dropped = true;
	}
	if (!found && c->value.len)
		add_part(set, NULL, c->inet6 ? "inet6" : "inet", method);
}

/* --- all of it ------------------------------------------------------------------ */

static bool has_option(struct edit_set *set)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (count(p, set->change->key, -1))
			return true;
	return false;
}

static void change_one(struct edit_set *set)
{
	const struct net_change *c = set->change;

	if (c->pseudo == NET_P_METHOD)
		set_method(set);
	else if (c->pseudo == NET_P_AUTOSTART)
		edit_autostart(set->ed, set->iface, c->value);
	else if (c->key->id == NET_K_UNKNOWN && !set->ed->force && !has_option(set))
		edit_unknown(set->ed, c);
	else if (c->op != NET_SET && net_value_kind_of(c->key) == NET_V_ONE)
		edit_complain(set->ed, PVE_USAGE, "%s has one value: use %s=", c->spelling,
			      c->spelling);
	else if (c->value.len && c->op != NET_TAKE && edit_refused(set->ed, c))
		return;
	else if (c->key->id == NET_K_ADDRESS)
		change_address(set);
	else if (c->key->id == NET_K_GATEWAY && c->op == NET_SET)
		set_gateway(set);
	else if (c->op == NET_SET)
		set_option(set);
	else if (net_value_kind_of(c->key) == NET_V_WORDS)
		(c->op == NET_ADD ? add_words : take_words)(set);
	else
		(c->op == NET_ADD ? add_line : take_line)(set);
}

/* The method follows the addresses; a stanza that nothing is left of goes, if it is not the
 * last one. */
static void settle(struct edit_set *set)
{
	size_t left = 0;

	for (struct edit_part *p = set->part; p; p = p->next) {
		bool empty = p->s && !p->added;

		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			empty &= p->gone[i];
		if (p->touched && p->method == p->was && takes_addresses(p) && !typeless(p))
			p->method = addresses(p) ? "static" : "manual";
		p->dropped |= p->touched && empty && p != set->part;
		left += !p->dropped;
	}
	if (!left)
		edit_complain(set->ed, PVE_USAGE,
			      "%s would have no stanza left: 'pve-net remove %s' removes it",
			      set->iface, set->iface);
}

void net_edit_set(struct net_edit *ed, const char *iface, const struct net_change *c, size_t n)
{
	struct edit_set set = {.ed = ed, .iface = iface};

	if (!edit_defined(ed, iface)) {
		edit_complain(ed, PVE_DATA, "%s: no such interface", iface);
		return;
	}
	read_parts(&set);
	for (unsigned pass = 0; set.part && pass < 3; pass++)
		for (size_t i = 0; i < n; i++) {
			unsigned at = c[i].pseudo == NET_P_METHOD     ? 0
				      : c[i].key->id == NET_K_ADDRESS ? 1
								      : 2;

			set.change = &c[i];
			if (at == pass)
				change_one(&set);
		}
	if (set.part)
		settle(&set);
	if (!ed->code)
		edit_parts_write(&set);
}
