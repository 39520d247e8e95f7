/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "probe.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"
#include "smart.h"

enum { COL_KIND, COL_NAME };

const struct pve_col smart_locate_cols[SMART_LOCATE_NCOLS] = {
	{"kind", PVE_T_STR, false, "device, path, serial, wwn, by-id, by-path, slot, led"},
	{"name", PVE_T_STR, false, "of the disk, under this kind"},
};

#define LED_MS 30000

static void add(struct pve_out *out, const char *kind, const char *name)
{
	struct pve_row *row;

	if (!*name)
		return;
	row = pve_out_row(out, NULL);
	pve_row_str(row, COL_KIND, kind);
	pve_row_str(row, COL_NAME, name);
}

/* The directory that a link stands in: "/dev/disk/by-id/..." is of kind by-id. */
static void add_link(struct pve_out *out, const char *link)
{
	static const char dir[] = "/dev/disk/";
	size_t n;

	if (strncmp(link, dir, sizeof(dir) - 1) != 0) {
		add(out, "link", link);
		return;
	}
	n = strcspn(link + sizeof(dir) - 1, "/");
	{
		PVE_FREE char *kind = pve_strndup(link + sizeof(dir) - 1, n);

		add(out, kind, link);
	}
}

/* The file that turns the light of its bay on; NULL when the enclosure has none. */
static char *led_path(struct pve_sys *sys, const struct pve_disk *d)
{
	char *path = pve_asprintf("%s/locate", d->dev ? d->dev->enclosure : "");

	if (d->dev && *d->dev->enclosure && pve_fs_exists(sys, path))
		return path;
	free(path);
	return NULL;
}

static bool led_is_on(struct pve_sys *sys, const char *path)
{
	PVE_BUF text = {0};

	return pve_fs_read(sys, path, 64, &text, NULL, NULL) == 0 && pve_buf_str(&text)[0] == '1';
}

static void add_led(struct pve_ctx *ctx, struct pve_out *out, const struct pve_disk *d)
{
	PVE_FREE char *path = led_path(&ctx->sys, d);
	PVE_FREE char *ledctl = pve_run_find("ledctl");

	if (path)
		add(out, "led", led_is_on(&ctx->sys, path) ? "on" : "off");
	else if (ledctl && !ctx->sys.rooted && d->dev)
		add(out, "led", "by ledctl");
}

static int show(struct pve_ctx *ctx, const struct pve_disk *d)
{
	struct pve_out *out =
		pve_out_new(smart_locate_cols, SMART_LOCATE_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	add(out, "device", d->name);
	for (size_t i = 0; i < d->npaths; i++)
		add(out, "path", d->path[i]->node);
	if (d->dev) {
		add(out, "serial", d->dev->serial);
		add(out, "wwn", d->dev->wwn);
		add(out, "slot", d->dev->slot);
		add(out, "bus", d->dev->sys_path);
		for (size_t i = 0; i < d->dev->nlinks; i++)
			add_link(out, d->dev->link[i]);
	}
	add_led(ctx, out, d);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

/* "led PATH 0|1" */
static int call_led(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	PVE_CLOSE int fd = -1;

	(void)data;
	if (!args[1] || !args[2])
		return pve_err_set(e, PVE_FAILED, "the call of led is not as it was written");
	fd = pve_fs_open(sys, args[1], O_WRONLY | O_TRUNC, 0, e);
	if (fd < 0)
		return -1;
	if (write(fd, args[2], 1) != 1)
		return pve_err_sys(e, errno, "writing %s%s", sys->root, args[1]);
	return 0;
}

static const struct pve_call calls[] = {{"led", call_led}, {NULL, NULL}};

static void plan_sysfs(struct pve_ctx *ctx, struct pve_plan *plan, const struct pve_disk *d,
		       const char *path, bool on)
{
	if (led_is_on(&ctx->sys, path) == on)
		return;
	pve_plan_call(plan, d->name, (const char *const[]){"led", path, on ? "1" : "0", NULL},
		      (const char *const[]){"led", path, on ? "0" : "1", NULL},
		      "the light of its bay %s", on ? "on" : "off");
}

static void plan_ledctl(struct pve_plan *plan, const struct pve_disk *d, const char *ledctl,
			bool on)
{
	PVE_FREE char *yes = pve_asprintf("locate=%s", d->dev->node);
	PVE_FREE char *no = pve_asprintf("locate_off=%s", d->dev->node);
	struct pve_step *step;

	step = pve_plan_run(plan, d->name, (const char *const[]){ledctl, on ? yes : no, NULL},
			    (const char *const[]){ledctl, on ? no : yes, NULL},
			    "the light of its bay %s", on ? "on" : "off");
	step->timeout_ms = LED_MS;
}

static int light(struct pve_ctx *ctx, struct smart_host *h, bool on)
{
	PVE_FREE char *path = NULL, *ledctl = pve_run_find("ledctl");
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	const struct pve_disk *d;

	if (pve_ctx_begin(ctx, calls, NULL, &change) < 0 || smart_host_read(h, ctx, false) < 0)
		return -1;
	d = smart_chosen(h);
	path = led_path(&ctx->sys, d);
	if (path)
		plan_sysfs(ctx, &plan, d, path, on);
	else if (ledctl && d->dev && !ctx->sys.rooted)
		plan_ledctl(&plan, d, ledctl, on);
	else
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "%s: its bay has no light that the kernel knows%s", d->name,
				   ledctl ? "" : ", and ledctl (package ledmon) is not installed");
	return pve_ctx_apply(ctx, &change, &plan);
}

int smart_cmd_locate(struct pve_ctx *ctx)
{
	const char *word = ctx->operands.n == 2 ? ctx->operands.v[1] : NULL;
	struct smart_host h = {0};
	int rc = -1;

	if (word && strcmp(word, "on") != 0 && strcmp(word, "off") != 0) {
		pve_err_set(&ctx->err, PVE_USAGE, "locate: %s: on and off are known", word);
	} else if (word) {
		bool on = strcmp(word, "on") == 0;

		free(ctx->operands.v[--ctx->operands.n]);
		ctx->operands.v[ctx->operands.n] = NULL;
		rc = light(ctx, &h, on);
	} else if (smart_host_read(&h, ctx, false) == 0) {
		rc = show(ctx, smart_chosen(&h));
	}
	smart_host_done(&h);
	return rc;
}
