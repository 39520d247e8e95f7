/* SPDX-License-Identifier: GPL-3.0-or-later */
/* B14: one parser for the kernel's command line, and what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-boot/cmdline.h"
#include "pvecommon/mem.h"

static const struct {
	const char *text, *want; /* want: NULL: refused, for this reason */
	const char *why;
} lines[] = {
	{"root=ZFS=rpool/ROOT/pve-1 boot=zfs\n", "root=ZFS=rpool/ROOT/pve-1 boot=zfs", NULL},
	{"root=/dev/sda1", "root=/dev/sda1", NULL},
	/* B14: a comment or an empty line first, and a second line. */
	{"# mine\n\n root=/dev/sda1\t quiet \n#x\nintel_iommu=on\n", "root=/dev/sda1 quiet intel_iommu=on",
	 NULL},
	{"root=/dev/sda1 dyndbg=\"file x.c +p\"\n", "root=/dev/sda1 dyndbg=\"file x.c +p\"", NULL},
	/* B14: a backslash is a byte as any other. */
	{"root=/dev/sda1 x=a\\nb\n", "root=/dev/sda1 x=a\\nb", NULL},
	{"nfsroot=1.2.3.4:/x ip=dhcp\n", NULL, "f: has no root="},
	{"quiet\n", NULL, "f: has no root="},
	{"root=\n", NULL, "f: has no root="},
	{"", NULL, "f: has no command line"},
	{"\n\n", NULL, "f: has no command line"},
	{"# root=/dev/sda1\n", NULL, "f: has no command line"},
	{"# a\nroot=/dev/sda1\r\n", NULL, "f:2: has a carriage return"},
	{"root=/dev/sda1 \x01\n", NULL, "f:1: has a control character"},
	{"root=/dev/sda1 a=\"b\n", NULL, "f:1: has a double quote"},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		PVE_BUF out = {0};
		struct pve_err e = {0};
		int ret = boot_cmdline_parse(pve_span(lines[i].text), "f", &out, &e);

		assert_int_equal(lines[i].want ? 0 : -1, ret);
		assert_string_equal(lines[i].want ? lines[i].want : "", pve_buf_str(&out));
		if (lines[i].why && strncmp(e.msg, lines[i].why, strlen(lines[i].why)) != 0)
			fail_msg("%s", e.msg);
	}
}

static const struct {
	const char *was, *set, *add, *remove;
	const char *want; /* NULL: refused */
} edits[] = {
	{"# a\nroot=x  quiet\n", NULL, "intel_iommu=on", NULL, "# a\nroot=x  quiet intel_iommu=on\n"},
	{"root=x quiet\n", NULL, "quiet", NULL, "root=x quiet\n"},
	{"root=x\n#b\nquiet", NULL, "a,a,b", NULL, "root=x\n#b\nquiet a b"},
	{"root=x  quiet splash\n", NULL, NULL, "quiet", "root=x splash\n"},
	{"root=x\nquiet\n", NULL, NULL, "quiet", "root=x\n"},
	{"root=x\n", NULL, NULL, "quiet", NULL},
	{"# only\n", NULL, "root=x", NULL, "# only\nroot=x\n"},
	{"", NULL, "root=x", NULL, "root=x\n"},
	{"# a\nroot=x\n# b\nquiet\n", "root=y z", NULL, NULL, "# a\n# b\nroot=y z\n"},
	{"", "root=y", NULL, NULL, "root=y\n"},
	{"root=x a=\"b c\"\n", NULL, NULL, "a=\"b c\"", "root=x\n"},
	{"root=x\n", NULL, "a b", NULL, NULL},
	{"root=x\n", NULL, "#a", NULL, NULL},
	{"root=x\n", NULL, "a\"b", NULL, NULL},
	{"root=x\n", "a\nb", NULL, NULL, NULL},
	{"root=x\n", "# a", NULL, NULL, NULL},
};

static void test_edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		PVE_STRV add = {0}, remove = {0};
		struct boot_cmdline_edit edit = {edits[i].set, &add, &remove};
		PVE_BUF out = {0};
		struct pve_err e = {0};
		int ret;

		if (edits[i].add)
			pve_strv_split(&add, pve_span(edits[i].add), ",");
		if (edits[i].remove)
			pve_strv_split(&remove, pve_span(edits[i].remove), ",");
		ret = boot_cmdline_edit_file(pve_span(edits[i].was), &edit, &out, &e);
		assert_int_equal(edits[i].want ? 0 : -1, ret);
		if (ret == 0)
			assert_string_equal(edits[i].want, pve_buf_str(&out));
		else
			assert_int_equal(PVE_USAGE, e.code);
	}
}

static void test_edit_line(void **state)
{
	PVE_STRV add = {0}, remove = {0};
	struct boot_cmdline_edit edit = {NULL, &add, &remove};
	PVE_BUF out = {0};

	(void)state;
	pve_strv_add(&add, "a");
	pve_strv_add(&remove, "quiet");
	assert_int_equal(0, boot_cmdline_edit(pve_span("quiet splash"), &edit, &out, NULL));
	assert_string_equal("splash a", pve_buf_str(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
