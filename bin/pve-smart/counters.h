/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_COUNTERS_H
#define PVE_SMART_COUNTERS_H

#include "pveio/smart.h"

/*
 * The numbers of which samples are kept: counters of faults, and a few values that change
 * slowly.  One enum for the verdict, the store and the columns of history.
 */
enum smart_counter {
	SMART_TEMPERATURE,
	SMART_HOURS,
	SMART_WEAROUT,       /* percent that remain */
	SMART_WRITTEN,       /* bytes */
	SMART_REALLOCATED,   /* sectors; of SCSI grown defects */
	SMART_PENDING,       /* sectors that could not be read and wait for a write */
	SMART_UNCORRECTABLE, /* sectors, as found by the disk's own scan */
	SMART_REPORTED,      /* errors that reached the host */
	SMART_END_TO_END,    /* errors between cache and host */
	SMART_TIMEOUTS,      /* commands */
	SMART_CRC,           /* transfer errors: cable or backplane */
	SMART_SPIN_RETRY,
	SMART_MEDIA,         /* data that was lost: NVMe media errors, SCSI uncorrected errors */
	SMART_SPARE,         /* percent of spare blocks that remain */
	SMART_NCOUNTERS,
};

extern const char *const smart_counter_names[SMART_NCOUNTERS];
/* Its place, or -1. */
int smart_counter_find(const char *name);

/* Reads all of them off a report; -1 where the disk does not tell. */
void smart_counters_read(int64_t c[SMART_NCOUNTERS], const struct pve_smart *s);

/* How much of its rated life a disk has left: percent from 0 to 100, -1 when it does not tell.
 * *source, unless NULL, says where that is from: "device statistics", "health log", "endurance
 * indicator", or the name of the attribute.  The statistics log is standardised, so it goes
 * before attributes of the maker; Proxmox VE knows thirteen of those. */
int smart_wear(const struct pve_smart *s, const char **source);

/* Is it a Seagate (also Samsung's and LaCie's of that make), whose raw values pack counters? */
bool smart_is_seagate(const struct pve_smart *s);
/* What a raw value says, for people: "0 errors in 1234 operations", "27 C".  Counters that
 * vendors pack into 48 bits are taken apart.  Added to out. */
void smart_attr_words(const struct pve_smart *s, const struct pve_smart_attr *a,
		      struct pve_buf *out);
/* The count in a raw value: what smartctl's drive database makes of it, or the low part of
 * one that packs several. */
int64_t smart_attr_count(const struct pve_smart_attr *a);

#endif
