/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bls.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pvecommon/textfile.h"

/* Key and value of a line; false for comments and empty lines. */
static bool split(struct pve_span line, struct pve_span *key, struct pve_span *value)
{
	line = pve_span_trim(line);
	if (!line.len || line.p[0] == '#')
		return false;
	*key = pve_span_word(&line);
	*value = pve_span_trim(line);
	return true;
}

static bool is_key(const struct pve_textfile_line *line, const char *key, struct pve_span *value)
{
	struct pve_span k;

	return split(line->text, &k, value) && pve_span_eq(k, key);
}

/* --- entries ------------------------------------------------------------------------------- */

static const char *const keys[] = {"title", "version", "options", "linux", "initrd"};
enum { TITLE, VERSION, OPTIONS, LINUX, INITRD, NKEYS };

static struct pve_span *field(struct bls_entry *entry, int key)
{
	struct pve_span *const fields[NKEYS] = {&entry->title, &entry->version, &entry->options,
						&entry->linux_path, &entry->initrd};

	return fields[key];
}

void bls_entry_parse(struct bls_entry *entry, struct pve_span text)
{
	*entry = (struct bls_entry){0};
	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.len;
		struct pve_span key, value;

		if (split((struct pve_span){text.p, n}, &key, &value))
			for (int i = 0; i < NKEYS; i++)
				if (pve_span_eq(key, keys[i]) && !field(entry, i)->len)
					*field(entry, i) = value;
		text.p += n;
		text.len -= n;
	}
}

static size_t dir_len(struct pve_span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	return slash ? (size_t)(slash - path.p) + 1 : 0;
}

/* Lines of initrd add up: one outside the kernel's directory is somebody's microcode. */
static bool is_foreign(int key, struct pve_span value, struct pve_span want)
{
	size_t n = dir_len(want);

	return key == INITRD && (value.len < n || strncasecmp(value.p, want.p, n) != 0);
}

static void set_key(struct pve_textfile *t, int key, struct pve_span want)
{
	PVE_BUF line = {0};
	bool found = false;

	pve_buf_printf(&line, "%-8s ", keys[key]);
	pve_buf_span(&line, want);
	for (size_t i = 0; i < t->n; i++) {
		struct pve_span value;

		if (!is_key(&t->v[i], keys[key], &value) || is_foreign(key, value, want))
			continue;
		if (found)
			pve_textfile_delete(t, i--);
		else if (!pve_span_same(value, want))
			pve_textfile_set(t, i, (struct pve_span){line.data, line.len}, NULL);
		found = true;
	}
	if (!found)
		pve_textfile_insert(t, t->n, (struct pve_span){line.data, line.len}, NULL);
}

void bls_entry_format(const struct bls_entry *want, struct pve_span was, struct pve_buf *out)
{
	struct bls_entry values = *want;
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, was);
	for (int i = 0; i < NKEYS; i++)
		set_key(&t, i, *field(&values, i));
	pve_textfile_format(&t, out);
	pve_textfile_done(&t);
}

/* "+LEFT" or "+LEFT-DONE" at s: its length, 0 if there is none. */
static size_t counter(const char *s)
{
	size_t n, done;

	if (*s != '+' || !(n = strspn(s + 1, "0123456789")))
		return 0;
	if (s[1 + n] != '-' || !(done = strspn(s + n + 2, "0123456789")))
		return 1 + n;
	return 2 + n + done;
}

bool bls_entry_is(const char *name, const char *version)
{
	size_t n = strlen(version);

	if (strncasecmp(name, "proxmox-", 8) != 0 || strncasecmp(name + 8, version, n) != 0)
		return false;
	name += 8 + n;
	return strcasecmp(name + counter(name), ".conf") == 0;
}

bool bls_entry_counts(const char *name)
{
	for (const char *p = strchr(name, '+'); p; p = strchr(p + 1, '+'))
		if (counter(p) && strcasecmp(p + counter(p), ".conf") == 0)
			return true;
	return false;
}

/* --- loader.conf ---------------------------------------------------------------------------- */

/* The line of the default that counts, t->n if there is none. */
static size_t default_line(const struct pve_textfile *t, struct pve_span *value)
{
	for (size_t i = t->n; i-- > 0;)
		if (is_key(&t->v[i], "default", value))
			return i;
	return t->n;
}

struct pve_span bls_loader_default(struct pve_span text)
{
	struct pve_span found = {0};

	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.len;
		struct pve_span key, value;

		if (split((struct pve_span){text.p, n}, &key, &value) && pve_span_eq(key, "default"))
			found = value;
		text.p += n;
		text.len -= n;
	}
	return found;
}

void bls_loader_set_default(struct pve_span text, const char *value, struct pve_buf *out)
{
	struct pve_textfile t = {0};
	PVE_BUF line = {0};
	struct pve_span now = {0};
	size_t i;

	pve_textfile_parse(&t, text);
	pve_buf_printf(&line, "default %s", value);
	i = default_line(&t, &now);
	if (i == t.n)
		pve_textfile_insert(&t, i, (struct pve_span){line.data, line.len}, NULL);
	else if (!pve_span_eq(now, value))
		pve_textfile_set(&t, i, (struct pve_span){line.data, line.len}, NULL);
	pve_textfile_format(&t, out);
	pve_textfile_done(&t);
}

bool bls_loader_want(struct pve_span text, const char *pin, bool counted, char *value, size_t size)
{
	struct pve_span now = bls_loader_default(text);

	if (pin && *pin)
		/* Up to version 255 systemd-boot has the counter in the name of an entry. */
		snprintf(value, size, counted ? "proxmox-%s[.+]*conf" : "proxmox-%s.conf", pin);
	else if (pve_span_starts(now, "proxmox-"))
		snprintf(value, size, BLS_DEFAULT_ANY);
	else
		return false;
	return !pve_span_eq(now, value);
}
