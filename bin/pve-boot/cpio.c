/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpio.h"

#include <inttypes.h>
#include <string.h>

/* Offsets of fields of eight hexadecimal digits in a header. */
enum { FIELD_SIZE = 54, FIELD_NAME_SIZE = 94 };

#define TRAILER "TRAILER!!!"

static int bad(const struct cpio *c, const char *what, struct pve_err *e)
{
	return pve_err_set(e, PVE_DATA, "%s at byte %" PRIu64, what, c->at);
}

static int field(const struct cpio *c, size_t at, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = at; i < at + 8; i++) {
		char ch = c->header[i];

		if (ch >= '0' && ch <= '9')
			v = v * 16 + (uint64_t)(ch - '0');
		else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f')
			v = v * 16 + (uint64_t)((ch | 0x20) - 'a' + 10);
		else
			return -1;
	}
	*value = v;
	return 0;
}

/* What fills up to a multiple of four. */
static uint64_t padding(uint64_t n)
{
	return -n & 3;
}

static int end_header(struct cpio *c, struct pve_err *e)
{
	uint64_t name;

	if (memcmp(c->header, "070701", 6) != 0 && memcmp(c->header, "070702", 6) != 0)
		return bad(c, "what ends is no header of a cpio archive,", e);
	if (field(c, FIELD_SIZE, &c->data) < 0 || field(c, FIELD_NAME_SIZE, &name) < 0 || !name ||
	    name > CPIO_NAME_MAX)
		return bad(c, "a broken header of a cpio archive ends", e);
	memset(c->name, 0, sizeof(c->name));
	c->kept = 0;
	c->state = CPIO_IN_NAME;
	c->left = name + padding(CPIO_HEADER + name);
	return 0;
}

static void end_name(struct cpio *c)
{
	if (strcmp(c->name, TRAILER) == 0) {
		c->archives++;
		c->state = CPIO_BETWEEN;
		return;
	}
	c->files++;
	if (strcmp(c->name, "init") == 0 || strcmp(c->name, "/init") == 0 ||
	    strcmp(c->name, "./init") == 0)
		c->has_init = true;
	c->state = CPIO_IN_DATA;
	c->left = c->data + padding(c->data);
}

/* Keeps what is wanted of the next n bytes of the state. */
static void keep(struct cpio *c, const char *p, size_t n)
{
	if (c->state == CPIO_IN_HEADER) {
		memcpy(c->header + CPIO_HEADER - c->left, p, n);
		return;
	}
	if (c->state == CPIO_IN_NAME) {
		size_t room = sizeof(c->name) - 1 - c->kept;

		/* One that is longer than the room is none of those that are looked for. */
		n = n < room ? n : room;
		memcpy(c->name + c->kept, p, n);
		c->kept += n;
	}
}

/* The state has all its bytes. */
static int end_state(struct cpio *c, struct pve_err *e)
{
	if (c->state == CPIO_IN_HEADER)
		return end_header(c, e);
	if (c->state == CPIO_IN_NAME)
		end_name(c);
	if (c->state == CPIO_IN_DATA && !c->left) {
		c->state = CPIO_IN_HEADER;
		c->left = CPIO_HEADER;
	}
	return 0;
}

/* Skips what fills the gap between two archives; true when one starts. */
static bool find_start(struct cpio *c, struct pve_span bytes, size_t *n)
{
	while (*n < bytes.len && !bytes.p[*n])
		(*n)++, c->at++;
	if (*n == bytes.len || bytes.p[*n] != '0' || c->at & 3)
		return false;
	c->state = CPIO_IN_HEADER;
	c->left = CPIO_HEADER;
	return true;
}

int cpio_take(struct cpio *c, struct pve_span bytes, size_t *taken, struct pve_err *e)
{
	size_t n = 0;

	while (n < bytes.len && (c->state != CPIO_BETWEEN || find_start(c, bytes, &n))) {
		size_t now = bytes.len - n < c->left ? bytes.len - n : (size_t)c->left;

		keep(c, bytes.p + n, now);
		n += now;
		c->at += now;
		c->left -= now;
		if (!c->left && end_state(c, e) < 0)
			return -1;
	}
	*taken = n;
	return 0;
}
