/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/retry.h"

#include "pvecommon/num.h"

#define LONGEST_MS 5000u

static unsigned doubled(unsigned first, unsigned n)
{
	return n < 10 && first << n < LONGEST_MS ? first << n : LONGEST_MS;
}

int64_t acme_retry_after(struct pve_span value, time_t now)
{
	char text[64];
	struct tm tm = {0};
	uint64_t seconds;
	time_t then;

	value = pve_span_trim(value);
	if (pve_num_span(value, INT32_MAX, &seconds) == 0)
		return (int64_t)seconds;
	if (!value.len || value.len >= sizeof(text))
		return -1;
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	/* The three forms that a recipient must know: RFC 9110, section 5.6.7. */
	if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) &&
	    !strptime(text, "%A, %d-%b-%y %H:%M:%S GMT", &tm) &&
	    !strptime(text, "%a %b %d %H:%M:%S %Y", &tm))
		return -1;
	then = timegm(&tm);
	return then > now ? (int64_t)(then - now) : 0;
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
