/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_JOURNAL_H
#define PVE_ACME_JOURNAL_H

#include <time.h>

#include "pve-acme/node.h"
#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/strv.h"

#define ACME_ORDER_JOURNAL ACME_STATE_DIR "/order"

/*
 * What must outlive a run that dies in the middle of an order: with it the next run goes on with
 * the same order and key, or removes what was left behind.  A text file of lines "word rest"; the
 * rest of a line never holds a line end.
 *
 *     directory URL          of the CA
 *     account NAME
 *     begun SECONDS
 *     order URL              once it is placed
 *     key BASE64             the new key, PEM
 *     csr BASE64URL
 *     name TYPE VALUE        of each name, in the order of the request
 *     left TEXT              of each thing that must be removed, as its maker writes it
 */
struct acme_journal {
	char *directory, *account; /* NULL: not said, as all of these */
	char *url;                 /* of the order */
	char *key;                 /* PEM */
	char *csr;
	time_t begun;
	struct pve_strv names;     /* "TYPE VALUE" */
	struct pve_strv left;
};

/* Pure.  Lines that are not understood are PVE_DATA with their number; *j must be { 0 }. */
int acme_journal_parse(struct acme_journal *j, struct pve_span text, const char *file,
		       struct pve_err *e);
void acme_journal_format(const struct acme_journal *j, struct pve_buf *out);
void acme_journal_done(struct acme_journal *j);
/* Is it about the same CA, account and names, so that its order can be gone on with? */
bool acme_journal_fits(const struct acme_journal *j, const char *directory, const char *account,
		       const struct pve_strv *names);

#endif
