/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_MERGE_H
#define PVE_NET_MERGE_H

#include "interfaces.h"

/*
 * Merges two edits of one interfaces(5) file by stanza: what differs between base and ours is
 * done to theirs.  A piece is a stanza with the comments that lead it, the blank lines before it
 * and whatever follows up to the next one; stanzas are the same one when kind and name (of an
 * iface stanza name and family) are, and the n-th of several is the n-th.
 *
 * The merged bytes are added to out.  PVE_DATA, and nothing added, when both sides changed one
 * stanza to different bytes; the message names each.  Pure.
 */
int net_merge(const char *path, struct pve_span base, struct pve_span theirs, struct pve_span ours,
	      struct pve_buf *out, struct pve_err *e);

#endif
