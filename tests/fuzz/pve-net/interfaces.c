/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-net/model.h"

#include "../lib/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct net_conf conf;
	struct net_model model;
	PVE_BUF out = {0};

	net_conf_parse(&conf, "f", text);
	net_file_format(conf.file[0], &out);
	assert_same(text, &out);
	net_model_read(&model, &conf);
	net_model_done(&model);
	net_conf_done(&conf);
	return 0;
}
