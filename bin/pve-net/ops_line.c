/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ops_line.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define FIELDS_MAX (PVE_NL_NATTRS + 4)

/* The fields between the tabs; [0] is the verb, [1] the link. */
struct fields {
	char *f[FIELDS_MAX];
	size_t n;
};

/* False when there are more than any line has. */
static bool cut(struct fields *l, char *p)
{
	*l = (struct fields){.f = {p}, .n = 1};
	while ((p = strchr(p, '\t'))) {
		if (l->n == FIELDS_MAX)
			return false;
		*p++ = '\0';
		l->f[l->n++] = p;
	}
	return true;
}

/* The rest of the field that begins with "name="; NULL when there is none. */
static const char *field(const struct fields *l, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 3; i < l->n; i++)
		if (strncmp(l->f[i], name, len) == 0 && l->f[i][len] == '=')
			return l->f[i] + len + 1;
	return NULL;
}

/* What the field says, or none without it; false when it says no number. */
static bool number(const struct fields *l, const char *name, uint32_t none, uint32_t *to)
{
	const char *text = field(l, name);
	uint64_t n = none;

	if (text && pve_num_span(pve_span(text), UINT32_MAX, &n) < 0)
		return false;
	*to = (uint32_t)n;
	return true;
}

/* In its place: no text becomes longer. */
static void unescape(char *field)
{
	PVE_BUF text = {0};

	if (!strchr(field, '\\'))
		return;
	pve_text_unescape(&text, pve_span(field));
	memcpy(field, pve_buf_str(&text), text.len + 1);
}

static bool read_values(struct net_op_line *to, const struct fields *l, size_t from)
{
	for (size_t i = from; i < l->n; i++) {
		unescape(l->f[i]);
		if (to->nvalues == PVE_NL_NATTRS ||
		    !net_value_parse(l->f[i], &to->value[to->nvalues++]))
			return false;
	}
	return true;
}

static bool read_link(struct net_op_line *to, const struct fields *l)
{
	if (l->n < 3)
		return false;
	if (to->verb == NET_OP_SET)
		return read_values(to, l, 2);
	to->kind = l->f[2];
	return read_values(to, l, 3);
}

static bool read_ip(const char *text, int *family, struct in6_addr *b)
{
	*b = (struct in6_addr){0};
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(*family, text, b) == 1;
}

static bool read_prefix(const char *text, int *family, struct in6_addr *b, unsigned *prefix)
{
	const char *slash = strchr(text, '/');
	PVE_FREE char *address = slash ? pve_strndup(text, (size_t)(slash - text)) : NULL;
	uint64_t n;

	if (!slash || !read_ip(address, family, b) ||
	    pve_num_span(pve_span(slash + 1), *family == AF_INET6 ? 128 : 32, &n) < 0)
		return false;
	*prefix = (unsigned)n;
	return true;
}

static bool read_addr(struct net_op_line *to, const struct fields *l)
{
	struct pve_nl_addr *a = &to->addr;
	const char *peer = field(l, "peer"), *brd = field(l, "brd");
	uint32_t scope;
	int family;

	if (!read_prefix(to->what, &a->family, &a->bytes, &a->prefix) ||
	    !number(l, "scope", 0, &scope) || !number(l, "preferred", UINT32_MAX, &a->preferred))
		return false;
	a->scope = scope;
	a->peer = a->bytes;
	to->label = field(l, "label");
	to->has_broadcast = brd != NULL;
	return (!peer || (read_ip(peer, &family, &a->peer) && family == a->family)) &&
	       (!brd || inet_pton(AF_INET, brd, &to->broadcast) == 1);
}

static bool read_route(struct net_op_line *to, const struct fields *l)
{
	struct pve_nl_route *r = &to->route;
	const char *via = field(l, "via");
	uint32_t table, protocol;
	int family;

	if (!read_prefix(to->what, &r->family, &r->dst, &r->prefix) ||
	    !number(l, "metric", 0, &r->metric) || !number(l, "table", RT_TABLE_MAIN, &table) ||
	    !number(l, "proto", RTPROT_STATIC, &protocol))
		return false;
	r->table = table;
	r->protocol = protocol;
	r->has_gateway = via != NULL;
	to->onlink = strcmp(l->f[l->n - 1], "onlink") == 0;
	return !via || (read_ip(via, &family, &r->gateway) && family == r->family);
}

static bool read_vid(struct net_op_line *to, const struct fields *l)
{
	const char *dash = l->n == 5 ? strchr(l->f[3], '-') : NULL;
	uint64_t from, last, flags;

	if (!dash ||
	    pve_num_span((struct pve_span){l->f[3], (size_t)(dash - l->f[3])}, 4094, &from) < 0 ||
	    pve_num_span(pve_span(dash + 1), 4094, &last) < 0 || from > last ||
	    pve_num_span(pve_span(l->f[4]), UINT16_MAX, &flags) < 0)
		return false;
	to->what = l->f[3];
	to->self = strcmp(l->f[2], "self") == 0;
	to->vlan = (struct pve_nl_vlan){
		.from = (uint16_t)from, .to = (uint16_t)last, .flags = (uint16_t)flags};
	return to->self || strcmp(l->f[2], "port") == 0;
}

static const struct {
	const char *word;
	enum net_op_verb verb;
	bool add;
} verbs[] = {
	{"add", NET_OP_ADD, true},         {"set", NET_OP_SET, false},
	{"del", NET_OP_DEL, false},        {"addr+", NET_OP_ADDR, true},
	{"addr-", NET_OP_ADDR, false},     {"route+", NET_OP_ROUTE, true},
	{"route-", NET_OP_ROUTE, false},   {"vid+", NET_OP_VID, true},
	{"vid-", NET_OP_VID, false},       {"remote+", NET_OP_REMOTE, true},
	{"remote-", NET_OP_REMOTE, false}, {"sysctl", NET_OP_SYSCTL, false},
};

static bool read_fields(struct net_op_line *to, const struct fields *l)
{
	to->name = l->f[1];
	to->what = l->f[2];
	switch (to->verb) {
	case NET_OP_ADDR:
		return read_addr(to, l);
	case NET_OP_ROUTE:
		return read_route(to, l);
	case NET_OP_VID:
		return read_vid(to, l);
	case NET_OP_REMOTE:
		return l->n == 3 && read_ip(to->what, &to->remote.family, &to->remote.bytes);
	case NET_OP_SYSCTL:
		unescape(l->f[2]);
		/* Whoever can write a journal can do all else; a mistake must not leave /proc/sys. */
		return l->n == 3 && !strstr(to->name, "..");
	default:
		return read_link(to, l);
	}
}

bool net_op_line_parse(struct net_op_line *to, struct pve_span text)
{
	struct fields l;

	*to = (struct net_op_line){0};
	if (!text.len || memchr(text.p, '\0', text.len))
		return false;
	to->text = pve_strndup(text.p, text.len);
	if (!cut(&l, to->text) || l.n < 3 || !*l.f[1])
		return false;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(l.f[0], verbs[i].word) == 0) {
			to->verb = verbs[i].verb;
			to->add = verbs[i].add;
			return read_fields(to, &l);
		}
	return false;
}

void net_op_line_done(struct net_op_line *l)
{
	free(l->text);
	l->text = NULL;
}
