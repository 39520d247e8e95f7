/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/smart.h"

#include <stdarg.h>

void pve_smart_init(struct pve_smart *s)
{
	*s = (struct pve_smart){
		.why = "was not asked",
		.exit_status = -1,
		.model = "",
		.family = "",
		.serial = "",
		.firmware = "",
		.wwn = "",
		.rpm = -1,
		.passed = -1,
		.temperature = PVE_SMART_NO_TEMPERATURE,
		.temperature_max = PVE_SMART_NO_TEMPERATURE,
		.hours = -1,
		.cycles = -1,
		.nvme = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		.scsi = {-1, -1, -1, -1, -1, ""},
		.error_count = -1,
		.testing_type = "",
		.testing_left = -1,
		.short_minutes = -1,
		.long_minutes = -1,
	};
}

void pve_smart_done(struct pve_smart *s)
{
	free(s->attr);
	free(s->stat);
	free(s->error);
	free(s->test);
	pve_arena_done(&s->mem);
	pve_smart_init(s);
}

void pve_smart_state(struct pve_smart *s, enum pve_smart_state state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	s->why = pve_arena_vprintf(&s->mem, fmt, ap);
	va_end(ap);
	s->state = state;
}

const struct pve_smart_attr *pve_smart_attr(const struct pve_smart *s, unsigned id)
{
	for (size_t i = 0; i < s->nattrs; i++)
		if (s->attr[i].id == id)
			return &s->attr[i];
	return NULL;
}

const struct pve_smart_stat *pve_smart_stat(const struct pve_smart *s, unsigned page,
					    unsigned offset)
{
	for (size_t i = 0; i < s->nstats; i++)
		if (s->stat[i].page == page && s->stat[i].offset == offset)
			return &s->stat[i];
	return NULL;
}
