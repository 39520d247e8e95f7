/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pvecommon/mem.h"

struct peer {
	const char *address;
	unsigned port;
	int fd;
	int64_t deadline; /* ms of CLOCK_MONOTONIC */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_for(struct peer *p, short events, struct pve_err *e)
{
	struct pollfd f = {p->fd, events, 0};
	int64_t left = p->deadline - now_ms();

	if (left > 0 && poll(&f, 1, (int)left) > 0)
		return 0;
	return pve_err_set(e, PVE_AGAIN, "%s port %u: no handshake in time", p->address, p->port);
}

static socklen_t place_of(const struct peer *p, struct sockaddr_storage *place)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)place;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)place;

	memset(place, 0, sizeof(*place));
	if (inet_pton(AF_INET, p->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)p->port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, p->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)p->port);
		return sizeof(*v6);
	}
	return 0;
}

static int open_socket(struct peer *p, struct pve_err *e)
{
	struct sockaddr_storage place;
	socklen_t len = place_of(p, &place), n = sizeof(errno);
	int why = 0;

	if (!len)
		return pve_err_set(e, PVE_USAGE, "'%s' is no address", p->address);
	p->fd = socket(place.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return pve_err_sys(e, errno, "%s port %u", p->address, p->port);
	if (connect(p->fd, (struct sockaddr *)&place, len) < 0 && errno != EINPROGRESS)
		return pve_err_sys(e, errno, "%s port %u", p->address, p->port);
	if (wait_for(p, POLLOUT, e) < 0)
		return -1;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &why, &n) < 0 || why)
		return pve_err_sys(e, why ? why : errno, "%s port %u", p->address, p->port);
	return 0;
}

static int shake_hands(struct peer *p, SSL *ssl, struct pve_err *e)
{
	for (;;) {
		int rc = SSL_connect(ssl), why = SSL_get_error(ssl, rc);

		if (rc == 1)
			return 0;
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return pve_err_set(e, PVE_FAILED, "%s port %u: the TLS handshake failed", p->address,
					   p->port);
		if (wait_for(p, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, e) < 0)
			return -1;
	}
}

static int take_fingerprint(struct peer *p, SSL *ssl, char *text, struct pve_err *e)
{
	X509 *x = SSL_get1_peer_certificate(ssl);
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!x || X509_digest(x, EVP_sha256(), md, &n) != 1 || n != 32) {
		X509_free(x);
		return pve_err_set(e, PVE_FAILED, "%s port %u shows no certificate", p->address, p->port);
	}
	for (unsigned i = 0; i < n; i++)
		snprintf(text + 3 * i, 4, "%02X%s", md[i], i + 1 < n ? ":" : "");
	X509_free(x);
	return 0;
}

int pve_tls_peer(const char *address, unsigned port, unsigned timeout_ms,
		 char fingerprint[PVE_TLS_FINGERPRINT], struct pve_err *e)
{
	struct peer p = {address, port, -1, now_ms() + timeout_ms};
	SSL_CTX *ctx = NULL;
	SSL *ssl = NULL;
	int rc = open_socket(&p, e);

	if (rc == 0) {
		ctx = SSL_CTX_new(TLS_client_method());
		ssl = ctx ? SSL_new(ctx) : NULL;
		if (!ssl || SSL_set_fd(ssl, p.fd) != 1)
			abort(); /* out of memory, as everywhere: mem.h */
		SSL_set_security_level(ssl, 0); /* a weak key is not what is asked about */
		rc = shake_hands(&p, ssl, e);
	}
	if (rc == 0)
		rc = take_fingerprint(&p, ssl, fingerprint, e);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	pve_cleanup_close(&p.fd);
	return rc;
}
