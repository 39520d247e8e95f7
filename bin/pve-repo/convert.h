/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CONVERT_H
#define PVE_REPO_CONVERT_H

#include "pve-repo/sources.h"
#include "pvecommon/buf.h"

/*
 * A file in the other format.  Comments, empty lines and disabled entries keep their place; each
 * line becomes a stanza, each stanza as many lines as it has types, URIs and suites.  What only one
 * format can say is refused, with the line, rather than dropped: each converted entry is read
 * again and must mean the same.  Pure.
 */

/* Adds the converted text to out.  Errors in d: entries that cannot be said in the other format;
 * then out is of no use. */
void repo_convert(const struct repo_sources *s, const struct repo_file *f, enum repo_format to,
		  struct pve_buf *out, struct pve_diags *d);
/* The path of a file in the other format; the caller frees it. */
char *repo_convert_path(const char *path, enum repo_format to);

#endif
