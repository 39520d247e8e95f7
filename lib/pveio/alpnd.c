/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/alpnd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pveio/pkey_impl.h"

#define HANDSHAKES 64 /* at a time; the oldest makes room for a new one */
#define HANDSHAKE_MS 5000

static const unsigned char protocol[] = "\012acme-tls/1";
#define PROTOCOL_LEN 11

struct handshake {
	SSL *ssl; /* NULL: free */
	int fd;
	short events;
	int64_t until;
};

struct server {
	SSL_CTX **ctx;  /* by page */
	char **name;    /* by page */
	size_t n;
	SSL_CTX *first; /* in which every connection begins */
	struct handshake v[HANDSHAKES];
};

char *pve_alpn_server_name(const struct pve_name *name)
{
	unsigned char a[16];
	PVE_BUF text = {0};

	if (name->type == PVE_NAME_DNS)
		return pve_strdup(name->text);
	if (inet_pton(AF_INET, name->text, a) == 1)
		return pve_asprintf("%u.%u.%u.%u.in-addr.arpa", a[3], a[2], a[1], a[0]);
	if (inet_pton(AF_INET6, name->text, a) != 1)
		return pve_strdup(name->text);
	for (int i = 15; i >= 0; i--)
		pve_buf_printf(&text, "%x.%x.", a[i] & 15u, a[i] >> 4);
	pve_buf_puts(&text, "ip6.arpa");
	return pve_buf_take(&text);
}

/* Only a client that offers the protocol is served. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *outlen,
			   const unsigned char *in, unsigned inlen, void *data)
{
	(void)ssl, (void)data;
	for (unsigned i = 0; i + PROTOCOL_LEN <= inlen; i += in[i] + 1u) {
		if (memcmp(in + i, protocol, PROTOCOL_LEN) != 0)
			continue;
		*out = protocol + 1;
		*outlen = PROTOCOL_LEN - 1;
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int choose_page(SSL *ssl, int *alert, void *data)
{
	const struct server *s = data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	for (size_t i = 0; name && i < s->n; i++) {
		if (strcasecmp(s->name[i], name) == 0) {
			SSL_set_SSL_CTX(ssl, s->ctx[i]);
			return SSL_TLSEXT_ERR_OK;
		}
	}
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int use_certificate(SSL_CTX *ctx, const struct pve_pkey *key,
			   const struct pve_alpn_page *page, struct pve_err *e)
{
	PVE_BUF pem = {0};
	BIO *bio;
	X509 *x;
	int rc;

	if (pve_cert_alpn(key, &page->name, page->digest, &pem, e) < 0)
		return -1;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	rc = x && SSL_CTX_use_certificate(ctx, x) == 1 &&
			     SSL_CTX_use_PrivateKey(ctx, key->evp) == 1
		     ? 0
		     : pve_openssl_err(e, "using the certificate of a challenge");
	X509_free(x);
	BIO_free(bio);
	return rc;
}

static int add_page(struct server *s, const struct pve_pkey *key, const struct pve_alpn_page *page,
		    struct pve_err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx)
		return pve_openssl_err(e, "starting TLS");
	s->name[s->n] = pve_alpn_server_name(&page->name);
	s->ctx[s->n++] = ctx;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, choose_page);
	SSL_CTX_set_tlsext_servername_arg(ctx, s);
	return use_certificate(ctx, key, page, e);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end(struct handshake *h)
{
	if (!h->ssl)
		return;
	SSL_shutdown(h->ssl);
	SSL_free(h->ssl);
	close(h->fd);
	*h = (struct handshake){0};
}

/* Goes on with one; it ends when it is complete, fails or is late. */
static void step(struct handshake *h)
{
	int rc = SSL_accept(h->ssl), why = SSL_get_error(h->ssl, rc);

	ERR_clear_error();
	if (rc != 1 && (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE))
		h->events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
	else
		end(h);
}

static void admit(struct server *s, int listener)
{
	struct handshake *h = &s->v[0];
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return; /* it went away again */
	for (size_t i = 0; i < HANDSHAKES && h->ssl; i++)
		if (!s->v[i].ssl || s->v[i].until < h->until)
			h = &s->v[i];
	end(h);
	*h = (struct handshake){SSL_new(s->first), fd, POLLIN, now_ms() + HANDSHAKE_MS};
	if (!h->ssl || SSL_set_fd(h->ssl, fd) != 1) {
		SSL_free(h->ssl);
		close(fd);
		*h = (struct handshake){0};
	}
}

static void serve(struct server *s, const int *fds, size_t nfds)
{
	for (;;) {
		struct pollfd p[HANDSHAKES + 8];
		size_t n = 0;

		for (size_t i = 0; i < HANDSHAKES; i++)
			p[n++] = (struct pollfd){s->v[i].ssl ? s->v[i].fd : -1, s->v[i].events, 0};
		for (size_t i = 0; i < nfds && i < 8; i++)
			p[n++] = (struct pollfd){fds[i], POLLIN, 0};
		if (poll(p, n, 500) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < HANDSHAKES; i++) {
			if (s->v[i].ssl && p[i].revents)
				step(&s->v[i]);
			if (s->v[i].ssl && s->v[i].until < now_ms())
				end(&s->v[i]);
		}
		for (size_t i = HANDSHAKES; i < n; i++)
			if (p[i].revents)
				admit(s, p[i].fd);
	}
}

int pve_alpnd_serve(const int *fds, size_t nfds, const struct pve_alpn_page *pages, size_t npages,
		    struct pve_err *e)
{
	struct server s = {.ctx = pve_calloc(npages + 1, sizeof(SSL_CTX *)),
			   .name = pve_calloc(npages + 1, sizeof(char *))};
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, e);
	int rc = key ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < npages; i++)
		rc = add_page(&s, key, &pages[i], e);
	if (rc == 0 && s.n) {
		s.first = s.ctx[0];
		serve(&s, fds, nfds);
	}
	for (size_t i = 0; i < s.n; i++) {
		SSL_CTX_free(s.ctx[i]);
		free(s.name[i]);
	}
	free(s.ctx);
	free(s.name);
	pve_pkey_free(key);
	return -1;
}
