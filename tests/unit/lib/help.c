/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd_fixture.h"

static void version(void **state)
{
	(void)state;
	OK("pve-fix " PVE_VERSION "\n", "--version");
	OK("pve-fix " PVE_VERSION "\n", "list", "--version");
}

static void help_fits_and_names_all(void **state)
{
	const char *const *const lines[] = {WORDS("help"), WORDS("--help"), WORDS("-h")};
	const struct pve_cmd *cmd;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		RESULT r;
		size_t width = 0;

		run_on(&r, "", -1, lines[i]);
		assert_int_equal(r.code, 0);
		for (size_t j = 0; (cmd = cmd_at(&tool, j)); j++)
			assert_true(has(&r.out, cmd->name) && has(&r.out, cmd->help));
		assert_true(has(&r.out, "  list, show  "));
		assert_true(has(&r.out, "--no-header"));
		for (const char *p = pve_buf_str(&r.out); *p; p++) {
			width = *p == '\n' ? 0 : width + 1;
			assert_true(width <= 80);
		}
	}
}

static void help_of_a_command(void **state)
{
	RESULT r, same;

	(void)state;
	RUN(&r, "help", "set");
	assert_int_equal(r.code, 0);
	assert_true(has(&r.out, "Usage: pve-fix set [OPTION...] [WORD...]\n"));
	assert_true(has(&r.out, "  -k, --kind KIND   its kind: bond bridge\n"));
	assert_true(has(&r.out, "      --size BYTES  how large\n"));
	assert_true(has(&r.out, "\nMore about set.\n"));
	assert_false(has(&r.out, "secret"));
	RUN(&same, "set", "--help");
	assert_string_equal(pve_buf_str(&same.out), pve_buf_str(&r.out));
	result_done(&r);
	RUN(&r, "help", "show");
	assert_true(has(&r.out, "       pve-fix show [OPTION...] [IFACE...]\n"));
	assert_true(has(&r.out, "  name  name of the interface (default)\n"));
	assert_true(has(&r.out, "  note  free text\n"));
	WRONG("unknown command 'sets'; did you mean 'set'?", "help", "sets");
}

static void help_table_lists_all(void **state)
{
	RESULT r;

	(void)state;
	RUN(&r, "help", "--table");
	assert_int_equal(r.code, 0);
	assert_true(has(&r.out, "tool\t\tpve-fix\t\t\tdoes this and that\n"));
	assert_true(has(&r.out, "\nglobal\t\tdry-run\tn\t\t"));
	assert_true(has(&r.out, "\ncommand\t\tlist\t\t[IFACE...]\tprint interfaces\n"));
	assert_true(has(&r.out, "\nalias\tlist\tshow\t"));
	assert_true(has(&r.out, "\noption\tset\tkind\tk\tbond bridge\tits kind\n"));
	assert_true(has(&r.out, "\ncolumn\tlist\tmtu\t*\tnumber\t"));
	assert_true(has(&r.out, "\ncolumn\tlist\tnote\t\tstring\t"));
	assert_true(has(&r.out, "\ncommand\t\tcompletion\t"));
}

/* A command's options stay clear of the global ones, as cmd.h says. */
static void built_in_tables_do_not_clash(void **state)
{
	(void)state;
	for (const struct pve_opt *a = cmd_global_opts; a->name; a++) {
		for (const struct pve_opt *b = a + 1; b->name; b++)
			assert_true(strcmp(a->name, b->name) != 0 &&
				    (!a->letter || a->letter != b->letter));
		assert_true(!cmd_opt_takes_value(a) == !a->arg);
		assert_true((a->kind == PVE_OPT_CHOICE) == !!a->choices);
	}
}

static void completion_for_each_shell(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		RESULT r;

		RUN(&r, "completion", shells[i]);
		assert_int_equal(r.code, 0);
		for (size_t j = 0; cmds[j].name; j++)
			assert_true(has(&r.out, cmds[j].name));
		assert_true(has(&r.out, "kind") && has(&r.out, "bond bridge"));
		assert_true(has(&r.out, " name mtu note"));
		assert_false(has(&r.out, "secret"));
	}
	WRONG("completion: 'tcsh' is none of: bash zsh fish", "completion", "tcsh");
}

/* What bash offers for some lines, by running its script. */
static void completion_in_bash(void **state)
{
	static const char *const script =
		"source /dev/fd/3\n"
		"compopt() { :; }\n"
		"try() { COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)); _pve_fix fake; echo "
		"\"${COMPREPLY[*]}\"; }\n"
		"fake() { printf '%s\\t1\\n' eth0 '$(id)' 'a b'; [[ $2 != /r ]] || echo rooted; }\n"
		"try x li\ntry x show --js\ntry x set --kind = b\ntry x set -k bo\n"
		"try x list -o name,m\ntry x list -o +n\ntry x get ''\ntry x --root /r get r\n"
		"try x help se\ntry x --color = a\ntry x completion z\n";
	static const char *const expected =
		"list\n--json\nbond bridge\nbond\nname,mtu\n+name +note\n"
		"eth0 \\$\\(id\\) a\\ b\nrooted\nset\n"
		"auto always\nzsh\n";
	RESULT r;
	PVE_BUF got = {0};
	PVE_FREE char *line = NULL;
	int fd, in;
	FILE *p;

	(void)state;
	RUN(&r, "completion", "bash");
	fd = memory(pve_buf_str(&r.out));
	in = memory(script);
	line = pve_asprintf("bash --norc /dev/fd/%d 3< /dev/fd/%d", in, fd);
	fcntl(in, F_SETFD, 0);
	fcntl(fd, F_SETFD, 0);
	p = popen(line, "r");
	assert_non_null(p);
	for (int c; (c = getc(p)) != EOF;)
		pve_buf_putc(&got, (char)c);
	assert_int_equal(pclose(p), 0);
	assert_string_equal(pve_buf_str(&got), expected);
	close(fd);
	close(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version),
		cmocka_unit_test(help_fits_and_names_all),
		cmocka_unit_test(help_of_a_command),
		cmocka_unit_test(help_table_lists_all),
		cmocka_unit_test(built_in_tables_do_not_clash),
		cmocka_unit_test(completion_for_each_shell),
		cmocka_unit_test(completion_in_bash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
