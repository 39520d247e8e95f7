/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/nl_request.h"

#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* --- the socket ---------------------------------------------------------------- */

/* NLMSGERR_ATTR_MSG stands behind the error, and behind the request unless that was cut
 * off (NETLINK_CAP_ACK).  libnl 3.7 does not read it. */
static void read_words(struct pve_nl *nl, struct nlmsgerr *err)
{
	struct nlmsghdr *h = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	int at = NLMSG_ALIGN(sizeof(*err)), rest;
	struct nlattr *a, *first;

	nl->words[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		at += (int)NLMSG_ALIGN(err->msg.nlmsg_len - NLMSG_HDRLEN);
	rest = (int)h->nlmsg_len - (int)NLMSG_HDRLEN - at;
	first = (struct nlattr *)((char *)err + at);
	nla_for_each_attr(a, first, rest, rest) if (nla_type(a) == NLMSGERR_ATTR_MSG)
		nla_strlcpy(nl->words, a, sizeof(nl->words));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct pve_nl *nl = arg;

	(void)from;
	nl->error = -err->error;
	read_words(nl, err);
	return NL_STOP;
}

struct pve_nl *pve_nl_open(struct pve_err *e)
{
	struct pve_nl *nl = pve_calloc(1, sizeof(*nl));
	int one = 1, rc;

	nl->ioctl_fd = -1;
	nl->sk = nl_socket_alloc();
	if (!nl->sk) {
		pve_err_set(e, PVE_FAILED, "rtnetlink: no socket");
		pve_nl_close(nl);
		return NULL;
	}
	rc = nl_connect(nl->sk, NETLINK_ROUTE);
	nl->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rc < 0 || nl->ioctl_fd < 0) {
		pve_err_set(e, PVE_NOTHERE, "rtnetlink: %s",
			    rc < 0 ? nl_geterror(rc) : strerror(errno));
		pve_nl_close(nl);
		return NULL;
	}
	/* Kernels without them answer with a number alone. */
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one,
		   sizeof(one));
	/* Answers are short: no need to ask for their size first. */
	nl_socket_disable_msg_peek(nl->sk);
	nl_socket_modify_err_cb(nl->sk, NL_CB_CUSTOM, on_error, nl);
	return nl;
}

void pve_nl_close(struct pve_nl *nl)
{
	if (!nl)
		return;
	if (nl->sk)
		nl_socket_free(nl->sk);
	pve_cleanup_close(&nl->ioctl_fd);
	free(nl);
}

int pve_nl_index(struct pve_nl *nl, const char *name)
{
	struct ifreq r = {.ifr_ifindex = 0};

	if (strlen(name) >= sizeof(r.ifr_name))
		return (int)if_nametoindex(name);
	memcpy(r.ifr_name, name, strlen(name) + 1);
	return ioctl(nl->ioctl_fd, SIOCGIFINDEX, &r) == 0 ? r.ifr_ifindex : 0;
}

/* --- requests ------------------------------------------------------------------ */

struct pve_nl_request pve_nl_req_start(int type, int flags, const void *header, size_t len)
{
	struct pve_nl_request r = {.msg = nlmsg_alloc_simple(type, flags | NLM_F_ACK)};

	r.bad = !r.msg || nlmsg_append(r.msg, (void *)header, len, NLMSG_ALIGNTO) < 0;
	return r;
}

void pve_nl_req_put(struct pve_nl_request *r, int type, const void *data, size_t len)
{
	r->bad = r->bad || nla_put(r->msg, type, (int)len, data) < 0;
}

void pve_nl_req_u32(struct pve_nl_request *r, int type, uint32_t v)
{
	pve_nl_req_put(r, type, &v, sizeof(v));
}

void pve_nl_req_text(struct pve_nl_request *r, int type, const char *s)
{
	pve_nl_req_put(r, type, s, strlen(s) + 1);
}

struct nlattr *pve_nl_req_nest(struct pve_nl_request *r, int type)
{
	struct nlattr *a = r->bad ? NULL : nla_nest_start(r->msg, type);

	r->bad = !a;
	return a;
}

void pve_nl_req_nest_end(struct pve_nl_request *r, struct nlattr *a)
{
	if (!r->bad)
		nla_nest_end(r->msg, a);
}

int pve_nl_req_finish(struct pve_nl *nl, struct pve_nl_request *r, const char *name,
		      struct pve_err *e)
{
	int rc = -NLE_MSGSIZE;

	nl->error = 0;
	nl->words[0] = '\0';
	if (!r->bad) {
		rc = nl_send_auto(nl->sk, r->msg);
		if (rc >= 0)
			rc = nl_wait_for_ack(nl->sk);
	}
	nlmsg_free(r->msg);
	if (rc >= 0)
		return 0;
	if (!nl->error)
		return pve_err_set(e, PVE_FAILED, "%s: rtnetlink: %s", name, nl_geterror(rc));
	if (!nl->words[0])
		return pve_err_sys(e, nl->error, "%s", name);
	return pve_err_sys(e, nl->error, "%s: the kernel says \"%s\"", name, nl->words);
}

int pve_nl_find(struct pve_nl *nl, const char *name, struct pve_err *e)
{
	int index = pve_nl_index(nl, name);

	if (!index)
		pve_err_sys(e, ENODEV, "%s", name);
	return index;
}
