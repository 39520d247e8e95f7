/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/responder.h"

#include <openssl/evp.h>
#include <unistd.h>

#include "pve-acme/listen.h"
#include "pvecommon/mem.h"
#include "pveio/alpnd.h"
#include "pveio/httpd.h"

#define WELL_KNOWN "/.well-known/acme-challenge/" /* RFC 8555, section 8.3 */

static struct acme_msg ok(void)
{
	return (struct acme_msg){.word = ACME_MSG_OK};
}

static int serve_http(const int *fds, size_t nfds, const struct acme_responder_page *pages,
		      size_t n, int fd, struct pve_err *e)
{
	struct pve_httpd_page *served = pve_calloc(n, sizeof(*served));
	struct acme_msg answer = ok();

	for (size_t i = 0; i < n; i++)
		served[i] = (struct pve_httpd_page){
			pve_asprintf(WELL_KNOWN "%s", pages[i].token), pages[i].authorization};
	if (!pve_httpd_start(fds, nfds, served, n, e) || acme_msg_send(fd, &answer, e) < 0)
		return -1;
	for (;;)
		pause();
}

static int serve_alpn(const int *fds, size_t nfds, const struct acme_responder_page *pages,
		      size_t n, int fd, struct pve_err *e)
{
	struct pve_alpn_page *served = pve_calloc(n, sizeof(*served));
	struct acme_msg answer = ok();

	for (size_t i = 0; i < n; i++) {
		const char *text = pages[i].authorization;

		served[i].name = pages[i].name;
		EVP_Digest(text, strlen(text), served[i].digest, NULL, EVP_sha256(), NULL);
	}
	if (acme_msg_send(fd, &answer, e) < 0)
		return -1;
	return pve_alpnd_serve(fds, nfds, served, n, e);
}

struct responder {
	enum acme_responder_kind kind;
	int fds[ACME_LISTEN_MAX];
	size_t n;
};

/* Waits for the pages, and serves them until it is killed. */
static int respond(void *data, int fd, struct pve_err *e)
{
	const struct responder *r = data;
	struct acme_responder_page *pages;
	struct acme_msg m = {0}; /* its texts are in use until the end */
	size_t n;

	if (acme_msg_recv(fd, &m, e) < 0)
		return -1;
	n = m.args.n / 3;
	pages = pve_calloc(n + 1, sizeof(*pages));
	for (size_t i = 0; i < n; i++) {
		char **a = m.args.v + 3 * i;

		pages[i] = (struct acme_responder_page){{pve_name_type(a[0]), a[0]}, a[1], a[2]};
	}
	return r->kind == ACME_RESPONDER_HTTP ? serve_http(r->fds, r->n, pages, n, fd, e)
					      : serve_alpn(r->fds, r->n, pages, n, fd, e);
}

int acme_responder_start(struct acme_child *c, enum acme_responder_kind kind,
			 const char *address, unsigned port, struct pve_err *e)
{
	struct responder r = {.kind = kind};
	int rc;

	if (acme_listen(address, port, r.fds, &r.n, e) < 0)
		return -1;
	rc = acme_child_start(c, respond, &r, r.fds, r.n, e);
	while (r.n)
		close(r.fds[--r.n]);
	return rc;
}

int acme_responder_serve(struct acme_child *c, const struct acme_responder_page *pages, size_t n,
			 struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_PAGES};

	for (size_t i = 0; i < n; i++) {
		pve_strv_add(&m.args, pages[i].name.text);
		pve_strv_add(&m.args, pages[i].token);
		pve_strv_add(&m.args, pages[i].authorization);
	}
	return acme_child_ask(c, &m, NULL, e);
}
