/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_HTTPD_H
#define PVEIO_HTTPD_H

#include <stddef.h>

#include "pvecommon/err.h"

/*
 * A web server that has a few fixed pages and nothing else, over libmicrohttpd, which is loaded
 * when it is started.  It answers many connections side by side; those that stay idle for five
 * seconds, or send more than a request's worth of header, are closed.
 */
struct pve_httpd_page {
	const char *path; /* exactly this, whatever the host */
	const char *body; /* sent as application/octet-stream */
};

struct pve_httpd;

/* Serves the pages to GET and HEAD from a thread of its own, on sockets that listen already; they
 * are taken over.  Any other path is 404, any other method 405.  pages is borrowed until _stop.
 * NULL and PVE_NOTHERE when libmicrohttpd is not installed, else PVE_FAILED. */
struct pve_httpd *pve_httpd_start(const int *fds, size_t nfds, const struct pve_httpd_page *pages,
				  size_t npages, struct pve_err *e);
/* Closes everything; NULL is fine. */
void pve_httpd_stop(struct pve_httpd *h);

#endif
