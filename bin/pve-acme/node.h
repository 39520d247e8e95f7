/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_NODE_H
#define PVE_ACME_NODE_H

#include <stdbool.h>

/*
 * This node and where its files are.  /etc/pve may be pmxcfs, where /etc/pve/local leads to the
 * folder of the node.
 */
#define ACME_DIR "/etc/pve/priv/acme"
#define ACME_PLUGINS ACME_DIR "/plugins.cfg"
#define ACME_ROOT_CA "/etc/pve/pve-root-ca.pem"
#define ACME_STATE_DIR "/var/lib/pve-acme"

struct acme_node {
	char name[64];    /* the host name up to its first dot */
	char dir[96];     /* /etc/pve/nodes/NAME */
	char config[128]; /* "config" in it, and so on */
	char cert[128];   /* pveproxy-ssl.pem */
	char key[128];    /* pveproxy-ssl.key */
	char own_cert[128]; /* pve-ssl.pem: of the cluster's own CA, never touched */
};

/* False, and *n is untouched, when name cannot be a node's: letters, digits and inner '-'. */
bool acme_node_set(struct acme_node *n, const char *name);
/* The node that the link /etc/pve/local leads to, given what it says: "nodes/NAME".  False as
 * above. */
bool acme_node_set_link(struct acme_node *n, const char *link);

#endif
