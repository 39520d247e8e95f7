/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool cache in XDR, as it would be with every kind of vdev. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "pvecommon/buf.h"
#include "pvecommon/zpool_cache.h"

enum { NV_UINT64 = 8, NV_STRING = 9, NV_LIST = 19, NV_LIST_ARRAY = 20 };

/* --- a packed nvlist ---------------------------------------------------------------- */

static void put32(struct pve_buf *to, uint32_t v)
{
	v = htonl(v);
	pve_buf_add(to, &v, sizeof(v));
}

static void put_text(struct pve_buf *to, const char *text)
{
	size_t n = strlen(text);

	put32(to, (uint32_t)n);
	pve_buf_add(to, text, n);
	pve_buf_add(to, "\0\0\0", (4 - n % 4) % 4);
}

static void put_pair(struct pve_buf *to, const char *name, uint32_t type, uint32_t n,
		     struct pve_span value)
{
	size_t size = 8 + 4 + (strlen(name) + 3) / 4 * 4 + 8 + value.len;

	put32(to, (uint32_t)size);
	put32(to, (uint32_t)size); /* of the decoded pair, which nobody needs but not zero */
	put_text(to, name);
	put32(to, type);
	put32(to, n);
	pve_buf_add(to, value.p, value.len);
}

static void put_u64(struct pve_buf *to, const char *name, uint32_t v)
{
	PVE_BUF value = {0};

	put32(&value, 0);
	put32(&value, v);
	put_pair(to, name, NV_UINT64, 1, (struct pve_span){value.data, value.len});
}

static void put_string(struct pve_buf *to, const char *name, const char *text)
{
	PVE_BUF value = {0};

	put_text(&value, text);
	put_pair(to, name, NV_STRING, 1, (struct pve_span){value.data, value.len});
}

static void begin_list(struct pve_buf *to)
{
	put32(to, 0); /* version */
	put32(to, 1); /* flags: names are unique */
}

static void end_list(struct pve_buf *to)
{
	put32(to, 0);
	put32(to, 0);
}

static void put_lists(struct pve_buf *to, const char *name, uint32_t type, uint32_t n,
		      struct pve_buf *lists)
{
	put_pair(to, name, type, n, (struct pve_span){lists->data, lists->len});
	pve_buf_done(lists);
}

/* --- vdevs -------------------------------------------------------------------------- */

static void begin_vdev(struct pve_buf *to, const char *type, uint32_t id)
{
	begin_list(to);
	put_string(to, "type", type);
	put_u64(to, "id", id);
	put_u64(to, "guid", 100 + id);
}

static void put_disk(struct pve_buf *to, uint32_t id, const char *path, const char *bias, bool is_log)
{
	begin_vdev(to, "disk", id);
	put_string(to, "path", path);
	if (*bias)
		put_string(to, "alloc_bias", bias);
	if (is_log)
		put_u64(to, "is_log", 1);
	end_list(to);
}

static void put_mirror(struct pve_buf *to, uint32_t id, const char *a, const char *b,
		       const char *bias)
{
	struct pve_buf sides = {0};

	begin_vdev(to, "mirror", id);
	put_string(to, "alloc_bias", bias);
	put_disk(&sides, 0, a, "", false);
	put_disk(&sides, 1, b, "", false);
	put_lists(to, "children", NV_LIST_ARRAY, 2, &sides);
	end_list(to);
}

static void put_pool(struct pve_buf *to)
{
	struct pve_buf tree = {0}, pool = {0}, tops = {0}, spares = {0}, caches = {0};

	put_disk(&tops, 0, "/dev/sda1", "", false);
	put_disk(&tops, 1, "/dev/sdb1", "", true);
	put_mirror(&tops, 2, "/dev/sdc1", "/dev/sdd1", "special");
	put_disk(&tops, 3, "/dev/sde1", "dedup", false);
	put_disk(&spares, 0, "/dev/sdf1", "", false);
	put_disk(&caches, 0, "/dev/sdg1", "", false);
	begin_vdev(&tree, "root", 0);
	put_lists(&tree, "children", NV_LIST_ARRAY, 4, &tops);
	put_lists(&tree, "spares", NV_LIST_ARRAY, 1, &spares);
	put_lists(&tree, "l2cache", NV_LIST_ARRAY, 1, &caches);
	end_list(&tree);
	begin_list(&pool);
	put_u64(&pool, "pool_guid", 7);
	put_lists(&pool, "vdev_tree", NV_LIST, 1, &tree);
	end_list(&pool);
	pve_buf_add(to, "\1\1\0\0", 4); /* XDR, written by a little-endian machine */
	begin_list(to);
	put_lists(to, "tank", NV_LIST, 1, &pool);
	end_list(to);
}

static void every_kind_of_vdev(void **state)
{
	static const struct {
		const char *path, *vdev, *role;
	} want[] = {{"/dev/sda1", "", ""},	     {"/dev/sdb1", "", "log"},
		    {"/dev/sdc1", "mirror-2", "special"}, {"/dev/sdd1", "mirror-2", "special"},
		    {"/dev/sde1", "", "dedup"},	     {"/dev/sdf1", "", "spare"},
		    {"/dev/sdg1", "", "cache"}};
	struct pve_zpool_cache c = {0};
	PVE_BUF bytes = {0};

	(void)state;
	put_pool(&bytes);
	assert_int_equal(pve_zpool_cache_parse(&c, (struct pve_span){bytes.data, bytes.len}), 0);
	assert_int_equal(c.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < c.n; i++) {
		assert_string_equal(c.v[i].pool, "tank");
		assert_int_equal(c.v[i].pool_guid, 7);
		assert_string_equal(c.v[i].path, want[i].path);
		assert_string_equal(c.v[i].vdev, want[i].vdev);
		assert_string_equal(c.v[i].role, want[i].role);
	}
	pve_zpool_cache_done(&c);
}

/* Cut anywhere it is an error, and what was read before stays whole. */
static void cut_anywhere(void **state)
{
	PVE_BUF bytes = {0};

	(void)state;
	put_pool(&bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		struct pve_zpool_cache c = {0};

		assert_int_equal(pve_zpool_cache_parse(&c, (struct pve_span){bytes.data, n}), -1);
		for (size_t i = 0; i < c.n; i++)
			assert_string_equal(c.v[i].pool, "tank");
		pve_zpool_cache_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_vdev),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests_name("zpool_cache", tests, NULL, NULL);
}
