/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lockout.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "model.h"
#include "probe.h"

struct finder {
	struct net_ways *w;
	const struct pve_nl_snapshot *live;
	struct pve_span hosts;
};

static const struct pve_nl_link *link_at(const struct pve_nl_snapshot *live, int index)
{
	for (size_t i = 0; index && i < live->nlinks; i++)
		if (live->link[i].index == index)
			return &live->link[i];
	return NULL;
}

/* The link itself, then what it stands on: the device under a VLAN, ports of a bridge and of a
 * bond, but not those that guests have there. */
static void add_chain(struct finder *f, const struct pve_nl_link *l, struct pve_strv *chain)
{
	const struct pve_nl_link *lower;

	if (!l || pve_strv_has(chain, l->name))
		return;
	pve_strv_add(chain, l->name);
	lower = link_at(f->live, l->lower);
	/* The peer of a veth pair is no lower device. */
	if (lower && strcmp(l->kind, "veth") != 0)
		add_chain(f, lower, chain);
	for (size_t i = 0; i < f->live->nlinks; i++) {
		const struct pve_nl_link *port = &f->live->link[i];

		if (port->master == l->index && !net_name_is_foreign(port->name))
			add_chain(f, port, chain);
	}
}

__attribute__((format(printf, 3, 4)))
static void add_way(struct finder *f, int index, const char *fmt, ...)
{
	const struct pve_nl_link *l = link_at(f->live, index);
	struct net_way *way;
	va_list ap;

	if (!l || strcmp(l->name, "lo") == 0)
		return;
	f->w->v = pve_grow(f->w->v, f->w->n, &f->w->cap, sizeof(*f->w->v));
	way = &f->w->v[f->w->n++];
	*way = (struct net_way){0};
	va_start(ap, fmt);
	way->what = pve_arena_vprintf(&f->w->mem, fmt, ap);
	va_end(ap);
	add_chain(f, l, &way->link);
	/* What is in the VRF or on the bridge of a port is reached through its master. */
	for (l = link_at(f->live, l->master); l && !pve_strv_has(&way->link, l->name);
	     l = link_at(f->live, l->master))
		add_chain(f, l, &way->link);
}

/* --- addresses --- */

/* A literal, with brackets, zone or port behind it as programs write them. */
static bool parse(struct pve_span text, struct net_addr *a)
{
	const char *end;

	if (text.len > 1 && text.p[0] == '[' && (end = memchr(text.p, ']', text.len)))
		text = (struct pve_span){text.p + 1, (size_t)(end - text.p - 1)};
	end = text.len ? memchr(text.p, '%', text.len) : NULL;
	if (end)
		text.len = (size_t)(end - text.p);
	return net_addr_parse(text, a);
}

/* A name of hosts(5), or a literal. */
static bool resolve(struct finder *f, struct pve_span name, struct net_addr *a)
{
	struct pve_span rest = f->hosts;

	if (parse(name, a))
		return true;
	while (rest.len) {
		const char *nl = memchr(rest.p, '\n', rest.len);
		struct pve_span line = {rest.p, nl ? (size_t)(nl - rest.p) : rest.len}, first, w;

		rest.p += line.len + (nl != NULL);
		rest.len -= line.len + (nl != NULL);
		first = pve_span_word(&line);
		while ((w = pve_span_word(&line)).len && w.p[0] != '#')
			if (pve_span_same(w, name))
				return parse(first, a);
	}
	return false;
}

/* The link that has the address; 0: it is none of ours. */
static int link_with(struct finder *f, const struct net_addr *a)
{
	for (size_t i = 0; i < f->live->naddrs; i++) {
		const struct pve_nl_addr *own = &f->live->addr[i];

		if (own->family == a->family &&
		    memcmp(&own->bytes, &a->bytes, a->family == AF_INET ? 4 : 16) == 0)
			return own->index;
	}
	return 0;
}

static bool covers(const struct in6_addr *net, unsigned prefix, const struct in6_addr *a)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (prefix > 128 || memcmp(net, a, whole) != 0)
		return false;
	return !rest || (net->s6_addr[whole] ^ a->s6_addr[whole]) >> (8 - rest) == 0;
}

/* The link that packets to the address leave by: the longest prefix of the addresses' networks
 * and of the routes, the lowest metric; 0: none. */
static int link_to(struct finder *f, const struct net_addr *a)
{
	unsigned best = 0;
	uint32_t metric = UINT32_MAX;
	int found = 0;

	for (size_t i = 0; i < f->live->nroutes; i++) {
		const struct pve_nl_route *r = &f->live->route[i];

		if (r->family != a->family || !r->oif || !covers(&r->dst, r->prefix, &a->bytes))
			continue;
		if (!found || r->prefix > best || (r->prefix == best && r->metric < metric)) {
			best = r->prefix;
			metric = r->metric;
			found = r->oif;
		}
	}
	return found;
}

/* --- what there is to lose --- */

/* SSH_CONNECTION: client address, client port, server address, server port. */
static void find_ssh(struct finder *f, const char *ssh)
{
	struct pve_span rest = pve_span(ssh ? ssh : ""), peer = pve_span_word(&rest), own;
	struct net_addr a;
	int index = 0;

	pve_span_word(&rest);
	own = pve_span_word(&rest);
	if (parse(own, &a))
		index = link_with(f, &a);
	if (index)
		add_way(f, index, "the ssh connection from %.*s", PVE_SPAN_ARG(peer));
	/* Answers may leave by another link than the one with the address. */
	if (parse(peer, &a) && link_to(f, &a) != index)
		add_way(f, link_to(f, &a), "the ssh connection from %.*s", PVE_SPAN_ARG(peer));
}

static void find_defaults(struct finder *f)
{
	for (size_t i = 0; i < f->live->nroutes; i++) {
		const struct pve_nl_route *r = &f->live->route[i];

		if (!r->prefix)
			add_way(f, r->oif, "the default route of IPv%c",
				r->family == AF_INET ? '4' : '6');
	}
}

/* "ring0_addr: 10.0.0.1" of each node; the one that is ours is told by its address. */
static void find_rings(struct finder *f, struct pve_span text)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) : text.len}, key;
		struct net_addr a;
		int index;

		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
		line = pve_span_trim(line);
		key = pve_span_word(&line);
		if (!pve_span_starts(key, "ring") || key.len < 11 ||
		    memcmp(key.p + 5, "_addr:", 6) != 0 || !resolve(f, pve_span_trim(line), &a))
			continue;
		index = link_with(f, &a);
		if (index)
			add_way(f, index, "ring %c of the cluster", key.p[4]);
	}
}

static bool is_network_fs(struct pve_span type)
{
	static const char *const types[] = {"nfs",  "nfs4",      "cifs", "smb3",
					    "ceph", "glusterfs", "afs",  "fuse.glusterfs",
					    NULL};

	for (size_t i = 0; types[i]; i++)
		if (pve_span_eq(type, types[i]))
			return true;
	return false;
}

/* The server in "10.0.0.9:/export", "[fd00::9]:/export", "//server/share", "10.0.0.1,10.0.0.2:/". */
static struct pve_span server_of(struct pve_span source)
{
	const char *end;

	if (pve_span_starts(source, "//")) {
		source.p += 2, source.len -= 2;
		end = memchr(source.p, '/', source.len);
	} else if (source.len && source.p[0] == '[') {
		end = memchr(source.p, ']', source.len);
		end = end ? end + 1 : NULL;
	} else {
		end = source.len ? strpbrk(source.p, ",:") : NULL;
		end = end && end < source.p + source.len ? end : NULL;
	}
	if (end)
		source.len = (size_t)(end - source.p);
	return source;
}

/* mountinfo: five fields, among them the mount point, more until "-", then type and source. */
static void find_mounts(struct finder *f, struct pve_span text)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) : text.len};
		struct pve_span where = {"", 0}, w;
		PVE_FREE char *source = NULL;
		struct net_addr a;

		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
		for (int i = 0; (w = pve_span_word(&line)).len && !pve_span_eq(w, "-"); i++)
			if (i == 4)
				where = w;
		w = pve_span_word(&line);
		if (!is_network_fs(w))
			continue;
		w = pve_span_word(&line);
		source = pve_strndup(w.p, w.len);
		if (resolve(f, server_of(pve_span(source)), &a) && link_to(f, &a))
			add_way(f, link_to(f, &a), "%.*s, mounted on %.*s", PVE_SPAN_ARG(w),
				PVE_SPAN_ARG(where));
	}
}

void net_ways_find(struct net_ways *w, const struct net_way_facts *facts)
{
	struct finder f = {w, facts->live, facts->hosts};

	*w = (struct net_ways){0};
	find_ssh(&f, facts->ssh);
	find_defaults(&f);
	find_rings(&f, facts->corosync);
	find_mounts(&f, facts->mounts);
}

void net_ways_done(struct net_ways *w)
{
	for (size_t i = 0; i < w->n; i++)
		pve_strv_done(&w->v[i].link);
	free(w->v);
	pve_arena_done(&w->mem);
	*w = (struct net_ways){0};
}

const struct net_way *net_ways_touched(const struct net_ways *w, const char *link)
{
	for (size_t i = 0; i < w->n; i++)
		if (pve_strv_has(&w->v[i].link, link))
			return &w->v[i];
	return NULL;
}

int net_ways_refuse(const struct net_way *way, const char *link, struct pve_err *e)
{
	return pve_err_set(e, PVE_DENIED,
			   "this touches %s, which carries %s: use --confirm 60, and 'pve-net "
			   "confirm' from a new login, or --yes",
			   link, way->what);
}
