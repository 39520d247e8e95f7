/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict.h"

#include <stdarg.h>

#include "pvecommon/num.h"

#define WEEK (7 * 86400)

static struct smart_problem *add(struct smart_verdict *v, enum pve_finding_severity severity,
				 const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static struct smart_problem *add(struct smart_verdict *v, enum pve_finding_severity severity,
				 const char *code, const char *fmt, ...)
{
	struct smart_problem *p;
	va_list ap;

	v->problem = pve_grow(v->problem, v->n, &v->cap, sizeof(*v->problem));
	p = &v->problem[v->n++];
	*p = (struct smart_problem){.severity = severity, .code = code, .value = -1};
	va_start(ap, fmt);
	p->message = pve_arena_vprintf(&v->mem, fmt, ap);
	va_end(ap);
	return p;
}

/* --- the disk's own word ----------------------------------------------------------- */

static void judge_nvme(struct smart_verdict *v, const struct pve_smart *s)
{
	static const struct {
		int bit;
		enum pve_finding_severity severity;
		const char *code, *message;
	} warnings[] = {
		{0, PVE_F_CRITICAL, "SMART-SPARE", "has too few spare blocks left"},
		{1, PVE_F_WARNING, "SMART-TEMPERATURE", "is outside its range of temperature"},
		{2, PVE_F_CRITICAL, "SMART-RELIABILITY", "is no longer reliable, by its own word"},
		{3, PVE_F_CRITICAL, "SMART-READ-ONLY", "has made itself read-only"},
		{4, PVE_F_CRITICAL, "SMART-BACKUP",
		 "can no longer save its volatile memory when power fails"},
		{5, PVE_F_CRITICAL, "SMART-PMR", "has a persistent memory region that is read-only"},
	};

	for (size_t i = 0; s->nvme.critical > 0 && i < sizeof(warnings) / sizeof(*warnings); i++)
		if (s->nvme.critical & 1 << warnings[i].bit)
			add(v, warnings[i].severity, warnings[i].code, "%s", warnings[i].message);
	if (s->nvme.spare >= 0 && s->nvme.spare_threshold > 0 &&
	    s->nvme.spare < s->nvme.spare_threshold && !(s->nvme.critical & 1))
		add(v, PVE_F_CRITICAL, "SMART-SPARE", "has %d %% of its spare blocks left, below %d %%",
		    s->nvme.spare, s->nvme.spare_threshold);
}

static void judge_own_word(struct smart_verdict *v, const struct pve_smart *s)
{
	bool failing = s->passed == 0 ||
		       (s->passed < 0 && s->exit_status > 0 &&
			s->exit_status & PVE_SMARTCTL_FAILING);

	judge_nvme(v, s);
	/* Of NVMe it is the critical warnings once more, heat among them. */
	if (failing && (s->protocol != PVE_SMART_NVME || s->nvme.critical <= 0))
		add(v, PVE_F_CRITICAL, "SMART-FAILING", "says that it is failing%s%s",
		    *s->scsi.trip ? ": " : "", s->scsi.trip);
}

static void judge_thresholds(struct smart_verdict *v, const struct pve_smart *s)
{
	bool prefail = false;

	for (size_t i = 0; i < s->nattrs; i++) {
		const struct pve_smart_attr *a = &s->attr[i];

		if (a->failed == 'n' && a->prefail) {
			prefail = true;
			add(v, PVE_F_CRITICAL, "SMART-PREFAIL", "%s is at %d, its limit is %d",
			    a->name, a->value, a->thresh);
		} else if (a->failed == 'n' && a->id != 190 && a->id != 194) {
			/* 190 and 194 are heat, which is judged by degrees. */
			add(v, PVE_F_WARNING, "SMART-OLD-AGE", "%s is at %d, its limit is %d",
			    a->name, a->value, a->thresh);
		} else if (a->failed == 'p' && a->prefail) {
			add(v, PVE_F_WARNING, "SMART-PREFAIL-PAST",
			    "%s was once at %d, its limit is %d", a->name, a->worst, a->thresh);
		}
	}
	if (!prefail && !s->nattrs && s->exit_status > 0 && s->exit_status & PVE_SMARTCTL_PREFAIL)
		add(v, PVE_F_CRITICAL, "SMART-PREFAIL", "has a prefail attribute at its limit");
}

static void judge_tests(struct smart_verdict *v, const struct pve_smart *s)
{
	size_t i = 0;

	/* Tests that were broken off, or run still, tell nothing. */
	while (i < s->ntests && s->test[i].passed < 0)
		i++;
	if (i == s->ntests || s->test[i].passed)
		return;
	add(v, PVE_F_CRITICAL, "SMART-TEST", "failed its last self-test: %s%s%lld",
	    *s->test[i].result ? s->test[i].result : "no reason told", ", at hour ",
	    (long long)s->test[i].hours);
}

/* --- counters ---------------------------------------------------------------------- */

/* From how many on; 0: never.  grown: in the last seven days. */
static const struct rule {
	enum smart_counter counter;
	const char *code, *what;
	int64_t info, warning, critical, grown_warning, grown_critical;
	const char *advice;
} rules[] = {
	{SMART_MEDIA, "SMART-MEDIA", "errors that cost data", 0, 1, 0, 1, 10, ""},
	{SMART_PENDING, "SMART-PENDING", "sectors that cannot be read", 0, 1, 64, 1, 16, ""},
	{SMART_UNCORRECTABLE, "SMART-UNCORRECTABLE", "sectors that its own scan could not read", 0, 1,
	 64, 1, 16, ""},
	{SMART_REPORTED, "SMART-REPORTED", "errors that it could not correct", 0, 1, 0, 1, 10, ""},
	{SMART_END_TO_END, "SMART-END-TO-END", "errors between its cache and the host", 0, 1, 0, 1, 0,
	 ""},
	{SMART_REALLOCATED, "SMART-REALLOCATED", "reallocated sectors", 1, 10, 0, 1, 16, ""},
	{SMART_TIMEOUTS, "SMART-TIMEOUTS", "commands that timed out", 100, 0, 0, 5, 0,
	 ": look at power and cables"},
	{SMART_CRC, "SMART-CRC", "transfer errors", 1, 0, 0, 1, 0, ": look at cable and backplane"},
	{SMART_SPIN_RETRY, "SMART-SPIN-RETRY", "failed attempts to spin up", 0, 0, 0, 1, 0,
	 ": look at power"},
};

static bool reaches(int64_t n, int64_t limit)
{
	return limit && n >= limit;
}

static void judge_counter(struct smart_verdict *v, const struct rule *r,
			  const struct smart_sample *before)
{
	int64_t n = v->c[r->counter], old = before ? before->c[r->counter] : -1;
	int64_t grown = old >= 0 && n > old ? n - old : 0;
	enum pve_finding_severity severity;
	struct smart_problem *p;
	char since[PVE_TIME_TEXT];

	if (n < 0)
		return;
	if (reaches(n, r->critical) || reaches(grown, r->grown_critical))
		severity = PVE_F_CRITICAL;
	else if (reaches(n, r->warning) || reaches(grown, r->grown_warning))
		severity = PVE_F_WARNING;
	else if (reaches(n, r->info))
		severity = PVE_F_INFO;
	else
		return;
	if (grown)
		p = add(v, severity, r->code, "has %lld %s, %lld more since %s%s", (long long)n,
			r->what, (long long)grown, pve_num_time_text(before->time, since), r->advice);
	else
		p = add(v, severity, r->code, "has %lld %s%s", (long long)n, r->what,
			severity > PVE_F_INFO ? r->advice : "");
	p->value = n;
}

static void judge_counters(struct smart_verdict *v, const struct smart_case *c)
{
	const struct smart_sample *before = smart_samples_since(c->samples, c->disk, c->now, WEEK);
	/* Of SCSI it is the list of grown defects: a few are usual. */
	bool scsi = c->smart->protocol == PVE_SMART_SCSI;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		struct rule r = rules[i];

		if (scsi && r.counter == SMART_REALLOCATED) {
			r.what = "grown defects";
			r.warning = 50;
		}
		judge_counter(v, &r, before);
	}
}

/* --- wear and heat ----------------------------------------------------------------- */

static void judge_wear(struct smart_verdict *v, const struct smart_case *c)
{
	int64_t left = v->c[SMART_WEAROUT];
	char date[PVE_TIME_TEXT];

	v->wear_end = smart_wear_end(c->samples, c->disk, c->now, left, v->c[SMART_HOURS]);
	if (left < 0)
		return;
	pve_num_time_text(v->wear_end, date);
	date[10] = 0;
	if (left == 0)
		add(v, PVE_F_WARNING, "SMART-WEAR", "has used up its rated life (%s)",
		    v->wear_source);
	else if (left <= 10)
		add(v, PVE_F_WARNING, "SMART-WEAR", "has %lld %% of its rated life left (%s)%s%s",
		    (long long)left, v->wear_source, v->wear_end ? ", until " : "",
		    v->wear_end ? date : "");
	else if (v->wear_end && v->wear_end - c->now < 90 * 86400)
		add(v, PVE_F_WARNING, "SMART-WEAR", "wears out by %s at this rate (%s: %lld %%)", date,
		    v->wear_source, (long long)left);
}

/* What a disk may have: as its maker says, else what is usual. */
static int limit_of(const struct smart_case *c)
{
	if (c->smart->temperature_max != PVE_SMART_NO_TEMPERATURE)
		return c->smart->temperature_max;
	if (c->smart->protocol == PVE_SMART_NVME)
		return 80;
	return c->rotates ? 60 : 70;
}

static void judge_heat(struct smart_verdict *v, const struct smart_case *c)
{
	int t = c->smart->temperature, limit = limit_of(c);

	if (t == PVE_SMART_NO_TEMPERATURE || t < limit)
		return;
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->problem[i].code, "SMART-TEMPERATURE") == 0)
			return;
	add(v, t >= limit + 10 ? PVE_F_CRITICAL : PVE_F_WARNING, "SMART-TEMPERATURE",
	    "is at %d C, allowed are %d C", t, limit);
}

/* --- states ------------------------------------------------------------------------ */

static void judge_asleep(struct smart_verdict *v, const struct smart_case *c)
{
	const struct smart_sample *last = smart_samples_last(c->samples, c->disk);
	char text[PVE_TIME_TEXT];

	v->health = SMART_UNKNOWN;
	if (!last) {
		v->reason = "asleep, and no sample of it is kept";
		add(v, PVE_F_WARNING, "SMART-ASLEEP", "%s", v->reason);
		return;
	}
	v->health = last->health;
	v->as_of = last->time;
	memcpy(v->c, last->c, sizeof(v->c));
	v->reason = pve_arena_printf(&v->mem, "asleep, as of %s",
				     pve_num_time_text(last->time, text));
	add(v,
	    last->health == SMART_CRITICAL  ? PVE_F_CRITICAL
	    : last->health == SMART_WARNING ? PVE_F_WARNING
					    : PVE_F_INFO,
	    "SMART-ASLEEP", "asleep, was %s at %s%s%s", smart_health_name(last->health), text,
	    *last->told ? ": " : "", last->told);
}

/* Some disks say that SMART is enabled when it is not, and just refuse its commands. */
static void judge_unreadable(struct smart_verdict *v, const struct smart_case *c)
{
	struct smart_problem *p = add(v, PVE_F_WARNING, "SMART-UNREADABLE", "%s", c->smart->why);

	if (c->smart->protocol && c->smart->exit_status > 0 &&
	    c->smart->exit_status & PVE_SMARTCTL_COMMAND)
		p->fix = pve_arena_printf(&v->mem, "pve-smart enable %s", c->device);
}

/* Worst first, in the order of the rules otherwise. */
static void sort(struct smart_verdict *v)
{
	for (size_t i = 1; i < v->n; i++) {
		struct smart_problem p = v->problem[i];
		size_t k = i;

		for (; k > 0 && v->problem[k - 1].severity < p.severity; k--)
			v->problem[k] = v->problem[k - 1];
		v->problem[k] = p;
	}
}

static void judge_report(struct smart_verdict *v, const struct smart_case *c)
{
	judge_own_word(v, c->smart);
	judge_thresholds(v, c->smart);
	judge_tests(v, c->smart);
	judge_counters(v, c);
	judge_wear(v, c);
	judge_heat(v, c);
	sort(v);
	v->health = SMART_OK;
	if (v->n && v->problem[0].severity == PVE_F_CRITICAL)
		v->health = SMART_CRITICAL;
	else if (v->n && v->problem[0].severity == PVE_F_WARNING)
		v->health = SMART_WARNING;
	v->reason = v->health != SMART_OK ? v->problem[0].message : "";
}

void smart_judge(struct smart_verdict *v, const struct smart_case *c)
{
	*v = (struct smart_verdict){.health = SMART_UNKNOWN, .reason = c->smart->why};
	smart_counters_read(v->c, c->smart);
	smart_wear(c->smart, &v->wear_source);
	switch (c->smart->state) {
	case PVE_SMART_READ:
		judge_report(v, c);
		break;
	case PVE_SMART_ASLEEP:
		judge_asleep(v, c);
		break;
	case PVE_SMART_OFF:
		add(v, PVE_F_WARNING, "SMART-DISABLED", "%s", c->smart->why)->fix =
			pve_arena_printf(&v->mem, "pve-smart enable %s", c->device);
		break;
	case PVE_SMART_NONE:
		add(v, PVE_F_INFO, "SMART-NONE", "%s", c->smart->why);
		break;
	case PVE_SMART_UNKNOWN:
		judge_unreadable(v, c);
		break;
	}
}

void smart_verdict_done(struct smart_verdict *v)
{
	free(v->problem);
	pve_arena_done(&v->mem);
	*v = (struct smart_verdict){0};
}

/* --- news -------------------------------------------------------------------------- */

void smart_told(const struct smart_verdict *v, struct pve_buf *out)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct smart_problem *p = &v->problem[i];

		if (p->severity == PVE_F_INFO)
			continue;
		pve_buf_printf(out, "%s%s", out->len ? " " : "", p->code);
		if (p->value >= 0)
			pve_buf_printf(out, "=%lld", (long long)p->value);
		else if (p->severity == PVE_F_CRITICAL)
			pve_buf_puts(out, "!");
	}
}

bool smart_is_news(const struct smart_problem *p, const char *told)
{
	struct pve_span rest = pve_span(told), word;
	size_t n = strlen(p->code);

	if (p->severity == PVE_F_INFO)
		return false;
	while ((word = pve_span_word(&rest)).len) {
		uint64_t value;

		if (!pve_span_starts(word, p->code) || (word.len > n && !strchr("=!", word.p[n])))
			continue;
		if (word.len == n)
			return p->severity == PVE_F_CRITICAL;
		if (word.p[n] == '!')
			return false;
		if (pve_num_span((struct pve_span){word.p + n + 1, word.len - n - 1}, INT64_MAX,
				 &value) == 0)
			return p->value > (int64_t)value;
	}
	return true;
}
