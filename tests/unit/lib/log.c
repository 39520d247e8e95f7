/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/log.h"

/* All five levels through a log that was set up with quiet and verbose. */
static void expect_lines(int quiet, int verbose, const char *lines)
{
	struct pve_log log;
	char *text = NULL;
	size_t len = 0;

	pve_log_init(&log, "pve-x", quiet, verbose, true);
	assert_ptr_equal(log.to, stderr);
	assert_false(log.syslog);
	log.to = open_memstream(&text, &len);
	pve_log_line(&log, PVE_LOG_ERROR, "e%d", 1);
	pve_log_line(&log, PVE_LOG_WARNING, "w");
	pve_log_line(&log, PVE_LOG_NOTICE, "n");
	pve_log_line(&log, PVE_LOG_INFO, "i");
	pve_log_line(&log, PVE_LOG_DEBUG, "d");
	fclose(log.to);
	assert_string_equal(text, lines);
	free(text);
}

static void levels_follow_quiet_and_verbose(void **state)
{
	(void)state;
	expect_lines(0, 0, "pve-x: error: e1\npve-x: warning: w\npve-x: n\n");
	expect_lines(1, 0, "pve-x: error: e1\n");
	expect_lines(1, 2, "pve-x: error: e1\n");
	expect_lines(0, 1, "pve-x: error: e1\npve-x: warning: w\npve-x: n\npve-x: i\n");
	expect_lines(0, 9,
		     "pve-x: error: e1\npve-x: warning: w\npve-x: n\npve-x: i\npve-x: debug: d\n");
}

static void bytes_of_the_host_are_made_safe(void **state)
{
	struct pve_log log;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	pve_log_init(&log, "pve-x", 0, 0, true);
	log.to = open_memstream(&text, &len);
	pve_log_line(&log, PVE_LOG_ERROR, "'%s'", "\033[2J\a");
	fclose(log.to);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\a'));
	free(text);
}

static void each_line_of_an_error(void **state)
{
	struct pve_log log;
	struct pve_err e;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	pve_log_init(&log, "pve-x", 0, 0, true);
	log.to = open_memstream(&text, &len);
	pve_err_set(&e, PVE_DATA, "a:1: 100%%s\na:2: two");
	pve_log_err(&log, &e);
	fclose(log.to);
	assert_string_equal(text, "pve-x: error: a:1: 100%s\npve-x: error: a:2: two\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_follow_quiet_and_verbose),
		cmocka_unit_test(bytes_of_the_host_are_made_safe),
		cmocka_unit_test(each_line_of_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
