/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sys/socket.h>

#include "pve-acme/msg.h"
#include "pvecommon/mem.h"

int acme_msg_send(int fd, const struct acme_msg *m, struct pve_err *e)
{
	PVE_BUF bytes = {0};
	ssize_t n;

	acme_msg_format(m, &bytes);
	if (bytes.len > ACME_MSG_MAX)
		return pve_err_set(e, PVE_FAILED, "a message of %zu bytes is too long", bytes.len);
	do
		n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? pve_err_sys(e, errno, "telling the other process") : 0;
}

int acme_msg_recv(int fd, struct acme_msg *m, struct pve_err *e)
{
	PVE_BUF bytes = {0};
	ssize_t n = recv(fd, pve_buf_reserve(&bytes, ACME_MSG_MAX), ACME_MSG_MAX, 0);

	if (n < 0)
		return pve_err_sys(e, errno, "hearing the other process");
	if (n == 0)
		return pve_err_set(e, PVE_FAILED, "the other process has ended");
	return acme_msg_parse(m, (struct pve_span){bytes.data, (size_t)n}, e);
}
