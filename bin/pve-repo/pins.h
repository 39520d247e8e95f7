/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_PINS_H
#define PVE_REPO_PINS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * apt_preferences(5): which version of a package, and which list, has which priority.  Read and
 * matched as apt 2.6 does (apt-pkg/policy.cc, versionmatch.cc).
 */
#define REPO_PIN_NEVER SHRT_MIN

enum repo_pin_type { REPO_PIN_VERSION, REPO_PIN_RELEASE, REPO_PIN_ORIGIN };

struct repo_pin {
	enum repo_pin_type type;
	const char *package; /* name, glob or /regex/; NULL: "*", the lists themselves */
	const char *arch;    /* behind the name; NULL: the native one */
	bool source;         /* src:NAME: the name of the source package */
	const char *data;    /* version, host, or release as written */
	/* of a release; NULL: any */
	const char *version, *origin, *archive, *codename, *label, *component, *file_arch;
	const char *either; /* archive or codename */
	bool all;           /* "release *" */
	int priority;
	const char *file;
	unsigned line;
};

struct repo_pins {
	struct repo_pin *v; /* in the order of reading */
	size_t n, cap;
	struct pve_arena mem;
};

/* What a list is, for pins to match.  Strings may be NULL. */
struct repo_pin_list {
	bool status; /* dpkg's status, in place of a list */
	const char *origin, *label, *archive, *codename, *version; /* of its Release */
	const char *site; /* host of its URI; "" for a local one */
	const char *component, *arch;
};

/* Adds what a file says.  Errors in d: apt refuses all preferences for them. */
void repo_pins_parse(struct repo_pins *p, const char *file, struct pve_span text,
		     struct pve_diags *d);
/* Adds APT::Default-Release, before all files. */
void repo_pins_default_release(struct repo_pins *p, const char *release);
/* The priority of a list: the first pin for "*" that matches it, else otherwise.  *by, unless
 * NULL, is set to that pin or NULL. */
int repo_pins_list_priority(const struct repo_pins *p, const struct repo_pin_list *list,
			    int otherwise, const struct repo_pin **by);

/* A version of a package, for pins to match. */
struct repo_pin_version {
	const char *package, *arch, *source, *version;
	bool native;                       /* arch is the host's */
	const struct repo_pin_list **list; /* that have it */
	size_t nlists;
};

/* The first pin for this package that matches this version, or NULL. */
const struct repo_pin *repo_pins_match(const struct repo_pins *p, const struct repo_pin_version *v);
/* Does any pin for packages look at source names? */
bool repo_pins_want_source(const struct repo_pins *p);
void repo_pins_done(struct repo_pins *p);

#endif
