/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DPKG_H
#define PVECOMMON_DPKG_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/map.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * What dpkg has installed: /var/lib/dpkg/status (dpkg(1), section "Information about
 * packages").  Read directly; nothing is locked and nothing written.
 */
#define PVE_DPKG_STATUS "/var/lib/dpkg/status"

enum pve_dpkg_want {
	PVE_DPKG_UNKNOWN,
	PVE_DPKG_INSTALL,
	PVE_DPKG_HOLD,
	PVE_DPKG_DEINSTALL,
	PVE_DPKG_PURGE,
};

enum pve_dpkg_state {
	PVE_DPKG_NOT_INSTALLED,
	PVE_DPKG_CONFIG_FILES,
	PVE_DPKG_HALF_INSTALLED,
	PVE_DPKG_UNPACKED,
	PVE_DPKG_HALF_CONFIGURED,
	PVE_DPKG_TRIGGERS_AWAITED,
	PVE_DPKG_TRIGGERS_PENDING,
	PVE_DPKG_INSTALLED,
};

struct pve_dpkg_package {
	struct pve_span name, arch, version; /* arch as in the file: may be "all" */
	struct pve_span source;              /* name of the source package */
	struct pve_span source_version;
	struct pve_span stanza; /* the whole of it, for other fields (deb822.h) */
	enum pve_dpkg_want want;
	enum pve_dpkg_state state;
	bool reinstall;                /* "reinstreq": damaged */
	struct pve_dpkg_package *next; /* same name, another architecture */
};

/* All spans point into text, the bytes of the file, which the reader keeps. */
struct pve_dpkg {
	struct pve_buf text;
	struct pve_dpkg_package *v; /* in the order of the file */
	size_t n;
	struct pve_map names; /* name -> first struct pve_dpkg_package of that name */
};

/* Reads the text in db->text (which the caller has filled).  A stanza that cannot be understood
 * is said in d (which may be NULL) with its line, and left out. */
void pve_dpkg_parse(struct pve_dpkg *db, const char *file, struct pve_diags *d);
/* The file, PVE_DPKG_STATUS if NULL; bad stanzas are an error (PVE_DATA).  Ends with
 * pve_dpkg_done. */
int pve_dpkg_read(struct pve_dpkg *db, struct pve_sys *sys, const char *file, struct pve_err *e);
/* The first package of that name; others follow by ->next.  NULL: none. */
struct pve_dpkg_package *pve_dpkg_find(const struct pve_dpkg *db, struct pve_span name);
/* Is some version of it on the disk, be it half?  (What apt calls its current version.) */
bool pve_dpkg_present(const struct pve_dpkg_package *p);
/* The version of the package that is present, of any architecture; .p is NULL: none. */
struct pve_span pve_dpkg_version(const struct pve_dpkg *db, const char *name);
/* Name and version of the source of a package, from its stanza: the field Source, "NAME" or
 * "NAME (VERSION)", else its own name and version. */
void pve_dpkg_source(struct pve_span stanza, struct pve_span *name, struct pve_span *version);
void pve_dpkg_done(struct pve_dpkg *db);

#endif
