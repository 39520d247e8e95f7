/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_ERR_H
#define PVECOMMON_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Errors.  A function that can fail returns 0 or -1 and fills a struct pve_err; it
 * never prints and never exits.  The code is the exit status that the command ends
 * with when nobody handles the error before.
 */
enum pve_code {
	PVE_OK = 0,
	PVE_FAILED = 1,    /* it did not work; check: warnings; diff: differences */
	PVE_CRITICAL = 2,  /* check: at least one critical finding */
	PVE_UNKNOWN = 3,   /* check: could not find out */
	PVE_USAGE = 64,    /* wrong command line (sysexits.h EX_USAGE) */
	PVE_DATA = 65,     /* bad content in an input file */
	PVE_NOTHERE = 69,  /* a service or device is not there */
	PVE_AGAIN = 75,    /* locked by another run, or timed out */
	PVE_DENIED = 77,   /* needs root, or refuses without --yes */
	PVE_CONFIG = 78,   /* bad configuration of this tool */
};

struct pve_err {
	int code;        /* enum pve_code; 0 when no error was set */
	int sys;         /* errno behind it, or 0 */
	char msg[1000];  /* one line without a final newline; cut with "..." when longer */
};

/* Each sets *e (which may be NULL) and returns -1, so that "return pve_err_set(...)" is
 * the usual last line of a failing function.
 *
 * pve_err_set: code and message.
 * pve_err_sys: message, then ": " and the words for errnum.  The code follows errnum:
 *   EACCES, EPERM -> PVE_DENIED; EAGAIN, ETIMEDOUT -> PVE_AGAIN; ENODEV, ENXIO,
 *   ECONNREFUSED -> PVE_NOTHERE; all others PVE_FAILED.
 * pve_err_prefix: puts "TEXT: " before the message that is there; code is kept. */
int pve_err_set(struct pve_err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int pve_err_sys(struct pve_err *e, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int pve_err_prefix(struct pve_err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Diagnostics of a parser: everything it has to say about one input, with the place.
 * A parser never stops at its first error.
 */
enum pve_severity { PVE_INFO, PVE_WARNING, PVE_ERROR };

struct pve_diag {
	enum pve_severity severity;
	const char *file;  /* borrowed: the name the parser was given; may be NULL */
	unsigned line;     /* from 1; 0 when it concerns the whole file */
	char *msg;         /* one clause, no final full stop */
};

struct pve_diags {
	struct pve_diag *v;
	size_t n, cap;
	size_t errors;     /* how many of them are PVE_ERROR */
};

void pve_diags_add(struct pve_diags *d, enum pve_severity s, const char *file, unsigned line,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* "file:line: message"; the result belongs to the caller. */
char *pve_diag_format(const struct pve_diag *d);
/* Turns the diagnostics into one PVE_DATA error of all error lines, or returns 0 when
 * there is none.  The lines are separated by newlines; the command prints each. */
int pve_diags_err(const struct pve_diags *d, struct pve_err *e);
void pve_diags_done(struct pve_diags *d);

#endif
