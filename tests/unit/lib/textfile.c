/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pvecommon/textfile.h"

#define BYTES(s) ((struct pve_span){(s), sizeof(s) - 1})

static void is_text(struct pve_textfile *t, struct pve_span want)
{
	PVE_BUF b = {0};

	pve_textfile_format(t, &b);
	assert_string_equal(pve_buf_str(&b), want.p);
	assert_int_equal(b.len, want.len);
}

/* --- lines ----------------------------------------------------------------------------- */

static void every_byte_is_kept(void **state)
{
	static const struct pve_span files[] = {
		BYTES(""),
		BYTES("\n"),
		BYTES("\r\n"),
		BYTES("a"),
		BYTES("a\r"),
		BYTES("a\n\nb"),
		BYTES("\xef\xbb\xbf"
		      "a\r\nb\n"),
		BYTES("\0\n\0\0\r\n\xff\xfe"),
		BYTES("\r\r\n\r"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct pve_textfile t = {0};
		PVE_BUF b = {0};

		pve_textfile_parse(&t, files[i]);
		pve_textfile_format(&t, &b);
		assert_int_equal(b.len, files[i].len);
		assert_memory_equal(pve_buf_str(&b), files[i].p, b.len);
		pve_textfile_done(&t);
	}
}

static void lines_and_their_ends(void **state)
{
	struct pve_textfile t = {0};

	(void)state;
	pve_textfile_parse(&t, BYTES("a\r\n\nb\0c"));
	assert_int_equal(t.n, 3);
	assert_true(pve_span_eq(t.v[0].text, "a"));
	assert_true(pve_span_eq(t.v[0].eol, "\r\n"));
	assert_int_equal(t.v[1].text.len, 0);
	assert_int_equal(t.v[2].text.len, 3);
	assert_int_equal(t.v[2].eol.len, 0);
	pve_textfile_done(&t);
}

static void edits_leave_other_lines(void **state)
{
	struct pve_textfile t = {0};
	struct pve_err e;

	(void)state;
	pve_textfile_parse(&t, BYTES("a\r\nb\nc\r\nd"));
	assert_int_equal(pve_textfile_set(&t, 1, pve_span("B"), &e), 0);
	assert_int_equal(pve_textfile_insert(&t, 0, pve_span("top"), &e), 0);
	assert_int_equal(pve_textfile_insert(&t, t.n, pve_span("end"), &e), 0);
	is_text(&t, BYTES("top\r\na\r\nB\nc\r\nd\r\nend\r\n"));
	pve_textfile_delete(&t, 5);
	pve_textfile_delete(&t, 0);
	is_text(&t, BYTES("a\r\nB\nc\r\nd\r\n"));
	assert_int_equal(pve_textfile_set(&t, 0, pve_span("x\ny"), &e), -1);
	assert_int_equal(e.code, PVE_USAGE);
	assert_int_equal(pve_textfile_insert(&t, 0, pve_span("x\r"), NULL), -1);
	assert_int_equal(t.n, 4);
	pve_textfile_done(&t);
}

static void new_files_have_lf(void **state)
{
	struct pve_textfile t = {0}, equal = {0};

	(void)state;
	pve_textfile_insert(&t, 0, pve_span("a"), NULL);
	pve_textfile_insert(&t, 1, pve_span("b"), NULL);
	is_text(&t, BYTES("a\nb\n"));
	pve_textfile_done(&t);
	pve_textfile_parse(&equal, BYTES("a\r\nb\n"));
	assert_string_equal(equal.eol, "\n");
	pve_textfile_done(&equal);
}

/* --- editors: each case is a file, an edit and the file that comes of it ----------------- */

struct change {
	const char *before, *key, *value; /* value: NULL to remove */
	const char *after;                /* NULL: the same */
};

typedef int edit_fn(struct pve_textfile *t, const char *key, const char *value);
typedef bool find_fn(struct pve_textfile *t, const char *key, struct pve_setting *s);

static void run_changes(const struct change *c, size_t n, edit_fn *edit, find_fn *find)
{
	for (; n; n--, c++) {
		struct pve_textfile t = {0};
		struct pve_setting s;

		pve_textfile_parse(&t, pve_span(c->before));
		assert_int_equal(edit(&t, c->key, c->value), 0);
		is_text(&t, pve_span(c->after ? c->after : c->before));
		assert_int_equal(find(&t, c->key, &s), c->value != NULL);
		if (c->value)
			assert_true(pve_span_eq(s.value, c->value));
		pve_textfile_done(&t);
	}
}

#define RUN(cases, edit, find) run_changes(cases, sizeof(cases) / sizeof(*(cases)), edit, find)

/* What find gives: "LINE value", "LINE! value" when computed, "-" when there is none. */
static void finds(find_fn *find, const char *file, const char *key, const char *want)
{
	struct pve_textfile t = {0};
	struct pve_setting s;
	char got[200] = "-";

	pve_textfile_parse(&t, pve_span(file));
	if (find(&t, key, &s))
		snprintf(got, sizeof(got), "%zu%s %.*s", s.line + 1, s.computed ? "!" : "",
			 PVE_SPAN_ARG(s.value));
	assert_string_equal(got, want);
	pve_textfile_done(&t);
}

static void refuses(edit_fn *edit, const char *file, const char *key, const char *value)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, pve_span(file));
	assert_int_equal(edit(&t, key, value), -1);
	is_text(&t, pve_span(file));
	pve_textfile_done(&t);
}

/* --- shell ------------------------------------------------------------------------------ */

static int sh(struct pve_textfile *t, const char *key, const char *value)
{
	struct pve_err e = {0};

	return value ? pve_textfile_sh_set(t, key, pve_span(value), &e)
		     : pve_textfile_sh_remove(t, key, &e);
}

static void shell_reading(void **state)
{
	static const struct {
		const char *file, *want;
	} cases[] = {
		{"K=v\n", "1 v"},
		{"K=\n", "1 "},
		{"K=v", "1 v"},
		{"  export\tK=v # why\r\n", "1 v"},
		{"K='a b'\"$\"c\\ d\n", "1 a b$c d"},
		{"K=\"a\\\"b\\\\c\\$d\\`e\\f\"\n", "1 a\"b\\c$d`e\\f"},
		{"K='a\\b'\n", "1 a\\b"},
		{"K=a#b\n", "1 a#b"},
		{"K=a;L=b\n", "1 a"},
		{"K=a;K=b # c\n", "1 b"},
		{"K=a\\\n", "1 a"},
		{"K=a\\\nb\n", "1 ab"},
		{"K=\"a \\\n  b\"\n", "1 a   b"},
		{"K='two\nlines'\n", "1 two\nlines"},
		{"K=1\nK=2\n#K=3\n", "2 2"},
		{"L='\nK=no\n'\nK=yes\n", "4 yes"},
		{"L=$(x \"$(y 'a)')\" )\nK=yes\n", "2 yes"},
		{"L=`lsb_release -i 2> /dev/null || echo it\\'s`\nK=yes\n", "2 yes"},
		{"echo it\\'s # don't\nK=yes\n", "2 yes"},
		{"if x; then\n\tK=yes\nfi\n", "2 yes"},
		{"K=$HOME/x\n", "1! $HOME/x"},
		{"K=\"`date`\"\n", "1! \"`date`\""},
		{"K=$(date)\n", "1! $(date)"},
		{"K=\"${L:-x}\"\n", "1! \"${L:-x}\""},
		{"K=~/x\n", "1! ~/x"},
		{"K='$HOME'\n", "1 $HOME"},
		{"K=5$\n", "1 5$"},
		{"K=1 command\n", "-"},
		{"K=1 L=2\n", "1 1"},
		{"export L=1 K=2 M=3\n", "1 2"},
		{"K=0\nL=1 K=2 command\n", "1 0"},
		{"\\\nK=1 \\\n\n", "2 1"},
		{"#K=1 L=2\n", "-"},
		{"K+=1\nKK=1\n1K=1\nexport K\nK =1\necho K=1\n", "-"},
		{"#K=1\n", "-"},
		{"K='open\n", "-"},
		{"K=\"open $(\n", "-"},
		{"", "-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		finds(pve_textfile_sh_find, cases[i].file, "K", cases[i].want);
}

static void shell_editing(void **state)
{
	static const struct change cases[] = {
		{"", "K", "v", "K=\"v\"\n"},
		{"a\r\n", "K", "v", "a\r\nK=\"v\"\r\n"},
		{"L=1", "K", "v", "L=1\nK=\"v\"\n"},
		{"K='v' # x\n", "K", "v", NULL},
		{"K=v\n", "K", "w", "K=w\n"},
		{"K=v\n", "K", "two words", "K=\"two words\"\n"},
		{"K=v\n", "K", "", "K=\"\"\n"},
		{"K='v' # x\n", "K", "$w", "K='$w' # x\n"},
		{"K='v'\n", "K", "it's", "K=\"it's\"\n"},
		{"K=\"v\"; L=1\n", "K", "a\"b\\c$d`e", "K=\"a\\\"b\\\\c\\$d\\`e\"; L=1\n"},
		{"K=1\n\texport K=\"2\"\nL=3", "K", "4", "K=1\n\texport K=\"4\"\nL=3"},
		{"K=\"a \\\r\n b\"  # x\r\nL=1\n", "K", "c", "K=\"c\"  # x\r\nL=1\n"},
		{"K=$(date)\n", "K", "$(date)", "K=\"\\$(date)\"\n"},
		{"# Mail.\n#K=\"root\"\n\nL=1\n", "K", "root", "# Mail.\nK=\"root\"\n\nL=1\n"},
		{"# K=root # it\n", "K", "root", "K=root # it\n"},
		{"#K=\"root\"\nL=1\n", "K", "me", "#K=\"root\"\nK=\"me\"\nL=1\n"},
		{"#K=\"root\"", "K", "me", "#K=\"root\"\nK=\"me\"\n"},
		{"# K=x is fine\n", "K", "x", "# K=x is fine\nK=\"x\"\n"},
		{"a\nK=1\nK=\"2\n3\" # x\nb\n", "K", NULL, "a\nb\n"},
		{"K=1; L=2;K=3;\n", "K", NULL, "L=2\n"},
		{"L=1; K=2 # x\n", "K", NULL, "L=1 # x\n"},
		{"export K=1 L=2 K=3\n", "K", NULL, "export L=2\n"},
		{"L=1 K=2; M=3\n", "K", NULL, "L=1; M=3\n"},
		{"K=1 L=2 # x\n", "K", "a b", "K=\"a b\" L=2 # x\n"},
		{"L=1;K=2\n", "K", "3", "L=1;K=3\n"},
		{"K=1; K=2;#K=3\n", "K", "3", "K=1; K=3;#K=3\n"},
		{"L=1;#K=3\n", "K", "3", "L=1;#K=3\nK=\"3\"\n"},
		{"#K=1\n", "K", NULL, NULL},
	};

	(void)state;
	RUN(cases, sh, pve_textfile_sh_find);
}

static void shell_refusals(void **state)
{
	(void)state;
	refuses(sh, "K=1\n", "K", "a\nb");
	refuses(sh, "K=1\n", "K", "a\tb");
	refuses(sh, "K=1\n", "K", "\x7f");
	refuses(sh, "K=1\n", "K-L", "v");
	refuses(sh, "K=1\n", "1K", "v");
	refuses(sh, "K=1\n", "", "v");
	refuses(sh, "L='open\nK=1\n", "K", "v");
	refuses(sh, "L='open\nK=1\n", "K", NULL);
	refuses(sh, "L=1 \\", "K", "v");
}

/* --- modprobe.d ------------------------------------------------------------------------- */

static bool zfs_find(struct pve_textfile *t, const char *name, struct pve_setting *s)
{
	return pve_textfile_modprobe_find(t, "zfs", name, s);
}

static int zfs(struct pve_textfile *t, const char *name, const char *value)
{
	struct pve_err e = {0};

	return value ? pve_textfile_modprobe_set(t, "zfs", name, pve_span(value), &e)
		     : pve_textfile_modprobe_remove(t, "zfs", name, &e);
}

static void modprobe_reading(void **state)
{
	static const struct {
		const char *file, *want;
	} cases[] = {
		{"options zfs zfs_arc_max=1\n", "1 1"},
		{"\toptions  zfs\ta=b zfs-arc-max=8 c\n", "1 8"},
		{"options zfs a=1 \\\n  zfs_arc_max=2\n", "2 2"},
		{"options zfs zfs_arc_\\\nmax=34\\\n56 b=1\n", "1 3456"},
		{"options zfs zfs_arc_max=\"a b\" c=d\n", "1 a b"},
		{"options zfs zfs_arc_max\n", "1 "},
		{"options zfs zfs_arc_max=1 zfs_arc_max=2\noptions zfs x=1\n", "1 2"},
		{"options zfs zfs_arc_max=1\noptions zfs zfs_arc_max=3\n", "2 3"},
		{"# options zfs zfs_arc_max=1\n#options zfs zfs_arc_max=1\n", "-"},
		{"# comments go on \\\noptions zfs zfs_arc_max=1\n", "-"},
		{"# not after two \\\\\noptions zfs zfs_arc_max=1\n", "2 1"},
		{"options zfsx zfs_arc_max=1\noption zfs zfs_arc_max=1\noptions zfs\n", "-"},
		{"options zfs x=\"zfs_arc_max=1 zfs_arc_max=2\n", "-"},
		{"", "-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		finds(zfs_find, cases[i].file, "zfs_arc_max", cases[i].want);
}

static void modprobe_editing(void **state)
{
	static const struct change cases[] = {
		{"", "m", "1", "options zfs m=1\n"},
		{"# x\r\n", "m", "1", "# x\r\noptions zfs m=1\r\n"},
		{"options zfs m=1\n", "m", "1", NULL},
		{"options zfs a=1  m=1\tb=2 \n", "m", "22", "options zfs a=1  m=22\tb=2 \n"},
		{"options zfs a=1 \\\n b=2\noptions y z=1", "m", "1",
		 "options zfs a=1 \\\n b=2 m=1\noptions y z=1"},
		{"options zfs\n", "m", "a b", "options zfs m=\"a b\"\n"},
		{"options zfs m\n", "m", "1", "options zfs m=1\n"},
		{"options zfs m=1\\\n2 b=1\n", "m", "3", "options zfs m=3 b=1\n"},
		{"options zfs m=1\noptions zfs m=2\n", "m", "3",
		 "options zfs m=1\noptions zfs m=3\n"},
		{"options zfs a=1 m=2 b=3 m=4\n", "m", NULL, "options zfs a=1 b=3\n"},
		{"options zfs m=2 \\\n b=3\n", "m", NULL, "options zfs \\\n b=3\n"},
		{"x\noptions zfs m=2\ny\n", "m", NULL, "x\ny\n"},
		{"x\noptions zfs \\\n m=2 m=3\ny\n", "m", NULL, "x\ny\n"},
		{"options other m=2\n", "m", NULL, NULL},
	};

	(void)state;
	RUN(cases, zfs, zfs_find);
	refuses(zfs, "", "m", "a\"b");
	refuses(zfs, "", "m", "a\\");
	refuses(zfs, "", "m", "a\n");
	refuses(zfs, "", "m=1", "a");
	refuses(zfs, "", "", "a");
	refuses(zfs, "# x \\", "m", "1");
}

/* --- sysctl.d --------------------------------------------------------------------------- */

static int sysctl(struct pve_textfile *t, const char *key, const char *value)
{
	struct pve_err e = {0};

	return value ? pve_textfile_sysctl_set(t, key, pve_span(value), &e)
		     : pve_textfile_sysctl_remove(t, key, &e);
}

static void sysctl_editing(void **state)
{
	static const struct change cases[] = {
		{"", "vm.swappiness", "10", "vm.swappiness = 10\n"},
		{"vm.swappiness=10\n", "vm.swappiness", "10", NULL},
		{"vm/swappiness =\t10 \r\n", "vm.swappiness", "20", "vm/swappiness =\t20 \r\n"},
		{"-vm.swappiness=1\n;vm.swappiness=2\n", "vm/swappiness", "3",
		 "-vm.swappiness=3\n;vm.swappiness=2\n"},
		{"#vm.swappiness = 10\nx=1\n", "vm.swappiness", "10", "vm.swappiness = 10\nx=1\n"},
		{"# vm.swappiness=60\nx=1\n", "vm.swappiness", "10",
		 "# vm.swappiness=60\nvm.swappiness = 10\nx=1\n"},
		{"net.ipv4.conf.eth0/100.mtu=1\n", "net/ipv4/conf/eth0.100/mtu", "1", NULL},
		{"net.ipv4.conf.eth0.100=1\n", "net/ipv4/conf/eth0.100", "2",
		 "net.ipv4.conf.eth0.100=1\nnet/ipv4/conf/eth0.100 = 2\n"},
		{"a=1\nb=\na=2", "b", "x", "a=1\nb=x\na=2"},
		{"a=1\nb=2\n-a=3", "a", NULL, "b=2\n"},
		{"a=1\\\nb=2\n", "b", "2", NULL},
	};

	(void)state;
	RUN(cases, sysctl, pve_textfile_sysctl_find);
	finds(pve_textfile_sysctl_find, "k = a # b\n", "k", "1 a # b");
	finds(pve_textfile_sysctl_find, "k\n=1\n#k=2\n[k]\n", "k", "-");
	refuses(sysctl, "a=1\n", "a", " 1");
	refuses(sysctl, "a=1\n", "a", "1\n2");
	refuses(sysctl, "a=1\n", "-a", "1");
	refuses(sysctl, "a=1\n", "a b", "1");
}

/* --- ini -------------------------------------------------------------------------------- */

static bool time_find(struct pve_textfile *t, const char *key, struct pve_setting *s)
{
	return pve_textfile_ini_find(t, "Time", key, s);
}

static int ini_time(struct pve_textfile *t, const char *key, const char *value)
{
	struct pve_err e = {0};

	return value ? pve_textfile_ini_set(t, "Time", key, pve_span(value), &e)
		     : pve_textfile_ini_remove(t, "Time", key, &e);
}

static void ini_editing(void **state)
{
	static const struct change cases[] = {
		{"", "NTP", "a b", "[Time]\nNTP=a b\n"},
		{"[X]\nNTP=1\n", "NTP", "2", "[X]\nNTP=1\n\n[Time]\nNTP=2\n"},
		{"[X]\n\n", "NTP", "2", "[X]\n\n[Time]\nNTP=2\n"},
		{"[Time]\n#NTP=\n#FallbackNTP=x\n", "NTP", "a",
		 "[Time]\n#NTP=\nNTP=a\n#FallbackNTP=x\n"},
		{"[Time]\n#NTP=a\n", "NTP", "a", "[Time]\nNTP=a\n"},
		{"[Time]\nA=1\n\n\n[X]\n#NTP=a\n", "NTP", "a",
		 "[Time]\nA=1\nNTP=a\n\n\n[X]\n#NTP=a\n"},
		{"[Time]\n[X]\n", "NTP", "a", "[Time]\nNTP=a\n[X]\n"},
		{"[Time]", "NTP", "a", "[Time]\nNTP=a\n"},
		{"[Time]\r\n NTP =  a \r\n", "NTP", "a", NULL},
		{"[Time]\r\n NTP =  a \r\n", "NTP", "b", "[Time]\r\n NTP =  b \r\n"},
		{"[Time]\nNTP=a \\\n# x\n  b\nY=1\n", "NTP", "c", "[Time]\nNTP=c\nY=1\n"},
		{"[Time]\nNTP=a\n[X]\n[Time]\nNTP=b\n", "NTP", "c",
		 "[Time]\nNTP=a\n[X]\n[Time]\nNTP=c\n"},
		{"[Time]\nNTP=a\n[X]\nNTP=1\n[Time]\nNTP=b \\\n c\nA=1\n", "NTP", NULL,
		 "[Time]\n[X]\nNTP=1\n[Time]\nA=1\n"},
		{"\xef\xbb\xbf[Time]\nNTP=a\n", "NTP", "b", "\xef\xbb\xbf[Time]\nNTP=b\n"},
	};

	(void)state;
	RUN(cases, ini_time, time_find);
	finds(time_find, "[Time]\nNTP=a \\\n;x\n b\\\nc\n", "NTP", "2 a   b c");
	finds(time_find, "NTP=1\n[time]\nNTP=2\n[Time\nNTP=3\n", "NTP", "-");
	refuses(ini_time, "", "NTP", "a\\");
	refuses(ini_time, "", "NTP", "a ");
	refuses(ini_time, "", "#NTP", "a");
	refuses(ini_time, "", "N=P", "a");
	refuses(ini_time, "[Time]\nA=1\\", "NTP", "a");
}

static void ini_lists(void **state)
{
	struct pve_textfile t = {0};
	PVE_STRV l = {0};
	PVE_FREE char *s = NULL;

	(void)state;
	pve_textfile_parse(&t, BYTES("[Time]\nNTP=a\nNTP=\nNTP=b c\n[X]\nNTP=no\n[Time]\nNTP=d\n"));
	pve_textfile_ini_list(&t, "Time", "NTP", &l);
	s = pve_strv_join(&l, "|");
	assert_string_equal(s, "b c|d");
	assert_int_equal(pve_textfile_ini_set_only(&t, "Time", "NTP", pve_span("e"), NULL), 0);
	is_text(&t, BYTES("[Time]\n[X]\nNTP=no\n[Time]\nNTP=e\n"));
	pve_textfile_done(&t);
}

/* Reading is linear: this would take minutes if it were not. */
static void large_files(void **state)
{
	static const char odd[] = "K=\"$(a `b` ${c}\n#K=[\\\n";
	struct pve_textfile t = {0};
	struct pve_setting s;
	PVE_BUF b = {0};

	(void)state;
	for (int i = 0; i < 50000; i++)
		pve_buf_puts(&b, odd);
	pve_textfile_parse(&t, (struct pve_span){b.data, b.len});
	pve_textfile_sh_find(&t, "K", &s);
	zfs_find(&t, "K", &s);
	time_find(&t, "K", &s);
	assert_true(pve_textfile_sysctl_find(&t, "K", &s));
	pve_textfile_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_kept),
		cmocka_unit_test(lines_and_their_ends),
		cmocka_unit_test(edits_leave_other_lines),
		cmocka_unit_test(new_files_have_lf),
		cmocka_unit_test(shell_reading),
		cmocka_unit_test(shell_editing),
		cmocka_unit_test(shell_refusals),
		cmocka_unit_test(modprobe_reading),
		cmocka_unit_test(modprobe_editing),
		cmocka_unit_test(sysctl_editing),
		cmocka_unit_test(ini_editing),
		cmocka_unit_test(ini_lists),
		cmocka_unit_test(large_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
