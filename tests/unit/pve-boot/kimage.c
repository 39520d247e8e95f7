/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sanity of kernels and of initial RAM disks: headers that are poked, and archives that are fed in
 * pieces and cut at each byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pve-boot/cpio.h"
#include "pve-boot/kimage.h"
#include "pvecommon/buf.h"
#include "pvecommon/mem.h"

#define SIZE 8192 /* bytes of the kernel that is made up */

/* A header as Linux 6.8 has it, with its version at 0x700. */
static void make_kernel(unsigned char k[SIZE])
{
	memset(k, 0, SIZE);
	memcpy(k, "MZ", 2);
	k[0x3c] = 0x80;
	memcpy(k + 0x80, "PE\0\0", 4);
	k[0x1f1] = 7;       /* 8 sectors */
	k[0x1f4] = 0x00;    /* 256 times 16 bytes */
	k[0x1f5] = 0x01;
	k[0x1fe] = 0x55;
	k[0x1ff] = 0xaa;
	memcpy(k + 0x202, "HdrS", 4);
	k[0x206] = 0x0f;
	k[0x207] = 0x02;
	k[0x20f] = 0x05;    /* 0x500 + 0x200 */
	strcpy((char *)k + 0x700, "6.8.12-4-pve (build@host) #1 SMP");
}

static struct pve_span head_of(const unsigned char k[SIZE])
{
	return (struct pve_span){(const char *)k, SIZE};
}

static void a_kernel(void **state)
{
	unsigned char k[SIZE];
	struct kimage image;
	struct pve_err e;

	(void)state;
	make_kernel(k);
	assert_int_equal(kimage_parse(&image, head_of(k), SIZE, &e), 0);
	assert_string_equal(image.version, "6.8.12-4-pve");
	assert_int_equal(image.protocol, 0x20f);
	assert_int_equal(image.whole, SIZE);
	assert_true(image.efi);
	k[0] = 'X';
	assert_int_equal(kimage_parse(&image, head_of(k), SIZE, &e), 0);
	assert_false(image.efi);
}

static void what_is_no_kernel(void **state)
{
	static const struct {
		unsigned at;
		unsigned char byte;
		uint64_t size;
		const char *told;
	} cases[] = {
		{0, 'M', 0, "is empty"},
		{0, 'M', SIZE - 1, "is cut: it has 8191 of 8192 bytes"},
		{0x202, 'X', SIZE, "is no Linux kernel for this architecture"},
		{0x1fe, 0, SIZE, "is no Linux kernel for this architecture"},
		{0x20f, 0, SIZE, "its header names no version"},
		{0x20f, 0xff, SIZE, "its header names no version"},
		{0x700, ' ', SIZE, "its header names no version"},
		{0x1f6, 1, SIZE, "is cut: it has 8192 of 1056768 bytes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char k[SIZE];
		struct kimage image = {.protocol = 7};
		struct pve_err e;

		make_kernel(k);
		k[cases[i].at] = cases[i].byte;
		assert_int_equal(kimage_parse(&image, head_of(k), cases[i].size, &e), -1);
		assert_string_equal(e.msg, cases[i].told);
		assert_int_equal(e.code, PVE_DATA);
		assert_int_equal(image.protocol, 7);
	}
}

/* However short the head is, nothing behind it is looked at (ASan). */
static void short_heads(void **state)
{
	unsigned char k[SIZE];

	(void)state;
	make_kernel(k);
	for (size_t n = 0; n < 2048; n++) {
		struct kimage image;
		PVE_FREE char *exact = n ? pve_malloc(n) : NULL;

		if (n)
			memcpy(exact, k, n);
		kimage_parse(&image, (struct pve_span){exact, n}, SIZE, NULL);
	}
}

static void put_file(struct pve_buf *b, const char *name, const char *content)
{
	size_t n = strlen(content);

	pve_buf_printf(b, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, 0x81a4, 0,
		       0, 1, 0, n, 0, 0, 0, 0, strlen(name) + 1, 0);
	pve_buf_puts(b, name);
	pve_buf_putc(b, '\0');
	while (b->len & 3)
		pve_buf_putc(b, '\0');
	pve_buf_puts(b, content);
	while (b->len & 3)
		pve_buf_putc(b, '\0');
}

/* Microcode, a gap of NULs, and an archive that can be started. */
static void make_archives(struct pve_buf *b)
{
	put_file(b, "kernel/x86/microcode/GenuineIntel.bin", "microcode");
	put_file(b, "TRAILER!!!", "");
	while (b->len % 512)
		pve_buf_putc(b, '\0');
	put_file(b, "bin", "");
	put_file(b, "init", "#!/bin/sh\n");
	put_file(b, "TRAILER!!!", "");
}

static void archives_in_pieces(void **state)
{
	PVE_BUF b = {0};

	(void)state;
	make_archives(&b);
	for (size_t step = 1; step < 300; step++) {
		struct cpio c = {0};

		for (size_t at = 0; at < b.len; at += step) {
			size_t n = b.len - at < step ? b.len - at : step, taken;

			assert_int_equal(
				cpio_take(&c, (struct pve_span){b.data + at, n}, &taken, NULL), 0);
			assert_int_equal(taken, n);
		}
		assert_int_equal(c.state, CPIO_BETWEEN);
		assert_int_equal(c.files, 3);
		assert_int_equal(c.archives, 2);
		assert_true(c.has_init);
	}
}

static void archives_that_are_cut(void **state)
{
	PVE_BUF b = {0};
	size_t whole = 0, taken;

	(void)state;
	make_archives(&b);
	for (size_t n = 1; n < b.len; n++) {
		struct cpio c = {0};

		assert_int_equal(cpio_take(&c, (struct pve_span){b.data, n}, &taken, NULL), 0);
		whole += c.state == CPIO_BETWEEN && c.archives;
	}
	/* Only in the gap, its ends included, is it whole. */
	assert_int_equal(whole, 512 - 284 + 1);
}

static void archives_that_are_broken(void **state)
{
	PVE_BUF b = {0};
	struct cpio c = {0};
	struct pve_err e;
	size_t taken;

	(void)state;
	make_archives(&b);
	b.data[512 + 5] = '9';
	assert_int_equal(cpio_take(&c, (struct pve_span){b.data, b.len}, &taken, &e), -1);
	assert_string_equal(e.msg, "what ends is no header of a cpio archive, at byte 622");
	c = (struct cpio){0};
	b.data[512 + 5] = '1';
	b.data[512 + 54] = 'x';
	assert_int_equal(cpio_take(&c, (struct pve_span){b.data, b.len}, &taken, &e), -1);
	/* What starts no archive is left to others. */
	c = (struct cpio){0};
	b.data[512] = 0x28;
	assert_int_equal(cpio_take(&c, (struct pve_span){b.data, b.len}, &taken, &e), 0);
	assert_int_equal(taken, 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel),
		cmocka_unit_test(what_is_no_kernel),
		cmocka_unit_test(short_heads),
		cmocka_unit_test(archives_in_pieces),
		cmocka_unit_test(archives_that_are_cut),
		cmocka_unit_test(archives_that_are_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
