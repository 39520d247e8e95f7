/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/udevdb.h"

#include <limits.h>

#include "pvecommon/num.h"

void pve_udev_record_prop(struct pve_udev_record *r, struct pve_span name, struct pve_span value)
{
	struct pve_udev_pair *p;

	r->prop = pve_grow(r->prop, r->nprops, &r->props_cap, sizeof(*r->prop));
	p = &r->prop[r->nprops++];
	p->name = pve_arena_memdup(r->mem, name.p, name.len);
	p->value = pve_arena_memdup(r->mem, value.p, value.len);
}

void pve_udev_record_link(struct pve_udev_record *r, struct pve_span link)
{
	r->link = pve_grow(r->link, r->nlinks, &r->links_cap, sizeof(*r->link));
	r->link[r->nlinks++] = pve_arena_printf(r->mem, "/dev/%.*s", PVE_SPAN_ARG(link));
}

static void read_line(struct pve_udev_record *r, struct pve_span line)
{
	struct pve_span rest = {line.p + 2, line.len - 2};
	const char *eq;
	uint64_t version;

	if (line.p[0] == 'S') {
		pve_udev_record_link(r, rest);
	} else if (line.p[0] == 'V' && pve_num_span(rest, UINT_MAX, &version) == 0) {
		r->version = (unsigned)version;
	} else if (line.p[0] == 'E' && (eq = memchr(rest.p, '=', rest.len)) && eq > rest.p) {
		struct pve_span name = {rest.p, (size_t)(eq - rest.p)};

		pve_udev_record_prop(
			r, name, (struct pve_span){eq + 1, rest.len - name.len - 1});
	}
}

void pve_udev_record_parse(struct pve_udev_record *r, struct pve_span bytes)
{
	while (bytes.len) {
		const char *nl = memchr(bytes.p, '\n', bytes.len);
		size_t len = nl ? (size_t)(nl - bytes.p) : bytes.len;

		if (len > 2 && bytes.p[1] == ':')
			read_line(r, (struct pve_span){bytes.p, len});
		len += nl != NULL;
		bytes.p += len;
		bytes.len -= len;
	}
}

const char *pve_udev_get(const struct pve_udev_record *r, const char *name)
{
	for (size_t i = 0; i < r->nprops; i++)
		if (strcmp(r->prop[i].name, name) == 0)
			return r->prop[i].value;
	return "";
}

void pve_udev_record_done(struct pve_udev_record *r)
{
	free(r->prop);
	free(r->link);
	*r = (struct pve_udev_record){0};
}
