/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/responder.h"

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pve-acme/confine.h"
#include "pve-acme/listen.h"
#include "pve-acme/msg.h"
#include "pve-acme/stop.h"
#include "pvecommon/mem.h"
#include "pveio/alpnd.h"
#include "pveio/httpd.h"

#define WELL_KNOWN "/.well-known/acme-challenge/" /* RFC 8555, section 8.3 */

/* --- the process ------------------------------------------------------------------------- */

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

/* Waits for the pages, and serves them until it is killed. */
static int respond(enum acme_responder_kind kind, const int *fds, size_t nfds, int fd,
		   struct pve_err *e)
{
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
	return kind == ACME_RESPONDER_HTTP ? serve_http(fds, nfds, pages, n, fd, e)
					   : serve_alpn(fds, nfds, pages, n, fd, e);
}

static void become_responder(enum acme_responder_kind kind, const int *fds, size_t nfds, int fd)
{
	ACME_MSG answer = {.word = ACME_MSG_ERROR};
	struct pve_err e = {0};
	int keep[ACME_LISTEN_MAX + 1] = {fd};

	memcpy(keep + 1, fds, nfds * sizeof(*fds));
	if (acme_confine(keep, nfds + 1, &e) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != 1)
			respond(kind, fds, nfds, fd, &e);
	}
	acme_msg_fill_error(&answer, &e, 0, 0);
	acme_msg_send(fd, &answer, NULL);
	_exit(1);
}

/* --- us ----------------------------------------------------------------------------------- */

int acme_responder_start(struct acme_responder *r, enum acme_responder_kind kind,
			 struct pve_sys *sys, const char *address, unsigned port,
			 struct pve_err *e)
{
	int listeners[ACME_LISTEN_MAX], pair[2];
	size_t n;

	if (acme_listen(sys, address, port, listeners, &n, e) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		pve_err_sys(e, errno, "starting the responder");
	} else {
		r->pid = fork();
		if (r->pid == 0) {
			close(pair[0]);
			become_responder(kind, listeners, n, pair[1]);
		}
		if (r->pid < 0)
			pve_err_sys(e, errno, "starting the responder");
		close(pair[1]);
		r->fd = pair[0];
	}
	while (n)
		close(listeners[--n]);
	return r->pid > 0 ? 0 : -1;
}

int acme_responder_serve(struct acme_responder *r, const struct acme_responder_page *pages,
			 size_t n, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_PAGES};
	ACME_MSG answer = {0};

	for (size_t i = 0; i < n; i++) {
		pve_strv_add(&m.args, pages[i].name.text);
		pve_strv_add(&m.args, pages[i].token);
		pve_strv_add(&m.args, pages[i].authorization);
	}
	if (acme_msg_send(r->fd, &m, e) < 0 || acme_stop_wait(r->fd, -1, e) < 0 ||
	    acme_msg_recv(r->fd, &answer, e) < 0)
		return -1;
	return answer.word == ACME_MSG_OK ? 0 : acme_msg_error(&answer, e);
}

void acme_responder_stop(struct acme_responder *r)
{
	if (r->pid > 0) {
		close(r->fd);
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	*r = (struct acme_responder){0};
}
