/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/mem.h"

static void cut(char *msg, size_t size, int n)
{
	if (n >= 0 && (size_t)n >= size)
		memcpy(msg + size - 4, "...", 4);
}

int pve_err_set(struct pve_err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	e->code = code;
	e->sys = 0;
	va_start(ap, fmt);
	cut(e->msg, sizeof(e->msg), vsnprintf(e->msg, sizeof(e->msg), fmt, ap));
	va_end(ap);
	return -1;
}

static int code_of(int errnum)
{
	switch (errnum) {
	case EACCES:
	case EPERM:
		return PVE_DENIED;
	case EAGAIN:
	case ETIMEDOUT:
		return PVE_AGAIN;
	case ENODEV:
	case ENXIO:
	case ECONNREFUSED:
		return PVE_NOTHERE;
	default:
		return PVE_FAILED;
	}
}

int pve_err_sys(struct pve_err *e, int errnum, const char *fmt, ...)
{
	char what[sizeof(e->msg)];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pve_err_set(e, code_of(errnum), "%s: %s", what, strerror(errnum));
	e->sys = errnum;
	return -1;
}

int pve_err_prefix(struct pve_err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)], what[sizeof(e->msg)];
	va_list ap;

	if (!e)
		return -1;
	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	cut(e->msg, sizeof(e->msg), snprintf(e->msg, sizeof(e->msg), "%s: %s", what, old));
	return -1;
}

void pve_diags_add(struct pve_diags *d, enum pve_severity s, const char *file, unsigned line,
		   const char *fmt, ...)
{
	struct pve_diag *one;
	va_list ap;

	d->v = pve_grow(d->v, d->n, &d->cap, sizeof(*d->v));
	one = &d->v[d->n++];
	one->severity = s;
	one->file = file;
	one->line = line;
	va_start(ap, fmt);
	one->msg = pve_vasprintf(fmt, ap);
	va_end(ap);
	if (s == PVE_ERROR)
		d->errors++;
}

char *pve_diag_format(const struct pve_diag *d)
{
	const char *file = d->file ? d->file : "(input)";

	if (d->line)
		return pve_asprintf("%s:%u: %s", file, d->line, d->msg);
	return pve_asprintf("%s: %s", file, d->msg);
}

int pve_diags_err(const struct pve_diags *d, struct pve_err *e)
{
	size_t len = 0;

	if (!d->errors)
		return 0;
	pve_err_set(e, PVE_DATA, "%s", "");
	for (size_t i = 0; e && i < d->n; i++) {
		PVE_FREE char *line = NULL;

		if (d->v[i].severity != PVE_ERROR || len >= sizeof(e->msg))
			continue;
		line = pve_diag_format(&d->v[i]);
		len += (size_t)snprintf(e->msg + len, sizeof(e->msg) - len, "%s%s",
					len ? "\n" : "", line);
	}
	if (e && len >= sizeof(e->msg))
		cut(e->msg, sizeof(e->msg), (int)len);
	return -1;
}

void pve_diags_done(struct pve_diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].msg);
	free(d->v);
	*d = (struct pve_diags){0};
}
