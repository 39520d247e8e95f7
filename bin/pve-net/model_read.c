/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the model, in passes over the stanzas: names, then options and their values, then
 * who stands on whom (all names must be there), then what starts at boot, then types.
 */
#include <fnmatch.h>

#include "model_impl.h"
#include "pvecommon/num.h"

/* "inherits" deeper than this is a circle. */
#define MAX_INHERIT 16
/* More inherited options than this in one configuration are an attack on our memory. */
#define MAX_INHERITED (1u << 20)
/* Links have shorter names (IFNAMSIZ); fnmatch(3) is slow where both are long. */
#define MAX_MATCHED 16

/* --- names --------------------------------------------------------------------- */

static const struct net_rare nothing_rare;

struct net_rare *net_model_rare(struct net_model *m, struct net_iface *i)
{
	struct net_rare *own;

	if (i->rare != &nothing_rare)
		return (struct net_rare *)i->rare;
	own = pve_arena_alloc(&m->mem, sizeof(*own));
	i->rare = own;
	return own;
}

/* The interface of that name; *made when there was none. */
static struct net_iface *iface_of(struct net_model *m, struct pve_span name, bool *made)
{
	struct pve_map_entry *e = pve_map_place(&m->by_name, name);
	struct net_iface *i = e->value;

	*made = !i;
	if (i)
		return i;
	i = pve_arena_alloc(&m->mem, sizeof(*i));
	i->name = pve_arena_memdup(&m->mem, name.p, name.len);
	i->vlan_id = -1;
	i->rare = &nothing_rare;
	e->key = i->name;
	e->value = i;
	return i;
}

struct net_iface *net_model_mention(struct net_model *m, struct pve_span name)
{
	bool made;
	struct net_iface *i = iface_of(m, name, &made);

	if (!made)
		return i;
	i->order = (uint32_t)m->nmentions;
	m->mention = pve_grow(m->mention, m->nmentions, &m->mentions_cap, sizeof(i));
	m->mention[m->nmentions++] = i;
	return i;
}

/* The interface of an iface stanza, new when it is the first of that name. */
static struct net_iface *define(struct net_model *m, struct pve_span name)
{
	bool made;
	struct net_iface *i = iface_of(m, name, &made);

	if (!made)
		return i;
	i->order = (uint32_t)m->nifaces;
	return m->iface[m->nifaces++] = i;
}

static void define_all(struct net_model *m)
{
	const struct net_conf *c = m->conf;
	PVE_FREE struct net_iface **of = pve_calloc(c->nstanzas + 1, sizeof(struct net_iface *));
	const struct net_stanza **all;
	size_t total = 0;

	for (size_t n = 0; n < c->nstanzas; n++)
		total += c->stanza[n]->kind == NET_IFACE;
	m->iface = pve_arena_alloc(&m->mem, total * sizeof(struct net_iface *));
	all = pve_arena_alloc(&m->mem, total * sizeof(*all));
	pve_map_reserve(&m->by_name, total);
	for (size_t n = 0; n < c->nstanzas; n++) {
		if (c->stanza[n]->kind != NET_IFACE || !c->stanza[n]->name.len)
			continue;
		of[n] = define(m, c->stanza[n]->name);
		of[n]->nstanzas++;
	}
	for (size_t n = 0; n < c->nstanzas; n++) {
		struct net_iface *i = of[n];

		if (!i)
			continue;
		if (!i->stanza) {
			i->stanza = all;
			all += i->nstanzas;
			i->nstanzas = 0;
		}
		i->stanza[i->nstanzas++] = c->stanza[n];
	}
}

/* --- values -------------------------------------------------------------------- */

static struct net_addr *add_addr(struct net_model *m, struct net_addr ***end,
				 const struct net_option *o)
{
	struct pve_span w = net_first_word(o->value);
	struct net_addr *a = pve_arena_alloc(&m->mem, sizeof(*a));

	net_addr_parse(w, a);
	a->text = pve_arena_memdup(&m->mem, w.p, w.len);
	a->opt = o;
	**end = a;
	*end = &a->next;
	return a;
}

/* ifupdown2 pairs a netmask with the address before it; the others know but one of each,
 * in any order. */
static void apply_mask(struct net_model *m, struct net_addr *a, const struct net_option *mask)
{
	if (!a || !mask || a->prefix >= 0 || a->mask || !a->family || strchr(a->text, '/'))
		return;
	a->mask = mask;
	a->prefix = net_mask_bits(mask->value, a->family);
	if (a->prefix >= 0)
		a->text = pve_arena_printf(&m->mem, "%s/%d", a->text, a->prefix);
}

static const char *bond_mode(struct net_model *m, struct pve_span value)
{
	static const char *const modes[] = {"balance-rr", "active-backup", "balance-xor",
					    "broadcast",  "802.3ad",       "balance-tlb",
					    "balance-alb"};
	uint64_t n;

	if (pve_num_span(value, 6, &n) == 0)
		return modes[n];
	for (n = 0; n < 7; n++)
		if (pve_span_eq(value, modes[n]))
			return modes[n];
	return pve_arena_memdup(&m->mem, value.p, value.len);
}

static bool is_no(struct pve_span v)
{
	return pve_span_eq(v, "no") || pve_span_eq(v, "off") || pve_span_eq(v, "0") ||
	       pve_span_eq(v, "false");
}

/* Where the next address and gateway of an interface go; NULL: it has none yet. */
struct ends {
	struct net_addr **addr, **gateway;
};

static void read_option(struct net_model *m, struct net_iface *i, struct ends *end,
			const struct net_option *o)
{
	uint64_t n;

	switch (o->key->id) {
	case NET_K_GATEWAY:
		if (!end->gateway)
			end->gateway = &net_model_rare(m, i)->gateway;
		add_addr(m, &end->gateway, o);
		break;
	case NET_K_MTU:
		i->mtu = pve_num_span(o->value, UINT32_MAX, &n) == 0 ? (uint32_t)n : 0;
		break;
	case NET_K_VLAN_ID:
		if (pve_num_span(o->value, INT32_MAX, &n) == 0)
			i->vlan_id = (int)n;
		break;
	case NET_K_BOND_MODE:
		net_model_rare(m, i)->bond_mode = bond_mode(m, o->value);
		break;
	case NET_K_BRIDGE_VLAN_AWARE:
		i->vlan_aware = !is_no(o->value);
		break;
	default:
		break;
	}
}

struct options {
	const struct net_option **v;
	size_t n, cap;
	size_t inherited; /* in all */
};

/* The options from..n are of one stanza, with those it inherits. */
static void read_values(struct net_model *m, struct net_iface *i, struct ends *end,
			const struct options *all, size_t from)
{
	const struct net_option *mask = NULL;
	struct net_addr *a = NULL;

	for (size_t k = from; k < all->n; k++) {
		const struct net_option *o = all->v[k];

		if (o->key->id == NET_K_ADDRESS) {
			a = add_addr(m, &end->addr, o);
			apply_mask(m, a, mask);
			mask = NULL;
		} else if (o->key->id == NET_K_NETMASK) {
			apply_mask(m, a, o);
			mask = a ? NULL : o;
		} else {
			read_option(m, i, end, o);
		}
	}
}

/* The stanza that "inherits" means: of the same family if there is one. */
static const struct net_stanza *parent_of(const struct net_model *m, const struct net_stanza *s)
{
	const struct net_iface *i;

	if (!s->head->inherits.len)
		return NULL;
	i = pve_map_get(&m->by_name, s->head->inherits);
	if (!i || !i->nstanzas)
		return NULL;
	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_same(i->stanza[n]->head->family, s->head->family))
			return i->stanza[n];
	return i->stanza[0];
}

static void gather(const struct net_model *m, const struct net_stanza *s, unsigned depth,
		   struct options *all)
{
	const struct net_stanza *parent = parent_of(m, s);

	if (parent && parent != s && depth < MAX_INHERIT && all->inherited < MAX_INHERITED)
		gather(m, parent, depth + 1, all);
	all->inherited += depth ? s->nopts : 0;
	for (uint32_t n = 0; n < s->nopts; n++) {
		all->v = pve_grow(all->v, all->n, &all->cap, sizeof(*all->v));
		all->v[all->n++] = &s->opt[n];
	}
}

static void read_iface(struct net_model *m, struct net_iface *i, struct options *all)
{
	struct ends end = {.addr = &i->addr};
	size_t first = all->n;

	for (size_t n = 0; n < i->nstanzas; n++) {
		size_t from = all->n;

		gather(m, i->stanza[n], 0, all);
		read_values(m, i, &end, all, from);
	}
	i->nopts = (uint32_t)(all->n - first);
}

/* Options of all interfaces stand in one array, which may move until the last is read. */
static void read_ifaces(struct net_model *m)
{
	struct options all = {0};
	const struct net_option **at;

	for (size_t n = 0; n < m->conf->nfiles; n++)
		all.cap += m->conf->file[n]->nopts; /* enough when nothing is inherited */
	all.v = pve_calloc(all.cap, sizeof(*all.v));
	for (size_t n = 0; n < m->nifaces; n++)
		read_iface(m, m->iface[n], &all);
	m->opt = at = all.v;
	for (size_t n = 0; n < m->nifaces; n++) {
		m->iface[n]->opt = at;
		at += m->iface[n]->nopts;
	}
}

/* --- start --------------------------------------------------------------------- */

static void set_start(struct net_iface *i, enum net_start start, const struct net_stanza *at)
{
	if (i->start != NET_START_NO && i->start <= start)
		return;
	i->start = start;
	i->start_at = at;
}

/* "/eth*" names what the pattern matches, and "all" everything (ifupdown2). */
static void start_matching(struct net_model *m, const char *word, enum net_start start,
			   const struct net_stanza *at)
{
	for (size_t n = 0; n < m->nifaces; n++)
		if (word[0] != '/' || (strlen(m->iface[n]->name) < MAX_MATCHED &&
				       fnmatch(word + 1, m->iface[n]->name, 0) == 0))
			set_start(m->iface[n], start, at);
}

static void start_word(struct net_model *m, struct pve_span w, enum net_start start,
		       const struct net_stanza *at)
{
	const char *logical = memchr(w.p, '=', w.len);
	struct net_iface *i;
	const char *word;

	if (logical) {
		w.len -= (size_t)(logical + 1 - w.p);
		w.p = logical + 1;
	}
	i = pve_map_get_near(&m->by_name, w, &m->near);
	if (i && i->nstanzas) {
		set_start(i, start, at);
		return;
	}
	word = pve_arena_memdup(&m->mem, w.p, w.len);
	if (word[0] == '/' || strcmp(word, "all") == 0) {
		start_matching(m, word, start, at);
	} else if (strcmp(word, "lo") != 0) {
		m->orphan = pve_grow(m->orphan, m->norphans, &m->orphans_cap, sizeof(*m->orphan));
		m->orphan[m->norphans++] = (struct net_orphan){word, at};
	}
}

static void read_start(struct net_model *m, const struct net_stanza *s)
{
	struct pve_span rest = net_stanza_args(s), w;
	enum net_start start = NET_START_CLASS;

	if (s->kind == NET_AUTO || pve_span_eq(s->head->word, "allow-ovs"))
		start = NET_START_AUTO;
	else if (pve_span_eq(s->head->word, "allow-hotplug"))
		start = NET_START_HOTPLUG;
	while ((w = pve_span_word(&rest)).len)
		start_word(m, w, start, s);
}

static void read_all_starts(struct net_model *m)
{
	const struct net_stanza *s;

	for (size_t n = 0; n < m->conf->nstanzas; n++) {
		s = m->conf->stanza[n];
		if (s->kind == NET_AUTO || s->kind == NET_ALLOW)
			read_start(m, s);
	}
	for (size_t n = 0; n < m->nifaces; n++)
		for (size_t k = 0; k < m->iface[n]->nstanzas; k++) {
			s = m->iface[n]->stanza[k];
			if (s->autostart)
				set_start(m->iface[n], NET_START_AUTO, s);
			else if (s->hotplug)
				set_start(m->iface[n], NET_START_HOTPLUG, s);
		}
}

/* --- comments ------------------------------------------------------------------ */

static void add_comment(struct pve_buf *b, const struct net_file *f, uint32_t from, uint32_t to)
{
	size_t before = b->len;

	if (before)
		pve_buf_putc(b, '\n');
	net_file_comment(f, from, to, b);
	if (before && b->len == before + 1)
		b->data[--b->len] = '\0';
}

/* Comments inside the stanzas, where Proxmox VE keeps them; else those directly above. */
static void read_comment(struct net_model *m, struct net_iface *i, struct pve_buf *b)
{
	const struct net_stanza *s = i->start_at;

	b->len = 0;
	for (size_t n = 0; n < i->nstanzas; n++)
		add_comment(b, i->stanza[n]->head->file, i->stanza[n]->line, i->stanza[n]->last);
	for (size_t n = 0; n < i->nstanzas && !b->len; n++)
		add_comment(b, i->stanza[n]->head->file, i->stanza[n]->lead, i->stanza[n]->line);
	if (!b->len && s && s->lead < s->line && pve_span_eq(net_stanza_args(s), i->name))
		add_comment(b, s->head->file, s->lead, s->line);
	if (b->len)
		net_model_rare(m, i)->comment = pve_arena_memdup(&m->mem, b->data, b->len);
}

/* --- all of it ----------------------------------------------------------------- */

void net_model_read(struct net_model *m, const struct net_conf *conf)
{
	PVE_BUF comment = {0};

	*m = (struct net_model){.conf = conf};
	define_all(m);
	read_ifaces(m);
	net_model_edges(m);
	read_all_starts(m);
	for (size_t n = 0; n < m->nifaces; n++)
		read_comment(m, m->iface[n], &comment);
}
