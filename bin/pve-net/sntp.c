/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sntp.h"

#include <string.h>

/* Places in the packet. */
enum {
	AT_FLAGS = 0, /* leap 2 bits, version 3, mode 3 */
	AT_STRATUM = 1,
	AT_REFID = 12,
	AT_ORIGIN = 24,
	AT_RECEIVE = 32,
	AT_TRANSMIT = 40,
};

enum { MODE_CLIENT = 3, MODE_SERVER = 4, VERSION = 4, LEAP_UNSYNC = 3 };

#define SEC ((int64_t)1000000000)
#define EPOCH 2208988800u /* seconds from 1900 to 1970 */

static uint64_t get64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* Seconds since 1900 modulo 2^32, and a fraction. */
static uint64_t ntp_time(int64_t ns)
{
	uint64_t s = (uint64_t)(ns / SEC), rest = (uint64_t)(ns % SEC);

	return (s + EPOCH) << 32 | (rest << 32) / (uint64_t)SEC;
}

/* a - b in ns.  The difference wraps with the era, which ends in 2036, so it is right as long
 * as both are within 68 years of one another. */
static int64_t minus(uint64_t a, uint64_t b)
{
	uint64_t d = a - b;
	int neg = d >> 63;

	if (neg)
		d = 0 - d;
	int64_t ns = (int64_t)(d >> 32) * SEC + (int64_t)(((d & UINT32_MAX) * (uint64_t)SEC) >> 32);
	return neg ? -ns : ns;
}

void sntp_request(unsigned char packet[SNTP_SIZE], uint64_t cookie)
{
	memset(packet, 0, SNTP_SIZE);
	packet[AT_FLAGS] = VERSION << 3 | MODE_CLIENT;
	for (int i = 0; i < 8; i++)
		packet[AT_TRANSMIT + i] = (unsigned char)(cookie >> (56 - 8 * i));
}

/* The refid of a kiss-o'-death is four letters; anything else of it is not shown. */
static void kiss(struct sntp_reply *r, const unsigned char *refid)
{
	for (int i = 0; i < 4 && refid[i] >= 'A' && refid[i] <= 'Z'; i++)
		r->kiss[i] = (char)refid[i];
	r->verdict = SNTP_KISS;
}

void sntp_parse(struct sntp_reply *r, const unsigned char *packet, size_t len, uint64_t cookie,
		int64_t sent, int64_t received)
{
	uint64_t there, back, t1 = ntp_time(sent), t4 = ntp_time(received);

	*r = (struct sntp_reply){.verdict = SNTP_BOGUS};
	if (len < SNTP_SIZE || (packet[AT_FLAGS] & 7) != MODE_SERVER)
		return;
	if (get64(packet + AT_ORIGIN) != cookie) {
		r->verdict = SNTP_ORIGIN;
		return;
	}
	if (packet[AT_STRATUM] == 0) {
		kiss(r, packet + AT_REFID);
		return;
	}
	there = get64(packet + AT_RECEIVE);
	back = get64(packet + AT_TRANSMIT);
	r->stratum = packet[AT_STRATUM];
	if (packet[AT_FLAGS] >> 6 == LEAP_UNSYNC || r->stratum > 15) {
		r->verdict = SNTP_UNSYNC;
		return;
	}
	if (!there || !back) {
		r->stratum = 0;
		return;
	}
	r->verdict = SNTP_OK;
	r->offset = minus(there, t1) / 2 + minus(back, t4) / 2;
	r->delay = minus(t4, t1) - minus(back, there);
}
