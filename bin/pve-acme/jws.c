/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/jws.h"

#include "pveio/acme.h"
#include "pveio/base64.h"

static void add_member(struct pve_buf *out, const char *name, const char *value)
{
	pve_buf_printf(out, ",\"%s\":", name);
	pve_acme_quote(out, value);
}

void acme_jws_input(const struct acme_jws *jws, struct pve_buf *out)
{
	PVE_BUF header = {0};

	pve_buf_puts(&header, "{\"alg\":");
	pve_acme_quote(&header, jws->alg);
	if (jws->kid)
		add_member(&header, "kid", jws->kid);
	else
		pve_buf_printf(&header, ",\"jwk\":%s", jws->jwk);
	if (jws->nonce)
		add_member(&header, "nonce", jws->nonce);
	add_member(&header, "url", jws->url);
	pve_buf_putc(&header, '}');
	pve_base64url_encode((struct pve_span){header.data, header.len}, out);
	pve_buf_putc(out, '.');
	pve_base64url_encode(jws->payload, out);
}

void acme_jws_format(struct pve_span input, struct pve_span signature, struct pve_buf *out)
{
	const char *dot = memchr(input.p, '.', input.len);
	size_t header = (size_t)(dot - input.p);

	pve_buf_printf(out, "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",\"signature\":\"",
		       (int)header, input.p, (int)(input.len - header - 1), dot + 1);
	pve_base64url_encode(signature, out);
	pve_buf_puts(out, "\"}");
}
