/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_ARC_H
#define PVEIO_ARC_H

#include <stddef.h>
#include <sys/types.h>

#include "pvecommon/err.h"

/*
 * Reading one file that may be compressed, as a stream of its plain bytes: gzip, bzip2, xz,
 * lzma, lz4, zstd, or not at all, by its first bytes and not by its name.  Over libarchive,
 * which is loaded when the first compressed file is read: most runs of most tools need none,
 * and to load it takes longer than they do.
 */
struct pve_arc;

/* Reads from the descriptor on, which is closed with the stream, also on failure.  name is
 * borrowed and stands in messages.  NULL on failure: PVE_NOTHERE when libarchive is not
 * installed. */
struct pve_arc *pve_arc_open(int fd, const char *name, struct pve_err *e);
/* Up to n more bytes; 0 at the end; -1 (PVE_DATA) when the compressed data is damaged or
 * cut. */
ssize_t pve_arc_read(struct pve_arc *arc, void *buf, size_t n, struct pve_err *e);
/* NULL is fine. */
void pve_arc_close(struct pve_arc *arc);

#endif
