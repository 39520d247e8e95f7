/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/jsonread.h"

#include "pvecommon/text.h"

#define NONE UINT32_MAX
#define TEXT_MAX (1u << 30) /* so that an int counts whatever is in it */

/* While a container is open, its span is the number of the one around it. */
struct reader {
	struct pve_jsontext *t;
	const char *p, *end;
	uint32_t open; /* the innermost container; NONE */
};

/* --- scalars ----------------------------------------------------------------------- */

static bool fail(struct reader *r, const char *why)
{
	r->t->why = why;
	r->t->cut = r->p == r->end;
	return false;
}

static void add(struct reader *r, const char *from)
{
	struct pve_jsontext *t = r->t;

	t->v = pve_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = (struct pve_jsonval){from, (uint32_t)(r->p - from), 1};
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind the backslash. */
static bool skip_escape(struct reader *r)
{
	if (r->p == r->end || !strchr("\"\\/bfnrtu", *r->p) || !*r->p)
		return fail(r, "no such escape in a string");
	if (*r->p++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, r->p++)
		if (r->p == r->end || hex(*r->p) < 0)
			return fail(r, "\\u has four hexadecimal digits");
	return true;
}

static bool read_string(struct reader *r)
{
	const char *from = r->p++;

	for (;;) {
		while (r->p < r->end && *r->p != '"' && *r->p != '\\' &&
		       (unsigned char)*r->p >= 0x20)
			r->p++;
		if (r->p == r->end)
			return fail(r, "a string does not end");
		if (*r->p == '"')
			break;
		if (*r->p != '\\')
			return fail(r, "a control character in a string");
		r->p++;
		if (!skip_escape(r))
			return false;
	}
	r->p++;
	add(r, from);
	return true;
}

/* At least one. */
static bool skip_digits(struct reader *r)
{
	if (r->p == r->end || !is_digit(*r->p))
		return fail(r, "a number lacks digits");
	while (r->p < r->end && is_digit(*r->p))
		r->p++;
	return true;
}

static bool read_number(struct reader *r)
{
	const char *from = r->p;

	r->p += *r->p == '-';
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (!skip_digits(r))
		return false;
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!skip_digits(r))
			return false;
	}
	if (r->p < r->end && (*r->p | 0x20) == 'e') {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (!skip_digits(r))
			return false;
	}
	add(r, from);
	return true;
}

static bool read_word(struct reader *r)
{
	static const char *const words[] = {"true", "false", "null"};
	const char *from = r->p, *word = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i][0] == *from)
			word = words[i];
	while (word && *word && r->p < r->end && *r->p == *word) {
		r->p++;
		word++;
	}
	if (!word || *word)
		return fail(r, "a value is none of JSON's");
	add(r, from);
	return true;
}

/* --- containers -------------------------------------------------------------------- */

static bool skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
	return r->p < r->end;
}

static void enter(struct reader *r)
{
	uint32_t around = r->open;

	r->open = (uint32_t)r->t->n;
	add(r, r->p);
	r->t->v[r->open].span = around;
	r->p++;
}

static void leave(struct reader *r)
{
	struct pve_jsonval *c = &r->t->v[r->open];
	uint32_t around = c->span;

	c->span = (uint32_t)r->t->n - r->open;
	r->open = around;
	r->p++;
}

/* A value; before it, in an object, its name.  A container is only entered. */
static bool read_value(struct reader *r)
{
	bool named = r->open != NONE && *r->t->v[r->open].p == '{';

	if (r->open != NONE)
		r->t->v[r->open].len++;
	if (named) {
		if (*r->p != '"')
			return fail(r, "a member has no name");
		if (!read_string(r))
			return false;
		if (!skip_blanks(r) || *r->p != ':')
			return fail(r, "a name has no colon behind it");
		r->p++;
		if (!skip_blanks(r))
			return fail(r, "a name has no value");
	}
	if (*r->p == '{' || *r->p == '[')
		enter(r);
	else if (*r->p == '"')
		return read_string(r);
	else if (*r->p == '-' || is_digit(*r->p))
		return read_number(r);
	else
		return read_word(r);
	return true;
}

static bool at_close(const struct reader *r)
{
	return *r->p == (*r->t->v[r->open].p == '{' ? '}' : ']');
}

/* From behind a value, or behind the bracket of a container, to where the next begins or all have
 * ended. */
static bool go_on(struct reader *r, bool entered)
{
	while (r->open != NONE) {
		if (!skip_blanks(r))
			return fail(r, "a bracket is open");
		if (at_close(r)) {
			leave(r);
			entered = false;
			continue;
		}
		if (entered)
			return true;
		if (*r->p != ',')
			return fail(r, "no comma between two values");
		r->p++;
		return skip_blanks(r) || fail(r, "no value behind a comma");
	}
	return true;
}

static bool read_all(struct reader *r)
{
	if (!skip_blanks(r))
		return fail(r, "it is empty");
	do {
		uint32_t before = r->open;

		if (!read_value(r) || !go_on(r, r->open != before))
			return false;
	} while (r->open != NONE);
	if (skip_blanks(r))
		return fail(r, "something stands behind its end");
	return true;
}

const struct pve_jsonval *pve_jsontext_parse(struct pve_jsontext *t, struct pve_span text)
{
	const char *from = text.len ? text.p : "";
	struct reader r = {t, from, from + text.len, NONE};

	*t = (struct pve_jsontext){.why = ""};
	if (text.len > TEXT_MAX)
		t->why = "it is longer than 1 GiB";
	else if (read_all(&r))
		return t->v;
	t->line = 1;
	for (const char *c = from; c < r.p; c++)
		t->line += *c == '\n';
	return NULL;
}

void pve_jsontext_done(struct pve_jsontext *t)
{
	free(t->v);
	*t = (struct pve_jsontext){.why = ""};
}

/* --- looking ----------------------------------------------------------------------- */

static bool is_kind(const struct pve_jsonval *v, char kind)
{
	return v && *v->p == kind;
}

static const struct pve_jsonval *member(const struct pve_jsonval *o, const char *name, size_t len)
{
	const struct pve_jsonval *v, *found = NULL;

	if (!is_kind(o, '{'))
		return NULL;
	v = o + 1;
	for (uint32_t i = 0; i < o->len; i++) {
		if (v->len == len + 2 && memcmp(v->p + 1, name, len) == 0)
			found = v + 1;
		v += 1 + v[1].span;
	}
	return found;
}

const struct pve_jsonval *pve_jsonval_at(const struct pve_jsonval *o, const char *path)
{
	while (o && *path) {
		size_t n = strcspn(path, ".");

		o = member(o, path, n);
		path += n + (path[n] == '.');
	}
	return o;
}

const struct pve_jsonval *pve_jsonval_next(const struct pve_jsonval *array,
					   const struct pve_jsonval *v)
{
	const struct pve_jsonval *next;

	if (!is_kind(array, '['))
		return NULL;
	next = v ? v + v->span : array + 1;
	return next < array + array->span ? next : NULL;
}

int pve_jsonval_bool(const struct pve_jsonval *v)
{
	return is_kind(v, 't') ? 1 : is_kind(v, 'f') ? 0 : -1;
}

bool pve_jsonval_is(const struct pve_jsonval *v, const char *text)
{
	return is_kind(v, '"') && pve_span_eq((struct pve_span){v->p + 1, v->len - 2}, text);
}

#define TWO_63 9223372036854775808.0

/* The digits from p on times ten to a power, without a sign.  Exact below 2^53; what a double has
 * no room for counts as zeros. */
static double scaled(const char *p, const char *end)
{
	uint64_t digits = 0;
	double n;
	int power = 0, e = 0;
	bool minus, fraction = false;

	for (; p < end && (is_digit(*p) || *p == '.'); p++)
		if (*p == '.') {
			fraction = true;
		} else if (digits < UINT64_MAX / 10) {
			digits = digits * 10 + (uint64_t)(*p - '0');
			power -= fraction;
		} else {
			power += !fraction;
		}
	for (; power < 0 && digits && digits % 10 == 0; power++)
		digits /= 10;
	n = (double)digits;
	if (p < end) {
		minus = *++p == '-';
		for (p += !is_digit(*p); p < end; p++)
			e = e < 10000 ? e * 10 + (*p - '0') : e;
		power += minus ? -e : e;
	}
	for (; power > 0 && n != 0 && n < 1e300; power--)
		n *= 10;
	for (; power < 0 && n > 1e-300; power++)
		n /= 10;
	return n;
}

int64_t pve_jsonval_int(const struct pve_jsonval *v, int64_t min, int64_t max, int64_t other)
{
	const char *p, *end;
	int64_t n = 0;
	double real;
	bool minus;

	if (!v || (*v->p != '-' && !is_digit(*v->p)))
		return other;
	end = v->p + v->len;
	minus = *v->p == '-';
	p = v->p + minus;
	while (p < end && is_digit(*p) && !__builtin_mul_overflow(n, 10, &n) &&
	       !__builtin_add_overflow(n, minus ? '0' - *p : *p - '0', &n))
		p++;
	if (p < end) {
		real = scaled(v->p + minus, end);
		real = minus ? -real : real;
		if (real < -TWO_63 || real >= TWO_63)
			return other;
		n = (int64_t)real;
	}
	return n >= min && n <= max ? n : other;
}

/* --- strings ----------------------------------------------------------------------- */

static uint32_t unit(const char *p)
{
	uint32_t c = 0;

	for (int i = 0; i < 4; i++)
		c = c << 4 | (uint32_t)hex(p[i]);
	return c;
}

/* One character written as \u, two of them when it is a pair; returns the end. */
static const char *unescape_u(const char *p, const char *end, char **to)
{
	uint32_t c = unit(p), low = 0;

	p += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u')
		low = unit(p + 2);
	if (low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	*to = pve_utf8_put(*to, c);
	return p;
}

char *pve_jsonval_str(const struct pve_jsonval *v, struct pve_arena *mem)
{
	static const char from[] = "bfnrt", as[] = "\b\f\n\r\t";
	const char *p, *end;
	char *text, *to;

	if (!is_kind(v, '"'))
		return NULL;
	p = v->p + 1;
	end = v->p + v->len - 1;
	to = text = pve_arena_memdup(mem, p, (size_t)(end - p));
	p = memchr(p, '\\', (size_t)(end - p));
	if (!p)
		return text;
	for (to += p - (v->p + 1); p < end;) {
		const char *escaped;

		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		p += 2;
		escaped = strchr(from, p[-1]);
		if (p[-1] == 'u')
			p = unescape_u(p, end, &to);
		else
			*to++ = escaped ? as[escaped - from] : p[-1];
	}
	*to = 0;
	return text;
}
