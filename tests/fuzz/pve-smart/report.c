/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of smartctl, judged: whatever they hold, values stay in their ranges. */
#include "pve-smart/verdict.h"

#include "../lib/edits.h"

/* A member of a controller is named as one. */
static void member(void *to, const char *node, const char *type)
{
	(void)to;
	if (!node || !strchr(type, ','))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smart_samples none = {0};
	struct smart_verdict v;
	struct pve_smart s;
	PVE_BUF words = {0};

	pve_smart_init(&s);
	pve_smart_parse(&s, (struct pve_span){(const char *)data, size});
	pve_smart_parse_scan((struct pve_span){(const char *)data, size}, member, NULL);
	smart_judge(&v, &(struct smart_case){&s, &none, "D", "/dev/sda", false, 1795780000});
	if (v.c[SMART_WEAROUT] < -1 || v.c[SMART_WEAROUT] > 100 || !v.reason || !s.why)
		abort();
	for (int i = 0; i < SMART_NCOUNTERS; i++)
		if (v.c[i] < -1 && i != SMART_TEMPERATURE)
			abort();
	for (size_t i = 0; i < s.nattrs; i++)
		smart_attr_words(&s, &s.attr[i], &words);
	smart_told(&v, &words);
	smart_verdict_done(&v);
	pve_smart_done(&s);
	return 0;
}
