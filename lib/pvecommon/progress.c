/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/progress.h"

#include <inttypes.h>
#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define NS_PER_S 1000000000
#define APPEARS_AFTER ((int64_t)NS_PER_S)
#define REDRAWN_AFTER ((int64_t)NS_PER_S / 10)
#define BAR_CELLS 20

void pve_progress_init(struct pve_progress *p, struct pve_sys *sys, FILE *to, const char *label,
		       enum pve_progress_unit unit, uint64_t total)
{
	*p = (struct pve_progress){
		.sys = sys,
		.to = to,
		.label = label,
		.unit = unit,
		.total = total,
		.start = to ? sys->now(sys, CLOCK_MONOTONIC) : 0,
	};
}

static double share_of(const struct pve_progress *p)
{
	double share = (double)p->at / (double)p->total;

	return share > 1 ? 1 : share;
}

static void add_bar(struct pve_buf *b, const struct pve_progress *p)
{
	unsigned full = (unsigned)(share_of(p) * BAR_CELLS);

	pve_buf_puts(b, " [");
	for (unsigned i = 0; i < BAR_CELLS; i++)
		pve_buf_putc(b, i < full ? '#' : '.');
	pve_buf_printf(b, "] %3u%%", (unsigned)(share_of(p) * 100));
}

static void add_amount(struct pve_buf *b, const struct pve_progress *p)
{
	char at[PVE_SIZE_TEXT], total[PVE_SIZE_TEXT];

	if (p->unit == PVE_PROGRESS_STEPS) {
		snprintf(at, sizeof(at), "%" PRIu64, p->at);
		snprintf(total, sizeof(total), "%" PRIu64, p->total);
	} else {
		pve_num_size_text(p->at, at);
		pve_num_size_text(p->total, total);
	}
	pve_buf_printf(b, "  %s", at);
	if (p->total)
		pve_buf_printf(b, " of %s", total);
}

/* "  118M/s  0:15", as seen over the whole time so far. */
static void add_rate(struct pve_buf *b, const struct pve_progress *p, int64_t now)
{
	double rate = (double)p->at * NS_PER_S / (double)(now - p->start), left;
	char text[PVE_SIZE_TEXT];

	pve_buf_printf(b, "  %s/s", pve_num_size_text((uint64_t)rate, text));
	if (rate < 1 || p->at >= p->total)
		return;
	left = (double)(p->total - p->at) / rate;
	if (left < 3600)
		pve_buf_printf(b, "  %u:%02u", (unsigned)left / 60, (unsigned)left % 60);
	else if (left < 100 * 3600)
		pve_buf_printf(b, "  %u:%02u:%02u", (unsigned)left / 3600, (unsigned)left / 60 % 60,
			       (unsigned)left % 60);
}

static void draw(const struct pve_progress *p, int64_t now)
{
	size_t width = p->width ? p->width : 80, label;
	PVE_BUF line = {0}, tail = {0};

	if (p->total)
		add_bar(&tail, p);
	add_amount(&tail, p);
	if (p->unit == PVE_PROGRESS_BYTES)
		add_rate(&tail, p, now);
	pve_text_safe(&line, pve_span(p->label));
	/* A line that wrapped could not be cleared: the label gives way, bytes counted as
	 * columns, then the end of the rest. */
	label = tail.len + 1 < width ? width - 1 - tail.len : 0;
	if (line.len > label) {
		line.len = label;
		while (line.len && ((unsigned char)line.data[line.len] & 0xc0) == 0x80)
			line.len--;
	}
	pve_buf_span(&line, (struct pve_span){tail.data, tail.len});
	if (line.len >= width)
		line.len = width - 1;
	fprintf(p->to, "\r\033[K%.*s", (int)line.len, pve_buf_str(&line));
	fflush(p->to);
}

void pve_progress_set(struct pve_progress *p, uint64_t at)
{
	int64_t now;

	p->at = at;
	if (!p->to)
		return;
	now = p->sys->now(p->sys, CLOCK_MONOTONIC);
	if (now - p->start < APPEARS_AFTER || (p->drawn && now - p->drawn < REDRAWN_AFTER))
		return;
	draw(p, now);
	p->drawn = now;
}

void pve_progress_done(struct pve_progress *p)
{
	if (!p->to || !p->drawn)
		return;
	fputs("\r\033[K", p->to);
	fflush(p->to);
	p->drawn = 0;
}
