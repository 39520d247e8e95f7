/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/node.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	if (!n || n >= sizeof(((struct acme_node *)0)->name) || name[0] == '-' || name[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			return false;
	return true;
}

bool acme_node_set(struct acme_node *n, const char *name)
{
	if (!is_name(name))
		return false;
	snprintf(n->name, sizeof(n->name), "%s", name);
	snprintf(n->dir, sizeof(n->dir), "/etc/pve/nodes/%s", n->name);
	snprintf(n->config, sizeof(n->config), "%s/config", n->dir);
	snprintf(n->cert, sizeof(n->cert), "%s/pveproxy-ssl.pem", n->dir);
	snprintf(n->key, sizeof(n->key), "%s/pveproxy-ssl.key", n->dir);
	snprintf(n->own_cert, sizeof(n->own_cert), "%s/pve-ssl.pem", n->dir);
	return true;
}

bool acme_node_set_link(struct acme_node *n, const char *link)
{
	const char *slash = strrchr(link, '/');

	return slash && slash - link >= 5 && strncmp(slash - 5, "nodes", 5) == 0 &&
	       acme_node_set(n, slash + 1);
}
