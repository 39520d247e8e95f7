/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_ntp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pvecommon/mem.h"

#define PORT "123"
#define MS ((int64_t)1000000)

static int64_t left_ms(struct pve_sys *sys, int64_t deadline)
{
	int64_t ns = deadline - sys->now(sys, CLOCK_MONOTONIC);

	return ns > 0 ? ns / MS + 1 : 0;
}

/* getaddrinfo(3) has no time-out of its own, so that each name has a thread.  (getaddrinfo_a(3)
 * would do that for us, but gai_suspend(3) forgets a request that ends just then, whose thread
 * writes into the stack of gai_suspend when that has returned: glibc 2.36, resolv/gai_suspend.c.)
 */
struct lookup {
	char *name;
	struct addrinfo *result;
	int error;
	int report; /* a pipe, which gets the address of this when the thread is done with it */
	bool done;
};

static void *look_up(void *data)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct lookup *l = data;

	l->error = getaddrinfo(l->name, PORT, &hints, &l->result);
	while (write(l->report, &l, sizeof(l)) < 0 && errno == EINTR)
		;
	return NULL;
}

static struct lookup *lookup_start(const char *name, int report)
{
	struct lookup *l = pve_calloc(1, sizeof(*l));
	pthread_t thread;

	l->name = pve_strdup(name);
	l->report = report;
	if (pthread_create(&thread, NULL, look_up, l) == 0) {
		pthread_detach(thread);
	} else {
		l->error = EAI_AGAIN;
		l->done = true;
	}
	return l;
}

static void resolve(struct pve_sys *sys, struct ntp_query *q, size_t n, struct lookup **all,
		    unsigned timeout_ms)
{
	int64_t deadline = sys->now(sys, CLOCK_MONOTONIC) + timeout_ms * MS, left;
	size_t waiting = 0;
	struct lookup *l;
	int report[2];

	if (pipe2(report, O_CLOEXEC) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (!q[i].nth) {
			all[i] = lookup_start(q[i].server, report[1]);
			waiting += !all[i]->done;
		}
	while (waiting && (left = left_ms(sys, deadline)) > 0) {
		struct pollfd fd = {.fd = report[0], .events = POLLIN};

		if (poll(&fd, 1, (int)left) <= 0 || read(report[0], &l, sizeof(l)) != sizeof(l))
			continue;
		l->done = true;
		waiting--;
	}
	/* A thread that is late still writes to its end, and to its memory: both stay. */
	if (waiting)
		return;
	close(report[0]);
	close(report[1]);
}

static void lookup_free(struct lookup *l)
{
	if (!l->done)
		return;
	if (l->result)
		freeaddrinfo(l->result);
	free(l->name);
	free(l);
}

static const char *lookup_fault(const struct lookup *l)
{
	if (!l)
		return "there is no pipe to hear of its address";
	return l->done ? gai_strerror(l->error) : "no answer from the name server";
}

/* Opens a socket that hears only this server.  The kernel refuses an address that it has no route
 * to, as an IPv6 one on many hosts. */
static bool reach(struct ntp_query *q, const struct addrinfo *to)
{
	if (q->fd >= 0)
		close(q->fd);
	getnameinfo(to->ai_addr, to->ai_addrlen, q->address, sizeof(q->address), NULL, 0,
		    NI_NUMERICHOST);
	q->fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->fd >= 0 && connect(q->fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	q->why = strerrordesc_np(errno);
	return false;
}

/* Asks the nth address. */
static void ask(struct pve_sys *sys, struct ntp_query *q, const struct addrinfo *list)
{
	unsigned char packet[SNTP_SIZE];
	unsigned reached = 0;

	while (list && reached <= q->nth) {
		reached += reach(q, list);
		list = list->ai_next;
	}
	if (reached <= q->nth) {
		q->absent = q->nth > 0;
		return;
	}
	q->why = NULL;
	if (getrandom(&q->cookie, sizeof(q->cookie), 0) != sizeof(q->cookie)) {
		q->why = "there are no random numbers";
		return;
	}
	sntp_request(packet, q->cookie);
	q->sent = sys->now(sys, CLOCK_REALTIME);
	if (send(q->fd, packet, sizeof(packet), 0) != (ssize_t)sizeof(packet))
		q->why = strerrordesc_np(errno);
}

/* Returns whether the query is over.  What repeats something else than our cookie is passed
 * over: the right answer may still come. */
static bool hear(struct pve_sys *sys, struct ntp_query *q)
{
	unsigned char packet[512];
	ssize_t n = recv(q->fd, packet, sizeof(packet), 0);
	int64_t now = sys->now(sys, CLOCK_REALTIME);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return false;
		q->why = strerrordesc_np(errno);
		return true;
	}
	sntp_parse(&q->reply, packet, (size_t)n, q->cookie, q->sent, now);
	return q->reply.verdict != SNTP_ORIGIN;
}

static void listen_all(struct pve_sys *sys, struct ntp_query *q, size_t n, unsigned timeout_ms)
{
	int64_t deadline = sys->now(sys, CLOCK_MONOTONIC) + timeout_ms * MS, left;
	struct pollfd *fds = pve_calloc(n + 1, sizeof(*fds));
	size_t open = 0;

	for (size_t i = 0; i < n; i++) {
		fds[i] = (struct pollfd){.fd = q[i].why || q[i].absent ? -1 : q[i].fd,
					 .events = POLLIN};
		open += fds[i].fd >= 0;
	}
	while (open && (left = left_ms(sys, deadline)) > 0) {
		if (poll(fds, n, (int)left) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < n; i++)
			if (fds[i].fd >= 0 && fds[i].revents && hear(sys, &q[i])) {
				fds[i].fd = -1;
				open--;
			}
	}
	free(fds);
}

void probe_ntp(struct pve_sys *sys, struct ntp_query *q, size_t n, unsigned timeout_ms)
{
	struct lookup **all = pve_calloc(n + 1, sizeof(struct lookup *));

	for (size_t i = 0; i < n; i++) {
		q[i].reply = (struct sntp_reply){.verdict = SNTP_SILENT};
		q[i].fd = -1;
	}
	resolve(sys, q, n, all, timeout_ms);
	for (size_t i = 0; i < n; i++) {
		const struct lookup *l = all[i - q[i].nth];

		if (l && l->done && l->result) {
			ask(sys, &q[i], l->result);
			continue;
		}
		q[i].unresolved = true;
		q[i].absent = q[i].nth > 0;
		q[i].why = lookup_fault(l);
	}
	for (size_t i = 0; i < n; i++)
		if (all[i])
			lookup_free(all[i]);
	listen_all(sys, q, n, timeout_ms);
	for (size_t i = 0; i < n; i++) {
		if (q[i].reply.verdict == SNTP_SILENT && !q[i].why)
			q[i].why = "no answer";
		if (q[i].fd >= 0)
			close(q[i].fd);
	}
	free(all);
}
