/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_LOOK_H
#define PVE_ACME_LOOK_H

#include "pve-acme/solve.h"

/*
 * What can be seen before an order is placed of what the CA will see: an order that must fail is not
 * worth one.  What is certain to fail is an error; what looks wrong from here, but may be right from
 * where the CA is, is a warning.
 */
struct acme_look {
	struct acme_solver *solver;          /* started */
	const struct acme_solve_name *names;
	size_t n;
	bool forwarded;                      /* the listeners are behind a forwarder: names lead to that */
	const char *ca;                      /* its names in CAA records, with blanks between; "": not known */
	const char *account;                 /* URL; NULL */
	/* Does a job of dnsproc.h; args begins with its name and the resolver. */
	int (*ask)(void *data, const struct pve_strv *args, struct pve_strv *out, struct pve_err *e);
	void *ask_data;
	void (*warn)(void *to, const char *line);
	void *warn_to;
};

/* Looks whether each name has an address, of this host where it should (warned of otherwise), an alias
 * is led to, programs and folders of plugins are there, and no CAA record forbids the CA to issue. */
int acme_look(const struct acme_look *l, struct pve_err *e);

#endif
