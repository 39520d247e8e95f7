/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "../../unit/pve-net/edit_case.h"
#include "pvecommon/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line of a text, without the end of the last one, is counted. */
static void count_lines(struct pve_map *m, struct pve_span text, struct pve_arena *mem)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		size_t n = nl ? (size_t)(nl - text.p) : text.len;
		struct pve_span line = {text.p, n};
		size_t *count = pve_map_get(m, line);

		if (!count) {
			count = pve_arena_alloc(mem, sizeof(*count));
			pve_map_set(m, line, count);
		}
		++*count;
		text.p += n + !!nl;
		text.len -= n + !!nl;
	}
}

/* How many lines of a are not in b. */
static size_t lost(struct pve_span a, struct pve_span b)
{
	struct pve_arena mem = {0};
	struct pve_map of_a = {0}, of_b = {0};
	size_t n = 0;

	count_lines(&of_a, a, &mem);
	count_lines(&of_b, b, &mem);
	for (size_t i = 0; i < of_a.n; i++) {
		const struct pve_map_entry *e = &of_a.entry[i];
		size_t *in_a = e->value;
		size_t *in_b = pve_map_get(&of_b, (struct pve_span){e->key, e->len});

		if (*in_a > (in_b ? *in_b : 0))
			n += *in_a - (in_b ? *in_b : 0);
	}
	pve_map_done(&of_a);
	pve_map_done(&of_b);
	pve_arena_done(&mem);
	return n;
}

struct result {
	bool ok;
	struct pve_buf text;
	size_t ops; /* lines that an operation may touch */
};

static struct result edit(struct pve_span text, const char *iface, const char *word)
{
	struct result r = {0};
	struct net_change c;
	struct net_conf conf;
	struct net_edit ed;

	net_conf_parse(&conf, "f", text);
	net_edit_init(&ed, &conf);
	if (net_change_parse(&ed, word, &c, NULL) == 0)
		net_edit_set(&ed, iface, &c, 1);
	r.ok = net_edit_err(&ed, NULL) == 0;
	for (size_t i = 0; i < ed.of[0].n; i++)
		r.ops += ed.of[0].v[i].gone;
	if (r.ok) {
		bool same;

		net_edit_format(&ed, 0, &r.text);
		edit_rereads(&ed, &conf, (struct pve_span){r.text.data, r.text.len}, &same);
		assert(same);
	}
	net_edit_done(&ed);
	net_conf_done(&conf);
	return r;
}

static const char *const changes[] = {
	"mtu=9000",
	"mtu=",
	"address=192.0.2.9/24",
	"address+=2001:db8::9/64",
	"address=",
	"gateway=192.0.2.1",
	"bridge-ports+=eno9",
	"bridge-ports=eno1 eno2",
	"bridge_stp=on",
	"post-up+=true",
	"autostart=yes",
	"autostart=no",
	"method=dhcp",
	"method6=auto",
	"address6=",
	"bond-mode=802.3ad",
	"bridge-vids=2-99",
	"metric=5",
};

static bool adds(const char *word)
{
	return strstr(word, "+=") || strchr(word, '=')[1];
}

/* Sets one option of one interface: lines that no operation names are all still there, the result
 * is read to the same bytes, and the same edit again changes nothing. */
static void check_set(struct pve_span text, const char *iface, const char *word)
{
	struct result r = edit(text, iface, word), again;
	struct net_conf conf;
	PVE_BUF out = {0};

	if (r.ok) {
		struct pve_span now = {r.text.data, r.text.len};

		/* A last line without an end may get one, which may be CR LF. */
		assert(lost(text, now) <= r.ops + (text.len && text.p[text.len - 1] != '\n'));
		net_conf_parse(&conf, "f", now);
		net_file_format(conf.file[0], &out);
		assert(out.len == now.len && (!now.len || !memcmp(out.data, now.p, now.len)));
		net_conf_done(&conf);
		again = edit(now, iface, word);
		if (again.ok && adds(word))
			assert(again.text.len == now.len &&
			       (!now.len || !memcmp(again.text.data, now.p, now.len)));
		pve_buf_done(&again.text);
	}
	pve_buf_done(&r.text);
}

/* Renamed and renamed back to a name that was not there before: the same bytes, if words are
 * separated by what stays. */
static void check_rename(struct pve_span text, const char *iface)
{
	PVE_FREE char *whole = pve_strndup(text.p, text.len), *there = NULL, *back = NULL;
	PVE_FREE char *to = pve_asprintf("rename|%s|zz9", iface);
	PVE_FREE char *from = pve_asprintf("rename|zz9|%s", iface);

	if (strlen(whole) != text.len || strstr(whole, "zz9") || strstr(whole, "\\\n"))
		return;
	there = edit_text(whole, to, NULL);
	if (strncmp(there, "error", 5) == 0)
		return;
	back = edit_text(there, from, NULL);
	if (strncmp(back, "error", 5) != 0)
		assert(strcmp(back, whole) == 0);
}

static void check_remove(struct pve_span text, const char *iface)
{
	PVE_FREE char *whole = pve_strndup(text.p, text.len), *got = NULL;
	PVE_FREE char *command = pve_asprintf("remove!|%s", iface);
	struct net_conf conf;

	if (strlen(whole) != text.len)
		return;
	got = edit_text(whole, command, NULL);
	if (strncmp(got, "error", 5) == 0)
		return;
	net_conf_parse(&conf, "f", pve_span(got));
	for (size_t i = 0; i < conf.nstanzas; i++)
		assert(conf.stanza[i]->kind != NET_IFACE ||
		       !pve_span_eq(conf.stanza[i]->name, iface));
	net_conf_done(&conf);
}

static bool usable(const char *name)
{
	return *name && strlen(name) < 16 && !strpbrk(name, "|/% \t\r\n\v\f");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data + 1, size ? size - 1 : 0};
	struct net_conf conf;
	PVE_FREE char *iface = NULL;

	if (!size || memchr(text.p, '\0', text.len))
		return 0;
	net_conf_parse(&conf, "f", text);
	for (size_t i = 0; i < conf.nstanzas && !iface; i++)
		if (conf.stanza[i]->kind == NET_IFACE &&
		    (i >= data[0] >> 5 || i + 1 == conf.nstanzas))
			iface = pve_strndup(conf.stanza[i]->name.p, conf.stanza[i]->name.len);
	net_conf_done(&conf);
	if (!iface || !usable(iface))
		return 0;
	check_set(text, iface, changes[data[0] % (sizeof(changes) / sizeof(changes[0]))]);
	check_rename(text, iface);
	check_remove(text, iface);
	return 0;
}
