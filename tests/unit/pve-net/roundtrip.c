/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parse -> format gives the same bytes: for every file of the sample hosts, for 200
 * generated files and for 10,000 mutations of all of these.  The same seed every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>

#include "pve-net/model.h"

#define GENERATED 200
#define MUTATED 10000

static uint64_t seed = 0x9e3779b97f4a7c15u;

/* xorshift64* (Vigna, 2016): below n. */
static uint32_t pick(uint32_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1du) >> 33) % n;
}

struct corpus {
	struct pve_buf *v;
	size_t n, cap;
};

static struct pve_buf *add_text(struct corpus *c)
{
	c->v = pve_grow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n] = (struct pve_buf){0};
	return &c->v[c->n++];
}

/* The reading must hold together: numbers in range, spans of the right line. */
static void check_reading(const struct net_file *f)
{
	uint32_t before = 0;

	for (uint32_t i = 0; i < f->nstanzas; i++) {
		const struct net_stanza *s = &f->stanza[i];

		assert_true(s->lead > before && s->lead <= s->line && s->line <= s->last);
		assert_true(s->last <= f->nlines);
		before = s->last;
		for (uint32_t k = 0; k < s->nopts; k++) {
			const struct net_option *o = &s->opt[k];

			assert_true(o->key->spelling.len && o->nlines && o->key->name);
			assert_true(o->line >= s->line && o->line + o->nlines - 1 <= s->last);
			assert_int_equal(f->line[o->line - 1].kind,
					 o->line == s->line && s->kind != NET_STRAY
						 ? NET_LINE_HEAD
						 : NET_LINE_OPTION);
		}
	}
}

static void check_text(const struct pve_buf *text)
{
	struct net_conf conf;
	struct net_model model;
	PVE_BUF out = {0};

	net_conf_parse(&conf, "f", (struct pve_span){text->data, text->len});
	net_file_format(conf.file[0], &out);
	assert_int_equal(out.len, text->len);
	if (out.len)
		assert_memory_equal(out.data, text->data, out.len);
	check_reading(conf.file[0]);
	net_model_read(&model, &conf);
	net_model_done(&model);
	net_conf_done(&conf);
}

/* --- sources of texts ---------------------------------------------------------- */

static void add_hosts(struct corpus *c)
{
	static const char *const patterns[] = {"tests/hosts/*/etc/network/interfaces",
					       "tests/hosts/*/etc/network/interfaces.d/*"};
	char block[4096];
	glob_t found;
	size_t n;

	for (size_t p = 0; p < 2; p++) {
		if (glob(patterns[p], 0, NULL, &found) != 0)
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++) {
			FILE *f = fopen(found.gl_pathv[i], "r");
			struct pve_buf *text = add_text(c);

			assert_non_null(f);
			while ((n = fread(block, 1, sizeof(block), f)) > 0)
				pve_buf_add(text, block, n);
			fclose(f);
		}
		globfree(&found);
	}
}

static const char *const heads[] = {
	"auto vmbr0",
	"auto",
	"allow-hotplug eno1 eno2",
	"iface vmbr0 inet static",
	"iface vmbr0 inet6 auto",
	"iface eno1.5 inet manual",
	"iface x inherits vmbr0",
	"iface bond0 inet manual",
	"iface",
	"mapping eth*",
	"source interfaces.d/*",
	"source-directory interfaces.d",
	"rename a=b",
	"no-scripts eno1",
	"no-auto-down",
	"vlan 5",
};
static const char *const options[] = {
	"address 10.0.0.1/24",
	"address  10.0.0.2",
	"netmask 255.255.255.0",
	"gateway 10.0.0.254",
	"bridge-ports eno1 eno1.5",
	"bridge_ports none",
	"bond-slaves eno1 eno2",
	"bond-mode 4",
	"post-up echo a \\\n  b",
	"mtu 9000",
	"vlan-raw-device bond0",
	"bridge-vids 2-4094",
	"up",
	"mtu? 3",
	"\xff\xfe x",
	"hwaddress ether 52:54:00:00:00:01",
	"address fe80::1/64",
};
static const char *const rest[] = {"# a comment", "#", "", "\t ", "% if x:", "<% x", "\\", "%>"};
static const char *const ends[] = {"\n", "\n", "\n", "\r\n", "\\\n", " \n", ""};

#define ANY(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static void add_generated(struct corpus *c)
{
	struct pve_buf *text = add_text(c);
	uint32_t lines = pick(60);

	if (pick(20) == 0)
		pve_buf_puts(text, "\xef\xbb\xbf");
	for (uint32_t i = 0; i < lines; i++) {
		uint32_t what = pick(10);

		pve_buf_puts(text, pick(2) ? "\t" : "");
		pve_buf_puts(text, what < 2 ? ANY(heads) : what < 8 ? ANY(options) : ANY(rest));
		pve_buf_puts(text, ANY(ends));
	}
}

/* Changes, inserts, removes or repeats a few bytes. */
static void mutate(struct pve_buf *b)
{
	static const char bytes[] = " \t\r\n\\#%<>?_-./:=\0\xff"
				    "a0";

	for (uint32_t n = 1 + pick(8); n > 0; n--) {
		uint32_t at = pick((uint32_t)b->len + 1), len = pick(12);
		char byte = bytes[pick(sizeof(bytes) - 1)];
		PVE_BUF tail = {0};

		if (at + len > b->len)
			len = (uint32_t)b->len - at;
		pve_buf_add(&tail, b->data + at, b->len - at);
		switch (pick(3)) {
		case 0: /* insert */
			b->len = at;
			pve_buf_putc(b, byte);
			pve_buf_add(b, tail.data, tail.len);
			break;
		case 1: /* remove */
			b->len = at;
			pve_buf_add(b, tail.data + len, tail.len - len);
			break;
		default: /* repeat */
			pve_buf_add(b, tail.data, len);
		}
	}
}

/* --- tests --------------------------------------------------------------------- */

static void roundtrip(void **state)
{
	struct corpus c = {0};

	(void)state;
	pve_buf_puts(add_text(&c), "");
	add_hosts(&c);
	assert_true(c.n > 8);
	for (size_t i = 0; i < GENERATED; i++)
		add_generated(&c);
	for (size_t i = 0; i < c.n; i++)
		check_text(&c.v[i]);
	for (size_t i = 0; i < MUTATED; i++) {
		const struct pve_buf *from = &c.v[i % c.n];
		PVE_BUF text = {0};

		pve_buf_puts(&text, "");
		pve_buf_add(&text, pve_buf_str(from), from->len);
		mutate(&text);
		check_text(&text);
	}
	for (size_t i = 0; i < c.n; i++)
		pve_buf_done(&c.v[i]);
	free(c.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(roundtrip)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
