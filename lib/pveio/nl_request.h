/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NL_REQUEST_H
#define PVEIO_NL_REQUEST_H

#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>

#include "pveio/nl_write.h"

/* Between the files that write to rtnetlink: one request with its answer. */

/* Words of the kernel are one line; those in its sources are shorter than this. */
#define PVE_NL_WORDS_MAX 200

struct pve_nl {
	struct nl_sock *sk;
	int ioctl_fd;                 /* for names */
	int error;                    /* errno of the last refusal */
	char words[PVE_NL_WORDS_MAX]; /* of the kernel; "" when it had none */
};

/* A message under way.  bad is set once something could not be put in; then finish fails. */
struct pve_nl_request {
	struct nl_msg *msg;
	bool bad;
};

struct pve_nl_request pve_nl_req_start(int type, int flags, const void *header, size_t len);
/* Each puts an attribute in. */
void pve_nl_req_put(struct pve_nl_request *r, int type, const void *data, size_t len);
void pve_nl_req_u32(struct pve_nl_request *r, int type, uint32_t v);
void pve_nl_req_text(struct pve_nl_request *r, int type, const char *s);
/* What is put in until nest_end stands inside of this one. */
struct nlattr *pve_nl_req_nest(struct pve_nl_request *r, int type);
void pve_nl_req_nest_end(struct pve_nl_request *r, struct nlattr *a);
/* Sends it, waits for the answer and frees it; name is the object's for the error. */
int pve_nl_req_finish(struct pve_nl *nl, struct pve_nl_request *r, const char *name,
		      struct pve_err *e);

/* The index of a link; 0 and an error when there is none. */
int pve_nl_find(struct pve_nl *nl, const char *name, struct pve_err *e);

/* Bytes of an address. */
static inline size_t pve_nl_addr_len(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

#endif
