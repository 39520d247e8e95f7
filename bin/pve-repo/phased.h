/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_PHASED_H
#define PVE_REPO_PHASED_H

#include <stdbool.h>

/* Does this machine belong to the first percent of all that get an update (the field
 * Phased-Update-Percentage of a list)?  The lot is drawn as apt 2.6 does (upgrade.cc,
 * IsIgnoredPhasedUpdate), so that both agree: from "SOURCE-VERSION-MACHINEID" by
 * std::seed_seq, std::minstd_rand and libstdc++'s std::uniform_int_distribution. */
bool repo_phased_in(const char *source, const char *version, const char *machine_id,
		    unsigned percent);

#endif
