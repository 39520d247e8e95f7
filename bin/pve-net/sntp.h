/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_SNTP_H
#define PVE_NET_SNTP_H

#include <stddef.h>
#include <stdint.h>

/* One question to a time server and its answer: SNTP, RFC 4330 and RFC 5905, section 7.3. */
#define SNTP_SIZE 48 /* bytes of a packet without extensions */

enum sntp_verdict {
	SNTP_OK,
	SNTP_SILENT, /* nothing came; never set by sntp_parse */
	SNTP_BOGUS,  /* too short, no server's packet, or without times */
	SNTP_ORIGIN, /* it does not repeat what was sent: late, forged, or to somebody else */
	SNTP_KISS,   /* stratum 0: the server sends us away; see kiss */
	SNTP_UNSYNC, /* the server does not know the time itself */
};

struct sntp_reply {
	enum sntp_verdict verdict;
	unsigned stratum; /* 1 to 15; 0 unless SNTP_OK or SNTP_UNSYNC */
	char kiss[5];     /* "RATE", "DENY", ... (RFC 5905, 7.4); "" unless SNTP_KISS */
	int64_t offset;   /* ns; positive: this host is behind the server.  SNTP_OK only */
	int64_t delay;    /* ns on the way there and back, without the server's own time */
};

/* cookie: 64 random bits, which the server has to repeat.  They stand where the time of sending
 * would, which no server needs to know. */
void sntp_request(unsigned char packet[SNTP_SIZE], uint64_t cookie);
/* sent, received: ns since 1970 by this host's clock.  Never fails: see r->verdict. */
void sntp_parse(struct sntp_reply *r, const unsigned char *packet, size_t len, uint64_t cookie,
		int64_t sent, int64_t received);

#endif
