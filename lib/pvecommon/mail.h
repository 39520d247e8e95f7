/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_MAIL_H
#define PVECOMMON_MAIL_H

#include <stdbool.h>

#include "pvecommon/exec.h"

/* Mail to the administrator, through sendmail(8), as a step of a plan. */

/* Sends a whole message (RFC 5322); whom it goes to stands in its header.  For the calls of a
 * plan. */
int pve_mail_send(struct pve_sys *sys, struct pve_span message, struct pve_err *e);
/* A struct pve_call's function: "mail TO SUBJECT BODY".  That a mail may come twice, when the
 * process dies in between, is the lesser evil. */
int pve_mail_call(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* Is there a sendmail?  Below --root nothing is started, so the answer is no. */
bool pve_mail_can(const struct pve_sys *sys);
/* Adds that step; the call's name in the table must be "mail". */
void pve_mail_plan(struct pve_plan *plan, const char *to, const char *subject, const char *body);

#endif
