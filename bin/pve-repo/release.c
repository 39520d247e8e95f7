/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "release.h"

#include "pvecommon/deb822.h"
#include "pvecommon/num.h"

#define BEGIN_MESSAGE "-----BEGIN PGP SIGNED MESSAGE-----"
#define BEGIN_SIGNATURE "\n-----BEGIN PGP SIGNATURE-----"

/* The message in a clear-signed text (RFC 9580, section 7): behind the empty line that ends the
 * armor headers, before the signature.  No line of a Release begins with a dash, so that none of
 * them is escaped. */
static struct pve_span unwrap(struct pve_span text, bool *is_signed)
{
	const char *end;
	size_t n;

	*is_signed = pve_span_starts(text, BEGIN_MESSAGE);
	if (!*is_signed)
		return text;
	n = pve_deb822_end(text);
	text.p += n;
	text.len -= n;
	end = text.len ? memmem(text.p, text.len, BEGIN_SIGNATURE, strlen(BEGIN_SIGNATURE)) : NULL;
	if (end)
		text.len = (size_t)(end - text.p);
	return text;
}

static bool next_number(struct pve_span *s, const char *seps, unsigned *out)
{
	struct pve_span digits;
	uint64_t v;

	while (s->len && strchr(seps, *s->p))
		s->p++, s->len--;
	digits = (struct pve_span){s->p, 0};
	while (digits.len < s->len && s->p[digits.len] >= '0' && s->p[digits.len] <= '9')
		digits.len++;
	if (pve_num_span(digits, 9999, &v) < 0)
		return false;
	s->p += digits.len;
	s->len -= digits.len;
	*out = (unsigned)v;
	return true;
}

static int month_of(struct pve_span w)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12 && w.len == 3; i++)
		if (memcmp(names + 3 * i, w.p, 3) == 0)
			return i;
	return -1;
}

time_t repo_date_parse(struct pve_span s)
{
	unsigned day, year, hour, min, sec;
	struct pve_span zone;
	const char *comma = s.len ? memchr(s.p, ',', s.len) : NULL;
	struct tm tm = {0};

	if (comma) { /* the day of the week is optional, and says nothing */
		s.len -= (size_t)(comma + 1 - s.p);
		s.p = comma + 1;
	}
	if (!next_number(&s, " ", &day))
		return -1;
	tm.tm_mon = month_of(pve_span_word(&s));
	if (tm.tm_mon < 0 || !next_number(&s, " ", &year) || !next_number(&s, " ", &hour) ||
	    !next_number(&s, ":", &min) || !next_number(&s, ":", &sec))
		return -1;
	zone = pve_span_trim(s);
	if (!pve_span_eq(zone, "UTC") && !pve_span_eq(zone, "GMT") && !pve_span_eq(zone, "Z") &&
	    !pve_span_eq(zone, "+0000"))
		return -1;
	if (day < 1 || day > 31 || year < 1970 || hour > 23 || min > 59 || sec > 60)
		return -1;
	tm.tm_mday = (int)day;
	tm.tm_year = (int)year - 1900;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)min;
	tm.tm_sec = (int)sec;
	return timegm(&tm);
}

void repo_release_parse(struct repo_release *r, struct pve_span text)
{
	struct pve_span rest, name, value;

	*r = (struct repo_release){.date = -1, .valid_until = -1};
	text = unwrap(text, &r->is_signed);
	pve_deb822_next(&text, &r->stanza);
	rest = r->stanza;
	while (pve_deb822_field(&rest, &name, &value)) {
		const struct {
			const char *name;
			struct pve_span *to;
		} fields[] = {
			{"Origin", &r->origin},         {"Label", &r->label},
			{"Suite", &r->suite},           {"Codename", &r->codename},
			{"Version", &r->version},       {"Components", &r->components},
			{"Changelogs", &r->changelogs}, {"Architectures", &r->architectures},
		};

		for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
			if (pve_span_eq(name, fields[i].name))
				*fields[i].to = value;
		if (pve_span_eq(name, "Date"))
			r->date = repo_date_parse(value);
		else if (pve_span_eq(name, "Valid-Until"))
			r->valid_until = repo_date_parse(value);
		else if (pve_span_eq(name, "NotAutomatic"))
			r->not_automatic = pve_deb822_yes(value);
		else if (pve_span_eq(name, "ButAutomaticUpgrades"))
			r->but_automatic = pve_deb822_yes(value);
	}
}

/* Strongest first. */
static const struct {
	const char *field;
	enum pve_digest_kind kind;
} digests[] = {
	{"SHA512", PVE_DIGEST_SHA512},
	{"SHA256", PVE_DIGEST_SHA256},
	{"SHA1", PVE_DIGEST_SHA1},
	{"MD5Sum", PVE_DIGEST_MD5},
};

/* Lines of DIGEST SIZE NAME. */
static bool find_in(struct pve_span section, const char *name, struct repo_release_file *file)
{
	struct pve_span line;

	while (pve_deb822_line(&section, &line)) {
		struct pve_span digest = pve_span_word(&line), size = pve_span_word(&line);

		if (!pve_span_eq(pve_span_word(&line), name))
			continue;
		file->digest = digest;
		return pve_num_span(size, UINT64_MAX, &file->size) == 0;
	}
	return false;
}

bool repo_release_find(const struct repo_release *r, const char *name,
		       struct repo_release_file *file)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
		file->kind = digests[i].kind;
		if (find_in(pve_deb822_get(r->stanza, digests[i].field), name, file))
			return true;
	}
	return false;
}

bool repo_release_is_strong(const struct repo_release *r)
{
	return pve_deb822_get(r->stanza, "SHA256").p || pve_deb822_get(r->stanza, "SHA512").p;
}
