/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "calls.h"
#include "esp.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/textfile.h"

/* Has line i the UUID of an earlier line? */
static bool is_repeated(const struct pve_textfile *t, size_t i, struct pve_span uuid)
{
	for (size_t k = 0; k < i; k++) {
		struct pve_span other = pve_span_trim(t->v[k].text);

		if (other.len == uuid.len && strncasecmp(other.p, uuid.p, uuid.len) == 0)
			return true;
	}
	return false;
}

/* Takes out of the list what leads nowhere; comments and what is no UUID stay. */
static void clean(struct pve_ctx *ctx, struct pve_textfile *t, struct pve_strv *dropped)
{
	for (size_t i = t->n; i-- > 0;) {
		struct pve_span uuid = pve_span_trim(t->v[i].text);
		PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%.*s", PVE_SPAN_ARG(uuid));

		if (!esp_is_uuid(uuid))
			continue;
		if (pve_fs_exists(&ctx->sys, path) && !is_repeated(t, i, uuid))
			continue;
		pve_strv_add_span(dropped, uuid);
		pve_textfile_delete(t, i);
	}
}

int boot_cmd_clean(struct pve_ctx *ctx)
{
	PVE_BUF was = {0}, now = {0};
	struct pve_textfile t = {0};
	PVE_STRV dropped = {0};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	PVE_FREE char *names = NULL;
	struct pve_span old;

	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0)
		return -1;
	if (!pve_fs_exists(&ctx->sys, ESP_BY_UUID))
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "there is no %s" ESP_BY_UUID ", so no ESP is known to be gone",
				   ctx->sys.root);
	if (pve_fs_read(&ctx->sys, ESP_LIST, 0, &was, NULL, &ctx->err) < 0)
		return -1;
	old = (struct pve_span){pve_buf_str(&was), was.len};
	pve_textfile_parse(&t, old);
	clean(ctx, &t, &dropped);
	pve_textfile_format(&t, &now);
	pve_textfile_done(&t);
	names = pve_strv_join(&dropped, ", ");
	pve_plan_write(&plan, ESP_LIST, &old, (struct pve_span){pve_buf_str(&now), now.len}, 0644,
		       "no device, or a line before, has %s", names);
	return pve_ctx_apply(ctx, &change, &plan);
}
