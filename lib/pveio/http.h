/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_HTTP_H
#define PVEIO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/*
 * One HTTP request, over libcurl, which is loaded when the first one is made: it brings some
 * twenty libraries with it, and most runs of most tools ask nobody.  Certificates are always
 * verified.
 */
struct pve_http_req {
	const char *url;               /* http://, https:// or file:// */
	const char *method;            /* NULL: GET, or POST when there is a body */
	struct pve_span body;          /* what is sent; .p NULL: nothing */
	const char *const *headers;    /* "Name: value", ends with NULL; NULL: none */
	const char *user, *password;   /* as of one entry of auth.conf(5); NULL: none.  They go to
					* this   host only, and stand in no message */
	const char *proxy;             /* URL; "": none; NULL: as http_proxy and the like say */
	const char *ca_file;           /* certificates to trust instead of the system's; NULL */
	struct pve_span ca_pem;        /* the same as text; .p NULL: none */
	unsigned connect_ms, total_ms; /* time-outs; 0: 10 s and 60 s */
	size_t limit; /* bytes of the answer; 0: 16 MiB.  A longer one is an error */
	bool stay;    /* do not follow redirections: they are the answer */
};

struct pve_http_res {
	unsigned status; /* 200, 404; 0 for file:// */
	struct pve_buf body;
	struct pve_buf headers; /* the lines of the last header, as they came */
	char type[128];   /* Content-Type, "" */
	char address[64]; /* whom it was asked of, "" */
};

/* Asks, and follows up to five redirections that stay at http and https.  0 for any answer of the
 * server, whatever its status; -1 when there was none: PVE_AGAIN when the time was over,
 * PVE_NOTHERE when the server is not there, its name is not known or libcurl is not installed,
 * PVE_DENIED when its certificate is not trusted, else PVE_FAILED.  res ends with pve_http_done in
 * the first case only. */
int pve_http(const struct pve_http_req *req, struct pve_http_res *res, struct pve_err *e);
/* The same for several requests one after another, which share their connections. */
struct pve_http_session;
struct pve_http_session *pve_http_open(struct pve_err *e); /* NULL: libcurl is not installed */
int pve_http_ask(struct pve_http_session *s, const struct pve_http_req *req,
		 struct pve_http_res *res, struct pve_err *e);
void pve_http_close(struct pve_http_session *s);
/* How many connections the session has opened so far. */
unsigned pve_http_connections(const struct pve_http_session *s);
/* Has a server once taken a connection, with https until the handshake was done?  Then its name and
 * port are right, whatever came of the request. */
bool pve_http_reached(const struct pve_http_session *s);

/* The value of a header field, without blanks around it; of several fields the n-th, from 0.
 * .p is NULL when there is none.  It lives as long as res. */
struct pve_span pve_http_header(const struct pve_http_res *res, const char *name, size_t n);
/* Words for a status: "Not Found"; "" for unknown ones (RFC 9110, section 15). */
const char *pve_http_status_text(unsigned status);
void pve_http_done(struct pve_http_res *res);

#endif
