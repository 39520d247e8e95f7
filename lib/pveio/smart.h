/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_SMART_H
#define PVEIO_SMART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * What a disk says about itself: one struct for ATA, SCSI and NVMe, whoever asked it.  Numbers
 * are -1, and strings "", when the disk did not tell.
 */
enum pve_smart_state {
	PVE_SMART_UNKNOWN, /* could not be asked, or the answer cannot be read: why */
	PVE_SMART_READ,
	PVE_SMART_ASLEEP,  /* left alone */
	PVE_SMART_NONE,    /* has no SMART */
	PVE_SMART_OFF,     /* has it, but it is disabled */
};

enum pve_smart_protocol { PVE_SMART_ATA = 1, PVE_SMART_SCSI, PVE_SMART_NVME };

/* Bits of smartctl's exit status (smartctl(8)). */
enum {
	PVE_SMARTCTL_USAGE = 1 << 0,
	PVE_SMARTCTL_OPEN = 1 << 1,    /* also: is in a low-power mode */
	PVE_SMARTCTL_COMMAND = 1 << 2, /* one of several commands failed, or a bad checksum */
	PVE_SMARTCTL_FAILING = 1 << 3,
	PVE_SMARTCTL_PREFAIL = 1 << 4, /* a prefail attribute is at its threshold */
	PVE_SMARTCTL_PAST = 1 << 5,    /* an attribute was at its threshold once */
	PVE_SMARTCTL_ERRORS = 1 << 6,  /* the error log is not empty */
	PVE_SMARTCTL_TESTS = 1 << 7,   /* the self-test log has failures */
};

struct pve_smart_attr {
	unsigned id;
	const char *name;
	int value, worst, thresh;  /* normalised; threshold 0: none */
	bool prefail;              /* else old age */
	char failed;               /* 'n' now, 'p' in the past, 0 */
	uint64_t raw;              /* 48 bits */
	const char *raw_text;      /* as smartctl's drive database formats it */
};

struct pve_smart_stat {            /* an entry of the device statistics log (ACS-4, 9.5) */
	unsigned page, offset;
	const char *name;
	int64_t value;
	bool normalized;
};

struct pve_smart_error {
	int64_t number, hours;     /* hours of life when it occurred */
	const char *text;
};

struct pve_smart_test {
	const char *type;          /* "Short offline", "Extended" */
	const char *result;        /* "Completed without error" */
	int passed;                /* 1, 0, -1: neither, as one that was aborted */
	int64_t hours, lba;        /* hours of life; first block in error, -1 */
};

/* The health log of NVMe (NVM Express base specification, log page 02h). */
struct pve_smart_nvme {
	int critical;              /* bits: spare, temperature, reliability, read-only, backup, PMR */
	int spare, spare_threshold, used; /* percent */
	int64_t read, written;     /* in units of 512,000 bytes */
	int64_t host_reads, host_writes, busy_minutes;
	int64_t unsafe_shutdowns, media_errors, error_entries;
	int64_t warning_minutes, critical_minutes; /* spent above these temperatures */
};

struct pve_smart_scsi {
	int64_t grown_defects;
	int64_t read_uncorrected, write_uncorrected, verify_uncorrected;
	int used;                  /* percentage used endurance indicator */
	const char *trip;          /* what the informational exception says */
};

struct pve_smart {
	enum pve_smart_state state;
	const char *why;           /* for all states but PVE_SMART_READ: one clause */
	enum pve_smart_protocol protocol;
	int exit_status;           /* of smartctl; -1: was not asked */
	const char *model, *family, *serial, *firmware, *wwn;
	uint64_t size;             /* bytes; 0 */
	int rpm;                   /* 0: solid state; -1 */
	int passed;                /* the disk's own verdict: 1, 0, -1 */
	int temperature, temperature_max; /* Celsius; max: what the maker allows; INT16_MIN */
	int64_t hours, cycles;     /* powered on */
	struct pve_smart_attr *attr;
	size_t nattrs, attrs_cap;
	struct pve_smart_stat *stat;
	size_t nstats, stats_cap;
	struct pve_smart_nvme nvme;
	struct pve_smart_scsi scsi;
	int64_t error_count;       /* since it was made */
	struct pve_smart_error *error; /* newest first */
	size_t nerrors, errors_cap;
	struct pve_smart_test *test;   /* newest first */
	size_t ntests, tests_cap;
	bool testing;              /* a self-test runs */
	const char *testing_type;  /* or "" */
	int testing_left;          /* percent; -1 */
	int short_minutes, long_minutes; /* how long the disk says they take; -1 */
	struct pve_arena mem;
};

#define PVE_SMART_NO_TEMPERATURE INT16_MIN

/* All not told, state unknown. */
void pve_smart_init(struct pve_smart *s);
void pve_smart_done(struct pve_smart *s);
/* Sets the state and its clause. */
void pve_smart_state(struct pve_smart *s, enum pve_smart_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const struct pve_smart_attr *pve_smart_attr(const struct pve_smart *s, unsigned id);
/* NULL when the disk has no such statistic, or no valid one. */
const struct pve_smart_stat *pve_smart_stat(const struct pve_smart *s, unsigned page,
					    unsigned offset);

/* Reads what "smartctl --json" printed (smartctl 7.0 or newer) into *s, which was initialised.
 * Whatever the bytes are, *s is whole afterwards: text that is cut or no such report is state
 * unknown with a clause.  Every number is checked for its range; strings may hold anything. */
void pve_smart_parse(struct pve_smart *s, struct pve_span bytes);

/* Of what "smartctl --scan --json" printed: calls found for each device behind a controller.  false
 * when the text is no report. */
bool pve_smart_parse_scan(struct pve_span bytes,
			  void (*found)(void *to, const char *node, const char *type), void *to);

#endif
