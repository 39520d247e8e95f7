/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_POLICY_H
#define PVE_REPO_POLICY_H

#include "pve-repo/updates.h"

/* Inside of updates.h: policy.c collects versions and gives them priorities, updates.c chooses. */

/* A stanza of a list or of dpkg's status; spans point into it. */
struct policy_stanza {
	struct pve_span name, version, arch, section, multi_arch, source, source_version;
	uint64_t hash; /* of what makes two packages of one version different */
	uint64_t size; /* of the archive; 0: not told */
	uint64_t phased;
};

/* A version of a package, and the lists that have it. */
struct policy_version {
	const char *version, *section, *source, *source_version;
	struct pve_span multi_arch;
	uint64_t hash, size;
	unsigned phased;
	bool current; /* it is the installed one */
	const struct repo_index **list;
	size_t nlists, lists_cap;
	int priority;
	const struct repo_index *from; /* the list of the highest priority; NULL: none has it */
	const struct repo_pin *by;     /* the pin that gave it, or NULL */
	struct policy_version *next;   /* the next lower one */
};

struct policy_package {
	const struct pve_dpkg_package *dpkg;
	const char *arch;               /* one of the host's; NULL: nothing is installed */
	struct policy_version *version; /* highest first */
};

struct repo_policy {
	const struct pve_dpkg *db;
	struct repo_lists *lists;
	const struct repo_pins *pins;
	struct repo_phasing phasing;
	const char *native;
	struct repo_pin_list status; /* dpkg's status, as a list */
	int status_priority;
	const struct repo_pin *status_by;
	struct policy_package *package; /* of each package of db */
	struct pve_arena mem;
};

void policy_stanza_parse(struct policy_stanza *s, struct pve_span text);
struct policy_version *policy_add_current(struct repo_policy *p, struct policy_package *pkg);
/* Sets priority, from and by. */
void policy_set_priority(const struct repo_policy *p, const struct policy_package *pkg,
			 struct policy_version *v);
bool policy_phased_out(const struct repo_policy *p, const struct policy_version *v);

#endif
