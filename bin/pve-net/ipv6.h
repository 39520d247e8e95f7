/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_IPV6_H
#define PVE_NET_IPV6_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"
#include "source.h"

/*
 * IPv6 off and on again: the kernel's setting disable_ipv6 of each link, and the files of
 * sysctl.d(5) that set it at boot.
 *
 * In the kernel "all" is not a default: writing it sets "default" and every link that
 * there is.  "default" is what a new link starts with (net/ipv6/addrconf.c).
 */
#define IPV6_SNIPPET "/etc/sysctl.d/disable-ipv6.conf" /* as in the guide */
#define IPV6_RECORD_DIR "/run/pve-net"
#define IPV6_RECORD IPV6_RECORD_DIR "/ipv6" /* what "off" changed, for "on"; until reboot */

/* An assignment to net.ipv6.conf.NAME.disable_ipv6. */
struct ipv6_rule {
	const char *name; /* of a link, all, default, or a glob */
	bool glob;
	bool except; /* "-net/ipv6/conf/NAME/..." without a value: globs pass NAME by */
	bool off;
	const char *file; /* borrowed */
	unsigned line;    /* from 1 */
};

struct ipv6_rules {
	struct ipv6_rule *v; /* in the order in which systemd-sysctl reads them */
	size_t n, cap;
	struct pve_arena memory;
};

/* Adds what a file assigns.  *r starts as { 0 }. */
void ipv6_rules_read(struct ipv6_rules *r, struct pve_span bytes, const char *file);
void ipv6_rules_done(struct ipv6_rules *r);
/* The rule that decides about a name at boot, or NULL.  A link obeys the last of those that
 * name it and those for "all", and "default" when there is none; a glob counts only where no
 * rule names the link exactly. */
const struct ipv6_rule *ipv6_rules_find(const struct ipv6_rules *r, const char *name);

/* The snippet with IPv6 off for these names ("all" and "default" when there are none), and
 * without the lines for these names (all its lines about disable_ipv6 when there are none).
 * What else stands in it is kept.  Added to out; empty: the file is of no more use. */
int ipv6_snippet_off(struct pve_span was, const struct pve_strv *names, struct pve_buf *out,
		     struct pve_err *e);
int ipv6_snippet_on(struct pve_span was, const struct pve_strv *names, struct pve_buf *out,
		    struct pve_err *e);

/*
 * Values are lists of "NAME=0" and "NAME=1", where 1 is off, in the order in which they are
 * to be written: all, default, links.
 */

/* '0', '1', or 0 when the name is not in it. */
char ipv6_value(const struct pve_strv *values, const char *name);
/* What off and on for these names (none: everything) want, given the values now and, for on,
 * what was recorded before off.  on leaves links of guests off that are not in the record:
 * Proxmox VE makes them so. */
void ipv6_want_off(const struct pve_strv *now, const struct pve_strv *names, struct pve_strv *want);
void ipv6_want_on(const struct pve_strv *now, const struct pve_strv *record,
		  const struct pve_strv *names, struct pve_strv *want);
/* The record after off: the older value of a name wins; and after on. */
void ipv6_record_off(const struct pve_strv *old, const struct pve_strv *now,
		     const struct pve_strv *want, struct pve_strv *record);
void ipv6_record_on(const struct pve_strv *old, const struct pve_strv *want,
		    struct pve_strv *record);

/* What stops working without IPv6 on these links (none: all), as warnings in d:
 * inet6 stanzas; lines of /etc/hosts with an IPv6 address for the node; addresses of
 * corosync's rings.  file is borrowed by d. */
void ipv6_warn_stanzas(const struct net_conf *conf, const struct pve_strv *names,
		       struct pve_diags *d);
void ipv6_warn_hosts(struct pve_span bytes, const char *file, struct pve_span node,
		     struct pve_diags *d);
void ipv6_warn_corosync(struct pve_span bytes, const char *file, struct pve_diags *d);

#endif
