/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "news.h"

#include "pvecommon/text.h"

#define HEAT "SMART-TEMPERATURE"
#define HEAT_CLEARED 5 /* degrees that a disk must cool before heat is told again */

/* "/dev/sda (HDD00001): sda3:rpool/mirror-0, guests 100 101" */
static void object(const struct smart_case *c, const struct pve_disk *d, struct pve_buf *b)
{
	pve_buf_printf(b, "%s", c->device);
	if (strcmp(c->disk, d->dev ? d->dev->name : d->name) != 0)
		pve_buf_printf(b, " (%s)", c->disk);
}

static void serves(const struct pve_disk *d, struct pve_buf *b)
{
	for (size_t i = 0; i < d->nuses; i++) {
		pve_buf_puts(b, i ? ", " : "; it serves ");
		pve_disk_use_format(&d->use[i], b);
	}
	for (size_t i = 0; i < d->nguests; i++)
		pve_buf_printf(b, "%s%u", i ? " " : "; guests ", d->guest[i]);
}

/* Heat comes and goes: near the limit it stays told. */
static bool still_warm(const struct smart_verdict *v, const struct smart_sample *last)
{
	int64_t t = v->c[SMART_TEMPERATURE], then = last ? last->c[SMART_TEMPERATURE] : -1;

	return last && strstr(last->told, HEAT) && t >= 0 && then >= 0 && t > then - HEAT_CLEARED;
}

/* What was told holds on, and what is new joins it. */
static void add_told(struct pve_buf *told, const struct smart_verdict *v,
		     const struct smart_sample *last)
{
	smart_told(v, told);
	if (!strstr(pve_buf_str(told), HEAT) && still_warm(v, last))
		pve_buf_printf(told, "%s" HEAT, told->len ? " " : "");
}

/* Of a disk that cannot be asked all holds on that was told, but that. */
static void keep_told(struct pve_buf *told, const char *before)
{
	struct pve_span rest = pve_span(before), word;

	while ((word = pve_span_word(&rest)).len)
		if (!pve_span_eq(word, "SMART-UNREADABLE") && !pve_span_eq(word, SMART_GONE))
			pve_buf_printf(told, "%s%.*s", told->len ? " " : "", PVE_SPAN_ARG(word));
}

/* The clock may stand still or go back; the order of samples must not. */
static time_t later(time_t now, const struct smart_sample *last)
{
	return last && last->time >= now ? last->time + 1 : now;
}

bool smart_news_disk(const struct smart_case *c, const struct smart_verdict *v,
		     const struct pve_disk *d, struct smart_sample *one, struct pve_buf *told,
		     struct pve_findings *news)
{
	const struct smart_sample *last = smart_samples_last(c->samples, c->disk);
	const char *before = last ? last->told : "";
	PVE_BUF name = {0};

	if (c->smart->state == PVE_SMART_ASLEEP || c->smart->state == PVE_SMART_NONE)
		return false;
	object(c, d, &name);
	for (size_t i = 0; i < v->n; i++) {
		PVE_BUF text = {0};

		if (!smart_is_news(&v->problem[i], before))
			continue;
		pve_buf_puts(&text, v->problem[i].message);
		serves(d, &text);
		pve_finding_fix(pve_findings_add(news, v->problem[i].severity, v->problem[i].code,
						 pve_buf_str(&name), "%s", pve_buf_str(&text)),
				"pve-smart show %s", c->disk);
	}
	if (c->smart->state == PVE_SMART_UNKNOWN)
		keep_told(told, before);
	add_told(told, v, last);
	*one = (struct smart_sample){
		.time = later(c->now, last), .disk = c->disk, .health = v->health, .told = pve_buf_str(told)};
	memcpy(one->c, v->c, sizeof(one->c));
	return true;
}

bool smart_news_gone(const struct smart_sample *last, time_t now, struct smart_sample *one,
		     struct pve_findings *news)
{
	if (strstr(last->told, SMART_GONE) || now - last->time > SMART_GONE_S)
		return false;
	pve_findings_add(news, PVE_F_WARNING, SMART_GONE, last->disk,
			 "the disk with this serial number is not there any more, it was %s",
			 smart_health_name(last->health));
	*one = *last;
	one->time = later(now, last);
	one->health = SMART_UNKNOWN;
	one->told = SMART_GONE;
	return true;
}

void smart_news_mail(const struct pve_findings *news, const char *host, struct pve_buf *subject,
		     struct pve_buf *body)
{
	static const char *const words[] = {"info", "warning", "critical"};

	for (size_t i = 0; i < news->n; i++) {
		const struct pve_finding *f = &news->v[i];

		pve_buf_printf(body, "%s: ", words[f->severity]);
		pve_text_safe(body, pve_span(f->object));
		pve_buf_putc(body, ' ');
		pve_text_safe(body, pve_span(f->message));
		pve_buf_printf(body, "\n    %s\n", f->code);
		if (f->fix)
			pve_buf_printf(body, "    %s\n", f->fix);
		pve_buf_putc(body, '\n');
	}
	pve_buf_printf(body, "Found by \"pve-smart watch\" on %s, which tells each change once.\n",
		       host);
	if (!news->n)
		return;
	pve_buf_printf(subject, "pve-smart on %s: %s: ", host, words[news->v[0].severity]);
	pve_text_safe(subject, pve_span(news->v[0].object));
	pve_buf_putc(subject, ' ');
	pve_text_safe(subject, pve_span(news->v[0].message));
	if (news->n > 1)
		pve_buf_printf(subject, " (and %zu more)", news->n - 1);
}
