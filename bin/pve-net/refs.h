/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_REFS_H
#define PVE_NET_REFS_H

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/* Names of interfaces in files of other programs, which pve-net does not change.  Pure. */

/* Adds to out, for each line of text that has the name as a word, "PATH:LINE: names NAME and was
 * not changed: LINE'S TEXT" and a newline.  A word is bounded by what a name does not have: eno1 is
 * in "net.ipv4.conf.eno1.forwarding", "bridge=eno1,tag=5" and "eno1.5", not in "eno10" and
 * "my-eno1".  Comments are passed over. */
void net_refs_find(struct pve_span text, const char *path, const char *name, struct pve_buf *out);

#endif
