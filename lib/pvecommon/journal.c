/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/journal.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "pvecommon/num.h"

#define MAGIC "pve-tools journal 3\n"
#define STEPS_MAX 1000000
#define JOURNAL_ROOM 4096 /* bytes of a plan of a few steps, but for what the files hold */
#define COMMON_STEP ((size_t)4096)

static void put(struct pve_buf *out, struct pve_span s)
{
	pve_buf_printf(out, "%zu:", s.len);
	pve_buf_span(out, s);
	pve_buf_putc(out, ',');
}

static void put_num(struct pve_buf *out, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	put(out, pve_span(text));
}

/* The number of words plus one, then the words; 0 stands for no vector at all. */
static void put_argv(struct pve_buf *out, const char *const *argv)
{
	size_t n = 0;

	while (argv && argv[n])
		n++;
	put_num(out, argv ? n + 1 : 0);
	for (size_t i = 0; i < n; i++)
		put(out, pve_span(argv[i]));
}

/* How many bytes a and b have in common at their begin, or at their end. */
static size_t common(struct pve_span a, struct pve_span b, bool end)
{
	size_t n = a.len < b.len ? a.len : b.len, step = COMMON_STEP, at = 0;

	while (at < n) {
		const char *p = end ? a.p + a.len - at - 1 : a.p + at;
		const char *q = end ? b.p + b.len - at - 1 : b.p + at;
		size_t back = end ? step - 1 : 0;

		if (step > n - at || memcmp(p - back, q - back, step) != 0) {
			if (step == 1)
				break;
			step = 1;
		} else {
			at += step;
		}
	}
	return at;
}

/* What a file will hold is most often almost what it held. */
static void put_content(struct pve_buf *out, struct pve_span was, struct pve_span content)
{
	size_t begin = common(was, content, false), end;

	was.p += begin, was.len -= begin;
	content.p += begin, content.len -= begin;
	end = common(was, content, true);
	content.len -= end;
	put_num(out, begin);
	put_num(out, end);
	put(out, content);
}

static void put_step(struct pve_buf *out, const struct pve_step *s)
{
	put_num(out, s->kind);
	put(out, pve_span(s->target));
	put(out, pve_span(s->why));
	put_num(out, s->existed);
	put_num(out, s->any);
	put(out, s->was);
	put_content(out, s->was, s->content);
	put_num(out, s->mode);
	put_num(out, s->timeout_ms);
	put_argv(out, s->argv);
	put_argv(out, s->undo);
	put_argv(out, s->guard);
}

void pve_journal_format(const struct pve_plan *plan, const struct pve_journal_head *head,
			struct pve_buf *out)
{
	size_t bytes = 0;

	for (size_t i = 0; i < plan->n; i++)
		bytes += plan->v[i].was.len + (plan->v[i].existed ? 0 : plan->v[i].content.len);
	pve_buf_reserve(out, bytes + JOURNAL_ROOM);
	pve_buf_puts(out, MAGIC);
	put(out, pve_span(head->tool));
	put_num(out, (uint64_t)head->pid);
	put_num(out, (uint64_t)head->time);
	put_num(out, (uint64_t)head->deadline);
	put(out, pve_span(head->boot));
	put_num(out, plan->n);
	for (size_t i = 0; i < plan->n; i++)
		put_step(out, &plan->v[i]);
	pve_buf_puts(out, "end\n");
}

/* The unread rest.  After the first failure every further get gives nothing. */
struct reader {
	struct pve_span rest;
	struct pve_arena *arena;
	bool bad;
};

static struct pve_span get(struct reader *r)
{
	struct pve_span digits = {r->rest.p, 0}, s = {"", 0};
	uint64_t len;

	while (digits.len < r->rest.len && digits.len < 20 && digits.p[digits.len] != ':')
		digits.len++;
	if (r->bad || digits.len >= r->rest.len ||
	    pve_num_span(digits, r->rest.len, &len) < 0 ||
	    len + digits.len + 2 > r->rest.len || digits.p[digits.len] != ':' ||
	    digits.p[digits.len + 1 + len] != ',') {
		r->bad = true;
		return s;
	}
	s = (struct pve_span){digits.p + digits.len + 1, (size_t)len};
	r->rest.p += digits.len + 2 + len;
	r->rest.len -= digits.len + 2 + len;
	return s;
}

static uint64_t get_num(struct reader *r, uint64_t max)
{
	uint64_t v = 0;

	if (pve_num_span(get(r), max, &v) < 0)
		r->bad = true;
	return v;
}

static const char *get_str(struct reader *r)
{
	struct pve_span s = get(r);

	if (s.len && memchr(s.p, '\0', s.len))
		r->bad = true;
	return pve_arena_memdup(r->arena, s.p, s.len);
}

static struct pve_span get_bytes(struct reader *r)
{
	struct pve_span s = get(r);

	return (struct pve_span){pve_arena_memdup(r->arena, s.p, s.len), s.len};
}

static struct pve_span get_content(struct reader *r, struct pve_span was)
{
	size_t begin = (size_t)get_num(r, was.len), end = (size_t)get_num(r, was.len - begin);
	struct pve_span middle = get(r);
	char *bytes;

	if (r->bad)
		return (struct pve_span){"", 0};
	bytes = pve_arena_alloc(r->arena, begin + middle.len + end + 1);
	memcpy(bytes, was.p, begin);
	memcpy(bytes + begin, middle.p, middle.len);
	memcpy(bytes + begin + middle.len, was.p + was.len - end, end);
	return (struct pve_span){bytes, begin + middle.len + end};
}

static const char *const *get_argv(struct reader *r)
{
	/* A word takes at least three bytes, which bounds what a bad count can allocate. */
	size_t n = (size_t)get_num(r, r->rest.len / 3 + 1);
	const char **argv;

	if (!n || r->bad)
		return NULL;
	argv = pve_arena_alloc(r->arena, n * sizeof(*argv));
	for (size_t i = 0; i + 1 < n; i++)
		argv[i] = get_str(r);
	return argv;
}

static void get_step(struct reader *r, struct pve_step *s)
{
	*s = (struct pve_step){.kind = (enum pve_step_kind)get_num(r, PVE_STEP_CALL)};
	s->target = get_str(r);
	s->why = get_str(r);
	s->existed = get_num(r, 1);
	s->any = get_num(r, 1);
	s->was = get_bytes(r);
	s->content = get_content(r, s->was);
	s->mode = (mode_t)get_num(r, 07777);
	s->timeout_ms = (unsigned)get_num(r, UINT_MAX);
	s->argv = get_argv(r);
	s->undo = get_argv(r);
	s->guard = get_argv(r);
}

/* "begin 3" and the like; false when it is none of them. */
static bool get_record(struct pve_journal *j, struct pve_span line)
{
	struct pve_span word = pve_span_word(&line), number = pve_span_word(&line);
	struct pve_journal_mark *mark;
	uint64_t i;

	if (pve_num_span(number, UINT64_MAX, &i) < 0 || i >= j->plan.n)
		return false;
	mark = &j->marks[i];
	if (pve_span_eq(word, "rollback"))
		j->rollback = true;
	else if (pve_span_eq(word, "held"))
		j->held = true;
	else if (pve_span_eq(word, "confirmed"))
		j->confirmed = true;
	else if (pve_span_eq(word, "begin"))
		mark->begun = true;
	else if (pve_span_eq(word, "done"))
		mark->done = true;
	else if (pve_span_eq(word, "undone"))
		mark->undone = true;
	else
		return false;
	return true;
}

static void get_records(struct reader *r, struct pve_journal *j)
{
	const char *nl;

	while (r->rest.len && (nl = memchr(r->rest.p, '\n', r->rest.len))) {
		struct pve_span line = {r->rest.p, (size_t)(nl - r->rest.p)};

		if (!get_record(j, line)) {
			r->bad = true;
			return;
		}
		r->rest.p += line.len + 1;
		r->rest.len -= line.len + 1;
	}
}

int pve_journal_parse(struct pve_span bytes, struct pve_journal *journal, struct pve_err *e)
{
	struct pve_journal j = {0};
	struct reader r = {.rest = bytes, .arena = &j.plan.arena};

	if (!pve_span_starts(bytes, MAGIC))
		return pve_err_set(e, PVE_DATA, "not a journal of these tools");
	r.rest.p += strlen(MAGIC);
	r.rest.len -= strlen(MAGIC);
	j.head.tool = get_str(&r);
	j.head.pid = (pid_t)get_num(&r, INT_MAX);
	j.head.time = (time_t)get_num(&r, INT64_MAX);
	j.head.deadline = (int64_t)get_num(&r, INT64_MAX);
	j.head.boot = get_str(&r);
	j.plan.cap = (size_t)get_num(&r, STEPS_MAX);
	if (j.plan.cap > r.rest.len)
		r.bad = true;
	if (!r.bad) {
		j.plan.v = pve_calloc(j.plan.cap, sizeof(*j.plan.v));
		j.marks = pve_arena_alloc(&j.plan.arena, j.plan.cap * sizeof(*j.marks));
	}
	while (!r.bad && j.plan.n < j.plan.cap)
		get_step(&r, &j.plan.v[j.plan.n++]);
	if (!r.bad && pve_span_starts(r.rest, "end\n")) {
		r.rest.p += 4;
		r.rest.len -= 4;
		get_records(&r, &j);
	} else {
		r.bad = true;
	}
	if (r.bad || pve_plan_verify(&j.plan, NULL) < 0) {
		pve_err_set(e, PVE_DATA, "damaged at byte %zu", (size_t)(r.rest.p - bytes.p));
		pve_plan_done(&j.plan);
		return -1;
	}
	*journal = j;
	return 0;
}

void pve_journal_done(struct pve_journal *journal)
{
	pve_plan_done(&journal->plan);
	*journal = (struct pve_journal){0};
}
