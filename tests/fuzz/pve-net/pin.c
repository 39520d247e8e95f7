/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a .link file: a pin that is found, once written, is found again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pve-net/pin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_arena mem = {0};
	struct net_pin pin, back;
	PVE_BUF text = {0};

	if (net_pin_parse((struct pve_span){(const char *)data, size}, &mem, &pin)) {
		net_pin_format(&pin, &text);
		if (!net_pin_parse((struct pve_span){text.data, text.len}, &mem, &back) ||
		    strcmp(pin.name, back.name) != 0 || strcmp(pin.mac, back.mac) != 0 ||
		    (pin.was ? !back.was || strcmp(pin.was, back.was) != 0 : back.was != NULL))
			abort();
	}
	pve_arena_done(&mem);
	return 0;
}
