/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CHECK_CODES_H
#define PVE_REPO_CHECK_CODES_H

#include "pvecommon/findings.h"

/* What "pve-repo check" can find; check_codes.c has name, severity and meaning of each.  The
 * names are stable: scripts and monitoring match them. */
enum repo_check_id {
	/* What apt refuses. */
	REPO_CHECK_SYNTAX,
	REPO_CHECK_CONFLICT,
	/* Standard repositories. */
	REPO_CHECK_NONE,
	REPO_CHECK_ENTERPRISE,
	REPO_CHECK_AUTH,
	REPO_CHECK_NO_SUBSCRIPTION,
	REPO_CHECK_TEST,
	REPO_CHECK_COMPONENT,
	REPO_CHECK_SECURITY_MISSING,
	/* Suites. */
	REPO_CHECK_SUITE_OLD,
	REPO_CHECK_SUITE_NEW,
	REPO_CHECK_SUITE_ALIAS,
	REPO_CHECK_SUITE_UNSTABLE,
	REPO_CHECK_SECURITY_SUITE,
	REPO_CHECK_ARCHIVE,
	/* Ceph. */
	REPO_CHECK_CEPH_RELEASE,
	REPO_CHECK_CEPH_TWICE,
	REPO_CHECK_CEPH_INSTALLED,
	REPO_CHECK_CEPH_EOL,
	/* Entries. */
	REPO_CHECK_DUPLICATE,
	REPO_CHECK_UNVERIFIED,
	REPO_CHECK_LOGIN,
	/* What is not what it looks like. */
	REPO_CHECK_FILE_IGNORED,
	REPO_CHECK_STANZAS_JOINED,
	REPO_CHECK_VALUE_COMMENT,
	REPO_CHECK_ENABLED_VALUE,
	REPO_CHECK_OPTION_IGNORED,
	REPO_CHECK_OPTION_BRACKETS,
	REPO_CHECK_COMPONENT_QUOTED,
	REPO_CHECK_BACKSLASH,
	REPO_CHECK_LINE_CUT,
	REPO_CHECK_FIELD_TWICE,
	/* apt's own settings. */
	REPO_CHECK_APT_UNVERIFIED,
	/* check --suite. */
	REPO_CHECK_UPGRADE_BLOCKED,
	REPO_CHECK_UPGRADE_ASK,
	REPO_CHECK_UPGRADE_READY,
	REPO_CHECK_IDS
};

struct repo_check_code {
	const char *name; /* "REPO-SUITE-OLD" */
	enum pve_finding_severity severity;
	const char *meaning; /* one clause, for the manual */
};

/* Indexed by enum repo_check_id. */
extern const struct repo_check_code repo_check_codes[REPO_CHECK_IDS];

#endif
