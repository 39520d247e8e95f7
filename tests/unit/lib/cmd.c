/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd_fixture.h"

/* --- reading options ------------------------------------------------------------------ */

static void options_of_all_kinds(void **state)
{
	(void)state;
	OK("0 0 - - 0 0 0 0 n0 y0 w10", "set");
	OK("1 2 x bond 2 3 1536 90 n1 y1 w60 <op>", "set", "--force", "--more", "--more", "--name",
	   "x", "--kind=bond", "--with", "a", "--with=b", "--count=3", "--size=1.5K", "--age",
	   "1min30s", "-n", "-y", "--wait=1min", "op");
	OK("1 3 x bridge 1 9 0 0 n1 y0 w10", "-n", "set", "-fmmmax", "-kbridge", "-w", "f", "-c9");
	OK("0 0 last - 0 0 0 0 n0 y0 w10", "set", "-a", "first", "-alast");
	OK("0 0  - 0 0 0 0 n0 y0 w10", "set", "--name=");
	OK("0 0 --force - 0 0 0 0 n0 y0 w10", "set", "--name", "--force");
	OK("1 0 - - 0 0 0 0 n0 y0 w10", "set", "--secret");
}

static void dashes_end_options(void **state)
{
	(void)state;
	OK("0 0 - - 0 0 0 0 n1 y0 w10 <a> <-f> <--> <-n>", "set", "a", "-n", "--", "-f", "--",
	   "-n");
	OK("<-x>", "--", "get", "-x");
	OK("<a><->", "get", "a", "-");
}

static void wrong_options(void **state)
{
	(void)state;
	WRONG("set: unknown option '--forse'; did you mean '--force'?", "set", "--forse");
	WRONG("set: unknown option '--fo'; did you mean '--force'?", "set", "--fo");
	WRONG("unknown option '--force'; see 'pve-fix help'", "--force", "set");
	WRONG("set: unknown option '--xyzzy'; see 'pve-fix help set'", "set", "--xyzzy=1");
	WRONG("set: unknown option '-Z'; see 'pve-fix help set'", "set", "-fZ");
	WRONG("set: unknown option '-\303\274'; see 'pve-fix help set'", "set", "-\303\274a");
	WRONG("list: unknown option '-json'; did you mean '--json'?", "list", "-json");
	WRONG("set: option '--force' takes no value", "set", "--force=1");
	WRONG("set: option '--name' needs a value: NAME", "set", "-a");
	WRONG("set: option '--name' needs a value: NAME", "set", "--name");
	WRONG("set: option '--kind': 'vlan' is none of: bond bridge", "set", "--kind", "vlan");
	WRONG("set: option '--kind': '' is none of: bond bridge", "set", "--kind=");
	WRONG("set: option '--count': '0' is not a number from 1 to 9", "set", "-c0");
	WRONG("option '--wait': 'x' is not a duration (for example 90s or 5min)", "--wait", "x",
	      "set");
	WRONG("option '--color': 'blue' is none of: auto always never", "--color", "blue");
	WRONG("--no-header and --json exclude each other", "-H", "list", "--json");
}

/* A command whose options may have one dash, as another tool has them: what it makes of these words. */
static int parse_one_dash(struct cmd_line *line, struct pve_err *e, int argc, const char *const *argv)
{
	static const struct pve_cmd own[] = {{.name = "set",
					      .opts = set_table,
					      .opts_size = sizeof(struct set_opts),
					      .max = PVE_MANY,
					      .one_dash = true,
					      .run = run_set},
					     {0}};
	static const struct pve_tool odd = {.name = "pve-fix", .help = "fix", .cmds = own};

	return cmd_parse(&odd, argc, (char **)(uintptr_t)argv, line, e);
}

#define ONE_DASH(line, e, ...)                                                                     \
	parse_one_dash(line, e, sizeof((const char *[]){"pve-fix", __VA_ARGS__}) / sizeof(char *), \
		       (const char *[]){"pve-fix", __VA_ARGS__, NULL})

static void one_dash(void **state)
{
	struct cmd_line line;
	struct pve_err e = {0};
	const struct set_opts *o;

	(void)state;
	assert_int_equal(ONE_DASH(&line, &e, "set", "-name", "x", "-count=3", "-force", "-more", "op"), 0);
	o = line.opts;
	assert_string_equal(o->name, "x");
	assert_int_equal(o->count, 3);
	assert_true(o->force);
	assert_int_equal(o->more, 1);
	assert_int_equal(line.operands.n, 1);
	cmd_line_done(&line);
	/* Letters stay letters, also several in a word; what is behind "--" is no option. */
	assert_int_equal(ONE_DASH(&line, &e, "set", "-fm", "-a", "y", "--", "-name"), 0);
	o = line.opts;
	assert_true(o->force && o->more == 1);
	assert_string_equal(o->name, "y");
	assert_string_equal(line.operands.v[0], "-name");
	cmd_line_done(&line);
	/* A value that looks like one is a value. */
	assert_int_equal(ONE_DASH(&line, &e, "set", "-name", "-force"), 0);
	o = line.opts;
	assert_string_equal(o->name, "-force");
	assert_false(o->force);
	cmd_line_done(&line);
	/* Half of a name is none, and those of all tools have two dashes. */
	assert_int_equal(ONE_DASH(&line, &e, "set", "-nme", "x"), -1);
	assert_int_equal(e.code, PVE_USAGE);
	cmd_line_done(&line);
	assert_int_equal(ONE_DASH(&line, &e, "set", "-dry-run"), -1);
	cmd_line_done(&line);
	assert_int_equal(ONE_DASH(&line, &e, "set", "-count", "0"), -1);
	assert_string_equal(e.msg, "set: option '--count': '0' is not a number from 1 to 9");
	cmd_line_done(&line);
	/* Before the command nobody knows whose it would be. */
	assert_int_equal(ONE_DASH(&line, &e, "-name", "x", "set"), -1);
	cmd_line_done(&line);
}

static void commands(void **state)
{
	RESULT r;

	(void)state;
	WRONG("unknown command 'lst'; did you mean 'list'?", "lst");
	WRONG("unknown command 'che'; did you mean 'check'?", "che");
	WRONG("unknown command 'xyzzy'; see 'pve-fix help'", "xyzzy");
	WRONG("unknown command ''; see 'pve-fix help'", "");
	OK("eth0\t1500\neth1\t1500\n", "show", "-H");
	RUN(&r);
	assert_int_equal(r.code, 64);
	assert_string_equal(pve_buf_str(&r.out), "");
	assert_true(has(&r.err, "Usage: pve-fix"));
}

/* --- operands --------------------------------------------------------------------------- */

static void operand_counts(void **state)
{
	(void)state;
	WRONG("get: needs IFACE; see 'pve-fix help get'", "get");
	WRONG("get: one operand too many: 'c'; see 'pve-fix help get'", "get", "a", "b", "c");
	WRONG("wipe: takes no operand, got '-'; see 'pve-fix help wipe'", "wipe", "-");
	WRONG("get: one operand too many: 'b'; see 'pve-fix help get'", "get", "-", "a", "b");
}

static void operands_from_stdin(void **state)
{
	(void)state;
	expect(0, "<eth0><a b>", "", "eth0\t1500\tx\n\n\tonly a second field\na b",
	       WORDS("get", "-"));
	expect(0, "<a\tb><c\\>", "", "a\\tb\nc\\\\\n", WORDS("get", "-"));
	expect(0, "<\033><\\q\\>", "", "\\x1b\n\\q\\\n", WORDS("get", "-"));
	expect(64, "", "pve-fix: error: get: one operand too many: '3'; see 'pve-fix help get'\n",
	       "1\n2\n3\n", WORDS("get", "-"));
}

/* "list -" with nothing to list must not list everything. */
static void no_operands_from_stdin(void **state)
{
	(void)state;
	expect(0, "", "", "", WORDS("list", "-"));
	expect(0, "", "", "\n\n", WORDS("get", "-"));
	expect(0, "[]\n", "", "", WORDS("list", "-", "--json"));
	expect(0, "", "pve-fix: list: nothing on standard input\n", "", WORDS("-v", "list", "-"));
}

/* --- output --------------------------------------------------------------------------------- */

static void globals_before_and_behind(void **state)
{
	static const char *const flags[] = {"-n", "-y", "-H", "-q", "-v", "--json", "-oname", NULL};

	(void)state;
	for (size_t i = 0; flags[i]; i++) {
		RESULT before, behind;

		RUN(&before, flags[i], "list");
		RUN(&behind, "list", flags[i]);
		assert_int_equal(before.code, 0);
		assert_int_equal(behind.code, 0);
		assert_string_equal(pve_buf_str(&before.out), pve_buf_str(&behind.out));
	}
}

static void output_columns(void **state)
{
	(void)state;
	OK("1500\teth0\n1500\teth1\n", "list", "-Ho", "mtu,name");
	OK("eth0\t1500\t\neth1\t1500\t\n", "list", "-Ho", "+note,+name");
	WRONG("list: unknown column 'mtv'; did you mean 'mtu'? (all: name,mtu,note)", "list", "-o",
	      "mtv");
	WRONG("list: unknown column '' (all: name,mtu,note)", "list", "--output=");
	WRONG("get: has no columns, so no --output", "get", "a", "-o", "name");
}

static void full_disk(void **state)
{
	const char *const *const lines[] = {WORDS("list"), WORDS("get", "a"), WORDS("help"),
					    WORDS("--version"), WORDS("completion", "bash")};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		RESULT r;

		run_on(&r, "", open("/dev/full", O_WRONLY | O_CLOEXEC), lines[i]);
		assert_int_equal(r.code, 1);
		assert_true(has(&r.err, ": No space left on device\n"));
		assert_ptr_equal(strchr(pve_buf_str(&r.err), '\n'),
				 pve_buf_str(&r.err) + r.err.len - 1);
	}
}

static void failures_are_told_once(void **state)
{
	(void)state;
	expect(65, "", "pve-fix: error: a:1: one\npve-fix: error: a:2: two\n", "", WORDS("fail"));
	expect(1, "", "pve-fix: error: failed without a reason\n", "", WORDS("fail", "x"));
}

static void no_such_root(void **state)
{
	(void)state;
	expect(69, "", "pve-fix: error: --root /nowhere: No such file or directory\n", "",
	       WORDS("--root", "/nowhere", "list"));
}

static void destruction_is_confirmed(void **state)
{
	(void)state;
	expect(77, "", "pve-fix: error: erase disk \\x1bsda: refused without --yes\n", "y\n",
	       WORDS("wipe"));
	OK("wiped\n", "wipe", "-y");
	OK("wiped\n", "-n", "wipe");
}

/* --- findings ------------------------------------------------------------------------------- */

static void findings_sorted_and_coded(void **state)
{
	(void)state;
	expect(2,
	       "critical\tT-CRIT\tc\tcritical 2\tmend c\nwarning\tT-WARN\tb\twarning 1\t\n"
	       "warning\tT-WARN\tb\twarning 3\t\ninfo\tT-INFO\ta\tinfo 0\t\n",
	       "", "", WORDS("check", "-H", "info", "warning", "critical", "warning", "unknown"));
	expect(1, "warning\twarning 0\ninfo\tinfo 1\n", "", "",
	       WORDS("check", "-Hoseverity,message", "warning", "info"));
	expect(3, "", "", "", WORDS("check", "-Hocode", "unknown"));
	expect(3, "T-WARN\n", "", "", WORDS("check", "-Hocode", "unknown", "warning"));
	OK("T-INFO\n", "check", "-Hocode", "info");
	OK("[]\n", "check", "--json");
	OK("", "check");
	OK("", "check", "-H");
}

static void findings_in_color(void **state)
{
	RESULT r;

	(void)state;
	RUN(&r, "check", "--color=always", "warning", "critical", "info");
	assert_int_equal(r.code, 2);
	assert_true(has(&r.out, "\033[31mcritical"));
	assert_true(has(&r.out, "\ninfo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_all_kinds),
		cmocka_unit_test(dashes_end_options),
		cmocka_unit_test(wrong_options),
		cmocka_unit_test(one_dash),
		cmocka_unit_test(commands),
		cmocka_unit_test(operand_counts),
		cmocka_unit_test(operands_from_stdin),
		cmocka_unit_test(no_operands_from_stdin),
		cmocka_unit_test(globals_before_and_behind),
		cmocka_unit_test(output_columns),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(failures_are_told_once),
		cmocka_unit_test(no_such_root),
		cmocka_unit_test(destruction_is_confirmed),
		cmocka_unit_test(findings_sorted_and_coded),
		cmocka_unit_test(findings_in_color),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
