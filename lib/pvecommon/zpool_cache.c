/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/zpool_cache.h"

#include "pvecommon/strv.h"

#define DEPTH_MAX 12

/* Types of values, from sys/nvpair.h. */
enum { NV_BOOLEAN = 1, NV_UINT64 = 8, NV_STRING = 9, NV_LIST = 19, NV_LIST_ARRAY = 20 };

struct pair {
	struct pve_span name, value; /* value: the bytes behind the number of elements */
	uint32_t type, n;
	bool native;
};

/* What counts of a vdev, and where its children lie. */
struct vdev {
	const char *type, *path, *bias;
	uint64_t id, guid, nparity;
	bool is_log;
	struct pve_span children, spares, l2cache;
	uint32_t nchildren, nspares, nl2cache;
};

struct pool {
	const char *name;
	uint64_t guid;
};

/* --- XDR --------------------------------------------------------------------------- */

static bool take_u32(struct pve_span *s, uint32_t *v)
{
	const unsigned char *p = (const unsigned char *)s->p;

	if (s->len < 4)
		return false;
	*v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	s->p += 4;
	s->len -= 4;
	return true;
}

static bool take_string(struct pve_span *s, struct pve_span *text)
{
	uint32_t len;

	if (!take_u32(s, &len) || len > s->len)
		return false;
	*text = (struct pve_span){s->p, len};
	len = (len + 3) & ~3u;
	if (len > s->len)
		len = (uint32_t)s->len;
	s->p += len;
	s->len -= len;
	return true;
}

static uint64_t u64(const struct pair *p)
{
	struct pve_span s = p->value;
	uint32_t high, low;
	uint64_t v;

	if (p->native && p->type == NV_UINT64 && s.len >= sizeof(v)) {
		memcpy(&v, s.p, sizeof(v));
		return v;
	}
	if (p->native || p->type != NV_UINT64 || !take_u32(&s, &high) || !take_u32(&s, &low))
		return 0;
	return (uint64_t)high << 32 | low;
}

static const char *string(struct pve_arena *mem, const struct pair *p)
{
	struct pve_span s = p->value, text;

	if (p->native && p->type == NV_STRING)
		return pve_arena_memdup(mem, s.p, strnlen(s.p, s.len));
	if (p->native || p->type != NV_STRING || !take_string(&s, &text))
		return "";
	return pve_arena_memdup(mem, text.p, text.len);
}

/* --- the machine's own encoding ---------------------------------------------------- */

/* nvpair_t; behind it the name, and at the next multiple of eight the value. */
struct native_pair {
	int32_t size;
	int16_t name_size, reserved;
	int32_t n, type;
};

static int take_native(struct pve_span *s, struct pair *p, unsigned depth);

/* Passes over n lists. */
static bool skip_native(struct pve_span *s, uint32_t n, unsigned depth)
{
	struct pair p;
	int more = 0;

	for (uint32_t i = 0; i < n && more == 0; i++)
		while ((more = take_native(s, &p, depth + 1)) > 0)
			;
	return more == 0;
}

static int take_native(struct pve_span *s, struct pair *p, unsigned depth)
{
	struct native_pair head;
	struct pve_span in = *s;
	size_t at;

	if (depth > DEPTH_MAX || in.len < sizeof(int32_t))
		return -1;
	memcpy(&head.size, in.p, sizeof(head.size));
	if (!head.size) {
		*s = (struct pve_span){in.p + 4, in.len - 4};
		return 0;
	}
	if (in.len < sizeof(head))
		return -1;
	memcpy(&head, in.p, sizeof(head));
	if (head.name_size < 1 || head.n < 0)
		return -1;
	at = (sizeof(head) + (size_t)head.name_size + 7) & ~(size_t)7;
	if (head.size < 0 || (size_t)head.size < at || (size_t)head.size > in.len)
		return -1;
	*p = (struct pair){.name = {in.p + sizeof(head), (size_t)head.name_size - 1},
			   .value = {in.p + at, (size_t)head.size - at},
			   .type = (uint32_t)head.type,
			   .n = (uint32_t)head.n,
			   .native = true};
	*s = (struct pve_span){in.p + head.size, in.len - (size_t)head.size};
	if (p->type != NV_LIST && p->type != NV_LIST_ARRAY)
		return 1;
	p->value.p = s->p;
	if (!skip_native(s, p->type == NV_LIST ? 1 : p->n, depth))
		return -1;
	p->value.len = (size_t)(s->p - p->value.p);
	return 1;
}

/* --- either ------------------------------------------------------------------------ */

/* Takes the next pair off a list whose version and flags are gone: 1, or 0 at its end, which
 * is taken too, or -1. */
static int take_pair(bool native, struct pve_span *s, struct pair *p)
{
	struct pve_span in = *s;
	uint32_t size, decoded;

	if (native)
		return take_native(s, p, 0);
	p->native = false;
	if (!take_u32(s, &size) || !take_u32(s, &decoded))
		return -1;
	if (!size && !decoded)
		return 0;
	if (size < 8 || size > in.len)
		return -1;
	s->p = in.p + size;
	s->len = in.len - size;
	in = (struct pve_span){in.p + 8, size - 8};
	if (!take_string(&in, &p->name) || !take_u32(&in, &p->type) || !take_u32(&in, &p->n))
		return -1;
	p->value = in;
	return 1;
}

/* Of a list within a pair: in the machine's own encoding it stands in the pair. */
static bool take_header(bool native, struct pve_span *s)
{
	uint32_t version, flags;

	return native || (take_u32(s, &version) && take_u32(s, &flags));
}

/* --- pools and vdevs --------------------------------------------------------------- */

static void set_vdev(struct pve_arena *mem, struct vdev *v, const struct pair *p)
{
	if (pve_span_eq(p->name, "type"))
		v->type = string(mem, p);
	else if (pve_span_eq(p->name, "path"))
		v->path = string(mem, p);
	else if (pve_span_eq(p->name, "alloc_bias") || pve_span_eq(p->name, "allocation_bias"))
		v->bias = string(mem, p);
	else if (pve_span_eq(p->name, "id"))
		v->id = u64(p);
	else if (pve_span_eq(p->name, "guid"))
		v->guid = u64(p);
	else if (pve_span_eq(p->name, "nparity"))
		v->nparity = u64(p);
	else if (pve_span_eq(p->name, "is_log"))
		v->is_log = u64(p);
	else if (pve_span_eq(p->name, "children") && p->type == NV_LIST_ARRAY)
		v->children = p->value, v->nchildren = p->n;
	else if (pve_span_eq(p->name, "spares") && p->type == NV_LIST_ARRAY)
		v->spares = p->value, v->nspares = p->n;
	else if (pve_span_eq(p->name, "l2cache") && p->type == NV_LIST_ARRAY)
		v->l2cache = p->value, v->nl2cache = p->n;
}

static bool take_vdev(struct pve_zpool_cache *c, struct pve_span *s, struct vdev *v)
{
	struct pair p;
	int more;

	*v = (struct vdev){.type = "", .path = "", .bias = ""};
	if (!take_header(c->native, s))
		return false;
	while ((more = take_pair(c->native, s, &p)) > 0)
		set_vdev(&c->mem, v, &p);
	return more == 0;
}

static const char *vdev_name(struct pve_arena *mem, const struct vdev *v)
{
	if ((strcmp(v->type, "raidz") == 0 || strcmp(v->type, "draid") == 0) && v->nparity)
		return pve_arena_printf(mem, "%s%llu-%llu", v->type,
					(unsigned long long)v->nparity, (unsigned long long)v->id);
	return pve_arena_printf(mem, "%s-%llu", v->type, (unsigned long long)v->id);
}

static int take_vdevs(struct pve_zpool_cache *c, const struct pool *pool, struct pve_span s,
		      uint32_t n, const char *above, const char *role, unsigned depth)
{
	for (uint32_t i = 0; i < n; i++) {
		struct vdev v;
		const char *its = role;

		if (depth > DEPTH_MAX || !take_vdev(c, &s, &v))
			return -1;
		if (v.is_log)
			its = "log";
		else if (*v.bias && strcmp(v.bias, "log") != 0)
			its = v.bias;
		if (v.nchildren) {
			if (take_vdevs(c, pool, v.children, v.nchildren, vdev_name(&c->mem, &v), its,
				       depth + 1) < 0)
				return -1;
		} else if (*v.path) {
			c->v = pve_grow(c->v, c->n, &c->cap, sizeof(*c->v));
			c->v[c->n++] = (struct pve_zpool_leaf){pool->name, pool->guid, above, its,
							       v.guid, v.path};
		}
	}
	return 0;
}

static int take_root(struct pve_zpool_cache *c, const struct pool *pool, struct pve_span tree)
{
	struct vdev root;

	if (!take_vdev(c, &tree, &root))
		return -1;
	if (take_vdevs(c, pool, root.children, root.nchildren, "", "", 0) < 0 ||
	    take_vdevs(c, pool, root.spares, root.nspares, "", "spare", 0) < 0)
		return -1;
	return take_vdevs(c, pool, root.l2cache, root.nl2cache, "", "cache", 0);
}

static int take_pool(struct pve_zpool_cache *c, const struct pair *of)
{
	struct pool pool = {pve_arena_memdup(&c->mem, of->name.p, of->name.len), 0};
	struct pve_span s = of->value, tree = {0};
	struct pair p;
	int more;

	if (!take_header(c->native, &s))
		return -1;
	while ((more = take_pair(c->native, &s, &p)) > 0) {
		if (pve_span_eq(p.name, "pool_guid"))
			pool.guid = u64(&p);
		else if (pve_span_eq(p.name, "vdev_tree") && p.type == NV_LIST)
			tree = p.value;
	}
	if (more < 0)
		return -1;
	return tree.len ? take_root(c, &pool, tree) : 0;
}

int pve_zpool_cache_parse(struct pve_zpool_cache *c, struct pve_span bytes)
{
	struct pair p;
	int more, ret = 0;

	/* The header: encoding, the byte order of the writer (1: little), two that are reserved. */
	if (bytes.len < 12 || (unsigned char)bytes.p[0] > 1)
		return -1;
	c->native = !bytes.p[0];
	if (c->native && bytes.p[1] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__))
		return -1;
	bytes.p += 4;
	bytes.len -= 4;
	/* The outermost list has its header here in both encodings. */
	if (!take_header(false, &bytes))
		return -1;
	while ((more = take_pair(c->native, &bytes, &p)) > 0)
		if (p.type == NV_LIST && take_pool(c, &p) < 0)
			ret = -1;
	return more < 0 ? -1 : ret;
}

void pve_zpool_cache_done(struct pve_zpool_cache *c)
{
	free(c->v);
	pve_arena_done(&c->mem);
	*c = (struct pve_zpool_cache){0};
}
