/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/httpd.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/dl.h"

#define IDLE_S 5
#define CONNECTIONS 512
#define REQUEST_BYTES ((size_t)4096) /* a line and a header */

struct calls {
	struct MHD_Daemon *(*start_daemon)(unsigned flags, uint16_t port,
					   MHD_AcceptPolicyCallback policy, void *policy_data,
					   MHD_AccessHandlerCallback handler, void *data, ...);
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_create_response_from_buffer) *create_response;
	__typeof__(MHD_add_response_header) *add_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
};

struct pve_httpd {
	struct calls c;
	const struct pve_httpd_page *pages;
	size_t npages;
	struct MHD_Daemon **daemons; /* one for each socket */
	size_t n;
};

static int load(struct calls *c, struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"MHD_start_daemon", &c->start_daemon},
		{"MHD_stop_daemon", &c->stop_daemon},
		{"MHD_create_response_from_buffer", &c->create_response},
		{"MHD_add_response_header", &c->add_header},
		{"MHD_queue_response", &c->queue_response},
		{"MHD_destroy_response", &c->destroy_response},
	};

	return pve_dl_load("libmicrohttpd.so.12", "libmicrohttpd", want,
			   sizeof(want) / sizeof(*want), e);
}

static enum MHD_Result send_text(const struct calls *c, struct MHD_Connection *connection,
				 unsigned status, const char *text)
{
	/* The pages live longer than the server, and the other texts for ever. */
	struct MHD_Response *r =
		c->create_response(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	c->add_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
	c->add_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	rc = c->queue_response(connection, status, r);
	c->destroy_response(r);
	return rc;
}

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	const struct pve_httpd *h = data;

	(void)version, (void)upload, (void)state;
	if (*upload_size) { /* nobody has anything to send here */
		*upload_size = 0;
		return MHD_NO;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return send_text(&h->c, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "");
	for (size_t i = 0; i < h->npages; i++)
		if (strcmp(h->pages[i].path, url) == 0)
			return send_text(&h->c, connection, MHD_HTTP_OK, h->pages[i].body);
	return send_text(&h->c, connection, MHD_HTTP_NOT_FOUND, "");
}

struct pve_httpd *pve_httpd_start(const int *fds, size_t nfds, const struct pve_httpd_page *pages,
				  size_t npages, struct pve_err *e)
{
	struct pve_httpd *h = pve_calloc(1, sizeof(*h));

	if (load(&h->c, e) < 0) {
		free(h);
		return NULL;
	}
	h->pages = pages;
	h->npages = npages;
	h->daemons = pve_calloc(nfds, sizeof(struct MHD_Daemon *));
	for (; h->n < nfds; h->n++) {
		h->daemons[h->n] = h->c.start_daemon(
			MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
			NULL, answer, h, MHD_OPTION_LISTEN_SOCKET, fds[h->n],
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
			MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES, MHD_OPTION_END);
		if (h->daemons[h->n])
			continue;
		pve_err_set(e, PVE_FAILED, "the web server does not start");
		pve_httpd_stop(h);
		return NULL;
	}
	return h;
}

void pve_httpd_stop(struct pve_httpd *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		h->c.stop_daemon(h->daemons[i]);
	free(h->daemons);
	free(h);
}
