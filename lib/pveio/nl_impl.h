/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NL_IMPL_H
#define PVEIO_NL_IMPL_H

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "pveio/nl.h"

/* Between the files that read rtnetlink. */

/* Texts in the arena of the snapshot. */
const char *pve_nl_mac_text(struct pve_nl_snapshot *s, const struct nlattr *a);
char *pve_nl_string(struct pve_nl_snapshot *s, const struct nlattr *a);
/* The bytes of an address attribute of that family; false when it has another size. */
bool pve_nl_read_bytes(struct nlattr *a, int family, struct in6_addr *bytes);

/* Attributes of the link's kind and of it as a port.  tb: the IFLA_* of the message. */
void pve_nl_read_details(struct pve_nl_snapshot *s, struct pve_nl_link *l, struct nlattr **tb);
/* Puts names in place of indices, when all links are there. */
void pve_nl_name_values(struct pve_nl_snapshot *s);
/* Messages; both return NL_OK or NL_SKIP. */
int pve_nl_read_vlans(struct nlmsghdr *h, struct pve_nl_snapshot *s);
int pve_nl_read_remote(struct nlmsghdr *h, struct pve_nl_snapshot *s);

#endif
