/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>

#include "pin.h"
#include "probe.h"
#include "staging.h"

const struct pve_opt net_pin_options[] = {
	NET_EDIT_OPTIONS,
	{'m', "mac", PVE_OPT_STR, offsetof(struct net_pin_opts, mac), "MAC",
	 "of the NIC; otherwise that of the link"},
	{0},
};

/* The permanent address where the kernel tells it: a bond gives all its slaves one. */
static int find_mac(struct pve_ctx *ctx, const char *iface, char mac[18])
{
	const struct net_pin_opts *opts = ctx->opts;
	const struct pve_nl_link *l;
	const char *found = opts->mac;
	struct net_host h = {0};
	int rc = 0;

	if (!found && net_host_read(&h, &ctx->sys, 0, &ctx->err) < 0)
		return -1;
	if (!found) {
		l = net_host_link(&h, iface);
		if (l && net_type_of_link(l) == NET_T_ETH)
			found = l->perm_mac && *l->perm_mac ? l->perm_mac : l->mac;
	}
	if (found && net_pin_is_mac(pve_span(found)))
		for (unsigned i = 0; i < 18; i++)
			mac[i] = (char)tolower((unsigned char)found[i]);
	else if (found)
		rc = pve_err_set(&ctx->err, PVE_USAGE, "%s is no MAC address", found);
	else
		rc = pve_err_set(&ctx->err, PVE_NOTHERE,
				 "%s is no NIC of this host; --mac says which one is meant", iface);
	net_host_done(&h);
	return rc;
}

static int put_link(struct pve_ctx *ctx, struct net_editing *x, const struct net_pin *pin)
{
	PVE_FREE char *path = net_pin_path(pin->name);
	PVE_BUF text = {0};

	net_pin_format(pin, &text);
	return net_editing_put(ctx, x, path, (struct pve_span){text.data, text.len});
}

int net_cmd_pin(struct pve_ctx *ctx)
{
	const char *iface = ctx->operands.v[0], *name = ctx->operands.v[1];
	NET_EDITING x = {0};
	char mac[18] = "";
	const struct net_pin pin = {name, strcmp(iface, name) != 0 ? iface : NULL, mac};

	if (net_editing_begin(ctx, &x) < 0 || find_mac(ctx, iface, mac) < 0)
		return -1;
	if (pin.was)
		net_edit_rename(&x.ed, iface, name);
	if (net_edit_err(&x.ed, &ctx->err) < 0 || put_link(ctx, &x, &pin) < 0 ||
	    net_editing_firewall(ctx, &x, iface, name) < 0)
		return -1;
	if (pin.was)
		net_editing_elsewhere(ctx, &x, iface);
	if (net_editing_end(ctx, &x) < 0)
		return -1;
	pve_log_line(&ctx->log, PVE_LOG_NOTICE,
		     "%s is called %s from the next boot on, after the apply and "
		     "'update-initramfs -u -k all'; until then it is known by both names",
		     iface, name);
	return 0;
}
