/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_PLOT_H
#define PVE_SMART_PLOT_H

#include "sample.h"

#define PLOT_WIDTH 60
#define PLOT_HEIGHT 8

/* Draws a value over time: rows of '*' with the scale at their left, the times below.  Added
 * to out; nothing when no sample of the disk has the value. */
void smart_plot(const struct smart_samples *s, const char *disk, enum smart_counter which,
		struct pve_buf *out);

#endif
