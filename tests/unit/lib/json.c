/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects that are edited: nothing else of them changes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pvecommon/mem.h"
#include "pveio/json.h"

static void formats(const struct pve_json *o, const char *text)
{
	PVE_BUF out = {0};

	pve_json_format(o, &out);
	assert_string_equal(pve_buf_str(&out), text);
}

static void an_object_is_edited_and_the_rest_stays(void **state)
{
	struct pve_err e = {0};
	struct pve_json *o = pve_json_parse(pve_span("{\"b\":{\"y\":[1,2.5,null],\"x\":true},"
						     "\"a\":\"\\u00fc\",\"big\":9007199254740993}"),
					    &e);
	PVE_BUF one = {0};

	(void)state;
	assert_non_null(o);
	assert_string_equal(pve_json_str(o, "a"), "\303\274");
	assert_null(pve_json_str(o, "b"));
	assert_null(pve_json_str(o, "none"));
	assert_int_equal(pve_json_set_str(o, "a", "new", &e), 0);
	assert_int_equal(pve_json_set(o, "c", pve_span("[\"d\"]"), &e), 0);
	assert_true(pve_json_get(o, "b", &one));
	assert_string_equal(pve_buf_str(&one), "{\"x\":true,\"y\":[1,2.5,null]}");
	assert_false(pve_json_get(o, "none", &one));
	assert_true(pve_json_remove(o, "b"));
	assert_false(pve_json_remove(o, "b"));
	formats(o, "{\n   \"a\": \"new\",\n   \"big\": 9007199254740993,\n   \"c\": [\n      \"d\"\n   ]\n}\n");
	pve_json_free(o);
}

static void what_is_no_object(void **state)
{
	static const char *const texts[] = {"",		"[1]",			 "\"a\"",
					    "{",	"{\"a\":1}x",		 "{\"a\":1,\"a\":2}",
					    "{'a':1}",	"{\"a\":\"\xff\"}",	 NULL};
	struct pve_err e = {0};

	(void)state;
	for (size_t i = 0; texts[i]; i++) {
		e = (struct pve_err){0};
		assert_null(pve_json_parse(pve_span(texts[i]), &e));
		assert_int_equal(e.code, PVE_DATA);
	}
	assert_null(pve_json_parse(pve_span("{\n\"a\" 1}"), &e));
	assert_memory_equal(e.msg, "line 2, column ", 15);
}

static void a_setting_that_fails_leaves_what_was_there(void **state)
{
	struct pve_err e = {0};
	struct pve_json *o = pve_json_new();

	(void)state;
	assert_int_equal(pve_json_set_str(o, "a", "1", &e), 0);
	assert_int_equal(pve_json_set_str(o, "a", "\xff", &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_int_equal(pve_json_set(o, "a", pve_span("{\"b\":"), &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_string_equal(pve_json_str(o, "a"), "1");
	formats(o, "{\n   \"a\": \"1\"\n}\n");
	pve_json_free(o);
	pve_json_free(NULL);
}

static void list_settings(const char *key, const char *value, void *data)
{
	pve_buf_printf(data, "%s=%s;", key, value);
}

static void each_setting_as_text(void **state)
{
	struct pve_err e = {0};
	PVE_BUF out = {0};

	(void)state;
	assert_int_equal(pve_json_each(pve_span("{\"s\":\"t\",\"n\":-7,\"r\":0.5,\"y\":true,\"f\":false,"
						"\"null\":null,\"list\":[1],\"o\":{}}"),
				       list_settings, &out, &e),
			 0);
	assert_string_equal(pve_buf_str(&out), "s=t;n=-7;r=0.5;y=true;f=false;");
	assert_int_equal(pve_json_each(pve_span("[1]"), list_settings, &out, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_edited_and_the_rest_stays),
		cmocka_unit_test(what_is_no_object),
		cmocka_unit_test(a_setting_that_fails_leaves_what_was_there),
		cmocka_unit_test(each_setting_as_text),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
