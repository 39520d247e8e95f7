/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GUID partition tables on images, as sgdisk sees them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"
#include "pveio/blk.h"
#include "pveio/gpt.h"

#define MIB (2048u) /* in sectors */

struct image {
	char path[32];
	int fd;
};

static int make_image(void **state)
{
	struct image *im = pve_calloc(1, sizeof(*im));

	strcpy(im->path, "/tmp/pve-gpt-XXXXXX");
	im->fd = mkstemp(im->path);
	*state = im;
	return im->fd < 0 || ftruncate(im->fd, 64 << 20) < 0;
}

static int drop_image(void **state)
{
	struct image *im = *state;

	close(im->fd);
	unlink(im->path);
	free(im);
	return 0;
}

/* What sgdisk says to some options, with one blank for each run of them. */
static const char *sgdisk(const struct image *im, const char *options, struct pve_buf *out)
{
	PVE_FREE char *cmd = pve_asprintf("PATH=$PATH:/usr/sbin:/sbin sgdisk %s %s 2>&1 | tr -s ' '",
					  options, im->path);
	FILE *f = popen(cmd, "r");
	char line[256];

	assert_non_null(f);
	pve_buf_done(out);
	while (fgets(line, sizeof(line), f))
		pve_buf_puts(out, line);
	pclose(f);
	return pve_buf_str(out);
}

#define assert_has(text, part) assert_non_null(strstr(text, part))

static const struct pve_gpt_part three[] = {
	{.no = 1, .first = 34, .last = MIB - 1, .type = PVE_GPT_BIOS_BOOT},
	{.no = 2, .first = MIB, .last = 33 * MIB - 1, .type = PVE_GPT_ESP, .name = "ESP \xc3\xa4"},
	{.no = 3, .first = 33 * MIB, .last = 64 * MIB - 34, .type = PVE_GPT_ZFS},
};

static void sgdisk_sees_what_was_made(void **state)
{
	struct image *im = *state;
	struct pve_err e = {0};
	PVE_BUF out = {0};

	assert_int_equal(pve_gpt_create(im->fd, im->path, three, 3, &e), 0);
	assert_has(sgdisk(im, "-v", &out), "No problems found");
	assert_has(sgdisk(im, "-p", &out), "First usable sector is 34, last usable sector is 131038");
	assert_has(out.data, " 1 34 2047 1007.0 KiB EF02 ");
	assert_has(out.data, " 2 2048 67583 32.0 MiB EF00 ESP");
	assert_has(out.data, " 3 67584 131038 31.0 MiB BF01 ");
	assert_has(sgdisk(im, "-i 2", &out), "Partition name: 'ESP \xc3\xa4'");
}

static void what_sgdisk_made_is_read(void **state)
{
	struct image *im = *state;
	struct pve_gpt gpt = {0};
	struct pve_err e = {0};
	PVE_BUF out = {0};

	assert_int_equal(pve_gpt_read(im->fd, im->path, &gpt, &e), 0);
	assert_int_equal(gpt.label, PVE_GPT_NONE);
	assert_int_equal(gpt.first, 34);
	assert_int_equal(gpt.last, 64 * MIB - 34);

	sgdisk(im,
	       "-n 5:2048:+8M -t 5:ef00 -c 5:boot -u 5:01234567-89AB-CDEF-0123-456789ABCDEF "
	       "-n 2:0:0 -U 11111111-2222-3333-4444-55555555ABCD",
	       &out);
	assert_int_equal(pve_gpt_read(im->fd, im->path, &gpt, &e), 0);
	assert_int_equal(gpt.label, PVE_GPT_GPT);
	assert_int_equal(gpt.sector, 512);
	assert_int_equal(gpt.sectors, 64 * MIB);
	assert_int_equal(gpt.first, 34);
	assert_int_equal(gpt.last, 64 * MIB - 34);
	assert_string_equal(gpt.guid, "11111111-2222-3333-4444-55555555abcd");
	assert_int_equal(gpt.n, 2);
	assert_null(pve_gpt_find(&gpt, 1));
	assert_string_equal(pve_gpt_find(&gpt, 5)->guid, "01234567-89ab-cdef-0123-456789abcdef");
	assert_string_equal(pve_gpt_find(&gpt, 5)->type, PVE_GPT_ESP);
	assert_string_equal(pve_gpt_find(&gpt, 5)->name, "boot");
	assert_int_equal(pve_gpt_find(&gpt, 5)->first, 2048);
	assert_int_equal(pve_gpt_find(&gpt, 5)->last, 2048 + 8 * MIB - 1);
	assert_int_equal(pve_gpt_find(&gpt, 2)->first, 2048 + 8 * MIB);
	pve_gpt_done(&gpt);
}

static void a_type_changes_and_nothing_else(void **state)
{
	struct image *im = *state;
	struct pve_gpt before = {0}, after = {0};
	struct pve_err e = {0};
	PVE_BUF out = {0};

	sgdisk(im, "-n 1:2048:+8M -t 1:8300 -c 1:boot -n 2:0:0 -t 2:bf01", &out);
	pve_gpt_read(im->fd, im->path, &before, &e);
	assert_int_equal(pve_gpt_set_type(im->fd, im->path, 1, PVE_GPT_ESP, &e), 0);
	assert_int_equal(pve_gpt_set_type(im->fd, im->path, 1, PVE_GPT_ESP, &e), 0);
	pve_gpt_read(im->fd, im->path, &after, &e);
	assert_string_equal(after.part[0].type, PVE_GPT_ESP);
	strcpy(after.part[0].type, before.part[0].type);
	assert_string_equal(before.guid, after.guid);
	assert_memory_equal(before.part, after.part, 2 * sizeof(*before.part));
	assert_has(sgdisk(im, "-v", &out), "No problems found");

	assert_int_equal(pve_gpt_set_type(im->fd, im->path, 7, PVE_GPT_ESP, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	pve_gpt_done(&before);
	pve_gpt_done(&after);
}

static void a_copied_table_gets_new_guids(void **state)
{
	struct image *im = *state;
	struct pve_gpt before = {0}, after = {0};
	struct pve_err e = {0};
	PVE_BUF out = {0};

	pve_gpt_create(im->fd, im->path, three, 3, &e);
	pve_gpt_read(im->fd, im->path, &before, &e);
	assert_int_equal(pve_gpt_renew(im->fd, im->path, &e), 0);
	pve_gpt_read(im->fd, im->path, &after, &e);
	assert_string_not_equal(before.guid, after.guid);
	assert_int_equal(after.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_not_equal(before.part[i].guid, after.part[i].guid);
		memcpy(after.part[i].guid, before.part[i].guid, PVE_GPT_GUID);
	}
	assert_memory_equal(before.part, after.part, 3 * sizeof(*before.part));
	assert_has(sgdisk(im, "-v", &out), "No problems found");
	pve_gpt_done(&before);
	pve_gpt_done(&after);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct pve_gpt_part overlap[] = {
		{.no = 1, .first = 2048, .last = 4096, .type = PVE_GPT_ESP},
		{.no = 2, .first = 4096, .last = 5000, .type = PVE_GPT_ZFS},
	};
	static const struct pve_gpt_part outside[] = {
		{.no = 1, .first = 2048, .last = 64 * MIB - 33, .type = PVE_GPT_ESP},
	};
	struct image *im = *state;
	struct pve_gpt gpt = {0};
	struct pve_err e = {0};

	assert_int_equal(pve_gpt_create(im->fd, im->path, overlap, 2, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_int_equal(pve_gpt_create(im->fd, im->path, outside, 1, &e), -1);
	assert_has(e.msg, "sectors 2048 to 131039 of 34 to 131038");
	assert_int_equal(pve_gpt_read(im->fd, im->path, &gpt, &e), 0);
	assert_int_equal(gpt.label, PVE_GPT_NONE);
	assert_int_equal(pve_gpt_renew(im->fd, im->path, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
}

static void other_tables_are_told_apart(void **state)
{
	struct image *im = *state;
	struct pve_gpt gpt = {0};
	struct pve_err e = {0};
	/* One entry of a classic MBR: type 0c, sectors 2048 to 4095, and the signature. */
	unsigned char mbr[512] = {[446 + 4] = 0x0c, [446 + 9] = 8, [446 + 13] = 8,
				  [510] = 0x55,     [511] = 0xaa};

	assert_int_equal(pwrite(im->fd, mbr, 512, 0), 512);
	assert_int_equal(pve_gpt_read(im->fd, im->path, &gpt, &e), 0);
	assert_int_equal(gpt.label, PVE_GPT_MBR);
	assert_int_equal(gpt.n, 0);
	assert_int_equal(pve_gpt_set_type(im->fd, im->path, 1, PVE_GPT_ESP, &e), -1);
	assert_has(e.msg, "has no GPT");
}

static void old_signatures_are_wiped(void **state)
{
	struct image *im = *state;
	struct pve_blk_probe probe;
	struct pve_err e = {0};
	struct pve_gpt gpt = {0};
	char page[4096] = {0};

	memcpy(page + 4086, "SWAPSPACE2", 10);
	page[1024] = 1;    /* version of swap space, and a last page, as mkswap(8) writes them */
	page[1028] = 10;
	assert_int_equal(pwrite(im->fd, page, 4096, 0), 4096);
	assert_int_equal(pve_blk_probe_read(im->fd, &probe, &e), 0);
	assert_string_equal(probe.type, "swap");
	assert_int_equal(pve_gpt_create(im->fd, im->path, three, 3, &e), 0);
	assert_int_equal(pve_blk_probe_read(im->fd, &probe, &e), 0);
	assert_string_equal(probe.type, "");
	assert_string_equal(probe.table, "gpt");
	assert_int_equal(pve_gpt_read(im->fd, im->path, &gpt, &e), 0);
	assert_int_equal(gpt.n, 3);
	pve_gpt_done(&gpt);
}

#define on_image(f) cmocka_unit_test_setup_teardown(f, make_image, drop_image)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_image(sgdisk_sees_what_was_made),
		on_image(what_sgdisk_made_is_read),
		on_image(a_type_changes_and_nothing_else),
		on_image(a_copied_table_gets_new_guids),
		on_image(what_does_not_fit_is_refused),
		on_image(other_tables_are_told_apart),
		on_image(old_signatures_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
