/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees out of files and kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/scratch.h"
#include "pve-net/graph.h"

/* One line for each visit, indented; "*" again, "@" loop, "~" deep, "+" live only. */
static char *draw(const char *text, const char *links, bool all)
{
	struct pve_err e = {0};
	struct pve_buf b = {0};
	struct scratch s;
	struct net_host h;
	struct net_graph g;
	struct net_walk w;

	scratch_new(&s);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/etc/network", NULL), 0);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/netlink", NULL), 0);
	scratch_put(&s, NET_INTERFACES, text, 0644);
	if (links)
		scratch_put(&s, "/netlink/link.json", links, 0644);
	s.sys.rooted = true;
	assert_int_equal(net_host_read(&h, &s.sys, 0, &e), 0);
	assert_int_equal(h.have_live, links != NULL);
	net_graph_read(&g, &h, all);
	net_graph_walk(&g, &w);
	for (size_t i = 0; i < w.n; i++) {
		for (uint32_t p = w.v[i].parent; p; p = w.v[p - 1].parent)
			pve_buf_putc(&b, ' ');
		pve_buf_puts(&b, w.v[i].arc && w.v[i].arc->live_only ? "+" : "");
		pve_buf_printf(&b, "%s%c\n", w.v[i].node->name, " *@~"[w.v[i].kind]);
	}
	pve_buf_puts(&b, "");
	net_walk_done(&w);
	net_graph_done(&g);
	net_host_done(&h);
	scratch_done(&s);
	return pve_buf_take(&b);
}

static void trees(void **state)
{
	static const struct {
		const char *text, *links, *want;
	} cases[] = {
		{"iface vmbr0 inet manual\n bridge-ports bond0\n"
		 "iface bond0 inet manual\n bond-slaves e1 e2\n"
		 "iface vmbr0.5 inet manual\niface vmbr1 inet manual\n bridge-ports none\n",
		 NULL, "vmbr1 \ne1 \n bond0 \n  vmbr0 \n   vmbr0.5 \ne2 \n bond0*\n"},
		/* Circles. */
		{"iface a inet manual\n bridge-ports b\niface b inet manual\n bridge-ports a\n",
		 NULL, "a \n b \n  a@\n"},
		{"iface a inet manual\n bridge-ports a\n", NULL, "a \n a@\n"},
		/* The same port twice is one arc. */
		{"iface a inet manual\n bridge-ports b b\n", NULL, "b \n a \n"},
		/* Only in the kernel. */
		{"iface vmbr0 inet manual\n bridge-ports e1\n",
		 "[{\"ifindex\":1,\"ifname\":\"e1\",\"link_type\":\"ether\",\"master\":\"vmbr0\"},"
		 "{\"ifindex\":2,\"ifname\":\"vmbr0\",\"linkinfo\":{\"info_kind\":\"bridge\"}},"
		 "{\"ifindex\":3,\"ifname\":\"e2\",\"master\":\"vmbr0\"},"
		 "{\"ifindex\":4,\"ifname\":\"e2.7\",\"link\":\"e2\","
		 "\"linkinfo\":{\"info_kind\":\"vlan\",\"info_data\":{\"id\":7}}},"
		 "{\"ifindex\":5,\"ifname\":\"tap100i0\",\"master\":\"vmbr0\"}]",
		 "e1 \n vmbr0 \ne2 \n +vmbr0*\n +e2.7 \n"},
		/* The peers of a veth pair are under each other to the kernel. */
		{"",
		 "[{\"ifindex\":1,\"ifname\":\"x\",\"link\":\"y\","
		 "\"linkinfo\":{\"info_kind\":\"veth\"}},"
		 "{\"ifindex\":2,\"ifname\":\"y\",\"link\":\"x\","
		 "\"linkinfo\":{\"info_kind\":\"veth\"}}]",
		 "x \ny \n"},
		/* The files use an altname. */
		{"iface vmbr0 inet manual\n bridge-ports alt\n",
		 "[{\"ifindex\":1,\"ifname\":\"e1\",\"altnames\":[\"alt\"],\"master\":\"vmbr0\"},"
		 "{\"ifindex\":2,\"ifname\":\"vmbr0\"}]",
		 "alt \n vmbr0 \n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		PVE_FREE char *got = draw(cases[i].text, cases[i].links, false);

		assert_string_equal(got, cases[i].want);
	}
}

/* A chain of bridges deeper than any real one is cut into several trees. */
static void deep(void **state)
{
	PVE_BUF text = {0};
	PVE_FREE char *got = NULL;
	size_t roots = 0, cut = 0;

	(void)state;
	for (int i = 1; i <= 100; i++)
		pve_buf_printf(&text, "iface b%d inet manual\n bridge-ports b%d\n", i, i - 1);
	got = draw(pve_buf_str(&text), NULL, false);
	for (const char *p = got; *p; p = strchr(p, '\n') + 1) {
		roots += *p != ' ';
		cut += strchr(p, '\n')[-1] == '~';
	}
	assert_true(roots > 1);
	assert_int_equal(roots, cut + 1);
}

static void dot(void **state)
{
	static const char text[] =
		"iface a\"b inet manual\n bridge-ports e\\1\n address 10.0.0.1/8\n";
	struct net_host h = {0};
	struct net_graph g;
	PVE_BUF b = {0};

	(void)state;
	net_conf_parse(&h.conf, "f", pve_span(text));
	net_model_read(&h.model, &h.conf);
	net_graph_read(&g, &h, false);
	net_graph_dot(&g, &b);
	assert_string_equal(pve_buf_str(&b),
			    "digraph network {\n\trankdir=LR;\n\tnode [shape=box];\n"
			    "\t\"a\\\"b\" [label=\"a\\\"b\\nbridge\\n10.0.0.1/8\"];\n}\n");
	net_graph_done(&g);
	net_host_done(&h);
}

static void names(void **state)
{
	static const char *const foreign[] = {"tap100i0",   "veth101i0",       "fwbr100i0",
					      "fwpr100p0",  "fwln100i0",       "docker0",
					      "virbr0-nic", "vnet3",           "wg0",
					      "veth1a2b3c", "br-0123456789ab", "ovs-system"};
	static const char *const own[] = {"vmbr0",  "vmbr0v5", "eno1", "tap",    "tapi0",
					  "br-lan", "bond0",   "lo",   "docker", "vmbr0.5"};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_true(net_name_is_foreign(foreign[i]));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_false(net_name_is_foreign(own[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(trees), cmocka_unit_test(deep),
					   cmocka_unit_test(dot), cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
