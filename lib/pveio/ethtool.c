/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/ethtool.h"

#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WOL_BITS 8 /* WAKE_PHY to WAKE_FILTER */

/* What came back. */
struct answer {
	struct pve_ethtool_wol wol;
	bool valid; /* modes were in it */
	int error;  /* errno of the kernel; 0: none */
};

/* A compact bitset: 32-bit words in the order of the host. */
static unsigned bits(struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint32_t) ? nla_get_u32(a) : 0;
}

static int on_valid(struct nl_msg *msg, void *data)
{
	struct nlattr *top[ETHTOOL_A_WOL_MAX + 1], *set[ETHTOOL_A_BITSET_MAX + 1];
	struct answer *a = data;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, top, ETHTOOL_A_WOL_MAX, NULL) < 0 ||
	    !top[ETHTOOL_A_WOL_MODES] ||
	    nla_parse_nested(set, ETHTOOL_A_BITSET_MAX, top[ETHTOOL_A_WOL_MODES], NULL) < 0)
		return NL_OK;
	a->wol.enabled = bits(set[ETHTOOL_A_BITSET_VALUE]);
	a->wol.supported = bits(set[ETHTOOL_A_BITSET_MASK]);
	a->valid = true;
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *data)
{
	struct answer *a = data;

	(void)from;
	a->error = -err->error;
	return NL_STOP;
}

/* The message with its header; NULL never, for libnl's memory is as ours. */
static struct nl_msg *message(int family, int command, const char *iface)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *header;

	if (!msg)
		abort();
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_REQUEST | NLM_F_ACK,
		    (uint8_t)command, ETHTOOL_GENL_VERSION);
	header = nla_nest_start(msg, ETHTOOL_A_WOL_HEADER | NLA_F_NESTED);
	nla_put_string(msg, ETHTOOL_A_HEADER_DEV_NAME, iface);
	nla_put_u32(msg, ETHTOOL_A_HEADER_FLAGS, ETHTOOL_FLAG_COMPACT_BITSETS);
	nla_nest_end(msg, header);
	return msg;
}

static void put_modes(struct nl_msg *msg, uint32_t modes)
{
	struct nlattr *set = nla_nest_start(msg, ETHTOOL_A_WOL_MODES | NLA_F_NESTED);

	nla_put_flag(msg, ETHTOOL_A_BITSET_NOMASK);
	nla_put_u32(msg, ETHTOOL_A_BITSET_SIZE, WOL_BITS);
	nla_put_u32(msg, ETHTOOL_A_BITSET_VALUE, modes);
	nla_nest_end(msg, set);
}

/* Sends one request and reads until its acknowledgement. */
static int talk(struct nl_sock *sk, int command, const char *iface, const uint32_t *modes,
		struct answer *a, struct pve_err *e)
{
	int family = genl_ctrl_resolve(sk, ETHTOOL_GENL_NAME), ret;
	struct nl_msg *msg;

	if (family < 0)
		return pve_err_set(e, PVE_NOTHERE, "the kernel has no ethtool netlink");
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_valid, a);
	nl_socket_modify_err_cb(sk, NL_CB_CUSTOM, on_error, a);
	msg = message(family, command, iface);
	if (modes)
		put_modes(msg, *modes);
	ret = nl_send_auto(sk, msg);
	nlmsg_free(msg);
	if (ret >= 0)
		ret = nl_wait_for_ack(sk);
	if (a->error == EOPNOTSUPP)
		return pve_err_set(e, PVE_NOTHERE, "%s cannot be woken by Wake-on-LAN", iface);
	if (a->error)
		return pve_err_sys(e, a->error, "Wake-on-LAN of %s", iface);
	if (ret < 0)
		return pve_err_set(e, PVE_FAILED, "ethtool netlink: %s", nl_geterror(ret));
	return 0;
}

static int request(int command, const char *iface, const uint32_t *modes, struct answer *a,
		   struct pve_err *e)
{
	struct nl_sock *sk = nl_socket_alloc();
	int ret;

	if (!sk)
		abort();
	if (genl_connect(sk) < 0)
		ret = pve_err_set(e, PVE_NOTHERE, "the kernel has no generic netlink");
	else
		ret = talk(sk, command, iface, modes, a, e);
	nl_socket_free(sk);
	return ret;
}

int pve_ethtool_wol_read(struct pve_ethtool_wol *w, const char *iface, struct pve_err *e)
{
	struct answer a = {0};

	if (request(ETHTOOL_MSG_WOL_GET, iface, NULL, &a, e) < 0)
		return -1;
	if (!a.valid)
		return pve_err_set(e, PVE_FAILED, "Wake-on-LAN of %s: the kernel does not say",
				   iface);
	*w = a.wol;
	return 0;
}

int pve_ethtool_wol_write(const char *iface, unsigned modes, struct pve_err *e)
{
	struct answer a = {0};
	uint32_t value = modes;

	return request(ETHTOOL_MSG_WOL_SET, iface, &value, &a, e);
}
