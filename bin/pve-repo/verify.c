/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

#include "pvecommon/deb822.h"

static const struct {
	const char *name, *words;
} verdicts[] = {
	[REPO_V_GOOD] = {"good", ""},
	[REPO_V_UNKNOWN] = {"unknown", "neither gpgv nor sqv is installed"},
	[REPO_V_ABSENT] = {"absent", "was not fetched yet"},
	[REPO_V_UNSIGNED] = {"unsigned", "has no signature"},
	[REPO_V_NO_KEYRING] = {"no-keyring", "the keyring is missing"},
	[REPO_V_UNREADABLE] = {"unreadable", "the keyring cannot be read"},
	[REPO_V_NO_KEY] = {"no-key", "the keyring does not have the key that signed it"},
	[REPO_V_WRONG] = {"wrong", "the signature does not belong to this text: it was altered"},
	[REPO_V_EXPIRED] = {"expired", "the key that signed it has expired"},
	[REPO_V_REVOKED] = {"revoked", "the key that signed it was revoked"},
	[REPO_V_WEAK] = {"weak", "signed with a digest that is no longer accepted"},
	[REPO_V_UNLISTED] = {"unlisted", "its Release does not name it"},
};

const char *repo_verdict_name(enum repo_verdict v)
{
	return verdicts[v].name;
}

static void set(struct repo_verified *v, enum repo_verdict verdict, struct pve_span signer)
{
	size_t n = signer.len < REPO_FPR_TEXT - 1 ? signer.len : REPO_FPR_TEXT - 1;

	v->verdict = verdict;
	if (n)
		memcpy(v->signer, signer.p, n);
	v->signer[n] = '\0';
	v->why = (struct pve_err){0};
	if (verdict != REPO_V_GOOD)
		pve_err_set(&v->why, PVE_FAILED, "%s%s%s", verdicts[verdict].words, n ? ": " : "",
			    v->signer);
}

static bool is_allowed(const char *allowed, struct pve_span primary, struct pve_span fpr)
{
	PVE_STRV words = {0};

	if (!allowed)
		return true;
	pve_strv_split(&words, pve_span(allowed), " ,\t\n");
	for (size_t i = 0; i < words.n; i++) {
		size_t n = strcspn(words.v[i], "!");
		bool exact = words.v[i][n] == '!'; /* this key, not its subkeys */
		struct pve_span by = exact ? fpr : primary;

		if ((by.len == n && strncasecmp(by.p, words.v[i], n) == 0) ||
		    (fpr.len == n && strncasecmp(fpr.p, words.v[i], n) == 0))
			return true;
	}
	return false;
}

/* --- gpgv -------------------------------------------------------------------------- */

struct tally {
	struct pve_span good, weak, expired, revoked, bad, unknown, foreign;
};

/* VALIDSIG FPR DATE TIME EXPIRE VERSION RESERVED PKALGO HASH CLASS PRIMARY (GnuPG, doc/DETAILS).
 * It also comes for a key that has expired, behind EXPKEYSIG. */
static void valid(struct tally *t, struct pve_span line, bool is_good, const char *allowed)
{
	struct pve_span fpr = pve_span_word(&line), hash = {0}, primary = fpr;

	for (int i = 2; i <= 8; i++)
		hash = pve_span_word(&line);
	pve_span_word(&line);
	if (line.len)
		primary = pve_span_word(&line);
	if (!primary.len)
		primary = fpr;
	if (!is_good)
		return;
	if (!is_allowed(allowed, primary, fpr))
		t->foreign = primary;
	else if (pve_span_eq(hash, "1") || pve_span_eq(hash, "2") || pve_span_eq(hash, "3"))
		t->weak = primary; /* MD5, SHA-1, RIPEMD-160 */
	else
		t->good = primary;
}

static void status_line(struct tally *t, struct pve_span line, bool *is_good, const char *allowed)
{
	struct pve_span mark = pve_span_word(&line), word = pve_span_word(&line), rest = line;
	struct pve_span id = pve_span_word(&rest);

	if (!pve_span_eq(mark, "[GNUPG:]"))
		return;
	if (pve_span_eq(word, "NEWSIG"))
		*is_good = false;
	else if (pve_span_eq(word, "GOODSIG"))
		*is_good = true;
	else if (pve_span_eq(word, "EXPKEYSIG") || pve_span_eq(word, "EXPSIG"))
		t->expired = id, *is_good = false;
	else if (pve_span_eq(word, "REVKEYSIG"))
		t->revoked = id, *is_good = false;
	else if (pve_span_eq(word, "BADSIG"))
		t->bad = id, *is_good = false;
	else if (pve_span_eq(word, "NO_PUBKEY"))
		t->unknown = id, *is_good = false;
	else if (pve_span_eq(word, "VALIDSIG"))
		valid(t, line, *is_good, allowed);
}

static void decide(struct repo_verified *v, const struct tally *t)
{
	/* A good signature is enough, unless another one proves that the text was altered. */
	if (t->bad.len)
		set(v, REPO_V_WRONG, t->bad);
	else if (t->good.len)
		set(v, REPO_V_GOOD, t->good);
	else if (t->weak.len)
		set(v, REPO_V_WEAK, t->weak);
	else if (t->revoked.len)
		set(v, REPO_V_REVOKED, t->revoked);
	else if (t->expired.len)
		set(v, REPO_V_EXPIRED, t->expired);
	else if (t->foreign.len)
		set(v, REPO_V_NO_KEY, t->foreign);
	else if (t->unknown.len)
		set(v, REPO_V_NO_KEY, t->unknown);
	else
		set(v, REPO_V_UNSIGNED, (struct pve_span){0});
}

void repo_verify_status(struct repo_verified *v, struct pve_span status, const char *allowed)
{
	struct tally t = {{0}};
	struct pve_span line;
	bool is_good = false;

	while (pve_deb822_line(&status, &line))
		status_line(&t, line, &is_good, allowed);
	decide(v, &t);
}

/* --- sqv --------------------------------------------------------------------------- */

static bool says(struct pve_span text, const char *words)
{
	PVE_FREE char *s = pve_strndup(text.len ? text.p : "", text.len);

	return strcasestr(s, words) != NULL;
}

void repo_verify_sqv(struct repo_verified *v, int status, struct pve_span out, struct pve_span err,
		     const char *allowed)
{
	struct pve_span line, none = {0};

	if (status == 0) {
		/* Which key of a certificate signed is not told; its fingerprint is. */
		while (pve_deb822_line(&out, &line))
			if (is_allowed(allowed, line, line)) {
				set(v, REPO_V_GOOD, line);
				return;
			}
		set(v, REPO_V_NO_KEY, none);
		return;
	}
	if (says(err, "Missing key") || says(err, "No key to check"))
		set(v, REPO_V_NO_KEY, none);
	else if (says(err, "expired"))
		set(v, REPO_V_EXPIRED, none);
	else if (says(err, "revoked"))
		set(v, REPO_V_REVOKED, none);
	else if (says(err, "not considered secure") || says(err, "policy"))
		set(v, REPO_V_WEAK, none);
	else if (says(err, "Malformed") || says(err, "No signature"))
		set(v, REPO_V_UNSIGNED, none);
	else
		set(v, REPO_V_WRONG, none);
}

/* --- the text ---------------------------------------------------------------------- */

#define BEGIN_MESSAGE "-----BEGIN PGP SIGNED MESSAGE-----"
#define BEGIN_SIGNATURE "-----BEGIN PGP SIGNATURE-----"

/* The line with its end off, and blanks at its end, which are not signed. */
static struct pve_span take_line(struct pve_span *text)
{
	const char *nl = memchr(text->p, '\n', text->len);
	size_t n = nl ? (size_t)(nl - text->p) : text->len;
	struct pve_span line = {text->p, n};

	n += nl != NULL;
	text->p += n;
	text->len -= n;
	while (line.len && (pve_is_blank(line.p[line.len - 1]) || line.p[line.len - 1] == '\r'))
		line.len--;
	return line;
}

int repo_verify_split(struct pve_span text, struct pve_buf *message, struct pve_buf *signature)
{
	struct pve_span line;
	bool first = true;

	if (!pve_span_starts(text, BEGIN_MESSAGE))
		return -1;
	do
		line = take_line(&text); /* headers: Hash: SHA512 */
	while (line.len && text.len);
	while (text.len) {
		struct pve_span before = text;

		line = take_line(&text);
		if (pve_span_eq(line, BEGIN_SIGNATURE)) {
			pve_buf_span(signature, before);
			return 0;
		}
		if (pve_span_starts(line, "- "))
			line.p += 2, line.len -= 2;
		if (!first)
			pve_buf_putc(message, '\n');
		first = false;
		pve_buf_span(message, line);
	}
	return -1;
}
