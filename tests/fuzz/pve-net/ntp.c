/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "pve-net/ntp.h"
#include "pve-net/sntp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pve_span span_of(const struct pve_buf *b)
{
	return (struct pve_span){b->data, b->len};
}

/* What "ntp set" makes a comment "ntp reset" makes a source again, byte for byte, and until then
 * chrony reads no source. */
static void check_mute(struct pve_span text)
{
	struct ntp_conf before = {0}, muted = {0};
	PVE_STRV more = {0};
	PVE_BUF clean = {0};
	PVE_BUF mute = {0};
	PVE_BUF back = {0};

	ntp_chrony_unmute(text, &clean);
	ntp_chrony_read(&before, span_of(&clean), "f", &more);
	assert(ntp_chrony_mute(span_of(&clean), &mute) == before.n);
	ntp_chrony_read(&muted, span_of(&mute), "f", &more);
	assert(!muted.n);
	assert(ntp_chrony_unmute(span_of(&mute), &back) == before.n);
	assert(pve_span_same(span_of(&back), span_of(&clean)));
	ntp_conf_done(&before);
	ntp_conf_done(&muted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct ntp_conf c = {0};
	struct sntp_reply reply = {0};

	check_mute(text);
	ntp_timesyncd_read(&c, text, "f");
	ntp_chrony_uses(text, "a");
	ntp_timesyncd_uses(text, "a");
	ntp_conf_done(&c);
	sntp_parse(&reply, data, size, 1, 2, 3);
	return 0;
}
