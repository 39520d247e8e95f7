/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environments are those that ifupdown 0.8.41 was seen to set; tests/net/net-hooks.bats
 * holds them against the real one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/scratch.h"
#include "pve-net/hook.h"
#include "pve-net/probe_hook.h"

struct text {
	struct net_conf conf;
	struct net_model model;
};

static void text_read(struct text *t, const char *bytes)
{
	net_conf_parse(&t->conf, NET_INTERFACES, pve_span(bytes));
	net_model_read(&t->model, &t->conf);
}

static void text_done(struct text *t)
{
	net_model_done(&t->model);
	net_conf_done(&t->conf);
}

/* The IF_ variables of the first stanza of "a", sorted, with blanks between them. */
static char *options(const char *bytes)
{
	PVE_STRV env = {0};
	PVE_STRV only = {0};
	const struct net_iface *i;
	struct text t;

	text_read(&t, bytes);
	i = net_model_find(&t.model, "a");
	net_hook_env(i, i->stanza[0], NET_POST_UP, false, &env);
	for (size_t k = 0; k < env.n; k++)
		if (strncmp(env.v[k], "IF_", 3) == 0)
			pve_strv_add(&only, env.v[k] + 3);
	text_done(&t);
	pve_strv_sort(&only);
	return pve_strv_join(&only, " ");
}

static void environment_as_ifupdown(void **state)
{
	static const struct {
		const char *stanza, *env;
	} cases[] = {
		{"iface a inet manual\n up x\n", ""},
		{"iface a inet static\n address 10.0.0.5\n netmask 255.255.255.0\n gateway 10.0.0.1\n",
		 "ADDRESS=10.0.0.5 BROADCAST=10.0.0.255 GATEWAY=10.0.0.1 NETMASK=255.255.255.0"},
		{"iface a inet static\n address 10.0.0.5\n netmask 20\n broadcast +\n"
		 " hwaddress ether 02:00:00:00:00:01\n",
		 "ADDRESS=10.0.0.5 BROADCAST=+ HWADDRESS=02:00:00:00:00:01 NETMASK=20"},
		{"iface a inet static\n address 10.0.0.5\n",
		 "ADDRESS=10.0.0.5 BROADCAST=10.255.255.255 NETMASK=255.0.0.0"},
		{"iface a inet static\n address 10.0.0.5/31\n broadcast -\n",
		 "ADDRESS=10.0.0.5 BROADCAST=0.0.0.0 NETMASK=255.255.255.254"},
		{"iface a inet static\n address 10.0.0.5/24\n broadcast -\n netmask 255.255.0.0\n",
		 "ADDRESS=10.0.0.5 BROADCAST=10.0.0.0 NETMASK=255.255.0.0"},
		{"iface a inet manual\n address 10.0.0.5/24\n weird/key v\n bond_slaves  x   y\n"
		 " bridge-fd 0\n Upper x\n dup a\n dup b\n",
		 "ADDRESS=10.0.0.5/24 BOND_SLAVES=x   y BRIDGE_FD=0 DUP=a\nb UPPER=x WEIRDKEY=v"},
		{"iface a inet6 static\n address 2001:db8::9/64\n dad-attempts 0\n",
		 "ADDRESS=2001:db8::9 AUTOCONF=0 DAD_ATTEMPTS=0 DAD_INTERVAL=0.1 NETMASK=64 "
		 "PREFERRED_LIFETIME="},
		{"iface a inet6 auto\n",
		 "ACCEPT_RA=2 DAD_ATTEMPTS=60 LL_ATTEMPTS=60 LL_INTERVAL=0.1 REQUEST_PREFIX=0"},
		{"iface b inet manual\n mtu 1400\niface a inet manual inherits b\n x y\n",
		 "MTU=1400 X=y"},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		PVE_FREE char *env = options(cases[k].stanza);

		assert_string_equal(env, cases[k].env);
	}
}

/* Each step as "what: must|may command|command <- may command", a line each. */
static char *planned(const char *old, const char *want, bool before)
{
	struct net_hook_scripts scripts = {0};
	struct net_hook_change c = {.scripts = &scripts};
	struct text a, b;
	PVE_BUF out = {0};
	PVE_PLAN plan = {0};

	pve_strv_add(&scripts.dir[NET_POST_UP], "/s/up");
	pve_strv_add(&scripts.dir[NET_PRE_DOWN], "/s/down");
	text_read(&a, old);
	text_read(&b, want);
	c.old = &a.model;
	c.want = &b.model;
	(before ? net_hook_plan_before : net_hook_plan_after)(&plan, &c);
	for (size_t i = 0; i < plan.n; i++) {
		const struct pve_step *s = &plan.v[i];

		pve_buf_printf(&out, "%s:", s->target);
		for (int undo = 0; undo < 2; undo++) {
			const char *const *v = undo ? s->undo : s->argv;

			pve_buf_printf(&out, "%s%s", undo ? " <- " : " ", v[1]);
			while (strcmp(*v, "--") != 0)
				v++;
			while (*++v)
				pve_buf_printf(&out, " %s", *v);
		}
		pve_buf_putc(&out, '\n');
	}
	text_done(&a);
	text_done(&b);
	net_hook_scripts_done(&scripts);
	return pve_buf_take(&out);
}

static void check(const char *old, const char *want, bool before, const char *expected)
{
	PVE_FREE char *steps = planned(old, want, before);

	assert_string_equal(steps, expected);
}

#define OLD "auto a\niface a inet manual\n pre-up A\n up B; b\n down C\n post-down D\n"
#define NEW "auto a\niface a inet manual\n pre-up E\n post-up F\n mtu 1400\n"

static void order_and_inverse(void **state)
{
	(void)state;
	/* Nothing for what says the same, however it is written. */
	check(OLD, "# x\nauto a\niface a inet manual\n\n  pre-up A\n  post-up B; b\n  pre-down C\n"
		   "  post-down D\n",
	      true, "");
	check(OLD, OLD, false, "");
	check(OLD, NEW, true,
	      "run pre-down of a (inet): may /s/down C <- may B; b /s/up\n"
	      "run post-down of a (inet): may D <- may A\n"
	      "run pre-up of a (inet): must E <- may\n");
	check(OLD, NEW, false, "run post-up of a (inet): must F /s/up <- may /s/down\n");
	check(OLD, "", true, "run pre-down of a (inet): may /s/down C <- may B; b /s/up\n");
	check(OLD, "", false, "run post-down of a (inet): may D <- may A\n");
	check("", OLD, true, "run pre-up of a (inet): must A <- may D\n");
	check("", OLD, false, "run post-up of a (inet): must B; b /s/up <- may /s/down C\n");
	/* What does not start at boot is none of our business; no-scripts is heeded. */
	check("", "iface a inet manual\n up B\n", false, "");
	check("", "auto a\nno-scripts a\niface a inet manual\n up B\n", false,
	      "run post-up of a (inet): must B <- may\n");
	check("", "auto a\niface a inet manual\n no-scripts\n up B\n", false,
	      "run post-up of a (inet): must B <- may\n");
	/* Each family has its own. */
	check("", "auto a\niface a inet manual\n up B\niface a inet6 manual\n up C\n", false,
	      "run post-up of a (inet): must B /s/up <- may /s/down\n"
	      "run post-up of a (inet6): must C /s/up <- may /s/down\n");
}

static void scripts_as_run_parts(void **state)
{
	struct net_hook_scripts scripts;
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	scratch_new(&s);
	assert_int_equal(net_hook_scripts_read(&s.sys, &scripts, &e), 0);
	assert_int_equal(scripts.dir[NET_POST_UP].n, 0);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/etc/network/if-up.d/dir", NULL), 0);
	scratch_put(&s, "/etc/network/if-up.d/b", "", 0755);
	scratch_put(&s, "/etc/network/if-up.d/a_1-x", "", 0700);
	scratch_put(&s, "/etc/network/if-up.d/c.bak", "", 0755);
	scratch_put(&s, "/etc/network/if-up.d/plain", "", 0644);
	scratch_put(&s, "/etc/network/if-up.d/bridge", "", 0755);
	scratch_put(&s, "/etc/network/if-up.d/ifenslave", "", 0755);
	assert_int_equal(net_hook_scripts_read(&s.sys, &scripts, &e), 0);
	assert_int_equal(scripts.dir[NET_POST_UP].n, 2);
	assert_string_equal(scripts.dir[NET_POST_UP].v[0], "/etc/network/if-up.d/a_1-x");
	assert_string_equal(scripts.dir[NET_POST_UP].v[1], "/etc/network/if-up.d/b");
	net_hook_scripts_done(&scripts);
	scratch_done(&s);
}

static void failures(void **state)
{
	static const char *const must[] = {"hook", "must", "X=a b", "--", "test \"$X\" = 'a b'",
					   "false", "exit 7", NULL};
	static const char *const may[] = {"hook", "may", "X=a", "--", "exit 7",
					  "test -z \"$HOME$USER\" || kill $$", NULL};
	struct pve_err e = {0};
	struct pve_sys sys;

	(void)state;
	assert_int_equal(pve_sys_init(&sys, NULL, NULL), 0);
	assert_int_equal(net_hook_call(&sys, must, NULL, &e), -1);
	assert_string_equal(e.msg, "false: /bin/sh ended with status 1");
	assert_int_equal(net_hook_call(&sys, may, NULL, &e), 0);
	pve_sys_done(&sys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment_as_ifupdown),
		cmocka_unit_test(order_and_inverse),
		cmocka_unit_test(scripts_as_run_parts),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
