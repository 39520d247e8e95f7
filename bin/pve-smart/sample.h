/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_SAMPLE_H
#define PVE_SMART_SAMPLE_H

#include <time.h>

#include "counters.h"
#include "pvecommon/err.h"
#include "pvecommon/map.h"

/*
 * The store of samples: two text files below /var/lib/pve-smart, "recent" with all of the last
 * two days and "daily" with one a day for two years.  A line is a sample of one disk, its
 * fields separated by tabs and escaped as with -H (pvecommon/text.h); the first line names the
 * columns:
 *
 *     time  disk  health  told  temperature  hours  ...
 *
 * so that a later version may add some.  An empty field is a value that the disk does not
 * tell.  Lines are in the order of their times.
 */
#define SMART_RECENT "/var/lib/pve-smart/recent"
#define SMART_DAILY "/var/lib/pve-smart/daily"
#define SMART_RECENT_S (2 * 86400)
#define SMART_DAILY_S (730LL * 86400)

enum smart_health { SMART_OK, SMART_WARNING, SMART_CRITICAL, SMART_UNKNOWN };

struct smart_sample {
	time_t time;
	const char *disk;      /* serial number, else kernel name */
	enum smart_health health;
	const char *told;      /* what root was mailed about and still holds: "CODE=number CODE=..." */
	int64_t c[SMART_NCOUNTERS]; /* -1: not told */
};

struct smart_samples {
	struct smart_sample *v;
	size_t n, cap;
	size_t *next;          /* index: the following sample of the same disk, + 1 */
	struct pve_map first, last; /* index: disk -> number of its oldest and newest, + 1 */
	struct pve_arena mem;
};

/* "ok", "warning", "critical", "unknown". */
const char *smart_health_name(enum smart_health health);

/* Adds the samples of a file; lines that are no sample are reported with their number and
 * left out. */
void smart_samples_parse(struct smart_samples *s, struct pve_span bytes, const char *file,
			 struct pve_diags *d);
/* Adds a copy, its strings too. */
void smart_samples_add(struct smart_samples *s, const struct smart_sample *one);
/* Adds the file of all samples that are younger than max_age seconds.  parse gives them back;
 * what was formatted so is the same bytes after parse and format. */
void smart_samples_format(const struct smart_samples *s, time_t now, int64_t max_age,
			  struct pve_buf *out);
void smart_samples_done(struct smart_samples *s);

/* Sorts by time, drops the second of two that are of one disk and time, and makes the index
 * that the questions below need. */
void smart_samples_sort(struct smart_samples *s);
/* The newest of a disk; NULL when there is none. */
const struct smart_sample *smart_samples_last(const struct smart_samples *s, const char *disk);
/* The samples of a disk from the oldest on: prev is NULL for the first; NULL at the end. */
const struct smart_sample *smart_samples_next(const struct smart_samples *s, const char *disk,
					      const struct smart_sample *prev);
/* The oldest of a disk that is not older than max_age; NULL. */
const struct smart_sample *smart_samples_since(const struct smart_samples *s, const char *disk,
					       time_t now, int64_t max_age);

/* When the rated life of a disk ends if it goes on like that: by the samples when they span
 * two weeks and a percent, else by its hours.  0: cannot be told, or is over 50 years ahead. */
time_t smart_wear_end(const struct smart_samples *s, const char *disk, time_t now,
		      int64_t wearout, int64_t hours);

#endif
