/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB's settings, menu and environment block. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pve-boot/grub.h"
#include "pvecommon/mem.h"

#define assert_has(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part) assert_null(strstr(text, part))

static int add(struct boot_grub_settings *s, const char *text, struct pve_err *e)
{
	return boot_grub_settings_add(s, pve_span(text), "grub.cfg", e);
}

static void settings_are_read_as_a_shell_would(void **state)
{
	struct boot_grub_settings s = {0};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(add(&s,
			     "GRUB_DEFAULT=0\nGRUB_TIMEOUT=3\n"
			     "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\n"
			     "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n",
			     &e),
			 0);
	assert_int_equal(add(&s,
			     "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX root=ZFS=rpool/ROOT/pve-1\"\n"
			     "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT} a=\\\"b c\\\"\"\n",
			     &e),
			 0);
	assert_string_equal(s.fallback, "0");
	assert_string_equal(s.timeout, "3");
	assert_string_equal(s.cmdline, " root=ZFS=rpool/ROOT/pve-1");
	assert_string_equal(s.cmdline_default, "quiet a=\"b c\"");
	boot_grub_settings_done(&s);
}

static void what_only_a_shell_could_tell_is_refused(void **state)
{
	struct boot_grub_settings s = {0};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(add(&s, "\nGRUB_CMDLINE_LINUX=\"root=$(cat /x)\"\n", &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_has(e.msg, "grub.cfg:2: what GRUB_CMDLINE_LINUX is");
	assert_int_equal(add(&s, "GRUB_TIMEOUT=$MINE\n", &e), -1);
	assert_int_equal(add(&s, "GRUB_TIMEOUT=`cat x`\n", &e), -1);
	boot_grub_settings_done(&s);
}

static void line_is(struct boot_grub_settings *s, const char *kernel_cmdline, const char *want)
{
	struct pve_err e = {0};
	PVE_BUF out = {0};
	int ret = boot_grub_cmdline(s, pve_span(kernel_cmdline), &out, &e);

	assert_int_equal(ret, want ? 0 : -1);
	if (want)
		assert_string_equal(pve_buf_str(&out), want);
	else
		assert_int_equal(e.code, PVE_DATA);
	boot_grub_settings_done(s);
}

static void the_command_line_always_has_a_root(void **state)
{
	struct boot_grub_settings s = {0};

	(void)state;
	s.cmdline = pve_strdup("root=ZFS=rpool/ROOT/pve-1  boot=zfs");
	s.cmdline_default = pve_strdup("quiet");
	line_is(&s, "root=other x", "root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet");
	s.cmdline = pve_strdup("");
	s.cmdline_default = pve_strdup("quiet nfsroot=1");
	line_is(&s, "a root=ZFS=x boot=zfs\n", "root=ZFS=x quiet nfsroot=1");
	/* Nothing is set: all of the other loader's words. */
	line_is(&s, "root=ZFS=x boot=zfs\n", "root=ZFS=x boot=zfs");
	line_is(&s, "", NULL);
	s.cmdline = pve_strdup("quiet");
	line_is(&s, "nfsroot=1", NULL);
}

static const char *const versions[] = {"6.8.12-4-pve", "6.8.8-1-pve"};

static void menu(const struct boot_grub_settings *s, const char *pin, struct pve_buf *out)
{
	const struct boot_grub g = {.title = "Proxmox Virtual Environment", .cmdline = "root=x a=$b",
				    .versions = versions, .n = 2, .pin = pin,
				    .serial = "0A1B-2C3D", .settings = s};

	pve_buf_done(out);
	boot_grub_cfg(&g, out);
}

/* For a moment, while the only kernel that was there is replaced because it was no good. */
static void a_menu_may_be_empty(void **state)
{
	struct boot_grub_settings s = {.fallback = (char *)"0"};
	const struct boot_grub g = {.title = "x", .cmdline = "root=x", .versions = versions, .settings = &s};
	PVE_BUF out = {0};

	(void)state;
	boot_grub_cfg(&g, &out);
	assert_has(out.data, "set default=0\n");
	assert_null(strstr(out.data, "linux "));
	assert_null(strstr(out.data, "fallback"));
}

static void a_menu_offers_each_kernel(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	menu(NULL, NULL, &out);
	assert_has(out.data, "search --no-floppy --fs-uuid --set=root 0A1B-2C3D\n");
	assert_has(out.data, "set timeout=5\n");
	assert_has(out.data, "set default=0\n");
	assert_has(out.data, "set fallback=\"0 1\"\n");
	assert_has(out.data, "--id 'proxmox-6.8.8-1-pve' {\n"
			     "\tlinux /vmlinuz-6.8.8-1-pve root=x a=\\$b\n"
			     "\tinitrd /initrd.img-6.8.8-1-pve\n}\n");
	assert_true(boot_grub_has((struct pve_span){out.data, out.len}, "6.8.12-4-pve"));
	assert_false(boot_grub_has((struct pve_span){out.data, out.len}, "6.8.12"));
	menu(NULL, "6.8.8-1-pve", &out);
	assert_has(out.data, "set default='proxmox-6.8.8-1-pve'\n");
	/* The one boot counts only when GRUB could write that it is over. */
	assert_has(out.data, "if save_env next_entry; then\n\t\tset default=");
}

static void a_menu_follows_the_settings(void **state)
{
	struct boot_grub_settings s = {.fallback = (char *)"1", .timeout = (char *)"10",
				       .timeout_style = (char *)"hidden",
				       .terminal = (char *)"serial console",
				       .terminal_out = (char *)"x; reboot",
				       .serial = (char *)"serial --unit=0 --speed=115200"};
	PVE_BUF out = {0};

	(void)state;
	pve_buf_puts(&s.custom, "menuentry 'mine' { true; }\n");
	menu(&s, NULL, &out);
	assert_has(out.data, "serial --unit=0 --speed=115200\nterminal_input serial console\n");
	assert_lacks(out.data, "reboot");
	assert_has(out.data, "set timeout_style=hidden\nset timeout=10\nset default=1\n");
	assert_has(out.data, "menuentry 'mine' { true; }\n");
	s.fallback = (char *)"gnulinux-advanced-1>gnulinux-6.8.8-1-pve-advanced-1";
	menu(&s, NULL, &out);
	assert_has(out.data, "set default='proxmox-6.8.8-1-pve'\n");
	s.fallback = (char *)"saved";
	menu(&s, NULL, &out);
	assert_has(out.data, "set default=\"${saved_entry}\"\n");
	s.fallback = (char *)"7";
	menu(&s, NULL, &out);
	assert_has(out.data, "set default=0\n");
	pve_buf_done(&s.custom);
}

static void a_script_that_prints_itself_is_taken(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	boot_grub_custom(pve_span("#!/bin/sh\nexec tail -n +3 $0\n# mine\nmenuentry 'm' { }\n"), &out);
	assert_string_equal(pve_buf_str(&out), "# mine\nmenuentry 'm' { }\n");
	pve_buf_done(&out);
	boot_grub_custom(pve_span("#!/bin/sh\necho menuentry\nrm x\n"), &out);
	boot_grub_custom(pve_span("#!/bin/sh"), &out);
	boot_grub_custom(pve_span(""), &out);
	assert_int_equal(out.len, 0);
}

static struct pve_span span(const struct pve_buf *b)
{
	return (struct pve_span){b->data, b->len};
}

static void an_environment_keeps_what_is_in_it(void **state)
{
	PVE_BUF one = {0}, two = {0}, three = {0};
	struct pve_err e = {0};
	PVE_FREE char *large = pve_calloc(1, 1100);

	(void)state;
	assert_int_equal(boot_grubenv_set(pve_span(""), "saved_entry", "a\\\nb", &one, &e), 0);
	assert_int_equal(one.len, BOOT_GRUBENV_SIZE);
	assert_int_equal(boot_grubenv_set(span(&one), "next_entry", "proxmox-1", &two, &e), 0);
	assert_int_equal(two.len, BOOT_GRUBENV_SIZE);
	assert_true(pve_span_eq(boot_grubenv_get(span(&two), "next_entry"), "proxmox-1"));
	assert_true(pve_span_eq(boot_grubenv_get(span(&two), "saved_entry"), "a\\\nb"));
	assert_null(boot_grubenv_get(span(&two), "next").p);
	assert_int_equal(boot_grubenv_set(span(&two), "next_entry", NULL, &three, &e), 0);
	assert_memory_equal(one.data, three.data, BOOT_GRUBENV_SIZE);

	memset(large, 'x', 1099);
	assert_int_equal(boot_grubenv_set(span(&two), "y", large, &three, &e), -1);
	assert_int_equal(boot_grubenv_set(pve_span("text"), "y", "1", &three, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_int_equal(three.len, BOOT_GRUBENV_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_read_as_a_shell_would),
		cmocka_unit_test(what_only_a_shell_could_tell_is_refused),
		cmocka_unit_test(the_command_line_always_has_a_root),
		cmocka_unit_test(a_menu_may_be_empty),
		cmocka_unit_test(a_menu_offers_each_kernel),
		cmocka_unit_test(a_menu_follows_the_settings),
		cmocka_unit_test(a_script_that_prints_itself_is_taken),
		cmocka_unit_test(an_environment_keeps_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
