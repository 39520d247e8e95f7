/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The FAT reader on small images that are poked: the seeds of its fuzz target, one of each kind,
 * all with the same files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "pvecommon/buf.h"
#include "pvecommon/fat.h"

#define DEVICE 2201600 /* bytes: the size of the largest one */

struct image {
	unsigned char *bytes;
	uint64_t fail_at; /* reading this byte fails; 0: none does */
	struct pve_fat fat;
	struct pve_fat_tree tree;
	struct pve_err err;
};

static int read_at(void *data, uint64_t offset, void *buf, size_t n, struct pve_err *e)
{
	const struct image *i = data;

	assert_true(offset <= DEVICE && n <= DEVICE - offset);
	if (i->fail_at && offset <= i->fail_at && i->fail_at < offset + n)
		return pve_err_sys(e, EIO, "reading");
	memcpy(buf, i->bytes + offset, n);
	return 0;
}

static void load(struct image *i, unsigned bits)
{
	PVE_FREE char *path = pve_asprintf("tests/fuzz/corpus/lib/fat/fat%u", bits);
	PVE_FCLOSE FILE *f = fopen(path, "r");

	assert_non_null(f);
	*i = (struct image){.bytes = pve_calloc(DEVICE, 1)};
	assert_true(fread(i->bytes, 1, DEVICE, f) > 0);
}

static int try_open(struct image *i)
{
	struct pve_fat_io io = {read_at, i, DEVICE};

	pve_fat_tree_done(&i->tree);
	pve_fat_done(&i->fat);
	i->err = (struct pve_err){0};
	return pve_fat_open(&i->fat, &io, &i->err);
}

static void read_tree(struct image *i)
{
	assert_int_equal(try_open(i), 0);
	assert_int_equal(pve_fat_tree_read(&i->tree, &i->fat, &i->err), 0);
}

static void done(struct image *i)
{
	pve_fat_tree_done(&i->tree);
	pve_fat_done(&i->fat);
	free(i->bytes);
}

static int keep(void *data, struct pve_span piece, struct pve_err *e)
{
	(void)e;
	pve_buf_add(data, piece.p, piece.len);
	return 0;
}

static const struct pve_fat_entry *find(const struct image *i, const char *path)
{
	for (size_t n = 0; n < i->tree.n; n++)
		if (strcmp(i->tree.v[n].path, path) == 0)
			return &i->tree.v[n];
	return NULL;
}

/* Bytes where a cluster of the image starts, and where its directory of four entries does. */
static unsigned char *cluster(struct image *i, uint32_t n)
{
	return i->bytes + i->fat.l.data_at + (uint64_t)(n - 2) * i->fat.l.cluster;
}

static unsigned char *root(struct image *i)
{
	return i->fat.l.bits == 32 ? cluster(i, 2) : i->bytes + i->fat.l.root_at;
}

/* Damage as one text, a line each. */
static char *damage(const struct image *i)
{
	struct pve_buf b = {0};

	pve_buf_puts(&b, "");
	for (size_t n = 0; n < i->tree.damage.n; n++) {
		PVE_FREE char *line = pve_diag_format(&i->tree.damage.v[n]);

		pve_buf_printf(&b, "%s%s", n ? "\n" : "", line);
	}
	return pve_buf_take(&b);
}

static void assert_damage(const struct image *i, const char *want)
{
	PVE_FREE char *is = damage(i);

	assert_string_equal(is, want);
}

static const unsigned kinds[] = {12, 16, 32};

static void every_kind_has_the_files(void **state)
{
	static const char *const paths[] = {
		"EFI", "EFI/proxmox", "EFI/proxmox/vmlinuz-6.8.12-4-pve", "readme.txt",
		"t\303\244st\360\237\230\200",
	};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		const struct pve_fat_entry *f;
		PVE_BUF text = {0};
		struct image i;

		load(&i, kinds[k]);
		read_tree(&i);
		assert_int_equal(i.fat.l.bits, kinds[k]);
		assert_int_equal(i.fat.l.serial, 0x0a1b2c3d);
		assert_int_equal(i.tree.n, 5);
		for (size_t n = 0; n < 5; n++)
			assert_string_equal(i.tree.v[n].path, paths[n]);
		f = find(&i, paths[2]);
		assert_string_equal(f->name, "vmlinuz-6.8.12-4-pve");
		assert_int_equal(f->depth, 2);
		assert_int_equal(f->size, 1200);
		assert_int_equal(f->allocated, 1536);
		assert_int_equal(f->mtime, 1764258240); /* 2025-11-27 15:44 */
		assert_int_equal(pve_fat_stream(&i.fat, f, keep, &text, &i.err), 0);
		assert_int_equal(text.len, 1200);
		assert_int_equal(text.data[511], 'k');
		assert_int_equal(text.data[512], 'l');
		assert_int_equal(text.data[1024], 'm'); /* in a cluster further on */
		assert_damage(&i, "");
		done(&i);
	}
}

static void usage_is_counted(void **state)
{
	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct pve_fat_usage usage;
		struct image i;

		load(&i, kinds[k]);
		read_tree(&i);
		assert_int_equal(pve_fat_check(&i.fat, &i.tree, &usage, &i.err), 0);
		assert_int_equal(usage.free, i.fat.l.clusters - (kinds[k] == 32 ? 7 : 6));
		assert_int_equal(usage.lost + usage.bad, 0);
		assert_damage(&i, "");
		done(&i);
	}
}

static const struct {
	unsigned bits, at, n;
	const char *bytes;
	const char *told;
} boots[] = {
	{12, 510, 1, "\0", "no FAT file system: its boot sector has no signature"},
	{12, 11, 2, "\0\0", "no FAT file system: its sector size is none"},
	{12, 11, 2, "\0\1", "no FAT file system: its sector size is none"},
	{12, 11, 2, "\0\x20", "no FAT file system: its sector size is none"},
	{12, 13, 1, "\0", "no FAT file system: its cluster size is none"},
	{12, 13, 1, "\3", "no FAT file system: its cluster size is none"},
	{12, 14, 2, "\0\0", "no FAT file system: it has no reserved sectors"},
	{12, 16, 1, "\0", "no FAT file system: it has no table"},
	{12, 17, 2, "\0\0", "no FAT file system: its root directory has no room"},
	{12, 21, 1, "\1", "no FAT file system: its kind of medium is none"},
	{12, 19, 2, "\4\0", "no FAT file system: it has no room for files"},
	{12, 22, 2, "\xff\xff", "no FAT file system: it has no room for files"},
	{12, 19, 2, "\xff\xff",
	 "is cut: its file system has 33553920 bytes, but there are 2201600"},
	{32, 36, 4, "\0\0\0\0", "no FAT file system: its table is empty"},
	{32, 44, 4, "\1\0\0\0", "its root directory starts at cluster 1, which is none"},
	{32, 44, 4, "\xff\xff\0\0", "its root directory starts at cluster 65535, which is none"},
};

static void boot_sectors_that_are_none(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(boots) / sizeof(*boots); n++) {
		struct image i;

		print_message("# %zu\n", n);
		load(&i, boots[n].bits);
		memcpy(i.bytes + boots[n].at, boots[n].bytes, boots[n].n);
		assert_int_equal(try_open(&i), -1);
		assert_int_equal(i.err.code, PVE_DATA);
		assert_string_equal(i.err.msg, boots[n].told);
		done(&i);
	}
}

/* As Linux has it, a cluster that the table has no entry for is none. */
static void no_more_clusters_than_entries(void **state)
{
	struct image i;

	(void)state;
	load(&i, 32);
	i.bytes[33] = 4; /* 1124 sectors; the one sector of its table has 128 entries */
	read_tree(&i);
	assert_int_equal(i.fat.l.clusters, 126);
	done(&i);
}

static void long_names_that_belong_to_nobody(void **state)
{
	struct image i;

	(void)state;
	load(&i, 12);
	read_tree(&i);
	/* The first byte of the short name goes into the checksum of the long one. */
	memset(cluster(&i, 3) + 5 * 32, 'Q', 1);
	read_tree(&i);
	assert_non_null(find(&i, "EFI/proxmox/QMLINU~1.-PV"));
	done(&i);
	/* A part that is missing. */
	load(&i, 12);
	read_tree(&i);
	memset(cluster(&i, 3) + 3 * 32, 0xe5, 1);
	read_tree(&i);
	assert_non_null(find(&i, "EFI/proxmox/VMLINU~1.-PV"));
	done(&i);
}

static void odd_names(void **state)
{
	struct image i;

	(void)state;
	load(&i, 16);
	read_tree(&i);
	/* The label, EFI, readme.txt, then the long part of the last one: half a pair. */
	root(&i)[3 * 32 + 14] = 0;
	root(&i)[3 * 32 + 15] = 0;
	memcpy(root(&i) + 2 * 32, "\x05" "A/B    TXT", 11);
	read_tree(&i);
	assert_damage(&i, "/: has a name with a slash in it");
	assert_non_null(find(&i, "t\303\244st\357\277\275"));
	memcpy(root(&i) + 2 * 32, "\x05" "AB     TXT", 11);
	read_tree(&i);
	assert_non_null(find(&i, "\357\277\275" "ab.txt"));
	done(&i);
}

static void a_name_that_is_there_twice(void **state)
{
	struct image i;

	(void)state;
	load(&i, 12);
	read_tree(&i);
	memcpy(root(&i) + 2 * 32, root(&i) + 32, 32);
	read_tree(&i);
	assert_damage(&i, "EFI: is there twice\nEFI: runs into a directory that was read before");
	done(&i);
}

static void starts_that_are_none(void **state)
{
	struct image i;

	(void)state;
	load(&i, 12);
	read_tree(&i);
	root(&i)[32 + 26] = 0;        /* a directory without a cluster */
	root(&i)[2 * 32 + 27] = 0x77; /* a file far away */
	read_tree(&i);
	assert_damage(&i, "EFI: starts at cluster 0, which is none\n"
			  "readme.txt: starts at cluster 30468, which is none");
	assert_int_equal(pve_fat_stream(&i.fat, find(&i, "readme.txt"), keep, NULL, &i.err), -1);
	assert_string_equal(i.err.msg, "readme.txt: starts at cluster 30468, which is none");
	done(&i);
}

static void a_file_larger_than_all(void **state)
{
	struct image i;

	(void)state;
	load(&i, 12);
	read_tree(&i);
	root(&i)[2 * 32 + 31] = 1; /* 16 MiB and 5 bytes */
	read_tree(&i);
	assert_int_equal(pve_fat_stream(&i.fat, find(&i, "readme.txt"), keep, NULL, &i.err), -1);
	assert_string_equal(i.err.msg, "readme.txt: is larger than the file system");
	root(&i)[2 * 32 + 31] = 0;
	root(&i)[2 * 32 + 29] = 4; /* 1029 bytes, in a chain of one cluster */
	read_tree(&i);
	assert_int_equal(pve_fat_stream(&i.fat, find(&i, "readme.txt"), keep, NULL, &i.err), -1);
	assert_string_equal(i.err.msg, "readme.txt: its chain ends after 1 of 3 clusters");
	done(&i);
}

/* A failing device is an error, wherever it fails, and nothing else. */
static void reads_that_fail(void **state)
{
	struct image i;
	unsigned failed = 0;

	(void)state;
	load(&i, 32);
	read_tree(&i);
	for (uint64_t at = 1; at < i.fat.l.data_at + 8 * 512; at += 512) {
		struct pve_fat_usage usage;
		PVE_BUF text = {0};
		int rc;

		i.fail_at = at;
		rc = try_open(&i);
		if (rc == 0)
			rc = pve_fat_tree_read(&i.tree, &i.fat, &i.err);
		if (rc == 0)
			rc = pve_fat_stream(&i.fat, &i.tree.v[2], keep, &text, &i.err);
		if (rc == 0)
			rc = pve_fat_check(&i.fat, &i.tree, &usage, &i.err);
		failed += rc < 0;
		assert_int_equal(i.err.sys, rc < 0 ? EIO : 0);
	}
	/* Boot sector, table, root, two directories, three clusters of the kernel. */
	assert_int_equal(failed, 8);
	done(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_the_files),
		cmocka_unit_test(usage_is_counted),
		cmocka_unit_test(boot_sectors_that_are_none),
		cmocka_unit_test(no_more_clusters_than_entries),
		cmocka_unit_test(long_names_that_belong_to_nobody),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(a_name_that_is_there_twice),
		cmocka_unit_test(starts_that_are_none),
		cmocka_unit_test(a_file_larger_than_all),
		cmocka_unit_test(reads_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
