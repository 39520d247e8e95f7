/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which certificate a TLS server shows; the server is a process of the test with one of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pvecommon/mem.h"
#include "pveio/tls.h"
#include "pveio/x509.h"

struct server {
	struct pve_buf cert, key; /* PEM */
	char fingerprint[PVE_TLS_FINGERPRINT];
	pid_t pid;
	unsigned port;
};

/* What the server does with a connection. */
typedef void serve_fn(const struct server *s, int fd);

static void show(const struct server *s, int fd)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	BIO *cert = BIO_new_mem_buf(s->cert.data, (int)s->cert.len);
	BIO *key = BIO_new_mem_buf(s->key.data, (int)s->key.len);
	SSL *ssl;

	if (SSL_CTX_use_certificate(ctx, PEM_read_bio_X509(cert, NULL, NULL, NULL)) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, PEM_read_bio_PrivateKey(key, NULL, NULL, NULL)) != 1)
		return;
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	SSL_accept(ssl);
	pause();
}

static void keep_silent(const struct server *s, int fd)
{
	(void)s, (void)fd;
	pause();
}

static void talk_nonsense(const struct server *s, int fd)
{
	(void)s;
	if (write(fd, "220 mail.example ESMTP\r\n", 24) == 24)
		pause();
}

static void begin(struct server *s, serve_fn *serve)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		int c = accept(fd, NULL, NULL);

		if (c >= 0)
			serve(s, c);
		_exit(0);
	}
	close(fd);
}

static void end(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

static int make_certificate(void **state)
{
	static struct server s;
	const struct pve_name name = {PVE_NAME_DNS, "node1.example"};
	const unsigned char digest[32] = {0};
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, NULL);
	struct pve_chain chain = {0};

	if (!key || pve_cert_alpn(key, &name, digest, &s.cert, NULL) < 0 ||
	    pve_chain_parse(&chain, (struct pve_span){s.cert.data, s.cert.len}, NULL) < 0)
		return -1;
	pve_pkey_format(key, &s.key);
	pve_pkey_free(key);
	strncat(s.fingerprint, chain.v[0].fingerprint, sizeof(s.fingerprint) - 1);
	pve_chain_done(&chain);
	*state = &s;
	return 0;
}

static int free_certificate(void **state)
{
	struct server *s = *state;

	pve_buf_done(&s->cert);
	pve_buf_done(&s->key);
	return 0;
}

static void its_fingerprint(void **state)
{
	struct server *s = *state;
	char seen[PVE_TLS_FINGERPRINT] = "";
	struct pve_err e = {0};

	begin(s, show);
	assert_int_equal(pve_tls_peer("127.0.0.1", s->port, 5000, seen, &e), 0);
	assert_string_equal(seen, s->fingerprint);
	end(s);
}

static void nobody_is_there(void **state)
{
	struct server *s = *state;
	char seen[PVE_TLS_FINGERPRINT] = "";
	struct pve_err e = {0};

	begin(s, keep_silent);
	end(s);
	assert_int_equal(pve_tls_peer("127.0.0.1", s->port, 5000, seen, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_string_equal(seen, "");
	assert_int_equal(pve_tls_peer("localhost", s->port, 5000, seen, &e), -1);
	assert_string_equal(e.msg, "'localhost' is no address");
}

/* It listens, and that is all: the time is over at some time. */
static void a_server_that_says_nothing(void **state)
{
	struct server *s = *state;
	char seen[PVE_TLS_FINGERPRINT] = "";
	struct pve_err e = {0};

	begin(s, keep_silent);
	assert_int_equal(pve_tls_peer("127.0.0.1", s->port, 200, seen, &e), -1);
	assert_int_equal(e.code, PVE_AGAIN);
	end(s);
}

static void a_server_of_another_protocol(void **state)
{
	struct server *s = *state;
	char seen[PVE_TLS_FINGERPRINT] = "";
	struct pve_err e = {0};

	begin(s, talk_nonsense);
	assert_int_equal(pve_tls_peer("127.0.0.1", s->port, 5000, seen, &e), -1);
	assert_int_equal(e.code, PVE_FAILED);
	assert_string_equal(seen, "");
	end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_fingerprint),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(a_server_that_says_nothing),
		cmocka_unit_test(a_server_of_another_protocol),
	};

	return cmocka_run_group_tests_name("tls", tests, make_certificate, free_certificate);
}
