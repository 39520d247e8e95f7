/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/dnsnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define ANSWER_MAX 65535

/* --- servers ------------------------------------------------------------------------------ */

/* With the scope that a link-local address needs: "fe80::1%eth0". */
static bool set_v6(struct sockaddr_in6 *v6, const char *address)
{
	const char *scope = strchr(address, '%');
	PVE_FREE char *plain = pve_strndup(address, strcspn(address, "%"));

	if (inet_pton(AF_INET6, plain, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_scope_id = scope ? if_nametoindex(scope + 1) : 0;
	return !scope || v6->sin6_scope_id;
}

static bool set_address(struct acme_dns_server *s, const char *address, unsigned port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&s->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s->addr;

	*s = (struct acme_dns_server){0};
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		s->len = sizeof(*v4);
	} else if (set_v6(v6, address)) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		s->len = sizeof(*v6);
	} else {
		return false;
	}
	if (port == ACME_DNS_PORT)
		snprintf(s->text, sizeof(s->text), "%s", address);
	else
		snprintf(s->text, sizeof(s->text), s->len == sizeof(*v4) ? "%s:%u" : "[%s]:%u",
			 address, port);
	return true;
}

int acme_dns_server_parse(struct acme_dns_server *s, const char *text, struct pve_err *e)
{
	PVE_FREE char *address = pve_strdup(text);
	char *colon = strrchr(address, ':');
	uint64_t port = ACME_DNS_PORT;

	if (address[0] == '[') {
		char *end = strchr(address, ']');

		if (end && end[1] == ':' && pve_num_u64(end + 2, 1, 65535, &port, e) < 0)
			return -1;
		if (end && (end[1] == ':' || !end[1])) {
			*end = '\0';
			if (set_address(s, address + 1, (unsigned)port))
				return 0;
		}
	} else if (colon && strchr(address, ':') == colon) {
		*colon = '\0';
		if (pve_num_u64(colon + 1, 1, 65535, &port, e) < 0)
			return -1;
		if (set_address(s, address, (unsigned)port))
			return 0;
	} else if (set_address(s, address, (unsigned)port)) {
		return 0;
	}
	return pve_err_set(e, PVE_USAGE, "%s is no address of a name server", text);
}

int acme_dns_server_set(struct acme_dns_server *s, struct pve_span data, unsigned port)
{
	char text[INET6_ADDRSTRLEN];

	if ((data.len != 4 && data.len != 16) ||
	    !inet_ntop(data.len == 4 ? AF_INET : AF_INET6, data.p, text, sizeof(text)))
		return -1;
	return set_address(s, text, port) ? 0 : -1;
}

/* --- TCP ---------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left = until - now_ms();
	int rc = left > 0 ? poll(&p, 1, (int)left) : 0;

	if (rc == 0)
		errno = ETIMEDOUT;
	return rc > 0 ? 0 : -1;
}

static int transfer(int fd, void *data, size_t n, bool writing, int64_t until)
{
	char *p = data;

	while (n) {
		ssize_t done;

		if (wait_for(fd, writing ? POLLOUT : POLLIN, until) < 0)
			return -1;
		done = writing ? send(fd, p, n, MSG_NOSIGNAL) : recv(fd, p, n, 0);
		if (done == 0)
			errno = ECONNRESET;
		if (done <= 0 && (done == 0 || errno != EAGAIN))
			return -1;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int connect_until(int fd, const struct acme_dns_server *s, int64_t until)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, (const struct sockaddr *)&s->addr, s->len) == 0)
		return 0;
	if (errno != EINPROGRESS || wait_for(fd, POLLOUT, until) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -1;
	errno = error;
	return error ? -1 : 0;
}

int acme_dns_exchange(const struct acme_dns_server *server, struct pve_span message,
		      unsigned timeout_ms, struct pve_buf *answer, struct pve_err *e)
{
	int64_t until = now_ms() + timeout_ms;
	PVE_CLOSE int fd =
		socket(server->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	PVE_BUF sent = {0};
	unsigned char size[2];

	pve_dns_put16(&sent, (unsigned)message.len); /* RFC 1035, section 4.2.2 */
	pve_buf_span(&sent, message);
	if (fd < 0 || connect_until(fd, server, until) < 0 ||
	    transfer(fd, sent.data, sent.len, true, until) < 0 ||
	    transfer(fd, size, sizeof(size), false, until) < 0)
		return pve_err_sys(e, errno, "asking %s", server->text);
	{
		size_t n = (size_t)size[0] << 8 | size[1];

		if (transfer(fd, pve_buf_reserve(answer, n), n, false, until) < 0)
			return pve_err_sys(e, errno, "asking %s", server->text);
		answer->len += n;
	}
	return 0;
}

/* --- many over UDP ------------------------------------------------------------------------ */

/* One question on its way. */
struct flight {
	int fd;       /* -1: over */
	uint16_t id;
	struct pve_buf message;
};

static void start(struct flight *f, struct acme_dns_ask *ask)
{
	const struct acme_dns_server *s = ask->server;

	f->id = (uint16_t)arc4random();
	f->fd = -1;
	if (pve_dns_query(&f->message, f->id, ask->name, ask->type, ask->recurse, &ask->err) < 0)
		return;
	f->fd = socket(s->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd >= 0 && connect(f->fd, (const struct sockaddr *)&s->addr, s->len) == 0)
		return;
	pve_err_sys(&ask->err, errno, "asking %s", s->text);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static void end(struct flight *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* Takes an answer that is one to our question; anything else is passed over. */
static bool take(struct flight *f, struct acme_dns_ask *ask)
{
	struct pve_dns_msg m = {0};

	if (pve_dns_parse(&m, (struct pve_span){ask->bytes.data, ask->bytes.len}, &ask->err) < 0 ||
	    m.id != f->id || !m.response || strcasecmp(m.question, ask->name) != 0 ||
	    m.question_type != ask->type) {
		pve_dns_done(&m);
		ask->bytes.len = 0;
		return false;
	}
	ask->msg = m;
	ask->answered = true;
	return true;
}

static void receive(struct flight *f, struct acme_dns_ask *ask, int64_t until)
{
	ssize_t n = recv(f->fd, pve_buf_reserve(&ask->bytes, ANSWER_MAX), ANSWER_MAX, 0);
	int64_t left = until - now_ms();

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		pve_err_sys(&ask->err, errno, "asking %s", ask->server->text);
		end(f);
	}
	if (n <= 0)
		return;
	ask->bytes.len = (size_t)n;
	if (!take(f, ask))
		return;
	end(f);
	if (!ask->msg.truncated)
		return;
	pve_dns_done(&ask->msg);
	ask->answered = false;
	ask->bytes.len = 0;
	if (acme_dns_exchange(ask->server, (struct pve_span){f->message.data, f->message.len},
			      left > 0 ? (unsigned)left : 0, &ask->bytes, &ask->err) == 0)
		take(f, ask);
}

static size_t wait_all(struct flight *f, struct acme_dns_ask *asks, size_t n, int64_t turn,
		       int64_t until)
{
	PVE_FREE struct pollfd *p = pve_calloc(n + 1, sizeof(*p));
	size_t open = n;

	while (open && now_ms() < turn) {
		int64_t left = turn - now_ms();

		open = 0;
		for (size_t i = 0; i < n; i++) {
			p[i] = (struct pollfd){f[i].fd, POLLIN, 0};
			open += f[i].fd >= 0;
		}
		if (!open || poll(p, n, left > 0 ? (int)left : 0) <= 0)
			continue;
		for (size_t i = 0; i < n; i++)
			if (p[i].revents)
				receive(&f[i], &asks[i], until);
	}
	return open;
}

void acme_dns_ask_all(struct acme_dns_ask *asks, size_t n, unsigned timeout_ms)
{
	struct flight *f = pve_calloc(n + 1, sizeof(*f));
	int64_t begin = now_ms();

	for (size_t i = 0; i < n; i++)
		start(&f[i], &asks[i]);
	for (int round = 1; round <= 2; round++) {
		for (size_t i = 0; i < n; i++)
			if (f[i].fd >= 0)
				(void)!send(f[i].fd, f[i].message.data, f[i].message.len, MSG_NOSIGNAL);
		if (!wait_all(f, asks, n, begin + (int64_t)timeout_ms * round / 2, begin + timeout_ms))
			break;
	}
	for (size_t i = 0; i < n; i++) {
		if (f[i].fd >= 0)
			pve_err_set(&asks[i].err, PVE_AGAIN, "%s does not answer",
				    asks[i].server->text);
		end(&f[i]);
		pve_buf_done(&f[i].message);
	}
	free(f);
}

void acme_dns_ask_done(struct acme_dns_ask *ask)
{
	pve_dns_done(&ask->msg);
	pve_buf_done(&ask->bytes);
}
