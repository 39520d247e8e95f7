/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample.h"

#include "pvecommon/num.h"
#include "pvecommon/text.h"

enum { COL_TIME, COL_DISK, COL_HEALTH, COL_TOLD, COL_COUNTERS };

#define NCOLS (COL_COUNTERS + SMART_NCOUNTERS)
#define FIELDS_MAX 64

static const char *const healths[] = {"ok", "warning", "critical", "unknown"};
static const char *const fixed[] = {"time", "disk", "health", "told"};

const char *smart_health_name(enum smart_health health)
{
	return healths[health];
}

static const char *col_name(int col)
{
	return col < COL_COUNTERS ? fixed[col] : smart_counter_names[col - COL_COUNTERS];
}

/* --- reading ----------------------------------------------------------------------- */

struct reader {
	struct smart_samples *s;
	const char *file;
	unsigned line;
	struct pve_diags *d;
	int col[FIELDS_MAX]; /* which column each field is; -1: not known to us */
	size_t nfields;      /* 0: no header was read yet */
};

static bool take_field(struct pve_span *line, struct pve_span *field)
{
	const char *tab;

	if (!line->p)
		return false;
	tab = line->len ? memchr(line->p, '\t', line->len) : NULL;
	*field = (struct pve_span){line->p, tab ? (size_t)(tab - line->p) : line->len};
	if (tab)
		*line = (struct pve_span){tab + 1, line->len - field->len - 1};
	else
		line->p = NULL;
	return true;
}

static void read_header(struct reader *r, struct pve_span line)
{
	struct pve_span field;

	while (r->nfields < FIELDS_MAX && take_field(&line, &field)) {
		r->col[r->nfields] = -1;
		for (int i = 0; i < NCOLS; i++)
			if (pve_span_eq(field, col_name(i)))
				r->col[r->nfields] = i;
		r->nfields++;
	}
}

static const char *unescaped(struct reader *r, struct pve_span field)
{
	PVE_BUF b = {0};

	pve_text_unescape(&b, field);
	return pve_arena_memdup(&r->s->mem, b.data, b.len);
}

/* false when the field is not what its column holds. */
static bool read_field(struct reader *r, int col, struct pve_span field, struct smart_sample *one)
{
	uint64_t n;

	switch (col) {
	case -1:
		return true;
	case COL_TIME:
		if (pve_num_span(field, INT32_MAX * 64LL, &n) < 0)
			return false;
		one->time = (time_t)n;
		return true;
	case COL_DISK:
		one->disk = unescaped(r, field);
		return field.len > 0;
	case COL_TOLD:
		one->told = unescaped(r, field);
		return true;
	case COL_HEALTH:
		for (int i = SMART_OK; i <= SMART_UNKNOWN; i++)
			if (pve_span_eq(field, healths[i])) {
				one->health = (enum smart_health)i;
				return true;
			}
		return false;
	default:
		if (!field.len)
			return true;
		if (pve_num_span(field, INT64_MAX, &n) < 0)
			return false;
		one->c[col - COL_COUNTERS] = (int64_t)n;
		return true;
	}
}

static void read_sample(struct reader *r, struct pve_span line)
{
	struct smart_sample one = {.disk = "", .told = "", .health = SMART_UNKNOWN};
	struct pve_span field;
	size_t n = 0;

	for (int i = 0; i < SMART_NCOUNTERS; i++)
		one.c[i] = -1;
	for (; n < r->nfields && take_field(&line, &field); n++)
		if (!read_field(r, r->col[n], field, &one))
			break;
	if (n < r->nfields || line.p || !one.time || !*one.disk) {
		if (r->d)
			pve_diags_add(r->d, PVE_WARNING, r->file, r->line, "is no sample, left out");
		return;
	}
	r->s->v = pve_grow(r->s->v, r->s->n, &r->s->cap, sizeof(*r->s->v));
	r->s->v[r->s->n++] = one;
}

void smart_samples_parse(struct smart_samples *s, struct pve_span bytes, const char *file,
			 struct pve_diags *d)
{
	struct reader r = {.s = s, .file = file, .d = d};

	while (bytes.len) {
		const char *nl = memchr(bytes.p, '\n', bytes.len);
		struct pve_span line = {bytes.p, nl ? (size_t)(nl - bytes.p) : bytes.len};
		size_t n = line.len + (nl != NULL);

		r.line++;
		if (!r.nfields)
			read_header(&r, line);
		else
			read_sample(&r, line);
		bytes.p += n;
		bytes.len -= n;
	}
}

/* --- writing ----------------------------------------------------------------------- */

void smart_samples_add(struct smart_samples *s, const struct smart_sample *one)
{
	struct smart_sample copy = *one;

	copy.disk = pve_arena_strdup(&s->mem, one->disk);
	copy.told = pve_arena_strdup(&s->mem, one->told);
	s->v = pve_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = copy;
}

static void format_one(const struct smart_sample *one, struct pve_buf *out)
{
	pve_buf_printf(out, "%lld\t", (long long)one->time);
	pve_text_escape(out, pve_span(one->disk));
	pve_buf_printf(out, "\t%s\t", healths[one->health]);
	pve_text_escape(out, pve_span(one->told));
	for (int i = 0; i < SMART_NCOUNTERS; i++) {
		pve_buf_putc(out, '\t');
		if (one->c[i] >= 0)
			pve_buf_printf(out, "%lld", (long long)one->c[i]);
	}
	pve_buf_putc(out, '\n');
}

void smart_samples_format(const struct smart_samples *s, time_t now, int64_t max_age,
			  struct pve_buf *out)
{
	for (int i = 0; i < NCOLS; i++) {
		pve_buf_puts(out, col_name(i));
		pve_buf_putc(out, i + 1 < NCOLS ? '\t' : '\n');
	}
	for (size_t i = 0; i < s->n; i++)
		if (now - s->v[i].time < max_age)
			format_one(&s->v[i], out);
}

static void drop_index(struct smart_samples *s)
{
	free(s->next);
	s->next = NULL;
	pve_map_done(&s->first);
	pve_map_done(&s->last);
	s->first = s->last = (struct pve_map){0};
}

void smart_samples_done(struct smart_samples *s)
{
	drop_index(s);
	free(s->v);
	pve_arena_done(&s->mem);
	*s = (struct smart_samples){0};
}

/* --- asking ------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b)
{
	const struct smart_sample *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->disk, y->disk);
}

static void make_index(struct smart_samples *s)
{
	drop_index(s);
	s->next = pve_calloc(s->n + 1, sizeof(*s->next));
	for (size_t i = 0; i < s->n; i++) {
		struct pve_span disk = pve_span(s->v[i].disk);
		size_t before = (size_t)pve_map_set(&s->last, disk, (void *)(i + 1));

		if (before)
			s->next[before - 1] = i + 1;
		else
			pve_map_set(&s->first, disk, (void *)(i + 1));
	}
}

void smart_samples_sort(struct smart_samples *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_time);
	for (size_t i = 0; i < s->n; i++)
		if (!n || by_time(&s->v[n - 1], &s->v[i]) != 0)
			s->v[n++] = s->v[i];
	s->n = n;
	make_index(s);
}

static const struct smart_sample *numbered(const struct smart_samples *s, size_t number)
{
	return number ? &s->v[number - 1] : NULL;
}

const struct smart_sample *smart_samples_last(const struct smart_samples *s, const char *disk)
{
	return numbered(s, (size_t)pve_map_get(&s->last, pve_span(disk)));
}

const struct smart_sample *smart_samples_next(const struct smart_samples *s, const char *disk,
					      const struct smart_sample *prev)
{
	if (prev)
		return numbered(s, s->next[prev - s->v]);
	return numbered(s, (size_t)pve_map_get(&s->first, pve_span(disk)));
}

const struct smart_sample *smart_samples_since(const struct smart_samples *s, const char *disk,
					       time_t now, int64_t max_age)
{
	const struct smart_sample *one = NULL;

	while ((one = smart_samples_next(s, disk, one)))
		if (now - one->time <= max_age)
			return one;
	return NULL;
}

/* The first that knows the wear. */
static const struct smart_sample *first_wear(const struct smart_samples *s, const char *disk)
{
	const struct smart_sample *one = NULL;

	while ((one = smart_samples_next(s, disk, one)))
		if (one->c[SMART_WEAROUT] >= 0)
			return one;
	return NULL;
}

time_t smart_wear_end(const struct smart_samples *s, const char *disk, time_t now,
		      int64_t wearout, int64_t hours)
{
	const struct smart_sample *old = first_wear(s, disk);
	double left = 0;

	if (wearout < 0)
		return 0;
	if (old && now - old->time >= 14 * 86400 && old->c[SMART_WEAROUT] > wearout)
		left = (double)wearout * (double)(now - old->time) /
		       (double)(old->c[SMART_WEAROUT] - wearout);
	else if (wearout < 100 && hours >= 500)
		left = (double)wearout * (double)hours * 3600 / (double)(100 - wearout);
	else
		return 0;
	return left > 50 * 365.25 * 86400 ? 0 : now + (time_t)left;
}
