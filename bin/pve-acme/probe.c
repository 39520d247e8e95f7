/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pveio/digest.h"
#include "pveio/x509.h"

/* --- files -------------------------------------------------------------------------------- */

int acme_file_read(struct acme_file *f, struct pve_sys *sys, const char *path, struct pve_err *e)
{
	struct pve_err why = {0};

	f->there = pve_fs_read(sys, path, 0, &f->bytes, NULL, &why) == 0;
	if (f->there || why.sys == ENOENT)
		return 0;
	if (e)
		*e = why;
	return -1;
}

void acme_file_done(struct acme_file *f)
{
	/* It may be a key, and a process that is started later must not find it. */
	if (f->bytes.len)
		explicit_bzero(f->bytes.data, f->bytes.len);
	pve_buf_done(&f->bytes);
	*f = (struct acme_file){0};
}

const struct pve_span *acme_file_was(const struct acme_file *f, struct pve_span *span)
{
	*span = acme_file_span(f);
	return f->there ? span : NULL;
}

int acme_file_is(const struct acme_file *f, const char *digest, struct pve_err *e)
{
	char own[PVE_DIGEST_TEXT];

	if (!digest)
		return 0;
	if (pve_digest(PVE_DIGEST_SHA1, acme_file_span(f), own, e) < 0)
		return -1;
	return strcasecmp(own, digest) == 0
		       ? 0
		       : pve_err_set(e, PVE_AGAIN,
				     "detected modified configuration - file changed by other user? "
				     "Try again.");
}

int acme_file_private(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_RDONLY, 0, e);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return pve_err_sys(e, errno, "%s%s", sys->root, path);
	if (fs.f_type == FUSE_SUPER_MAGIC || !(st.st_mode & 077))
		return 0;
	return pve_err_set(e, PVE_DENIED,
			   "%s%s: holds secrets, and its mode %04o lets others see it; first: "
			   "chmod 600 %s%s",
			   sys->root, path, st.st_mode & 07777, sys->root, path);
}

/* --- the node ----------------------------------------------------------------------------- */

static bool node_from_hostname(struct acme_node *n, struct pve_sys *sys)
{
	PVE_BUF text = {0};
	char name[64] = "";

	if (!sys->rooted) {
		gethostname(name, sizeof(name) - 1);
	} else if (pve_fs_read(sys, "/etc/hostname", 4096, &text, NULL, NULL) == 0) {
		struct pve_span s = pve_span_trim((struct pve_span){text.data, text.len});

		if (s.len < sizeof(name))
			memcpy(name, s.len ? s.p : "", s.len);
	}
	name[strcspn(name, ".")] = '\0';
	return acme_node_set(n, name);
}

static int read_node(struct acme_node *n, struct pve_sys *sys, struct pve_err *e)
{
	PVE_BUF link = {0};

	if (pve_fs_readlink(sys, "/etc/pve/local", &link, NULL) == 0 &&
	    acme_node_set_link(n, pve_buf_str(&link)))
		return 0;
	if (node_from_hostname(n, sys))
		return 0;
	return pve_err_set(e, PVE_NOTHERE,
			   "which node is this? %s/etc/pve/local leads to none and the host name cannot be "
			   "one; is pve-cluster.service running?",
			   sys->root);
}

int acme_host_read(struct acme_host *h, struct pve_sys *sys, struct pve_err *e)
{
	if (read_node(&h->node, sys, e) < 0 ||
	    acme_file_read(&h->config_file, sys, h->node.config, e) < 0 ||
	    acme_file_read(&h->plugins_file, sys, ACME_PLUGINS, e) < 0)
		return -1;
	pve_conf_colon_parse(&h->config, acme_file_span(&h->config_file), h->node.config, &h->diags);
	acme_domains_parse(&h->domains, &h->config, h->node.config, &h->diags);
	pve_conf_section_parse(&h->sections, acme_file_span(&h->plugins_file), ACME_PLUGINS,
			       &h->diags);
	acme_plugins_parse(&h->plugins, &h->sections, ACME_PLUGINS, &h->diags);
	return 0;
}

static void see_quorate(const char *key, const char *value, void *data)
{
	if (strcmp(key, "quorate") == 0)
		*(bool *)data = strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

/* pmxcfs says so in /etc/pve/.members; a node that stands alone has no word of it. */
static bool is_quorate(struct pve_sys *sys)
{
	PVE_BUF text = {0}, cluster = {0};
	struct pve_json *members;
	bool quorate = true;

	if (pve_fs_read(sys, "/etc/pve/.members", 1u << 20, &text, NULL, NULL) < 0)
		return true;
	members = pve_json_parse((struct pve_span){text.data, text.len}, NULL);
	if (members && pve_json_get(members, "cluster", &cluster))
		pve_json_each((struct pve_span){cluster.data, cluster.len}, see_quorate, &quorate,
			      NULL);
	pve_json_free(members);
	return quorate;
}

int acme_host_writable(const struct acme_host *h, struct pve_sys *sys, struct pve_err *e)
{
	if (!pve_fs_exists(sys, h->node.dir))
		return pve_err_set(e, PVE_NOTHERE,
				   "%s%s is not there; is pve-cluster.service running, and is %s the name "
				   "of this node?",
				   sys->root, h->node.dir, h->node.name);
	if (!is_quorate(sys))
		return pve_err_set(e, PVE_AGAIN,
				   "the cluster has no quorum, so /etc/pve is read-only; see 'pvecm "
				   "status'");
	return 0;
}

void acme_host_done(struct acme_host *h)
{
	acme_plugins_done(&h->plugins);
	pve_conf_section_done(&h->sections);
	acme_domains_done(&h->domains);
	pve_conf_colon_done(&h->config);
	pve_diags_done(&h->diags);
	acme_file_done(&h->config_file);
	acme_file_done(&h->plugins_file);
	*h = (struct acme_host){0};
}

/* Servers offer no other challenge for them (RFC 8555, section 7.1.3; RFC 8738, section 7). */
static bool can_meet(const struct acme_domain *d, const struct acme_plugin *p, struct pve_err *e)
{
	bool dns = strcmp(acme_plugin_challenge(p), "dns-01") == 0;

	if (*d->name == '*' && !dns)
		pve_err_set(e, PVE_CONFIG,
			    "%s: a wildcard is validated by dns-01 only, and the plugin '%s' meets %s",
			    d->name, p->id, acme_plugin_challenge(p));
	else if (pve_name_type(d->name) == PVE_NAME_IP && dns)
		pve_err_set(e, PVE_CONFIG,
			    "%s: an address cannot be validated by dns-01, and the plugin '%s' meets that",
			    d->name, p->id);
	else
		return true;
	return false;
}

const struct acme_plugin *acme_host_plugin(const struct acme_host *h, const struct acme_domain *d,
					   struct pve_err *e)
{
	const struct acme_plugin *p = acme_plugins_find(&h->plugins, d->plugin);

	if (!p)
		pve_err_set(e, PVE_CONFIG, "%s: there is no plugin '%s'; see 'pve-acme plugin list'",
			    d->name, d->plugin);
	else if (p->disabled)
		pve_err_set(e, PVE_CONFIG,
			    "%s: the plugin '%s' is disabled; 'pve-acme plugin set %s --delete disable' "
			    "enables it",
			    d->name, p->id, p->id);
	else if (!acme_plugin_is_for(p, h->node.name))
		pve_err_set(e, PVE_CONFIG, "%s: the plugin '%s' is for the nodes %s only, and this is %s",
			    d->name, p->id, p->nodes, h->node.name);
	else
		return can_meet(d, p, e) ? p : NULL;
	return NULL;
}

/* --- accounts ----------------------------------------------------------------------------- */

char *acme_account_path(const char *name)
{
	return pve_asprintf(ACME_DIR "/%s", name);
}

int acme_accounts_list(struct pve_sys *sys, struct pve_strv *names, struct pve_err *e)
{
	struct pve_strv all = {0};
	struct pve_err why = {0};

	if (pve_fs_list(sys, ACME_DIR, &all, &why) < 0) {
		if (why.sys == ENOENT)
			return 0;
		if (e)
			*e = why;
		return -1;
	}
	for (size_t i = 0; i < all.n; i++)
		if (acme_is_id(all.v[i]))
			pve_strv_add(names, all.v[i]);
	pve_strv_done(&all);
	return 0;
}

int acme_account_read(struct acme_stored *a, struct acme_file *file, struct pve_sys *sys,
		      const char *name, struct pve_err *e)
{
	PVE_FREE char *path = acme_account_path(name);
	ACME_FILE own = {0};

	if (!acme_is_id(name))
		return pve_err_set(e, PVE_USAGE, "'%s' cannot be the name of an account", name);
	file = file ? file : &own;
	if (acme_file_read(file, sys, path, e) < 0)
		return -1;
	if (!file->there)
		return pve_err_set(e, PVE_NOTHERE,
				   "there is no account '%s'; 'pve-acme account register %s CONTACT' makes "
				   "one",
				   name, name);
	if (acme_file_private(sys, path, e) < 0)
		return -1;
	if (acme_stored_parse(a, acme_file_span(file), e) < 0)
		return pve_err_prefix(e, "%s%s", sys->root, path);
	return 0;
}

/* --- renewal ------------------------------------------------------------------------------ */

int acme_renewal_read(struct acme_renewal *r, struct acme_file *file, struct pve_sys *sys,
		      struct pve_err *e)
{
	if (acme_file_read(file, sys, ACME_RENEWAL, e) < 0)
		return -1;
	acme_renewal_parse(r, acme_file_span(file));
	return 0;
}

void acme_renewal_plan(const struct acme_renewal *r, const struct acme_file *file,
		       struct pve_sys *sys, struct pve_plan *plan)
{
	struct pve_span was;
	PVE_BUF text = {0};

	acme_renewal_format(r, &text);
	if (!pve_fs_exists(sys, ACME_STATE_DIR))
		pve_plan_mkdir(plan, ACME_STATE_DIR, 0700, "for the memory of renewals");
	pve_plan_write(plan, ACME_RENEWAL, acme_file_was(file, &was),
		       (struct pve_span){pve_buf_str(&text), text.len}, 0644,
		       "what the next renewal must know");
}

int acme_chain_read(struct pve_chain *chain, const struct acme_host *h, struct pve_sys *sys,
		    struct pve_err *e)
{
	ACME_FILE file = {0};

	if (acme_file_read(&file, sys, h->node.cert, e) < 0)
		return -1;
	if (!file.there)
		return 0;
	if (pve_chain_parse(chain, acme_file_span(&file), e) < 0)
		return pve_err_prefix(e, "%s%s", sys->root, h->node.cert);
	return 1;
}
