/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "pve-net/lockout.h"
#include "pvecommon/buf.h"

/* A host: vmbr0 (192.0.2.9/24, default route) on bond0 of eno1 and eno2, with a guest; eno3 for
 * the cluster (10.0.0.1/24); vmbr1.20 (10.20.0.1/24) on vmbr1 on eno4. */
static struct pve_nl_link links[] = {
	{.index = 1, .name = "lo", .kind = ""},
	{.index = 2, .name = "eno1", .kind = "", .master = 6},
	{.index = 3, .name = "eno2", .kind = "", .master = 6},
	{.index = 4, .name = "eno3", .kind = ""},
	{.index = 5, .name = "eno4", .kind = "", .master = 9},
	{.index = 6, .name = "bond0", .kind = "bond", .master = 7},
	{.index = 7, .name = "vmbr0", .kind = "bridge"},
	{.index = 8, .name = "tap100i0", .kind = "tun", .master = 7},
	{.index = 9, .name = "vmbr1", .kind = "bridge"},
	{.index = 10, .name = "vmbr1.20", .kind = "vlan", .lower = 9},
};

struct host {
	struct pve_nl_snapshot live;
	struct pve_nl_addr addr[4];
	struct pve_nl_route route[5];
};

static void put(struct in6_addr *to, const char *text)
{
	*to = (struct in6_addr){0};
	assert_int_equal(inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, to), 1);
}

static void route(struct pve_nl_route *r, const char *dst, unsigned prefix, int oif)
{
	*r = (struct pve_nl_route){.family = strchr(dst, ':') ? AF_INET6 : AF_INET,
				   .prefix = prefix,
				   .oif = oif};
	put(&r->dst, dst);
}

static void host_new(struct host *h)
{
	static const struct {
		const char *text;
		int index;
	} addrs[] = {{"192.0.2.9", 7}, {"10.0.0.1", 4}, {"10.20.0.1", 10}, {"2001:db8::9", 7}};

	*h = (struct host){0};
	for (size_t i = 0; i < 4; i++) {
		h->addr[i].index = addrs[i].index;
		h->addr[i].family = strchr(addrs[i].text, ':') ? AF_INET6 : AF_INET;
		put(&h->addr[i].bytes, addrs[i].text);
	}
	route(&h->route[0], "0.0.0.0", 0, 7);
	route(&h->route[1], "192.0.2.0", 24, 7);
	route(&h->route[2], "10.0.0.0", 24, 4);
	route(&h->route[3], "10.20.0.0", 16, 10);
	route(&h->route[4], "10.20.0.0", 24, 10);
	h->live = (struct pve_nl_snapshot){.link = links,
					   .nlinks = sizeof(links) / sizeof(*links),
					   .addr = h->addr,
					   .naddrs = 4,
					   .route = h->route,
					   .nroutes = 5};
}

/* "what: link link" of each way, a line each. */
static void check(const struct net_way_facts *facts, bool with_default, const char *expected)
{
	struct net_ways w;
	struct host h;
	struct net_way_facts f = *facts;
	PVE_BUF out = {0};

	host_new(&h);
	f.live = &h.live;
	if (!with_default)
		h.route[0].oif = 0;
	net_ways_find(&w, &f);
	for (size_t i = 0; i < w.n; i++) {
		PVE_FREE char *chain = pve_strv_join(&w.v[i].link, " ");

		pve_buf_printf(&out, "%s: %s\n", w.v[i].what, chain);
	}
	assert_string_equal(pve_buf_str(&out), expected);
	net_ways_done(&w);
}

static void ssh(void **state)
{
	struct net_way_facts f = {.ssh = "192.0.2.7 50022 192.0.2.9 22"};

	(void)state;
	check(&f, false,
	      "the ssh connection from 192.0.2.7: vmbr0 bond0 eno1 eno2\n");
	/* It came in on one link, and its answers leave by another. */
	f.ssh = "10.20.0.7 50022 10.0.0.1 22";
	check(&f, false,
	      "the ssh connection from 10.20.0.7: eno3\n"
	      "the ssh connection from 10.20.0.7: vmbr1.20 vmbr1 eno4\n");
	f.ssh = "2001:db8::7 1 2001:db8::9 22";
	check(&f, false, "the ssh connection from 2001:db8::7: vmbr0 bond0 eno1 eno2\n");
	f.ssh = "127.0.0.1 1 127.0.0.1 22";
	check(&f, false, "");
	f.ssh = "UNKNOWN";
	check(&f, false, "");
}

static void default_route(void **state)
{
	struct net_way_facts f = {0};

	(void)state;
	check(&f, true, "the default route of IPv4: vmbr0 bond0 eno1 eno2\n");
}

static void rings(void **state)
{
	struct net_way_facts f = {
		.corosync = pve_span("nodelist {\n  node {\n    name: a\n    ring0_addr: 10.0.0.1\n"
				     "    ring1_addr: nodea\n  }\n  node {\n    ring0_addr: 10.0.0.2\n"
				     "    ring1_addr: nodeb\n  }\n}\n"),
		.hosts = pve_span("127.0.0.1 localhost\n10.20.0.1\tnodea.example nodea # us\n"
				  "10.20.0.2 nodeb\n"),
	};

	(void)state;
	check(&f, false,
	      "ring 0 of the cluster: eno3\nring 1 of the cluster: vmbr1.20 vmbr1 eno4\n");
}

static void mounts(void **state)
{
	struct net_way_facts f = {
		.mounts = pve_span(
			"22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
			"40 22 0:50 / /mnt/pve/nas rw,relatime shared:2 - nfs4 10.20.0.5:/export rw\n"
			"41 22 0:51 / /mnt/share rw - cifs //10.0.0.9/share rw\n"
			"42 22 0:52 / /mnt/ceph rw - ceph 10.0.0.2,10.0.0.3:/ rw\n"
			"43 22 0:53 / /mnt/away rw - nfs 198.51.100.1:/x rw\n"
			"44 22 0:54 / /mnt/odd rw - nfs\n"),
	};

	(void)state;
	check(&f, false,
	      "10.20.0.5:/export, mounted on /mnt/pve/nas: vmbr1.20 vmbr1 eno4\n"
	      "//10.0.0.9/share, mounted on /mnt/share: eno3\n"
	      "10.0.0.2,10.0.0.3:/, mounted on /mnt/ceph: eno3\n");
}

static void what_is_touched(void **state)
{
	struct net_way_facts f = {.ssh = "192.0.2.7 50022 192.0.2.9 22"};
	const struct net_way *way;
	struct net_ways w;
	struct pve_err e = {0};
	struct host h;

	(void)state;
	host_new(&h);
	f.live = &h.live;
	net_ways_find(&w, &f);
	assert_null(net_ways_touched(&w, "eno3"));
	assert_null(net_ways_touched(&w, "tap100i0"));
	way = net_ways_touched(&w, "eno2");
	assert_non_null(way);
	assert_int_equal(net_ways_refuse(way, "eno2", &e), -1);
	assert_int_equal(e.code, PVE_DENIED);
	assert_string_equal(e.msg, "this touches eno2, which carries the ssh connection from "
				   "192.0.2.7: use --confirm 60, and 'pve-net confirm' from a new "
				   "login, or --yes");
	net_ways_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssh),    cmocka_unit_test(default_route),
		cmocka_unit_test(rings),  cmocka_unit_test(mounts),
		cmocka_unit_test(what_is_touched),
	};

	return cmocka_run_group_tests_name("lockout", tests, NULL, NULL);
}
