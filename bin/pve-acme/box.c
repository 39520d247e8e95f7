/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/box.h"

#include <string.h>
#include <wchar.h>

#include "pvecommon/mem.h"
#include "pvecommon/text.h"

/* The lines of a box: left end, middle, right end, and what is between. */
struct rule {
	const char *left, *middle, *right, *between;
};

static const struct rule rules[2][4] = {
	{{"┌", "┬", "┐", "─"}, {"╞", "╪", "╡", "═"}, {"├", "┼", "┤", "─"}, {"└", "┴", "┘", "─"}},
	{{"+", "+", "+", "-"}, {"+", "+", "+", "="}, {"+", "+", "+", "-"}, {"+", "+", "+", "-"}},
};

struct box {
	bool plain;
	size_t key, value; /* widths */
	struct pve_buf *out;
};

/* Columns of a terminal; a byte is one where the locale knows better not. */
static size_t width(struct pve_span s)
{
	size_t sum = 0;
	mbstate_t state = {0};

	while (s.len) {
		wchar_t c;
		size_t n = mbrtowc(&c, s.p, s.len, &state);
		int w = n && n <= s.len ? wcwidth(c) : -1;

		if (w < 0) {
			n = pve_utf8_len(s);
			n = n ? n : 1;
			w = 1;
			state = (mbstate_t){0};
		}
		sum += (size_t)w;
		s.p += n;
		s.len -= n;
	}
	return sum;
}

/* Takes the next line off *rest. */
static struct pve_span take_line(struct pve_span *rest)
{
	const char *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	struct pve_span line = {rest->p, end ? (size_t)(end - rest->p) : rest->len};

	rest->p += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	return line;
}

static void put_rule(struct box *b, int kind)
{
	const struct rule *r = &rules[b->plain][kind];

	pve_buf_puts(b->out, r->left);
	for (size_t i = 0; i < b->key + 2; i++)
		pve_buf_puts(b->out, r->between);
	pve_buf_puts(b->out, r->middle);
	for (size_t i = 0; i < b->value + 2; i++)
		pve_buf_puts(b->out, r->between);
	pve_buf_puts(b->out, r->right);
	pve_buf_putc(b->out, '\n');
}

static void put_cell(struct box *b, struct pve_span text, size_t wide)
{
	PVE_BUF safe = {0};

	pve_text_safe(&safe, text);
	pve_buf_puts(b->out, b->plain ? "| " : "│ ");
	pve_buf_add(b->out, pve_buf_str(&safe), safe.len);
	for (size_t w = width((struct pve_span){pve_buf_str(&safe), safe.len}); w < wide + 1; w++)
		pve_buf_putc(b->out, ' ');
}

static void put_row(struct box *b, const char *key, const char *value)
{
	struct pve_span rest = pve_span(value), name = pve_span(key);

	do {
		struct pve_span line = take_line(&rest);

		put_cell(b, name, b->key);
		put_cell(b, line, b->value);
		pve_buf_puts(b->out, b->plain ? "|\n" : "│\n");
		name = pve_span("");
	} while (rest.len);
}

static size_t wider(size_t a, struct pve_span text)
{
	PVE_BUF safe = {0};
	size_t w;

	pve_text_safe(&safe, text);
	w = width((struct pve_span){pve_buf_str(&safe), safe.len});
	return w > a ? w : a;
}

void acme_box_format(const struct acme_box_row *rows, size_t n, bool plain, struct pve_buf *out)
{
	struct box b = {.plain = plain, .key = strlen("key"), .value = strlen("value"), .out = out};

	for (size_t i = 0; i < n; i++) {
		struct pve_span rest = pve_span(rows[i].value);

		b.key = wider(b.key, pve_span(rows[i].key));
		while (rest.len)
			b.value = wider(b.value, take_line(&rest));
	}
	put_rule(&b, 0);
	put_row(&b, "key", "value");
	for (size_t i = 0; i < n; i++) {
		put_rule(&b, i ? 2 : 1);
		put_row(&b, rows[i].key, rows[i].value);
	}
	put_rule(&b, 3);
}
