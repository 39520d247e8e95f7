/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/install.h"

#include <stdarg.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define WEAK_RSA 2048 /* bits that browsers want at least */

struct faults {
	struct pve_buf text; /* one in a line */
};

__attribute__((format(printf, 2, 3))) static void fault(struct faults *f, const char *fmt, ...)
{
	va_list ap;

	if (f->text.len)
		pve_buf_putc(&f->text, '\n');
	va_start(ap, fmt);
	pve_buf_vprintf(&f->text, fmt, ap);
	va_end(ap);
}

static void check_times(struct faults *f, const struct pve_chain *chain, time_t now)
{
	char text[PVE_TIME_TEXT];

	for (size_t i = 0; i < chain->n; i++) {
		const struct pve_cert *c = &chain->v[i];

		if (c->not_after <= now)
			fault(f, "the certificate of %s expired at %s", *c->subject ? c->subject : "the names",
			      pve_num_time_text(c->not_after, text));
		else if (c->not_before > now)
			fault(f, "the certificate of %s is not good before %s",
			      *c->subject ? c->subject : "the names",
			      pve_num_time_text(c->not_before, text));
	}
}

/* A wildcard is wanted as such: that it matches some host says nothing of the others. */
static bool has_name(const struct pve_chain *chain, const char *name)
{
	const struct pve_cert *c = &chain->v[0];

	if (*name != '*')
		return pve_chain_is_for(chain, name);
	for (size_t i = 0; i < c->nsan; i++)
		if (strcasecmp(c->san[i].text, name) == 0)
			return true;
	return false;
}

/* With names configured each must be in it; else the node's own name should be. */
static void check_names(struct faults *f, const struct pve_chain *chain,
			const struct acme_domains *names, const char *node)
{
	const struct pve_cert *c = &chain->v[0];
	size_t dot = strlen(node);
	bool any = pve_chain_is_for(chain, node);

	for (size_t i = 0; names && i < names->n; i++)
		if (!has_name(chain, names->v[i].name))
			fault(f, "the certificate is not for %s (%s)", names->v[i].name,
			      names->v[i].key);
	for (size_t i = 0; i < c->nsan; i++)
		any = any || *c->san[i].text == '*' ||
		      (strncmp(c->san[i].text, node, dot) == 0 && c->san[i].text[dot] == '.');
	if (!any && !(names && names->n))
		fault(f, "no name of the certificate begins with that of this node, %s", node);
}

static void check_kind(struct faults *f, const struct pve_chain *chain)
{
	const struct pve_cert *c = &chain->v[0];
	struct pve_err why = {0};

	if (c->ca)
		fault(f, "the first certificate is that of an authority (%s), not of a server; the "
			 "order must be: server, intermediate, ...",
		      c->subject);
	if (!c->nsan)
		fault(f, "the certificate has no names in subjectAltName, so browsers refuse it");
	if (strcmp(c->key_type, "rsaEncryption") == 0 && c->key_bits < WEAK_RSA)
		fault(f, "an RSA key of %u bits is too weak: at least %d", c->key_bits, WEAK_RSA);
	if (pve_chain_check_order(chain, &why) < 0)
		fault(f, "%s; the order must be: server, intermediate, ...", why.msg);
}

int acme_pair_check(const struct pve_chain *chain, const struct pve_pkey *key,
		    const struct acme_domains *names, const char *node, time_t now, bool force,
		    struct pve_err *e)
{
	struct faults f = {0};
	int rc = 0;

	if (!pve_chain_has_key(chain, key))
		fault(&f, "the key (%s) does not belong to the first certificate (%s %u bits)",
		      pve_pkey_name(key), chain->v[0].key_type, chain->v[0].key_bits);
	check_kind(&f, chain);
	if (!force) {
		check_times(&f, chain, now);
		check_names(&f, chain, names, node);
	}
	if (f.text.len)
		rc = pve_err_set(e, PVE_DATA, "%s", pve_buf_str(&f.text));
	pve_buf_done(&f.text);
	return rc;
}
