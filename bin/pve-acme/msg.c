/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/msg.h"

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

void acme_msg_format(const struct acme_msg *m, struct pve_buf *out)
{
	pve_buf_putc(out, m->word);
	for (size_t i = 0; i < m->args.n; i++)
		pve_buf_add(out, m->args.v[i], strlen(m->args.v[i]) + 1);
}

int acme_msg_parse(struct acme_msg *m, struct pve_span bytes, struct pve_err *e)
{
	if (!bytes.len || (bytes.len > 1 && bytes.p[bytes.len - 1] != '\0'))
		return pve_err_set(e, PVE_DATA, "a message that is none");
	m->word = bytes.p[0];
	for (size_t at = 1; at < bytes.len; at += strlen(bytes.p + at) + 1)
		pve_strv_add(&m->args, bytes.p + at);
	return 0;
}

void acme_msg_done(struct acme_msg *m)
{
	pve_strv_done(&m->args);
	*m = (struct acme_msg){0};
}

void acme_msg_fill_error(struct acme_msg *m, const struct pve_err *e, int fate, long long not_before)
{
	pve_strv_done(&m->args);
	m->word = ACME_MSG_ERROR;
	pve_strv_addf(&m->args, "%d", e->code);
	pve_strv_addf(&m->args, "%d", fate);
	pve_strv_addf(&m->args, "%lld", not_before);
	pve_strv_add(&m->args, e->msg);
}

int acme_msg_error(const struct acme_msg *m, struct pve_err *e)
{
	uint64_t code = PVE_FAILED;

	if (m->args.n != 4 || pve_num_span(pve_span(m->args.v[0]), 255, &code) < 0)
		return pve_err_set(e, PVE_FAILED, "the network process failed, and did not say why");
	return pve_err_set(e, (int)code, "%s", m->args.v[3]);
}
