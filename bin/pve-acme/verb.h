/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_VERB_H
#define PVE_ACME_VERB_H

#include "pvecommon/cmd.h"

/*
 * Commands of two words, "account register": the first operand of the command is the verb.  The
 * verbs of one command share its table of options, and each takes some of them.
 */
struct acme_verb {
	const char *name;
	const char *operands; /* as in help, "[NAME] CONTACT..." */
	const char *options;  /* names with spaces between; "" for none */
	unsigned min, max;    /* number of operands behind it */
	int (*run)(struct pve_ctx *ctx); /* as of struct pve_cmd; the verb is no operand any more */
};

/* Finds the verb, checks what is given to it, takes it off the operands, and runs it.  verbs ends
 * with a NULL name.  PVE_USAGE for an unknown verb, a wrong number of operands, or an option that
 * this verb does not take. */
int acme_verb_run(struct pve_ctx *ctx, const struct acme_verb *verbs);

#endif
