/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define BACKLOG 128

/* Has the process an open descriptor for the socket with this inode? */
static bool has_socket(struct pve_sys *sys, const char *pid, unsigned long inode)
{
	PVE_FREE char *dir = pve_asprintf("/proc/%s/fd", pid);
	PVE_FREE char *want = pve_asprintf("socket:[%lu]", inode);
	PVE_STRV fds = {0};

	if (pve_fs_list(sys, dir, &fds, NULL) < 0)
		return false;
	for (size_t i = 0; i < fds.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, fds.v[i]);
		PVE_BUF link = {0};

		if (pve_fs_readlink(sys, path, &link, NULL) == 0 &&
		    strcmp(pve_buf_str(&link), want) == 0)
			return true;
	}
	return false;
}

/* Adds "nginx (process 123)"; nothing when it cannot be found. */
static void find_holder(struct pve_sys *sys, unsigned port, struct pve_buf *out)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	unsigned long inode = 0;
	PVE_STRV pids = {0};

	for (size_t i = 0; i < 2 && !inode; i++) {
		PVE_BUF text = {0};

		if (pve_fs_read(sys, tables[i], 0, &text, NULL, NULL) == 0)
			inode = acme_listen_inode((struct pve_span){text.data, text.len}, port);
	}
	if (!inode || pve_fs_list(sys, "/proc", &pids, NULL) < 0)
		return;
	for (size_t i = 0; i < pids.n; i++) {
		PVE_FREE char *path = pve_asprintf("/proc/%s/comm", pids.v[i]);
		PVE_BUF name = {0};

		if (pids.v[i][strspn(pids.v[i], "0123456789")] ||
		    !has_socket(sys, pids.v[i], inode) ||
		    pve_fs_read(sys, path, 0, &name, NULL, NULL) < 0)
			continue;
		pve_buf_printf(out, "%.*s (process %s)",
			       PVE_SPAN_ARG(pve_span_trim((struct pve_span){name.data, name.len})),
			       pids.v[i]);
		return;
	}
}

static int refused(unsigned port, int error, struct pve_err *e)
{
	struct pve_sys host; /* ports are this machine's, whatever --root is */
	PVE_BUF holder = {0};

	if (error != EADDRINUSE)
		return pve_err_sys(e, error, "listening at port %u", port);
	if (pve_sys_init(&host, NULL, NULL) == 0) {
		find_holder(&host, port, &holder);
		pve_sys_done(&host);
	}
	return pve_err_set(e, PVE_AGAIN,
			   "port %u is in use by %s; stop it for the order, or use a webroot, tls-alpn-01 "
			   "or a DNS plugin",
			   port, holder.len ? pve_buf_str(&holder) : "another process");
}

/* A listening socket, or -1 with errno. */
static int listen_at(const struct addrinfo *a)
{
	const int one = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* Each family has a socket of its own, whatever net.ipv6.bindv6only says. */
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int acme_listen(const char *address, unsigned port, int fds[ACME_LISTEN_MAX], size_t *n,
		struct pve_err *e)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char service[16];
	int rc, error = 0;

	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(address, service, &hints, &list);
	if (rc != 0)
		return pve_err_set(e, PVE_USAGE, "%s: %s", address ? address : "listening",
				   gai_strerror(rc));
	*n = 0;
	for (const struct addrinfo *a = list; a && *n < ACME_LISTEN_MAX && error != EADDRINUSE;
	     a = a->ai_next) {
		fds[*n] = listen_at(a);
		if (fds[*n] >= 0)
			(*n)++;
		else if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
			error = errno;
		else if (!error)
			error = -errno; /* no such family here: no failure, if the other one is there */
	}
	freeaddrinfo(list);
	if (error <= 0 && *n)
		return 0;
	while (*n)
		close(fds[--*n]);
	return refused(port, error < 0 ? -error : error, e);
}
