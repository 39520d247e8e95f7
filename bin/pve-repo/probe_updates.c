/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "pve-repo/parts.h"
#include "pve-repo/updates.h"
#include "pvecommon/fs.h"
#include "pveio/arc.h"

/* Of a list that is read at once.  It stays in the processor's second cache, and is larger than
 * any stanza but an odd one, for which it grows. */
#define BLOCK (256 * 1024)
#define STANZA_MAX (64u << 20)

static int read_pins(struct repo_state *s, struct pve_sys *sys, struct pve_err *e)
{
	const char *release = repo_aptconf_get(&s->conf, "APT::Default-Release");
	PVE_STRV paths = {0};

	if (*release)
		repo_pins_default_release(&s->pins, release);
	pve_strv_add(&paths, repo_aptconf_path(&s->conf, "Dir::Etc::preferences"));
	if (repo_parts_list(sys, repo_aptconf_path(&s->conf, "Dir::Etc::preferencesparts"), ".pref",
			    &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++) {
		PVE_BUF text = {0};

		if (repo_probe_file(sys, paths.v[i], &text, NULL, e) < 0)
			return -1;
		repo_pins_parse(&s->pins, paths.v[i],
				(struct pve_span){pve_buf_str(&text), text.len}, &s->diags);
	}
	return 0;
}

static int read_machine_id(struct repo_state *s, struct pve_sys *sys, struct pve_err *e)
{
	const char *given = repo_aptconf_get(&s->conf, "APT::Machine-ID");
	PVE_BUF text = {0};

	if (*given) {
		s->machine_id = pve_strdup(given);
		return 0;
	}
	if (repo_probe_file(sys, "/etc/machine-id", &text, NULL, e) < 0)
		return -1;
	s->machine_id = pve_strndup(pve_buf_str(&text), strcspn(pve_buf_str(&text), "\r\n"));
	return 0;
}

int repo_state_read(struct repo_state *s, struct pve_sys *sys, struct pve_err *e)
{
	*s = (struct repo_state){0};
	if (repo_host_read(&s->host, sys, e) < 0)
		return -1;
	if (repo_aptconf_read(&s->conf, sys, e) < 0 ||
	    repo_lists_read(&s->lists, &s->conf, &s->host, sys, e) < 0 ||
	    read_pins(s, sys, e) < 0 || read_machine_id(s, sys, e) < 0 ||
	    pve_dpkg_read(&s->dpkg, sys, repo_aptconf_path(&s->conf, "Dir::State::status"), e) <
		    0) {
		repo_state_done(s);
		return -1;
	}
	return 0;
}

void repo_state_done(struct repo_state *s)
{
	pve_dpkg_done(&s->dpkg);
	repo_pins_done(&s->pins);
	repo_lists_done(&s->lists);
	repo_aptconf_done(&s->conf);
	repo_host_done(&s->host);
	pve_diags_done(&s->diags);
	free(s->machine_id);
	*s = (struct repo_state){0};
}

struct stream {
	char *buf;
	size_t len, cap;
};

static int stream_list(struct repo_policy *p, const struct repo_index *x, struct pve_arc *arc,
		       struct stream *s, struct pve_err *e)
{
	ssize_t n;

	s->len = 0;
	do {
		size_t used;

		n = pve_arc_read(arc, s->buf + s->len, s->cap - s->len, e);
		if (n < 0)
			return -1;
		s->len += (size_t)n;
		used = repo_policy_feed(p, x, (struct pve_span){s->buf, s->len}, n == 0);
		s->len -= used;
		memmove(s->buf, s->buf + used, s->len);
		if (s->len == s->cap) {
			if (s->cap >= STANZA_MAX)
				return pve_err_set(e, PVE_DATA, "%s: is no list of packages",
						   x->path);
			s->buf = pve_realloc(s->buf, s->cap *= 2, 1);
		}
	} while (n > 0);
	return 0;
}

static int read_list(struct repo_policy *p, const struct repo_index *x, struct pve_sys *sys,
		     struct stream *s, struct pve_err *e)
{
	int fd = pve_fs_open(sys, x->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, e);
	struct pve_arc *arc = fd < 0 ? NULL : pve_arc_open(fd, x->path, e);
	int rc = arc ? stream_list(p, x, arc, s, e) : -1;

	pve_arc_close(arc);
	return rc;
}

int repo_updates_read(struct repo_updates *u, struct repo_state *s, struct pve_sys *sys,
		      struct pve_err *e)
{
	struct repo_phasing phasing = {
		.machine_id = s->machine_id,
		.always = repo_aptconf_bool(&s->conf, "APT::Get::Always-Include-Phased-Updates", 0),
		.never = repo_aptconf_bool(&s->conf, "APT::Get::Never-Include-Phased-Updates", 0),
		.policy = repo_aptconf_bool(&s->conf, "APT::Get::Phase-Policy", 0),
	};
	struct stream stream = {.cap = BLOCK};
	struct repo_policy *p;

	*u = (struct repo_updates){0};
	/* apt refuses all for one bad line, and what it would not do is no candidate */
	if (pve_diags_err(&s->host.sources.diags, e) < 0)
		return -1;
	stream.buf = pve_malloc(BLOCK);

	p = repo_policy_new(&s->dpkg, &s->lists, &s->pins, &phasing);
	for (size_t i = 0; i < s->lists.nindexes; i++) {
		const struct repo_index *x = s->lists.index[i];
		struct pve_err own = {0};

		if (x->path && read_list(p, x, sys, &stream, &own) < 0)
			pve_diags_add(&s->diags, PVE_ERROR, x->path, 0, "%s", own.msg);
	}
	repo_policy_updates(p, u);
	repo_policy_free(p);
	free(stream.buf);
	return 0;
}
