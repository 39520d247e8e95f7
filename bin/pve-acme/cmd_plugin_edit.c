/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "acme.h"

#include "pve-acme/install.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pvecommon/wake.h"
#include "pveio/base64.h"

#define DATA_MAX (64u << 10)

struct edit {
	struct pve_ctx *ctx;
	const struct acme_plugin_opts *opts;
	struct pve_change change;
	struct acme_host h;
	struct pve_conf_section *s;
};

static int begin(struct edit *ed, struct pve_ctx *ctx)
{
	*ed = (struct edit){.ctx = ctx, .opts = ctx->opts};
	if (acme_change_begin(ctx, &ed->change) < 0 ||
	    acme_host_read(&ed->h, &ctx->sys, &ctx->err) < 0 ||
	    acme_host_writable(&ed->h, &ctx->sys, &ctx->err) < 0)
		return -1;
	return acme_file_is(&ed->h.plugins_file, ed->opts->digest, &ctx->err);
}

static void done(struct edit *ed)
{
	acme_host_done(&ed->h);
	pve_change_done(&ed->change);
}

/* The result is read again before it is written: what we would refuse is not put there. */
static int apply(struct edit *ed, const char *why, const char *id)
{
	PVE_CLEANUP(acme_plugins_done) struct acme_plugins after = {0};
	struct pve_ctx *ctx = ed->ctx;
	const struct acme_plugin *one;
	struct pve_diags d = {0};
	struct pve_span was;
	PVE_BUF text = {0};
	PVE_PLAN plan = {0};
	int rc = 0;

	acme_plugins_parse(&after, &ed->h.sections, ACME_PLUGINS, &d);
	one = acme_plugins_find(&after, id);
	for (size_t i = 0; one && rc == 0 && i < d.n; i++)
		if (d.v[i].severity == PVE_ERROR && ed->s && d.v[i].line > ed->s->line &&
		    d.v[i].line <= ed->s->end)
			rc = pve_err_set(&ctx->err, PVE_USAGE, "%s", d.v[i].msg);
	pve_diags_done(&d);
	if (rc < 0)
		return -1;
	if (!pve_fs_exists(&ctx->sys, "/etc/pve/priv"))
		pve_plan_mkdir(&plan, "/etc/pve/priv", 0700, "for accounts and plugins");
	if (!pve_fs_exists(&ctx->sys, ACME_DIR))
		pve_plan_mkdir(&plan, ACME_DIR, 0700, "for accounts and plugins");
	pve_conf_section_format(&ed->h.sections, &text);
	pve_plan_write(&plan, ACME_PLUGINS, acme_file_was(&ed->h.plugins_file, &was),
		       (struct pve_span){pve_buf_str(&text), text.len}, 0600, "%s %s", why, id);
	return pve_ctx_apply(ctx, &ed->change, &plan);
}

/* --- values ------------------------------------------------------------------------------- */

static int put(struct edit *ed, const char *key, const char *value)
{
	if (pve_conf_section_set(&ed->h.sections, ed->s, key, pve_span(value), &ed->ctx->err) < 0)
		return pve_err_prefix(&ed->ctx->err, "--%s", key);
	return 0;
}

static int put_data(struct edit *ed, const char *path)
{
	struct pve_err *e = &ed->ctx->err;
	PVE_BUF text = {0};
	PVE_BUF coded = {0};
	unsigned line;
	const char *wrong;

	if (pve_fs_read_given(path, DATA_MAX, &text, e) < 0)
		return -1;
	wrong = acme_data_wrong((struct pve_span){pve_buf_str(&text), text.len}, &line);
	if (wrong)
		return pve_err_set(e, PVE_DATA, "%s:%u: %s", path, line, wrong);
	if (!text.len)
		return pve_err_set(e, PVE_DATA, "%s: is empty", path);
	pve_base64url_encode((struct pve_span){text.data, text.len}, &coded);
	return put(ed, "data", pve_buf_str(&coded));
}

static int put_nodes(struct edit *ed, const char *list)
{
	struct pve_strv names = {0};
	PVE_FREE char *joined = NULL;
	int rc = 0;

	pve_strv_split(&names, pve_span(list), ",; \t");
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		if (!pve_wake_is_node(names.v[i]))
			rc = pve_err_set(&ed->ctx->err, PVE_USAGE,
					 "--nodes: '%s' cannot be the name of a node", names.v[i]);
	if (rc == 0 && !names.n)
		rc = pve_err_set(&ed->ctx->err, PVE_USAGE, "--nodes: names no node");
	joined = pve_strv_join(&names, ",");
	pve_strv_done(&names);
	return rc < 0 ? rc : put(ed, "nodes", joined);
}

static int put_delay(struct edit *ed, const char *text)
{
	uint64_t s;

	if (pve_num_u64(text, 0, ACME_DELAY_MAX, &s, &ed->ctx->err) < 0)
		return pve_err_prefix(&ed->ctx->err, "--validation-delay");
	return put(ed, "validation-delay", text);
}

/* In the order in which Proxmox VE writes them. */
static int put_all(struct edit *ed)
{
	const struct acme_plugin_opts *o = ed->opts;

	if (o->disable && put(ed, "disable", "") < 0)
		return -1;
	if (o->api && !acme_is_api(o->api))
		return pve_err_set(&ed->ctx->err, PVE_USAGE, "--api: '%s' cannot be the name of an api",
				   o->api);
	if (o->api && put(ed, "api", o->api) < 0)
		return -1;
	if (o->data && put_data(ed, o->data) < 0)
		return -1;
	if (o->nodes && put_nodes(ed, o->nodes) < 0)
		return -1;
	return o->delay ? put_delay(ed, o->delay) : 0;
}

/* --- add, set, remove --------------------------------------------------------------------- */

static int add(struct edit *ed)
{
	struct pve_ctx *ctx = ed->ctx;
	const char *type = ctx->operands.v[0], *id = ctx->operands.v[1];

	if (strcmp(type, "dns") != 0 && strcmp(type, ACME_STANDALONE) != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "the type '%s' is neither dns nor standalone",
				   type);
	if (!acme_is_id(id))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "'%s' cannot be the name of a plugin: a letter, then letters, digits, '-' "
				   "and '_'",
				   id);
	if (strcmp(type, "dns") == 0 && !ed->opts->api)
		return pve_err_set(&ctx->err, PVE_USAGE, "plugin add dns: needs --api NAME");
	if (pve_conf_section_find(&ed->h.sections, NULL, id))
		return pve_err_set(&ctx->err, PVE_FAILED,
				   "there is a plugin '%s' already; 'pve-acme plugin set %s' changes it", id,
				   id);
	if (pve_conf_section_add(&ed->h.sections, type, id, &ed->s, &ctx->err) < 0 || put_all(ed) < 0)
		return -1;
	return apply(ed, "the new plugin", id);
}

static int find(struct edit *ed)
{
	const char *id = ed->ctx->operands.v[0];

	ed->s = pve_conf_section_find(&ed->h.sections, NULL, id);
	if (!ed->s)
		return pve_err_set(&ed->ctx->err, PVE_NOTHERE,
				   "there is no plugin '%s' in %s; see 'pve-acme plugin list'", id,
				   ACME_PLUGINS);
	return 0;
}

static int take(struct edit *ed, const char *list)
{
	static const char *const optional[] = {"data", "disable", "nodes", "validation-delay", NULL};
	struct pve_strv keys = {0};
	int rc = 0;

	pve_strv_split(&keys, pve_span(list), ",; \t");
	for (size_t i = 0; rc == 0 && i < keys.n; i++) {
		size_t k = 0;

		while (optional[k] && strcmp(optional[k], keys.v[i]) != 0)
			k++;
		if (optional[k])
			pve_conf_section_remove(&ed->h.sections, ed->s, keys.v[i]);
		else
			rc = pve_err_set(&ed->ctx->err, PVE_USAGE,
					 "--delete: '%s' is none of: data disable nodes validation-delay",
					 keys.v[i]);
	}
	pve_strv_done(&keys);
	return rc;
}

static int set(struct edit *ed)
{
	const struct acme_plugin_opts *o = ed->opts;

	if (!o->api && !o->data && !o->nodes && !o->delay && !o->disable && !o->remove)
		return pve_err_set(&ed->ctx->err, PVE_USAGE,
				   "plugin set: needs something to set, or --delete");
	if (find(ed) < 0 || put_all(ed) < 0 || (o->remove && take(ed, o->remove) < 0))
		return -1;
	return apply(ed, "the change of the plugin", ed->ctx->operands.v[0]);
}

/* Adds "NAME of NODE" for each name of any node that the plugin validates. */
static void users(struct edit *ed, const char *id, struct pve_strv *found)
{
	struct pve_strv nodes = {0};

	pve_fs_list(&ed->ctx->sys, "/etc/pve/nodes", &nodes, NULL);
	for (size_t i = 0; i < nodes.n; i++) {
		PVE_CLEANUP(acme_domains_done) struct acme_domains d = {0};
		struct pve_conf_colon config = {0};
		struct acme_node node;
		ACME_FILE file = {0};

		if (!acme_node_set(&node, nodes.v[i]) ||
		    acme_file_read(&file, &ed->ctx->sys, node.config, NULL) < 0)
			continue;
		pve_conf_colon_parse(&config, acme_file_span(&file), node.config, NULL);
		acme_domains_parse(&d, &config, node.config, NULL);
		for (size_t j = 0; j < d.n; j++)
			if (strcmp(d.v[j].plugin, id) == 0)
				pve_strv_addf(found, "%s of %s", d.v[j].name, node.name);
		pve_conf_colon_done(&config);
	}
	pve_strv_done(&nodes);
}

static int drop(struct edit *ed)
{
	const char *id = ed->ctx->operands.v[0];
	struct pve_strv found = {0};
	PVE_FREE char *list = NULL;
	bool used;

	if (find(ed) < 0)
		return -1;
	/* The implicit one takes over what is left of its section. */
	if (strcmp(id, ACME_STANDALONE) != 0)
		users(ed, id, &found);
	list = pve_strv_join(&found, ", ");
	used = found.n;
	pve_strv_done(&found);
	if (used)
		return pve_err_set(&ed->ctx->err, PVE_FAILED,
				   "the plugin '%s' validates %s; give these another one first", id, list);
	pve_conf_section_drop(&ed->h.sections, ed->s);
	ed->s = NULL;
	return apply(ed, "without the plugin", id);
}

static int run(struct pve_ctx *ctx, int (*what)(struct edit *ed))
{
	struct edit ed;
	int rc = begin(&ed, ctx) < 0 ? -1 : what(&ed);

	done(&ed);
	return rc;
}

int acme_plugin_add(struct pve_ctx *ctx)
{
	return run(ctx, add);
}

int acme_plugin_set(struct pve_ctx *ctx)
{
	return run(ctx, set);
}

int acme_plugin_remove(struct pve_ctx *ctx)
{
	return run(ctx, drop);
}
