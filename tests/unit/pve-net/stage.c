/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/scratch.h"
#include "pve-net/stage.h"
#include "pvecommon/exec.h"

#define MAIN "auto lo\niface lo inet loopback\n\nsource interfaces.d/*\n"
#define VLANS "iface eno1.5 inet manual\n"
#define VLANS_NEW NET_STAGE_DIR "/etc%2Fnetwork%2Finterfaces.d%2Fvlans.new"
#define VLANS_BASE NET_STAGE_DIR "/etc%2Fnetwork%2Finterfaces.d%2Fvlans.base"
#define MAIN_BASE NET_STAGE_DIR "/etc%2Fnetwork%2Finterfaces.base"

static void setup_tree(struct scratch *s)
{
	scratch_new(s);
	assert_int_equal(pve_fs_mkdir_parents(&s->sys, "/etc/network/interfaces.d", NULL), 0);
	assert_int_equal(pve_fs_mkdir_parents(&s->sys, "/var/lib", NULL), 0);
	scratch_put(s, "/etc/network/interfaces", MAIN, 0644);
	scratch_put(s, "/etc/network/interfaces.d/vlans", VLANS, 0600);
}

static void assert_file(const struct scratch *s, const char *path, const char *text)
{
	PVE_FREE char *got = scratch_get(s, path);

	if (text)
		assert_string_equal(got ? got : "(none)", text);
	else
		assert_null(got);
}

enum what { WRITE, COMMIT, DROP };

static void carry_out(struct scratch *s, const struct net_stage *st, enum what what)
{
	static void (*const plan_of[])(const struct net_stage *, struct pve_plan *) = {
		net_stage_plan_write, net_stage_plan_commit, net_stage_plan_drop};
	struct pve_exec_opts opts = {.tool = "pve-net"};
	struct pve_exec *x = pve_exec_open(&s->sys, &opts, NULL);
	PVE_PLAN plan = {0};
	struct pve_err e = {0};

	assert_non_null(x);
	plan_of[what](st, &plan);
	assert_int_equal(pve_plan_verify(&plan, &e), 0);
	assert_int_equal(pve_exec_apply(x, &plan, &e), 0);
	pve_exec_close(x);
}

/* Stages text for a path in a run of its own. */
static void stage(struct scratch *s, const char *path, const char *text)
{
	struct net_stage st;
	struct net_stage_file *f;

	assert_int_equal(net_stage_read(&st, &s->sys, NULL), 0);
	f = net_stage_open(&st, &s->sys, path, NULL);
	assert_non_null(f);
	net_stage_put(&st, f, pve_span(text));
	carry_out(s, &st, WRITE);
	net_stage_done(&st);
}

static void finish(struct scratch *s, enum what what)
{
	struct net_stage st;

	assert_int_equal(net_stage_read(&st, &s->sys, NULL), 0);
	carry_out(s, &st, what);
	net_stage_done(&st);
}

static void names(void **state)
{
	static const char *const paths[] = {"/etc/network/interfaces", "/a%b/c%2Fd", "/%", "/x y"};
	struct pve_arena mem = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *name = net_stage_name_of(&mem, paths[i]);

		assert_null(strchr(name, '/'));
		assert_string_equal(net_stage_path_of(&mem, pve_span(name)), paths[i]);
	}
	assert_null(net_stage_path_of(&mem, pve_span("a%")));
	assert_null(net_stage_path_of(&mem, pve_span("a%20")));
	assert_null(net_stage_path_of(&mem, pve_span("")));
	pve_arena_done(&mem);
}

/* Staged, nothing live has changed; committed, all has, and nothing is left behind. */
static void cycle(void **state)
{
	struct scratch s;
	struct net_stage st;
	struct net_conf c;

	(void)state;
	setup_tree(&s);
	stage(&s, NET_INTERFACES, MAIN "# more\n");
	stage(&s, "/etc/network/interfaces.d/vlans", VLANS "iface eno1.6 inet manual\n");
	assert_file(&s, NET_INTERFACES, MAIN);
	assert_file(&s, "/etc/network/interfaces.d/vlans", VLANS);
	assert_file(&s, NET_STAGED, MAIN "# more\n");
	assert_file(&s, VLANS_NEW, VLANS "iface eno1.6 inet manual\n");
	assert_file(&s, MAIN_BASE, MAIN);
	assert_file(&s, VLANS_BASE, VLANS);

	assert_int_equal(net_stage_read(&st, &s.sys, NULL), 0);
	assert_true(net_stage_pending(&st));
	assert_false(net_stage_foreign(&st));
	assert_int_equal(net_stage_check(&st, NULL), 0);
	assert_int_equal(net_stage_conf(&st, &s.sys, NET_VIEW_LIVE, &c, NULL), 0);
	assert_int_equal(c.nfiles, 2);
	assert_int_equal(c.nstanzas, 4);
	net_conf_done(&c);
	assert_int_equal(net_stage_conf(&st, &s.sys, NET_VIEW_STAGED, &c, NULL), 0);
	assert_int_equal(c.nfiles, 2);
	assert_int_equal(c.nstanzas, 5);
	net_conf_done(&c);
	net_stage_done(&st);

	finish(&s, COMMIT);
	assert_file(&s, NET_INTERFACES, MAIN "# more\n");
	assert_file(&s, "/etc/network/interfaces.d/vlans", VLANS "iface eno1.6 inet manual\n");
	assert_file(&s, NET_STAGED, NULL);
	assert_file(&s, VLANS_NEW, NULL);
	assert_file(&s, VLANS_BASE, NULL);
	assert_file(&s, MAIN_BASE, NULL);
	scratch_done(&s);
}

static void drop(void **state)
{
	struct scratch s;

	(void)state;
	setup_tree(&s);
	stage(&s, NET_INTERFACES, MAIN "# more\n");
	stage(&s, "/etc/network/interfaces.d/vlans", "");
	finish(&s, DROP);
	assert_file(&s, NET_INTERFACES, MAIN);
	assert_file(&s, "/etc/network/interfaces.d/vlans", VLANS);
	assert_file(&s, NET_STAGED, NULL);
	assert_file(&s, VLANS_NEW, NULL);
	assert_file(&s, MAIN_BASE, NULL);
	/* Back to what is live: nothing is staged either. */
	stage(&s, NET_INTERFACES, MAIN "# more\n");
	stage(&s, NET_INTERFACES, MAIN);
	assert_file(&s, NET_STAGED, NULL);
	assert_file(&s, MAIN_BASE, NULL);
	scratch_done(&s);
}

/* The staged copy of a private file is as private. */
static void mode(void **state)
{
	struct scratch s;
	struct stat st;

	(void)state;
	setup_tree(&s);
	stage(&s, "/etc/network/interfaces.d/vlans", "# x\n");
	assert_int_equal(pve_fs_stat(&s.sys, VLANS_NEW, &st, NULL), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pve_fs_stat(&s.sys, VLANS_BASE, &st, NULL), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	finish(&s, COMMIT);
	assert_int_equal(pve_fs_stat(&s.sys, "/etc/network/interfaces.d/vlans", &st, NULL), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	scratch_done(&s);
}

static void changed_underneath(void **state)
{
	struct scratch s;
	struct net_stage st;
	struct pve_err e = {0};

	(void)state;
	setup_tree(&s);
	stage(&s, NET_INTERFACES, MAIN "\niface eno1 inet manual\n");
	scratch_put(&s, NET_INTERFACES, "# head\n" MAIN, 0644);
	assert_int_equal(net_stage_read(&st, &s.sys, NULL), 0);
	assert_int_equal(net_stage_check(&st, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_non_null(strstr(e.msg, NET_INTERFACES));
	assert_int_equal(net_stage_rebase(&st, &e), 0);
	assert_int_equal(net_stage_check(&st, NULL), 0);
	carry_out(&s, &st, WRITE);
	net_stage_done(&st);
	assert_file(&s, NET_STAGED, "# head\n" MAIN "\niface eno1 inet manual\n");
	assert_file(&s, MAIN_BASE, "# head\n" MAIN);

	scratch_put(&s, NET_INTERFACES, MAIN "\niface eno1 inet dhcp\n", 0644);
	assert_int_equal(net_stage_read(&st, &s.sys, NULL), 0);
	assert_int_equal(net_stage_rebase(&st, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_non_null(strstr(e.msg, "iface eno1 inet"));
	net_stage_done(&st);
	scratch_done(&s);
}

/* An edit that keeps no live bytes comes to the same as one that does. */
static void lean_edit(struct scratch *s, const char *text, bool lean)
{
	struct net_stage st;

	assert_int_equal(net_stage_read_lean(&st, &s->sys, NULL), 0);
	assert_int_equal(st.v[0]->lean, lean);
	assert_int_equal(st.v[0]->live.len == 0, lean);
	assert_int_equal(net_stage_check(&st, NULL), 0);
	net_stage_put(&st, st.v[0], pve_span(text));
	assert_int_equal(net_stage_settle(&st, &s->sys, NULL), 0);
	carry_out(s, &st, WRITE);
	net_stage_done(&st);
}

static void lean(void **state)
{
	struct scratch s;
	struct net_stage st;
	struct pve_err e = {0};

	(void)state;
	setup_tree(&s);
	lean_edit(&s, MAIN "# one\n", false); /* nothing is staged: the live file is what is edited */
	lean_edit(&s, MAIN "# two\n", true);
	assert_file(&s, NET_STAGED, MAIN "# two\n");
	assert_file(&s, MAIN_BASE, MAIN);
	lean_edit(&s, MAIN, true); /* as it is live: staged no longer */
	assert_file(&s, NET_STAGED, NULL);
	assert_file(&s, MAIN_BASE, NULL);
	assert_file(&s, NET_INTERFACES, MAIN);

	/* One that changed underneath is needed, and one that has no base is, too. */
	lean_edit(&s, MAIN "# one\n", false);
	scratch_put(&s, NET_INTERFACES, MAIN "# by hand\n", 0644);
	assert_int_equal(net_stage_read_lean(&st, &s.sys, NULL), 0);
	assert_false(st.v[0]->lean);
	assert_int_equal(net_stage_check(&st, &e), -1);
	net_stage_done(&st);
	assert_int_equal(pve_fs_unlink(&s.sys, MAIN_BASE, NULL), 0);
	lean_edit(&s, MAIN "# two\n", false);
	assert_file(&s, MAIN_BASE, MAIN "# by hand\n");
	scratch_done(&s);
}

/* What the GUI staged is where ours begins. */
static void foreign(void **state)
{
	struct scratch s;
	struct net_stage st;

	(void)state;
	setup_tree(&s);
	scratch_put(&s, NET_STAGED, MAIN "# gui\n", 0644);
	assert_int_equal(net_stage_read(&st, &s.sys, NULL), 0);
	assert_true(net_stage_foreign(&st));
	assert_int_equal(net_stage_check(&st, NULL), 0);
	net_stage_done(&st);
	stage(&s, NET_INTERFACES, MAIN "# gui\n# ours\n");
	assert_file(&s, MAIN_BASE, MAIN);
	assert_int_equal(net_stage_read(&st, &s.sys, NULL), 0);
	assert_false(net_stage_foreign(&st));
	net_stage_done(&st);
	scratch_done(&s);
}

/* No live file at all, and one whose directory is new. */
static void from_nothing(void **state)
{
	static const char link[] = "/usr/local/lib/systemd/network/50-x.link";
	struct scratch s;

	(void)state;
	scratch_new(&s);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/var/lib", NULL), 0);
	stage(&s, NET_INTERFACES, MAIN);
	stage(&s, link, "[Link]\n");
	assert_file(&s, NET_INTERFACES, NULL);
	assert_file(&s, link, NULL);
	finish(&s, COMMIT);
	assert_file(&s, NET_INTERFACES, MAIN);
	assert_file(&s, link, "[Link]\n");
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),   cmocka_unit_test(cycle),
		cmocka_unit_test(drop),    cmocka_unit_test(mode),
		cmocka_unit_test(lean),
		cmocka_unit_test(foreign), cmocka_unit_test(changed_underneath),
		cmocka_unit_test(from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
