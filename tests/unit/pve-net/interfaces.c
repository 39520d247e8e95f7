/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a file is read: each rule of interfaces(5) that a parser can get wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pve-net/interfaces.h"

/* Writes a reading down, a stanza a line:
 *
 *   LEAD:LINE-LAST WORD ARGS | LINE key=value | ...
 *
 * "!" before a key: behind a blank line; "?" behind it: a default only; "+N" behind the
 * line: N more physical lines. */
static void put_option(struct pve_buf *b, const struct net_option *o)
{
	pve_buf_printf(b, " | %u", o->line);
	if (o->nlines > 1)
		pve_buf_printf(b, "+%u", o->nlines - 1);
	pve_buf_printf(b, " %s%s%s=", o->after_blank ? "!" : "", o->key->name, o->key->weak ? "?" : "");
	pve_buf_span(b, o->value);
}

static char *reading(const struct net_file *f)
{
	struct pve_buf b = {0};

	for (uint32_t n = 0; n < f->nstanzas; n++) {
		const struct net_stanza *s = &f->stanza[n];

		pve_buf_printf(&b, "%u:%u-%u ", s->lead, s->line, s->last);
		if (s->kind == NET_STRAY)
			pve_buf_puts(&b, "stray");
		else
			pve_buf_span(&b, s->head->word);
		if (s->args_len)
			pve_buf_putc(&b, ' ');
		pve_buf_span(&b, net_stanza_args(s));
		if (s->autostart || s->hotplug || s->no_auto_down || s->no_scripts)
			pve_buf_printf(&b, " {%s%s%s%s}", s->autostart ? "a" : "",
				       s->hotplug ? "h" : "", s->no_auto_down ? "d" : "",
				       s->no_scripts ? "s" : "");
		for (uint32_t k = 0; k < s->nopts; k++) {
			assert_ptr_equal(s->opt[k].stanza, s);
			put_option(&b, &s->opt[k]);
		}
		pve_buf_putc(&b, '\n');
	}
	return pve_buf_take(&b);
}

struct reading_case {
	const char *text;
	const char *want;
};

static void check_readings(const struct reading_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct net_file *f = net_file_parse("f", pve_span(cases[i].text), NULL);
		PVE_FREE char *got = reading(f);
		PVE_BUF same = {0};

		assert_string_equal(got, cases[i].want);
		net_file_format(f, &same);
		assert_string_equal(pve_buf_str(&same), cases[i].text);
		net_file_free(f);
	}
}

#define CHECK_READINGS(cases) check_readings(cases, sizeof(cases) / sizeof((cases)[0]))

static void stanzas(void **state)
{
	static const struct reading_case cases[] = {
		{"", ""},
		{"\n\n", ""},
		{"iface eth0 inet static\n address 1.2.3.4\n",
		 "1:1-2 iface eth0 inet static | 2 address=1.2.3.4\n"},
		{"auto a b\niface a inet manual\n", "1:1-1 auto a b\n2:2-2 iface a inet manual\n"},
		{"allow-hotplug a\nallow-vmbr0 b\n",
		 "1:1-1 allow-hotplug a\n2:2-2 allow-vmbr0 b\n"},
		/* Names end the stanza; without them the line is about the stanza, which goes on.
		 */
		{"iface a inet manual\n x 1\nno-scripts b\n y 2\n",
		 "1:1-2 iface a inet manual | 2 x=1\n3:3-3 no-scripts b\n4:4-4 stray | 4 y=2\n"},
		{"iface a inet manual\n x 1\nno-scripts\nno-auto-down\nauto\nallow-hotplug\n y 2\n",
		 "1:1-7 iface a inet manual {ahds} | 2 x=1 | 7 y=2\n"},
		{"no-scripts\niface a inet manual\n",
		 "1:1-1 no-scripts\n2:2-2 iface a inet manual\n"},
		{"iface a inet manual\nrename x=y\n z 1\n",
		 "1:1-1 iface a inet manual\n2:2-2 rename x=y\n3:3-3 stray | 3 z=1\n"},
		{"iface a inet manual\nsource b c\nsource-directory d\nsource-dirs e\nsources f\n",
		 "1:1-1 iface a inet manual\n2:2-2 source b c\n3:3-3 source-directory d\n"
		 "4:4-4 source-dirs e\n5:5-5 stray | 5 sources=f\n"},
		{"mapping eth*\n script /x\n map a b\n map c\n",
		 "1:1-4 mapping eth* | 2 script=/x | 3 map=a b | 4 map=c\n"},
		/* Other dialects: outside of a stanza only, for inside they are options. */
		{"vlan 7\n x 1\ntemplate t\n y 2\niface a inet manual\n vlan 7\n",
		 "1:1-2 vlan 7 | 2 x=1\n3:3-4 template t | 4 y=2\n"
		 "5:5-6 iface a inet manual | 6 vlan=7\n"},
		{"allow- a\nifaces b\n", "1:1-2 stray | 1 allow-=a | 2 ifaces=b\n"},
	};

	(void)state;
	CHECK_READINGS(cases);
}

static void lines(void **state)
{
	static const struct reading_case cases[] = {
		/* No final newline; blanks and tabs anywhere; CR LF. */
		{"iface a inet manual\n\tmtu  \t 9000 \t",
		 "1:1-2 iface a inet manual | 2 mtu=9000\n"},
		{" \tauto\ta  \r\niface a inet manual\r\n mtu 3\r\n",
		 "1:1-1 auto a\n2:2-3 iface a inet manual | 3 mtu=3\n"},
		{"iface a inet manual\r\n mtu 3\n", "1:1-2 iface a inet manual | 2 mtu=3\n"},
		/* A backslash as the last byte continues, anywhere, and nothing is put between. */
		{"iface a \\\n inet\\\n manual\n mtu 90\\\n00 \\\n \n x 1\n",
		 "1:1-7 iface a  inet manual | 4+2 mtu=9000 | 7 x=1\n"},
		{"iface a inet manual\n up a \\\n# b\\\n\n x 1\n",
		 "1:1-5 iface a inet manual | 2+2 up=a # b | 5 x=1\n"},
		{"au\\\nto a\n", "1:1-2 auto a\n"},
		{"iface a inet manual\n mtu 3\\", "1:1-2 iface a inet manual | 2 mtu=3\n"},
		{"iface a inet manual\n mtu 3\\\n", "1:1-2 iface a inet manual | 2 mtu=3\n"},
		{"\\\n\\\n  \n", ""},
		/* Not the last byte; and a comment does not continue. */
		{"iface a inet manual\n mtu 3\\ \n x 1\n",
		 "1:1-3 iface a inet manual | 2 mtu=3\\ | 3 x=1\n"},
		{"iface a inet manual\n mtu 3\\\r\n x 1\r\n",
		 "1:1-3 iface a inet manual | 2 mtu=3\\ | 3 x=1\n"},
		{"# a \\\nauto a\n", "1:2-2 auto a\n"},
		/* There are no comments at the end of a line. */
		{"iface a inet manual\n mtu 3 # x\n", "1:1-2 iface a inet manual | 2 mtu=3 # x\n"},
		/* A blank line ends nothing, but Proxmox VE thinks so. */
		{"iface a inet manual\n mtu 3\n\n \n up x\n\niface b inet manual\n mtu 4\n",
		 "1:1-5 iface a inet manual | 2 mtu=3 | 5 !up=x\n"
		 "7:7-8 iface b inet manual | 8 mtu=4\n"},
		{"iface a inet manual\n mtu 3\n#c\n up x\n",
		 "1:1-4 iface a inet manual | 2 mtu=3 | 4 up=x\n"},
	};

	(void)state;
	CHECK_READINGS(cases);
}

static void keys(void **state)
{
	static const struct reading_case cases[] = {
		{"iface a inet manual\n bridge_ports x\n slaves x\n bond_slaves y\n ovs_mtu 3\n",
		 "1:1-5 iface a inet manual | 2 bridge-ports=x | 3 bond-slaves=x | "
		 "4 bond-slaves=y | 5 mtu=3\n"},
		{"iface a inet manual\n post-up x\n pre-down y\n Mtu 3\n mtu? 4\n my_own 5\n? 6\n",
		 "1:1-7 iface a inet manual | 2 up=x | 3 down=y | 4 Mtu=3 | 5 mtu?=4 | "
		 "6 my-own=5 | 7 ?=6\n"},
	};
	struct net_file *f;

	(void)state;
	CHECK_READINGS(cases);
	f = net_file_parse("f", pve_span("iface a inet manual\n bridge_ports x\n foo y\n"), NULL);
	assert_int_equal(f->opt[0].key->id, NET_K_BRIDGE_PORTS);
	assert_true(pve_span_eq(f->opt[0].key->spelling, "bridge_ports"));
	assert_int_equal(f->opt[1].key->id, NET_K_UNKNOWN);
	assert_ptr_equal(net_stanza_find(f->stanza, NET_K_BRIDGE_PORTS), &f->opt[0]);
	assert_null(net_stanza_find(f->stanza, NET_K_MTU));
	net_file_free(f);
}

/* The name of a key is its own key, and no spelling comes twice. */
static void key_table(void **state)
{
	(void)state;
	for (const struct net_key_name *k = net_key_names; k->spelling; k++) {
		const struct net_key_name *canonical = net_key_names;

		assert_null(strchr(k->spelling, '_'));
		assert_int_not_equal(k->key.id, NET_K_UNKNOWN);
		while (canonical->spelling && strcmp(canonical->spelling, k->key.name) != 0)
			canonical++;
		assert_non_null(canonical->spelling);
		assert_int_equal(canonical->key.id, k->key.id);
		for (const struct net_key_name *other = net_key_names; other < k; other++)
			assert_string_not_equal(other->spelling, k->spelling);
	}
}

static void heads(void **state)
{
	static const struct {
		const char *text, *name, *family, *method, *inherits;
	} cases[] = {
		{"iface a inet static", "a", "inet", "static", ""},
		{"iface a", "a", "", "", ""},
		{"iface a inet", "a", "inet", "", ""},
		{"iface a inherits b", "a", "", "", "b"},
		{"iface a inet inherits b", "a", "inet", "", "b"},
		{"iface a inet static inherits b", "a", "inet", "static", "b"},
		{"iface a inet static extra", "a", "inet", "static", ""},
		{"iface", "", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_file *f = net_file_parse("f", pve_span(cases[i].text), NULL);

		assert_int_equal(f->nstanzas, 1);
		assert_true(pve_span_eq(f->stanza->name, cases[i].name));
		assert_true(pve_span_eq(f->stanza->head->family, cases[i].family));
		assert_true(pve_span_eq(f->stanza->head->method, cases[i].method));
		assert_true(pve_span_eq(f->stanza->head->inherits, cases[i].inherits));
		net_file_free(f);
	}
}

static void comments(void **state)
{
	static const struct reading_case cases[] = {
		/* Directly above: leads. */
		{"# a\n# b\nauto x\n# c\niface x inet manual\n",
		 "1:3-3 auto x\n4:5-5 iface x inet manual\n"},
		/* A blank line between: leads nothing. */
		{"# a\n\nauto x\n", "3:3-3 auto x\n"},
		/* Directly below, and leading nothing: Proxmox VE's place for comments. */
		{"iface x inet manual\n mtu 3\n#a\n#b\n\nauto y\n",
		 "1:1-4 iface x inet manual | 2 mtu=3\n6:6-6 auto y\n"},
		{"iface x inet manual\n#a", "1:1-2 iface x inet manual\n"},
		{"iface x inet manual\n\n#a\n\n", "1:1-1 iface x inet manual\n"},
		/* Between two stanzas without a blank line: of the one below. */
		{"iface x inet manual\n#a\nauto y\n", "1:1-1 iface x inet manual\n2:3-3 auto y\n"},
		{"auto x\n#a\n\n", "1:1-1 auto x\n"},
		{"iface x inet manual\n#a\n mtu 3\n#b\n\n",
		 "1:1-4 iface x inet manual | 3 mtu=3\n"},
	};
	struct net_file *f;
	PVE_BUF b = {0};

	(void)state;
	CHECK_READINGS(cases);
	f = net_file_parse("f", pve_span("#a\n  # b \r\n\n#\n##  c\nauto x\n"), NULL);
	net_file_comment(f, 1, 6, &b);
	assert_string_equal(pve_buf_str(&b), "a\nb\n\n#  c");
	net_file_free(f);
}

static void templates(void **state)
{
	static const struct reading_case cases[] = {
		{"iface a inet manual\n% for x in y:\n mtu 3\n% endfor\n x 1\n",
		 "1:1-5 iface a inet manual | 3 mtu=3 | 5 x=1\n"},
		{"<%\nauto a\n%>\nauto b\n", "4:4-4 auto b\n"},
		{"<% x %>\nauto b\n", "2:2-2 auto b\n"},
		{"<% for ever\nauto b\n", ""},
		{"iface a inet manual\n up <% x %>\n",
		 "1:1-2 iface a inet manual | 2 up=<% x %>\n"},
	};

	(void)state;
	CHECK_READINGS(cases);
}

/* "LINE severity text" of each diagnostic, by the first letter of the severity. */
static char *all_diags(const char *bytes, size_t len)
{
	struct pve_diags d = {0};
	struct net_file *f = net_file_parse("f", (struct pve_span){bytes, len}, &d);
	struct pve_buf b = {0};
	PVE_BUF same = {0};

	for (size_t i = 0; i < d.n; i++) {
		assert_string_equal(d.v[i].file, "f");
		pve_buf_printf(&b, "%u%c %s\n", d.v[i].line, "iwe"[d.v[i].severity], d.v[i].msg);
	}
	net_file_format(f, &same);
	assert_int_equal(same.len, len);
	assert_memory_equal(pve_buf_str(&same), bytes, len);
	net_file_free(f);
	pve_diags_done(&d);
	return pve_buf_take(&b);
}

static void diags(void **state)
{
	static const struct reading_case cases[] = {
		{"iface a inet static\n address 1.2.3.4\n", ""},
		{"iface a inet manual\n mtu\n x \\\n\n",
		 "2e option without a value: mtu\n3e option without a value: x\n"},
		{"mtu 3\nauto a\nmtu 4\n",
		 "1e option outside of a stanza: mtu\n3e option outside of a stanza: mtu\n"},
		{"iface\n", "1e iface without a name\n"},
		{"iface a\n", "1w no family and method: only ifupdown2 reads this, "
			      "ifupdown refuses the file: a\n"},
		{"vlan 5\ntemplate x\n",
		 "1w only ifupdown2 reads this, ifupdown refuses the file: vlan: 5\n"
		 "2w only ifupdown-ng reads this, ifupdown refuses the file: template: x\n"},
		{"iface a ip static\n", "1e unknown address family: ip\n"},
		{"iface a inet\n", "1e no method: a inet\n"},
		{"iface a inet auto\n", "1e unknown method: auto\n"},
		{"iface a inet6 auto\niface b can static\niface c ipx dynamic\n", ""},
		{"iface a inherits\n", "1e inherits from what?: a\n1w no family and method: only "
				       "ifupdown2 reads this, ifupdown refuses the file: a\n"},
		{"iface a ip static inherits b\n", ""},
		{"iface a inet static x y\n", "1w extra word on an iface line is ignored: x\n"
					      "1w extra word on an iface line is ignored: y\n"},
		{"mapping a\n script b\n map c\n script d\n x y\n",
		 "4e second script of a mapping: d\n"
		 "5e a mapping has only script and map lines: x\n"},
		{"iface a inet manual\r\n mtu 3\\\r\n",
		 "2w a backslash before CR LF does not continue the line\n"},
		{"\xef\xbb\xbf# x\n", "1e byte order mark: ifupdown takes it for part of a word\n"},
		{"% if x:\n", "1w template line: only ifupdown2 with mako reads it\n"},
	};
	PVE_FREE char *nul = all_diags("iface a inet manual\n mtu 3\0 4\n", 30);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		PVE_FREE char *got = all_diags(cases[i].text, strlen(cases[i].text));

		assert_string_equal(got, cases[i].want);
	}
	assert_string_equal(nul, "2w NUL byte: ifupdown ends the line there\n");
}

/* What many lines have in common is kept once. */
static void shared(void **state)
{
	struct net_file *f = net_file_parse("f",
					    pve_span("auto a\niface a inet manual\n\tmtu 1500\n"
						     "auto b\niface b  inet manual\n\tmtu? 9000\n"
						     "iface c inet6 manual\n\tmtu 9000\n"),
					    NULL);

	(void)state;
	assert_int_equal(f->nstanzas, 5);
	assert_ptr_equal(f->stanza[0].head, f->stanza[2].head);
	assert_ptr_equal(f->stanza[1].head, f->stanza[3].head);
	assert_ptr_not_equal(f->stanza[1].head, f->stanza[4].head);
	assert_ptr_equal(f->opt[0].key, f->opt[2].key);
	assert_ptr_not_equal(f->opt[0].key, f->opt[1].key);
	assert_int_equal(f->opt[0].key->id, f->opt[1].key->id);
	assert_true(f->opt[1].key->weak && !f->opt[2].key->weak);
	net_file_free(f);
	net_file_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stanzas),   cmocka_unit_test(lines), cmocka_unit_test(keys),
		cmocka_unit_test(key_table), cmocka_unit_test(heads), cmocka_unit_test(comments),
		cmocka_unit_test(templates), cmocka_unit_test(diags), cmocka_unit_test(shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
