/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "pvecommon/num.h"

struct range {
	time_t from, to;
	int64_t low, high;
	bool any;
};

static struct range find_range(const struct smart_samples *s, const char *disk,
			       enum smart_counter which)
{
	const struct smart_sample *one = NULL;
	struct range r = {0};

	while ((one = smart_samples_next(s, disk, one))) {
		int64_t v = one->c[which];

		if (v < 0)
			continue;
		if (!r.any)
			r = (struct range){one->time, one->time, v, v, true};
		r.to = one->time;
		r.low = v < r.low ? v : r.low;
		r.high = v > r.high ? v : r.high;
	}
	/* A value that never changed is a line in the middle. */
	if (r.low == r.high) {
		r.low = r.low ? r.low - 1 : 0;
		r.high++;
	}
	return r;
}

/* Of a value in the range: its place among n. */
static int place(double at, double from, double to, int n)
{
	int i = to > from ? (int)((at - from) / (to - from) * (n - 1) + 0.5) : 0;

	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static void draw_row(const struct range *r, int y, const char *cells, struct pve_buf *out)
{
	int64_t v = r->low + (r->high - r->low) * y / (PLOT_HEIGHT - 1);
	size_t n = PLOT_WIDTH;

	while (n && cells[n - 1] == ' ')
		n--;
	pve_buf_printf(out, "%12lld |%.*s\n", (long long)v, (int)n, cells);
}

void smart_plot(const struct smart_samples *s, const char *disk, enum smart_counter which,
		struct pve_buf *out)
{
	struct range r = find_range(s, disk, which);
	const struct smart_sample *one = NULL;
	char cells[PLOT_HEIGHT][PLOT_WIDTH], from[PVE_TIME_TEXT], to[PVE_TIME_TEXT];

	if (!r.any)
		return;
	memset(cells, ' ', sizeof(cells));
	while ((one = smart_samples_next(s, disk, one)))
		if (one->c[which] >= 0)
			cells[place((double)one->c[which], (double)r.low, (double)r.high,
				    PLOT_HEIGHT)][place((double)one->time, (double)r.from,
							(double)r.to, PLOT_WIDTH)] = '*';
	pve_buf_printf(out, "%s\n", smart_counter_names[which]);
	for (int y = PLOT_HEIGHT - 1; y >= 0; y--)
		draw_row(&r, y, cells[y], out);
	pve_buf_printf(out, "%14.*s", 14, "+");
	for (int i = 0; i < PLOT_WIDTH; i++)
		pve_buf_putc(out, '-');
	pve_num_time_text(r.from, from);
	pve_num_time_text(r.to, to);
	pve_buf_printf(out, "\n%14s%-40s%20s\n", "", from, to);
}
