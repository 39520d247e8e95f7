/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members are taken out of JSON, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pveio/json.h"
#include "pvecommon/mem.h"

static const char *const names[] = {"x", "yy", NULL};

static void is(const char *text, const char *pruned)
{
	PVE_BUF out = {0};

	pve_json_prune(pve_span(text), names, &out);
	assert_string_equal(pve_buf_str(&out), pruned);
}

static void members(void **state)
{
	(void)state;
	is("{}", "{}");
	is("{\"a\":1}", "{\"a\":1}");
	is("{\"x\":1}", "{}");
	is("{\"x\":1,\"a\":2}", "{\"a\":2}");
	is("{\"a\":2,\"x\":1}", "{\"a\":2}");
	is("{\"a\":2,\"x\":1,\"yy\":3}", "{\"a\":2}");
	is("{\"x\":1,\"yy\":3}", "{}");
	is("{\"a\":{\"x\":[1,{\"x\":2}],\"b\":\"x\"},\"yy\":{\"c\":[]}}", "{\"a\":{\"b\":\"x\"}}");
	is("{\"y\":1,\"xx\":2,\"\":3}", "{\"y\":1,\"xx\":2,\"\":3}");
}

static void blanks_and_strings(void **state)
{
	(void)state;
	is("{ \"a\" : 1 ,\n \"x\" : true }", "{ \"a\" : 1 }");
	is("{ \"x\" : [ 1 , 2 ] , \"a\" : 1 }", "{  \"a\" : 1 }");
	/* What looks like the end of a value within a string is none. */
	is("{\"x\":\"}],\\\"\",\"a\":\"\\\\\"}", "{\"a\":\"\\\\\"}");
	is("[\"x\",\"yy\"]", "[\"x\",\"yy\"]");
	is("{\"a\":\"x\",\"b\":\"\\\"x\\\":1\"}", "{\"a\":\"x\",\"b\":\"\\\"x\\\":1\"}");
}

/* What is cut short stays so. */
static void cut(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"{\"",
		"{\"x",
		"{\"x\"",
		"{\"x\":",
		"{\"x\":1",
		"{\"x\":[1,2",
		"{\"x\":\"a\\",
		"{\"x\":{\"a\":1}",
		"{\"a\":1,\"x\":",
		NULL,
	};

	(void)state;
	for (size_t i = 0; texts[i]; i++)
		is(texts[i], texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(blanks_and_strings),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
