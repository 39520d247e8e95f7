/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text that smartctl printed as objects of jansson. */
#include "pveio/smart_impl.h"

#include "pvecommon/buf.h"
#include "pveio/json.h"

/* Members that nobody here reads; they are half of a usual report. */
static const char *const unread[] = {
	"updated_online",
	"performance",
	"error_rate",
	"event_count",
	"auto_keep",
	"supports_dsn",
	"monitored_condition_met",
	"argv",
	"completion_registers",
	"capabilities",
	"previous_commands",
	"local_time",
	"platform_info",
	"build_info",
	NULL,
};

/* jansson has its objects here while it reads a report. */
static _Thread_local struct pve_arena *objects;

static void *take(size_t n)
{
	return pve_arena_alloc(objects, n);
}

static void leave(void *p)
{
	(void)p;
}

json_t *pve_smart_load(struct pve_arena *mem, struct pve_span bytes, json_error_t *why)
{
	const char *text = bytes.p ? bytes.p : "";
	PVE_BUF read = {0};
	json_malloc_t usual_malloc;
	json_free_t usual_free;
	json_t *o;

	objects = mem;
	json_get_alloc_funcs(&usual_malloc, &usual_free);
	json_set_alloc_funcs(take, leave);
	pve_json_prune(bytes, unread, &read);
	o = json_loadb(pve_buf_str(&read), read.len, JSON_ALLOW_NUL, why);
	if (!o)
		o = json_loadb(text, bytes.len, JSON_ALLOW_NUL, why);
	if (!o && json_error_code(why) == json_error_numeric_overflow)
		o = json_loadb(text, bytes.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, why);
	json_set_alloc_funcs(usual_malloc, usual_free);
	return o;
}
