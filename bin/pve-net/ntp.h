/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_NTP_H
#define PVE_NET_NTP_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

/* Time servers in the configuration of systemd-timesyncd (timesyncd.conf(5)) and of chrony
 * (chrony.conf(5)). */
#define NTP_DROPIN_DIR "/etc/systemd/timesyncd.conf.d"
#define NTP_DROPIN NTP_DROPIN_DIR "/50-pve-net.conf"
#define NTP_SOURCES_DIR "/etc/chrony/sources.d"
#define NTP_SOURCES NTP_SOURCES_DIR "/pve-net.sources"

struct ntp_server {
	const char *name; /* host name or address */
	const char *kind; /* "server"; timesyncd: "fallback", used when there is no server;
			   * chrony: "pool", "peer"; static */
	const char *file; /* borrowed */
	unsigned line;    /* from 1 */
};

struct ntp_conf {
	struct ntp_server *v; /* in the order of the files */
	size_t n, cap;
	struct pve_arena memory;
};

/* Adds what a file says; *c starts as { 0 }.  Files are to be read in the order in which the
 * daemon reads them: an empty NTP= or FallbackNTP= drops what came before. */
void ntp_timesyncd_read(struct ntp_conf *c, struct pve_span bytes, const char *file);
/* The same.  What the file includes is added to more as "include PATTERN", "confdir DIR..." and
 * "sourcedir DIR...", a string for each line: of two files with one name in the directories of a
 * line chrony reads the one in the earlier directory. */
void ntp_chrony_read(struct ntp_conf *c, struct pve_span bytes, const char *file,
		     struct pve_strv *more);
void ntp_conf_done(struct ntp_conf *c);

/* How many servers there are that are no fallback. */
size_t ntp_conf_servers(const struct ntp_conf *c);

/* PVE_USAGE unless it is a host name or an address. */
int ntp_server_check(const char *name, struct pve_err *e);
/* The files that "ntp set" writes.  An empty NTP= makes the list replace those of other files. */
void ntp_dropin_format(struct pve_buf *out, const struct pve_strv *servers);
void ntp_sources_format(struct pve_buf *out, const struct pve_strv *servers);
/* In a file of chrony: puts NTP_MARK in front of each line that names a server, a pool or a peer,
 * which makes a comment of it; and takes it away again.  All else stays byte for byte.  Added to
 * out; return how many lines changed. */
#define NTP_MARK "#pve-net: "
unsigned ntp_chrony_mute(struct pve_span bytes, struct pve_buf *out);
unsigned ntp_chrony_unmute(struct pve_span bytes, struct pve_buf *out);

/* From the output of "chronyc -c -N sources" and "timedatectl show-timesync": is this server
 * the one in use?  For chrony that of the line that begins "^,*,"; for timesyncd that of
 * ServerName. */
bool ntp_chrony_uses(struct pve_span sources, const char *server);
bool ntp_timesyncd_uses(struct pve_span properties, const char *server);

#endif
