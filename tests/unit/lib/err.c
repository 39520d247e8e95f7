/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"

static void set_fills_and_returns(void **state)
{
	struct pve_err e = {.sys = ENOENT};

	(void)state;
	assert_int_equal(pve_err_set(&e, PVE_CONFIG, "bad %s", "thing"), -1);
	assert_int_equal(e.code, PVE_CONFIG);
	assert_int_equal(e.sys, 0);
	assert_string_equal(e.msg, "bad thing");
	assert_int_equal(pve_err_set(NULL, PVE_FAILED, "x"), -1);
	assert_int_equal(pve_err_sys(NULL, EIO, "x"), -1);
	assert_int_equal(pve_err_prefix(NULL, "x"), -1);
}

static void code_follows_errno(void **state)
{
	static const struct {
		int errnum, code;
	} cases[] = {{EACCES, PVE_DENIED},        {EPERM, PVE_DENIED},   {EAGAIN, PVE_AGAIN},
		     {ETIMEDOUT, PVE_AGAIN},      {ENODEV, PVE_NOTHERE}, {ENXIO, PVE_NOTHERE},
		     {ECONNREFUSED, PVE_NOTHERE}, {ENOSPC, PVE_FAILED},  {EIO, PVE_FAILED}};
	struct pve_err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(pve_err_sys(&e, cases[i].errnum, "x"), -1);
		assert_int_equal(e.code, cases[i].code);
		assert_int_equal(e.sys, cases[i].errnum);
	}
	pve_err_sys(&e, ENOSPC, "writing %s", "/etc/x");
	assert_string_equal(e.msg, "writing /etc/x: No space left on device");
}

static void prefix_keeps_code(void **state)
{
	struct pve_err e = {0};

	(void)state;
	pve_err_sys(&e, EACCES, "opening f");
	pve_err_prefix(&e, "reading %d", 3);
	assert_string_equal(e.msg, "reading 3: opening f: Permission denied");
	assert_int_equal(e.code, PVE_DENIED);
	assert_int_equal(e.sys, EACCES);
}

/* A message over the limit ends in "..."; one of exactly the limit does not. */
static void long_messages_are_cut(void **state)
{
	char text[2000];
	struct pve_err e = {0};

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(e.msg) - 1] = '\0';
	pve_err_set(&e, PVE_FAILED, "%s", text);
	assert_string_equal(e.msg, text);
	text[sizeof(e.msg) - 1] = 'x';
	text[sizeof(e.msg)] = '\0';
	pve_err_set(&e, PVE_FAILED, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_string_equal(e.msg + sizeof(e.msg) - 5, "x...");
	pve_err_prefix(&e, "%s", text);
	assert_string_equal(e.msg + sizeof(e.msg) - 4, "...");
	text[sizeof(e.msg)] = 'x';
	text[sizeof(text) - 1] = '\0';
	pve_err_sys(&e, EIO, "%s", text);
	assert_string_equal(e.msg + sizeof(e.msg) - 4, "...");
}

static void diags_count_and_format(void **state)
{
	struct pve_diags d = {0};
	struct pve_err e = {0};
	PVE_FREE char *a = NULL, *b = NULL, *c = NULL;

	(void)state;
	pve_diags_add(&d, PVE_WARNING, "f", 2, "odd");
	assert_int_equal(pve_diags_err(&d, &e), 0);
	assert_int_equal(e.code, 0);
	pve_diags_add(&d, PVE_ERROR, "f", 3, "bad %s", "x");
	pve_diags_add(&d, PVE_ERROR, NULL, 0, "all bad");
	assert_int_equal(d.n, 3);
	assert_int_equal(d.errors, 2);
	a = pve_diag_format(&d.v[0]);
	b = pve_diag_format(&d.v[1]);
	c = pve_diag_format(&d.v[2]);
	assert_string_equal(a, "f:2: odd");
	assert_string_equal(b, "f:3: bad x");
	assert_string_equal(c, "(input): all bad");
	assert_int_equal(pve_diags_err(&d, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_string_equal(e.msg, "f:3: bad x\n(input): all bad");
	assert_int_equal(pve_diags_err(&d, NULL), -1);
	pve_diags_done(&d);
	assert_int_equal(d.n, 0);
}

static void many_diags_are_cut(void **state)
{
	struct pve_diags d = {0};
	struct pve_err e = {0};

	(void)state;
	for (unsigned i = 1; i <= 10000; i++)
		pve_diags_add(&d, PVE_ERROR, "/etc/pve/storage.cfg", i, "line is bad");
	assert_int_equal(d.errors, 10000);
	assert_int_equal(pve_diags_err(&d, &e), -1);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_string_equal(e.msg + sizeof(e.msg) - 4, "...");
	pve_diags_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_and_returns),  cmocka_unit_test(code_follows_errno),
		cmocka_unit_test(prefix_keeps_code),      cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(diags_count_and_format), cmocka_unit_test(many_diags_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
