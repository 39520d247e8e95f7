/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_PLUGINS_H
#define PVE_ACME_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/conf_section.h"

/*
 * The ways to meet challenges, from /etc/pve/priv/acme/plugins.cfg:
 *
 *     dns: ID
 *             api NAME
 *             data BASE64URL
 *             nodes a,b
 *             validation-delay 30
 *             disable
 *
 * The plugin "standalone" is there without being named.  Proxmox VE knows no api and data of
 * standalone plugins; for us they say how else the file is shown, or that no file is:
 * api "webroot" with the directory as ROOT=DIR, and api "tls-alpn".
 */
#define ACME_DELAY_DEFAULT 30     /* seconds */
#define ACME_DELAY_MAX 172800

struct acme_plugin {
	const char *id;
	const char *type;     /* "standalone", "dns" */
	const char *api;      /* NULL: none */
	const char *data;     /* decoded: lines KEY=VALUE; NULL: none */
	const char *nodes;    /* names with ',' between; NULL: all */
	unsigned delay;       /* seconds, at least, from setting a record to asking for its check */
	bool delay_given;     /* the file says so; else it is not waited for, since every server of
			       * the zone is asked */
	bool disabled;
	unsigned line;        /* of its header; 0 when it is implicit */
};

struct acme_plugins {
	struct acme_plugin *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Reads *p, which must be { 0 }, out of the file.  What is wrong is an error in diags at lines of
 * file (a name for messages, borrowed); such a section stays, with what can be read of it. */
void acme_plugins_parse(struct acme_plugins *p, const struct pve_conf_section_file *f,
			const char *file, struct pve_diags *diags);
void acme_plugins_done(struct acme_plugins *p);

const struct acme_plugin *acme_plugins_find(const struct acme_plugins *p, const char *id);
/* The kind of challenge that it meets: "http-01", "tls-alpn-01", "dns-01". */
const char *acme_plugin_challenge(const struct acme_plugin *p);
/* May this node use it (as to its list of nodes)? */
bool acme_plugin_is_for(const struct acme_plugin *p, const char *node);
/* The value of a key of its data, into mem; NULL when there is none.  Quotes around it are taken
 * off, as the shell would that reads such a file. */
const char *acme_plugin_data(const struct acme_plugin *p, const char *key, struct pve_arena *mem);

/* Adds its data as lines KEY=VALUE without quotes and comments: for a program that reads them. */
void acme_plugin_lines(const struct acme_plugin *p, struct pve_buf *out);

/* Is it a name of an api: letters, digits, '-' and '_'? */
bool acme_is_api(const char *text);
/* What is wrong with the text of a data file, or NULL; *line from 1. */
const char *acme_data_wrong(struct pve_span text, unsigned *line);

#endif
