/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

#include "ipv6.h"
#include "node.h"
#include "probe_dropin.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"

#define PROC "/proc/sys/net/ipv6/conf"

enum { COL_IFACE, COL_NOW, COL_BOOT, COL_FILE };

const struct pve_col net_ipv6_cols[NET_IPV6_NCOLS] = {
	{"iface", PVE_T_STR, false,
	 "interface; all, default: what is written to all at once, and "
	 "what new ones start with"},
	{"now", PVE_T_STR, false, "on, off; empty with --root"},
	{"boot", PVE_T_STR, false, "on, off: as the files of sysctl.d will have it"},
	{"file", PVE_T_STR, false, "file and line that decide about boot"},
};

/* Everything that is read before anything is shown or planned. */
struct state {
	struct pve_strv now; /* see ipv6.h; empty when the kernel does not say */
	struct pve_strv paths;
	struct ipv6_rules rules;
	struct net_conf conf;
	bool have_conf;
};

static void state_done(struct state *s)
{
	pve_strv_done(&s->now);
	pve_strv_done(&s->paths);
	ipv6_rules_done(&s->rules);
	if (s->have_conf)
		net_conf_done(&s->conf);
}

/* 0 and *off, or -1; a link that went away is e->sys == ENOENT. */
static int now_read(struct pve_sys *sys, const char *name, bool *off, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf(PROC "/%s/disable_ipv6", name);
	PVE_BUF text = {0};

	if (pve_fs_read(sys, path, 64, &text, NULL, e) < 0)
		return -1;
	*off = pve_buf_str(&text)[0] != '0';
	return 0;
}

static int now_add(struct pve_sys *sys, const char *name, struct state *s, struct pve_err *e)
{
	struct pve_err why = {0};
	bool off;

	if (now_read(sys, name, &off, &why) == 0) {
		pve_strv_addf(&s->now, "%s=%d", name, off);
		return 0;
	}
	if (why.sys == ENOENT)
		return 0;
	*e = why;
	return -1;
}

/* all and default come first: see ipv6.h. */
static int now_list(struct pve_sys *sys, struct state *s, struct pve_err *e)
{
	PVE_STRV names = {0};
	struct pve_err why = {0};

	if (pve_fs_list(sys, PROC, &names, &why) < 0) {
		if (why.sys == ENOENT)
			return sys->rooted ? 0
					   : pve_err_set(e, PVE_NOTHERE,
							 "the kernel runs without IPv6");
		*e = why;
		return -1;
	}
	if (now_add(sys, "all", s, e) < 0 || now_add(sys, "default", s, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (strcmp(names.v[i], "all") != 0 && strcmp(names.v[i], "default") != 0 &&
		    now_add(sys, names.v[i], s, e) < 0)
			return -1;
	return 0;
}

/* The directories of sysctl.d(5).  /etc/sysctl.conf counts when a link 99-sysctl.conf in one
 * of them points to it, as in Debian 12. */
static const char *const sysctl_dirs[] = {"/etc/sysctl.d", "/run/sysctl.d",
					  "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", NULL};

/* The snippet goes where it will be read: in the order of names, and in the place of one of the
 * same name that stands in another directory. */
static void snippet_add(struct pve_strv *paths)
{
	static const char name[] = "/disable-ipv6.conf";
	PVE_STRV all = {0};
	size_t i = 0;

	while (i < paths->n && strcmp(strrchr(paths->v[i], '/'), name) < 0)
		pve_strv_add(&all, paths->v[i++]);
	pve_strv_add(&all, IPV6_SNIPPET);
	if (i < paths->n && strcmp(strrchr(paths->v[i], '/'), name) == 0)
		i++;
	while (i < paths->n)
		pve_strv_add(&all, paths->v[i++]);
	pve_strv_done(paths);
	*paths = all;
	all = (struct pve_strv){0};
}

/* instead: bytes that stand for the file IPV6_SNIPPET, or NULL. */
static int rules_read(struct pve_sys *sys, struct state *s, const struct pve_buf *instead,
		      struct pve_err *e)
{
	ipv6_rules_done(&s->rules);
	pve_strv_done(&s->paths);
	s->paths = (struct pve_strv){0};
	if (probe_dropins(sys, sysctl_dirs, ".conf", &s->paths, e) < 0)
		return -1;
	if (instead && instead->len)
		snippet_add(&s->paths);
	for (size_t i = 0; i < s->paths.n; i++) {
		PVE_BUF text = {0};
		const char *path = s->paths.v[i];

		if (instead && strcmp(path, IPV6_SNIPPET) == 0)
			pve_buf_add(&text, pve_buf_str(instead), instead->len);
		else if (probe_read(sys, path, &text, NULL, e) < 0)
			return -1;
		ipv6_rules_read(&s->rules, (struct pve_span){text.data, text.len}, path);
	}
	return 0;
}

static int state_read(struct pve_sys *sys, struct state *s, struct pve_err *e)
{
	if (now_list(sys, s, e) < 0 || rules_read(sys, s, NULL, e) < 0 ||
	    net_conf_read(&s->conf, sys, NET_INTERFACES, e) < 0)
		return -1;
	s->have_conf = true;
	return 0;
}

static const char *word(bool off)
{
	return off ? "off" : "on";
}

static void show_row(struct pve_out *out, const struct state *s, const char *name)
{
	const struct ipv6_rule *rule = ipv6_rules_find(&s->rules, name);
	struct pve_row *row = pve_out_row(out, NULL);
	char now = ipv6_value(&s->now, name);

	pve_row_str(row, COL_IFACE, name);
	if (now)
		pve_row_str(row, COL_NOW, word(now == '1'));
	pve_row_str(row, COL_BOOT, word(rule && rule->off));
	if (rule)
		pve_row_fmt(row, COL_FILE, "%s:%u", rule->file, rule->line);
	pve_row_color(row, now == '1' ? "yellow" : NULL);
}

/* all, default, then every link that the kernel, a rule or the configuration names. */
static void show_names(const struct state *s, struct pve_strv *names)
{
	PVE_STRV more = {0};

	pve_strv_add(names, "all");
	pve_strv_add(names, "default");
	for (size_t i = 0; i < s->now.n; i++)
		pve_strv_add_span(&more, (struct pve_span){s->now.v[i], strlen(s->now.v[i]) - 2});
	for (size_t i = 0; i < s->rules.n; i++)
		if (!s->rules.v[i].glob)
			pve_strv_add(&more, s->rules.v[i].name);
	for (size_t i = 0; i < s->conf.nstanzas; i++)
		if (s->conf.stanza[i]->kind == NET_IFACE)
			pve_strv_add_span(&more, s->conf.stanza[i]->name);
	pve_strv_sort(&more);
	pve_strv_uniq(&more);
	for (size_t i = 0; i < more.n; i++)
		if (!pve_strv_has(names, more.v[i]))
			pve_strv_add(names, more.v[i]);
}

static int show(struct pve_ctx *ctx, const struct state *s, const struct pve_strv *asked)
{
	struct pve_out *out = pve_out_new(net_ipv6_cols, NET_IPV6_NCOLS, &ctx->out, &ctx->err);
	PVE_STRV names = {0};
	int ret;

	if (!out)
		return -1;
	show_names(s, &names);
	for (size_t i = 0; i < asked->n; i++)
		if (!pve_strv_has(&names, asked->v[i])) {
			pve_out_free(out);
			return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no interface '%s'",
					   asked->v[i]);
		}
	for (size_t i = 0; i < names.n; i++)
		if (!asked->n || pve_strv_has(asked, names.v[i]))
			show_row(out, s, names.v[i]);
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

/* --- changes --- */

/* "ipv6-now NAME=0..." writes to the kernel what is not so already. */
static int call_now(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)data;
	for (args++; *args; args++) {
		const char *eq = strrchr(*args, '=');
		PVE_FREE char *name = pve_strndup(*args, (size_t)(eq - *args));
		PVE_FREE char *path = pve_asprintf(PROC "/%s/disable_ipv6", name);
		PVE_CLOSE int fd = -1;
		struct pve_err why = {0};
		bool off;

		if (now_read(sys, name, &off, &why) == 0) {
			if (off == (eq[1] == '1'))
				continue;
		} else if (why.sys == ENOENT) {
			continue;
		}
		fd = pve_fs_open(sys, path, O_WRONLY, 0, e);
		if (fd < 0)
			return -1;
		if (write(fd, eq + 1, 1) != 1)
			return pve_err_sys(e, errno, "writing %s", path);
	}
	return 0;
}

static const struct pve_call calls[] = {{"ipv6-now", call_now}, {NULL, NULL}};

static void plan_now(struct pve_plan *plan, const struct pve_strv *now, const struct pve_strv *want,
		     bool off)
{
	PVE_STRV argv = {0};
	PVE_STRV undo = {0};
	bool differs = false;

	pve_strv_add(&argv, "ipv6-now");
	pve_strv_add(&undo, "ipv6-now");
	for (size_t i = 0; i < now->n; i++) {
		PVE_FREE char *name = pve_strndup(now->v[i], strlen(now->v[i]) - 2);
		char wanted = ipv6_value(want, name), is = ipv6_value(now, name);

		if (wanted)
			pve_strv_addf(&argv, "%s=%c", name, wanted);
		/* Writing "all" changes every link, so the way back names every link. */
		pve_strv_add(&undo, now->v[i]);
		differs |= wanted && wanted != is;
	}
	if (differs)
		pve_plan_call(plan, "set disable_ipv6 in the kernel", (const char *const *)argv.v,
			      (const char *const *)undo.v,
			      "IPv6 is %s now, not only after a reboot", word(off));
}

/* A file gets new content, or goes when that is empty. */
static void plan_file(struct pve_plan *plan, const char *path, bool there,
		      const struct pve_buf *was, const struct pve_buf *text, const char *why)
{
	struct pve_span old = {was->data, was->len};

	if (text->len)
		pve_plan_write(plan, path, there ? &old : NULL,
			       (struct pve_span){text->data, text->len}, 0644, "%s", why);
	else if (there)
		pve_plan_remove(plan, path, &old, "%s", why);
}

static void plan_record(struct pve_plan *plan, struct pve_sys *sys, const struct pve_buf *was,
			bool there, const struct pve_strv *record)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < record->n; i++)
		pve_buf_printf(&text, "%s\n", record->v[i]);
	if (text.len && !pve_fs_exists(sys, IPV6_RECORD_DIR))
		pve_plan_mkdir(plan, IPV6_RECORD_DIR, 0755, "for what was on before");
	plan_file(plan, IPV6_RECORD, there, was, &text,
		  "what was on before, until \"on\" restores it");
}

/* Live values and their record; nothing with --root. */
static int plan_live(struct pve_ctx *ctx, const struct state *s, const struct pve_strv *names,
		     bool off, struct pve_plan *plan)
{
	PVE_BUF was = {0};
	PVE_STRV old = {0};
	PVE_STRV want = {0};
	PVE_STRV record = {0};
	bool there;

	if (ctx->sys.rooted)
		return 0;
	if (probe_read(&ctx->sys, IPV6_RECORD, &was, &there, &ctx->err) < 0)
		return -1;
	pve_strv_split(&old, (struct pve_span){was.data, was.len}, "\n");
	for (size_t i = 0; i < old.n; i++)
		if (strlen(old.v[i]) < 3 || old.v[i][strlen(old.v[i]) - 2] != '=')
			return pve_err_set(&ctx->err, PVE_DATA, "%s:%zu: not NAME=0 or NAME=1",
					   IPV6_RECORD, i + 1);
	if (off) {
		ipv6_want_off(&s->now, names, &want);
		ipv6_record_off(&old, &s->now, &want, &record);
	} else {
		ipv6_want_on(&s->now, &old, names, &want);
		ipv6_record_on(&old, &want, &record);
	}
	plan_record(plan, &ctx->sys, &was, there, &record);
	plan_now(plan, &s->now, &want, off);
	return 0;
}

static void warn(struct pve_ctx *ctx, const struct pve_diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		PVE_FREE char *line = pve_diag_format(&d->v[i]);

		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
}

/* What will not work without IPv6. */
static void warn_off(struct pve_ctx *ctx, const struct state *s, const struct pve_strv *names)
{
	static const char hosts[] = "/etc/hosts", corosync[] = "/etc/pve/corosync.conf";
	struct pve_diags d = {0};
	PVE_BUF node = {0};
	PVE_BUF text = {0};
	PVE_BUF rings = {0};

	ipv6_warn_stanzas(&s->conf, names, &d);
	if (!names->n) {
		probe_read(&ctx->sys, "/etc/hostname", &node, NULL, NULL);
		probe_read(&ctx->sys, hosts, &text, NULL, NULL);
		probe_read(&ctx->sys, corosync, &rings, NULL, NULL);
		ipv6_warn_hosts((struct pve_span){text.data, text.len}, hosts,
				pve_span_trim((struct pve_span){node.data, node.len}), &d);
		ipv6_warn_corosync((struct pve_span){rings.data, rings.len}, corosync, &d);
	}
	warn(ctx, &d);
	pve_diags_done(&d);
}

/* Another file may have the last word at boot. */
static int warn_boot(struct pve_ctx *ctx, struct state *s, const struct pve_strv *names,
		     const struct pve_buf *snippet, bool off)
{
	static char *both[] = {"all", "default"};
	char *const *v = names->n ? names->v : both;
	const struct ipv6_rule *last = NULL;

	if (rules_read(&ctx->sys, s, snippet, &ctx->err) < 0)
		return -1;
	for (size_t i = 0; i < (names->n ? names->n : 2); i++) {
		const struct ipv6_rule *rule = ipv6_rules_find(&s->rules, v[i]);

		if (rule && rule != last && rule->off != off)
			pve_log_line(&ctx->log, PVE_LOG_WARNING,
				     "%s:%u: turns IPv6 %s for %s at boot nevertheless", rule->file,
				     rule->line, word(rule->off), v[i]);
		last = rule;
	}
	return 0;
}

static int change(struct pve_ctx *ctx, struct state *s, const struct pve_strv *names, bool off)
{
	PVE_CHANGE ch = {0};
	PVE_PLAN plan = {0};
	PVE_BUF was = {0};
	PVE_BUF text = {0};
	struct pve_span old;
	bool there;

	if (pve_ctx_begin(ctx, calls, NULL, &ch) < 0 || state_read(&ctx->sys, s, &ctx->err) < 0 ||
	    probe_read(&ctx->sys, IPV6_SNIPPET, &was, &there, &ctx->err) < 0)
		return -1;
	old = (struct pve_span){was.data, was.len};
	if ((off ? ipv6_snippet_off(old, names, &text, &ctx->err)
		 : ipv6_snippet_on(old, names, &text, &ctx->err)) < 0)
		return -1;
	if (off && !pve_fs_exists(&ctx->sys, "/etc/sysctl.d"))
		pve_plan_mkdir(&plan, "/etc/sysctl.d", 0755, "for the file in it");
	plan_file(&plan, IPV6_SNIPPET, there, &was, &text,
		  off ? "IPv6 is off at boot" : "IPv6 is on at boot");
	if (plan_live(ctx, s, names, off, &plan) < 0)
		return -1;
	if (off)
		warn_off(ctx, s, names);
	if (warn_boot(ctx, s, names, &text, off) < 0)
		return -1;
	return pve_ctx_apply(ctx, &ch, &plan);
}

static int name_check(const char *name, struct pve_err *e)
{
	size_t n = strlen(name);

	for (const char *p = name; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127 || strchr("/*?[]=#;", *p))
			n = IFNAMSIZ;
	if (!n || n >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return pve_err_set(e, PVE_USAGE, "'%s' is not the name of an interface", name);
	return 0;
}

int net_cmd_ipv6(struct pve_ctx *ctx)
{
	const char *verb = ctx->operands.n ? ctx->operands.v[0] : "show";
	PVE_STRV names = {0};
	PVE_CLEANUP(state_done) struct state s = {0};

	for (size_t i = 1; i < ctx->operands.n; i++) {
		if (name_check(ctx->operands.v[i], &ctx->err) < 0)
			return -1;
		pve_strv_add(&names, ctx->operands.v[i]);
	}
	if (strcmp(verb, "off") == 0 || strcmp(verb, "on") == 0)
		return change(ctx, &s, &names, strcmp(verb, "off") == 0);
	if (strcmp(verb, "show") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "ipv6 %s: show, off and on are known",
				   verb);
	return state_read(&ctx->sys, &s, &ctx->err) < 0 ? -1 : show(ctx, &s, &names);
}
