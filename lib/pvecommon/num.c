/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/num.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

int pve_num_span(struct pve_span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.len)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.p[i] - '0';

		/* Nineteen digits always fit. */
		if (digit > 9 || (i >= 19 && v > (UINT64_MAX - digit) / 10))
			return -1;
		v = v * 10 + digit;
	}
	if (v > max)
		return -1;
	*out = v;
	return 0;
}

int pve_num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out, struct pve_err *e)
{
	uint64_t v;

	if (pve_num_span(pve_span(s), max, &v) < 0 || v < min)
		return pve_err_set(e, PVE_USAGE,
				   "'%s' is not a number from %" PRIu64 " to %" PRIu64, s, min,
				   max);
	*out = v;
	return 0;
}

int pve_num_i64(const char *s, int64_t min, int64_t max, int64_t *out, struct pve_err *e)
{
	bool minus = *s == '-';
	uint64_t v = 0;
	int64_t value = 0;
	bool good = pve_num_span(pve_span(s + minus), (uint64_t)INT64_MAX + minus, &v) == 0;

	/* Written so that -2^63 is never the result of negating 2^63. */
	if (good)
		value = minus ? (v ? -(int64_t)(v - 1) - 1 : 0) : (int64_t)v;
	if (!good || value < min || value > max)
		return pve_err_set(e, PVE_USAGE,
				   "'%s' is not a number from %" PRId64 " to %" PRId64, s, min,
				   max);
	*out = value;
	return 0;
}

/* Reads digits at *s and moves it behind them; -1 when there are none or too many. */
static int digits(const char **s, uint64_t *out)
{
	struct pve_span d = {*s, 0};

	while (isdigit((unsigned char)d.p[d.len]))
		d.len++;
	*s += d.len;
	return pve_num_span(d, UINT64_MAX, out);
}

/* The fraction behind a point as billionths, cut to nine digits. */
static int fraction(const char **s, uint64_t *billionths)
{
	uint64_t v = 0, unit = 100000000;
	const char *start = *s;

	for (; isdigit((unsigned char)**s); (*s)++, unit /= 10)
		v += (uint64_t)(**s - '0') * unit;
	*billionths = v;
	return *s > start ? 0 : -1;
}

static int size_value(const char *s, uint64_t *bytes)
{
	static const char units[] = "KMGTPE";
	uint64_t whole, part = 0;
	const char *unit;
	unsigned shift = 0;

	if (digits(&s, &whole) < 0)
		return -1;
	if (*s == '.' && (s++, fraction(&s, &part) < 0))
		return -1;
	if (*s && *s != 'B') {
		unit = strchr(units, toupper((unsigned char)*s));
		if (!unit)
			return -1;
		shift = 10 * (unsigned)(unit - units + 1);
		s++;
		if (s[0] == 'i' && s[1] == 'B')
			s++;
	} else if (part) {
		return -1;
	}
	if (*s == 'B')
		s++;
	if (*s || whole > UINT64_MAX >> shift)
		return -1;
	/* 10^9 < 2^30, so the product stays below 2^90: done in 128 bits, then rounded down. */
	*bytes = (whole << shift) +
		 (uint64_t)(((unsigned __int128)part << shift) / 1000000000u);
	return 0;
}

int pve_num_size(const char *s, uint64_t min, uint64_t max, uint64_t *bytes, struct pve_err *e)
{
	char low[PVE_SIZE_TEXT], high[PVE_SIZE_TEXT];
	uint64_t v;

	if (size_value(s, &v) < 0)
		return pve_err_set(e, PVE_USAGE, "'%s' is not a size (for example 512M or 8G)",
				   s);
	if (v < min || v > max)
		return pve_err_set(e, PVE_USAGE, "size %s is not between %s and %s", s,
				   pve_num_size_text(min, low), pve_num_size_text(max, high));
	*bytes = v;
	return 0;
}

static int duration_value(const char *s, uint64_t *seconds)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"min", 60}, {"s", 1}, {"h", 3600}, {"d", 86400}, {"w", 604800}, {"", 1}};
	uint64_t sum = 0, v, part;
	size_t u;

	do {
		if (digits(&s, &v) < 0)
			return -1;
		for (u = 0; *units[u].name; u++)
			if (strncmp(s, units[u].name, strlen(units[u].name)) == 0)
				break;
		/* Digits without a unit must be the end: 1h30 would be a riddle. */
		if (!*units[u].name && *s)
			return -1;
		s += strlen(units[u].name);
		if (__builtin_mul_overflow(v, units[u].seconds, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return -1;
		if (!*units[u].name && sum != part)
			return -1;
	} while (*s);
	*seconds = sum;
	return 0;
}

int pve_num_duration(const char *s, uint64_t min, uint64_t max, uint64_t *seconds,
		     struct pve_err *e)
{
	uint64_t v;

	if (duration_value(s, &v) < 0)
		return pve_err_set(e, PVE_USAGE, "'%s' is not a duration (for example 90s or 5min)",
				   s);
	if (v < min || v > max)
		return pve_err_set(e, PVE_USAGE,
				   "duration %s is not from %" PRIu64 " to %" PRIu64 " seconds", s,
				   min, max);
	*seconds = v;
	return 0;
}

/* bytes * times / 1024^u, rounded half up. */
static uint64_t in_unit(uint64_t bytes, unsigned times, unsigned u)
{
	unsigned __int128 half = ((unsigned __int128)1 << (10 * u)) >> 1;

	return (uint64_t)(((unsigned __int128)bytes * times + half) >> (10 * u));
}

char *pve_num_size_text(uint64_t bytes, char text[PVE_SIZE_TEXT])
{
	static const char units[] = "BKMGTPE";
	unsigned u = 0;
	uint64_t tenths;

	/* Rounding may carry into the next unit, as 1023.99M does. */
	while (u < 6 && in_unit(bytes, 1, u) >= 1024)
		u++;
	/* One digit behind the point below 10, none above.  Each is rounded from the bytes: by
	 * way of the tenths, 10.499K would come out as 11K. */
	tenths = in_unit(bytes, 10, u);
	if (u && tenths < 100)
		snprintf(text, PVE_SIZE_TEXT, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10,
			 units[u]);
	else
		snprintf(text, PVE_SIZE_TEXT, "%" PRIu64 "%c", in_unit(bytes, 1, u), units[u]);
	return text;
}

char *pve_num_time_text(time_t t, char text[PVE_TIME_TEXT])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, PVE_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(text, PVE_TIME_TEXT, "%" PRId64, (int64_t)t);
	return text;
}
