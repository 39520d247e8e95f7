/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/base64.h"

#include <openssl/evp.h>

#include "pvecommon/mem.h"

void pve_base64_encode(struct pve_span bytes, struct pve_buf *out)
{
	unsigned char *to = (unsigned char *)pve_buf_reserve(out, (bytes.len + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock(to, (const unsigned char *)bytes.p, (int)bytes.len);

	out->len += (size_t)n;
}

bool pve_base64_decode(struct pve_span text, struct pve_buf *out)
{
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	unsigned char *to = (unsigned char *)pve_buf_reserve(out, text.len / 4 * 3 + 5);
	int n = 0, rest = 0;
	bool good;

	if (!ctx)
		abort();
	EVP_DecodeInit(ctx);
	good = EVP_DecodeUpdate(ctx, to, &n, (const unsigned char *)text.p, (int)text.len) >= 0 &&
	       EVP_DecodeFinal(ctx, to + n, &rest) >= 0;
	EVP_ENCODE_CTX_free(ctx);
	if (good)
		out->len += (size_t)n + (size_t)rest;
	out->data[out->len] = '\0';
	return good;
}

void pve_base64url_encode(struct pve_span bytes, struct pve_buf *out)
{
	size_t start = out->len;

	pve_base64_encode(bytes, out);
	while (out->len > start && out->data[out->len - 1] == '=')
		out->len--;
	out->data[out->len] = '\0';
	for (char *p = out->data + start; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
}

bool pve_base64url_decode(struct pve_span text, struct pve_buf *out)
{
	PVE_BUF plain = {0};

	text = pve_span_trim(text);
	while (text.len && text.p[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		pve_buf_putc(&plain, c == '-' ? '+' : c == '_' ? '/' : c);
	}
	while (plain.len % 4)
		pve_buf_putc(&plain, '=');
	return pve_base64_decode((struct pve_span){pve_buf_str(&plain), plain.len}, out);
}
