/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/retry.h"

#include <stdio.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define LONGEST_MS 5000u

static unsigned doubled(unsigned first, unsigned n)
{
	return n < 10 && first << n < LONGEST_MS ? first << n : LONGEST_MS;
}

time_t acme_http_date(struct pve_span value)
{
	char text[64];
	struct tm tm = {0};
	time_t then;

	value = pve_span_trim(value);
	if (!value.len || value.len >= sizeof(text))
		return 0;
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) &&
	    !strptime(text, "%A, %d-%b-%y %H:%M:%S GMT", &tm) &&
	    !strptime(text, "%a %b %d %H:%M:%S %Y", &tm))
		return 0;
	then = timegm(&tm);
	return then > 0 ? then : 0;
}

int64_t acme_retry_after(struct pve_span value, time_t now)
{
	uint64_t seconds;
	time_t then;

	value = pve_span_trim(value);
	if (pve_num_span(value, INT32_MAX, &seconds) == 0)
		return (int64_t)seconds;
	then = acme_http_date(value);
	if (!then)
		return -1;
	return then > now ? (int64_t)(then - now) : 0;
}

int64_t acme_clock_skew(struct pve_span date, struct pve_span age, time_t now)
{
	time_t then = date.p ? acme_http_date(date) : 0;
	uint64_t kept = 0;

	if (!then || (age.p && pve_num_span(pve_span_trim(age), INT32_MAX, &kept) < 0))
		return 0;
	return (int64_t)now - (int64_t)then - (int64_t)kept;
}

char *acme_skew_text(int64_t skew, char text[ACME_SKEW_TEXT])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	int64_t n = skew < 0 ? -skew : skew;
	size_t i = 0;

	while (units[i].seconds > 1 && n < 2 * units[i].seconds)
		i++;
	snprintf(text, ACME_SKEW_TEXT, "%lld %s%s %s", (long long)(n / units[i].seconds), units[i].name,
		 n / units[i].seconds == 1 ? "" : "s", skew < 0 ? "behind" : "ahead of");
	return text;
}

bool acme_skew_said(int64_t skew)
{
	return skew >= ACME_SKEW_SAID || skew <= -ACME_SKEW_SAID;
}

char *acme_skew_warning(int64_t skew)
{
	char text[ACME_SKEW_TEXT];

	return acme_skew_said(skew) ? pve_asprintf("the clock of this host is %s that of the CA",
						   acme_skew_text(skew, text))
				    : NULL;
}

unsigned acme_retry_pause(unsigned n, uint32_t random)
{
	unsigned pause = doubled(100, n);

	return pause - random % (pause / 4);
}

unsigned acme_poll_pause(unsigned n)
{
	return doubled(50, n);
}
