/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "openpgp.h"

#include <string.h>
#include <strings.h>

#include "pveio/digest.h"

/* Packet types, RFC 9580 section 5. */
enum { TAG_SIGNATURE = 2, TAG_KEY = 6, TAG_USER = 13, TAG_SUBKEY = 14 };

/* Public-key algorithms, section 9.1. */
enum {
	RSA = 1,
	RSA_ENCRYPT = 2,
	RSA_SIGN = 3,
	ELGAMAL = 16,
	DSA = 17,
	ECDH = 18,
	ECDSA = 19,
	EDDSA = 22,
};

/* Hash algorithms, section 9.5. */
enum { HASH_MD5 = 1, HASH_SHA1 = 2, HASH_RIPEMD = 3 };

/* Signature types, section 5.2.1. */
enum {
	CERTIFY_FIRST = 0x10,
	CERTIFY_LAST = 0x13,
	BIND = 0x18,
	DIRECT = 0x1f,
	REVOKE = 0x20,
	REVOKE_SUBKEY = 0x28
};

/* Subpackets, section 5.2.3.7. */
enum { SUB_MADE = 2, SUB_KEY_EXPIRES = 9, SUB_ISSUER = 16, SUB_FLAGS = 27, SUB_ISSUER_FPR = 33 };

/* Bytes that are read from the front.  short_: something was to be read that is not there. */
struct reader {
	const unsigned char *p;
	size_t len;
	bool short_;
};

static struct reader take(struct reader *r, size_t n)
{
	struct reader part = {r->p, n, false};

	if (n > r->len) {
		r->short_ = true;
		part.len = r->len;
	}
	r->p += part.len;
	r->len -= part.len;
	return part;
}

static uint32_t number(struct reader *r, unsigned bytes)
{
	struct reader part = take(r, bytes);
	uint32_t v = 0;

	if (part.len < bytes)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | part.p[i];
	return v;
}

/* --- packets ----------------------------------------------------------------------- */

/* The length of a new-format packet or of a subpacket, in one, two or five bytes. */
static size_t new_length(struct reader *r, bool sub)
{
	uint32_t first = number(r, 1);

	if (first < 192)
		return first;
	if (first < 224 || (sub && first < 255))
		return ((first - 192) << 8) + number(r, 1) + 192;
	if (first == 255)
		return number(r, 4);
	r->short_ = true; /* partial lengths: not in keys and signatures */
	return 0;
}

/* Takes the next packet off r; its type, or -1 when that is damaged. */
static int next_packet(struct reader *r, struct reader *body)
{
	uint32_t head = number(r, 1);
	size_t len;
	int tag;

	if (!(head & 0x80))
		return -1;
	if (head & 0x40) {
		tag = head & 0x3f;
		len = new_length(r, false);
	} else {
		tag = head >> 2 & 15;
		if ((head & 3) == 3)
			return -1; /* without a length */
		len = number(r, 1u << (head & 3));
	}
	*body = take(r, len);
	return r->short_ ? -1 : tag;
}

/* --- keys -------------------------------------------------------------------------- */

static void upper(char *s)
{
	for (; *s; s++)
		if (*s >= 'a' && *s <= 'f')
			*s -= 'a' - 'A';
}

/* Sections 5.5.4.2 and .3. */
static void set_fingerprint(struct repo_pgp_key *k, struct reader body)
{
	char text[PVE_DIGEST_TEXT] = "";
	PVE_BUF b = {0};
	bool six = k->version == 6;

	if (k->version != 4 && !six)
		return;
	pve_buf_putc(&b, (char)(six ? 0x9b : 0x99));
	for (int shift = six ? 24 : 8; shift >= 0; shift -= 8)
		pve_buf_putc(&b, (char)(body.len >> shift & 0xff));
	pve_buf_add(&b, body.p, body.len);
	pve_digest(six ? PVE_DIGEST_SHA256 : PVE_DIGEST_SHA1, (struct pve_span){b.data, b.len},
		   text, NULL);
	upper(text);
	memcpy(k->fpr, text, strnlen(text, sizeof(k->fpr) - 1));
}

static const char *curve_name(struct reader oid)
{
	static const struct {
		const char *oid, *name;
		size_t n;
	} curves[] = {
		{"\x2b\x06\x01\x04\x01\xda\x47\x0f\x01", "ed25519", 9},
		{"\x2b\x65\x71", "ed448", 3},
		{"\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01", "cv25519", 10},
		{"\x2a\x86\x48\xce\x3d\x03\x01\x07", "nistp256", 8},
		{"\x2b\x81\x04\x00\x22", "nistp384", 5},
		{"\x2b\x81\x04\x00\x23", "nistp521", 5},
		{"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1", 9},
		{"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolP384r1", 9},
		{"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolP512r1", 9},
	};

	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (oid.len == curves[i].n && memcmp(oid.p, curves[i].oid, oid.len) == 0)
			return curves[i].name;
	return "an unknown curve";
}

static void set_algorithm(struct repo_pgp_ring *ring, struct repo_pgp_key *k, struct reader body)
{
	static const char *const native[] = {
		[25] = "x25519", [26] = "x448", [27] = "ed25519", [28] = "ed448"};

	switch (k->algo) {
	case RSA:
	case RSA_ENCRYPT:
	case RSA_SIGN:
	case DSA:
	case ELGAMAL:
		k->bits = number(&body, 2); /* of the first number, the modulus */
		k->algo_name = pve_arena_printf(&ring->mem, "%s%u",
						k->algo == DSA       ? "dsa"
						: k->algo == ELGAMAL ? "elg"
								     : "rsa",
						k->bits);
		break;
	case ECDH:
	case ECDSA:
	case EDDSA:
		k->algo_name = curve_name(take(&body, number(&body, 1)));
		break;
	default:
		if (k->algo < sizeof(native) / sizeof(*native) && native[k->algo])
			k->algo_name = native[k->algo];
		else
			k->algo_name = pve_arena_printf(&ring->mem, "algorithm %u", k->algo);
	}
}

static int add_key(struct repo_pgp_ring *ring, struct reader body, bool primary)
{
	struct repo_pgp_key k = {.primary = primary, .can_sign = true, .user = ""};
	struct reader rest = body;

	k.version = number(&rest, 1);
	if (k.version < 2 || k.version > 6)
		return -1;
	k.created = number(&rest, 4);
	if (k.version < 4) {
		uint32_t days = number(&rest, 2);

		k.expires = days ? k.created + (time_t)days * 86400 : 0;
	}
	k.algo = number(&rest, 1);
	if (k.version == 6)
		number(&rest, 4); /* bytes of the material */
	set_fingerprint(&k, body);
	set_algorithm(ring, &k, rest);
	if (rest.short_)
		return -1;
	ring->v = pve_grow(ring->v, ring->n, &ring->cap, sizeof(*ring->v));
	ring->v[ring->n++] = k;
	return 0;
}

/* --- signatures -------------------------------------------------------------------- */

struct signature {
	struct repo_pgp_sig pub;
	unsigned type;
	uint32_t key_expires; /* seconds after the key was made; 0: never */
	bool has_flags, may_sign;
};

static void hex(char out[REPO_FPR_TEXT], struct reader bytes)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = bytes.len < 32 ? bytes.len : 32;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes.p[i] >> 4];
		out[2 * i + 1] = digits[bytes.p[i] & 15];
	}
	out[2 * n] = '\0';
}

static void read_subpacket(struct signature *s, struct reader sub)
{
	unsigned type = number(&sub, 1) & 0x7f;

	if (type == SUB_MADE) {
		s->pub.made = number(&sub, 4);
	} else if (type == SUB_KEY_EXPIRES) {
		s->key_expires = number(&sub, 4);
	} else if (type == SUB_ISSUER && !s->pub.issuer[0]) {
		hex(s->pub.issuer, take(&sub, 8));
	} else if (type == SUB_ISSUER_FPR) {
		number(&sub, 1); /* version of the key */
		hex(s->pub.issuer, sub);
	} else if (type == SUB_FLAGS) {
		s->has_flags = true;
		s->may_sign = number(&sub, 1) & 2;
	}
}

static int read_subpackets(struct signature *s, struct reader area)
{
	while (area.len) {
		struct reader sub = take(&area, new_length(&area, true));

		if (area.short_)
			return -1;
		read_subpacket(s, sub);
	}
	return 0;
}

static int read_signature(struct signature *s, struct reader body)
{
	unsigned version = number(&body, 1), size = version == 6 ? 4 : 2;

	*s = (struct signature){0};
	if (version == 3) {
		number(&body, 1); /* bytes that are hashed: always 5 */
		s->type = number(&body, 1);
		s->pub.made = number(&body, 4);
		hex(s->pub.issuer, take(&body, 8));
		s->pub.algo = number(&body, 1);
		s->pub.hash = number(&body, 1);
		return body.short_ ? -1 : 0;
	}
	if (version < 4 || version > 6)
		return -1;
	s->type = number(&body, 1);
	s->pub.algo = number(&body, 1);
	s->pub.hash = number(&body, 1);
	for (int area = 0; area < 2; area++) /* those that are hashed, and those that are not */
		if (read_subpackets(s, take(&body, number(&body, size))) < 0)
			return -1;
	return body.short_ ? -1 : 0;
}

/* A signature in a keyring is about the last primary key, or the last subkey. */
static void apply_signature(struct repo_pgp_ring *ring, const struct signature *s)
{
	struct repo_pgp_key *last = &ring->v[ring->n - 1], *k = last;
	bool certifies = (s->type >= CERTIFY_FIRST && s->type <= CERTIFY_LAST) || s->type == DIRECT;

	while (!k->primary)
		k--;
	if (!repo_pgp_is(k, s->pub.issuer))
		return; /* somebody else's word about the key */
	if (s->type == BIND || s->type == REVOKE_SUBKEY)
		k = last;
	if (s->type == REVOKE || s->type == REVOKE_SUBKEY) {
		k->revoked = true;
		return;
	}
	if ((!certifies && s->type != BIND) || (k->hash && s->pub.made < k->bound))
		return;
	k->bound = s->pub.made;
	k->hash = s->pub.hash;
	if (k->version >= 4)
		k->expires = s->key_expires ? k->created + (time_t)s->key_expires : 0;
	if (s->has_flags)
		k->can_sign = s->may_sign;
}

static void add_user(struct repo_pgp_ring *ring, struct reader body)
{
	struct repo_pgp_key *k = &ring->v[ring->n - 1];

	if (k->primary && !*k->user)
		k->user = pve_arena_memdup(&ring->mem, body.p,
					   strnlen((const char *)body.p, body.len));
}

/* --- whole files ------------------------------------------------------------------- */

static int read_ring_packet(struct repo_pgp_ring *ring, int tag, struct reader body)
{
	struct signature s;

	if (tag == TAG_KEY || (tag == TAG_SUBKEY && ring->n))
		return add_key(ring, body, tag == TAG_KEY);
	if (tag == TAG_USER && ring->n)
		add_user(ring, body);
	if (tag == TAG_SIGNATURE && ring->n && read_signature(&s, body) == 0)
		apply_signature(ring, &s);
	return 0;
}

static bool is_armored(struct pve_span text)
{
	return text.len && memmem(text.p, text.len, "-----BEGIN PGP ", 15);
}

int repo_pgp_ring_parse(struct repo_pgp_ring *ring, struct pve_span text, struct pve_err *e)
{
	struct reader r, body;

	*ring = (struct repo_pgp_ring){.armored = is_armored(text)};
	if (text.len > 12 && memcmp(text.p + 8, "KBXf", 4) == 0)
		return pve_err_set(e, PVE_DATA, "is a GnuPG keybox, which apt cannot use");
	if (!ring->armored)
		pve_buf_span(&ring->bytes, text);
	else if (repo_pgp_dearmor(text, "PGP PUBLIC KEY BLOCK", &ring->bytes) < 0)
		return pve_err_set(e, PVE_DATA, "its armor is damaged");
	r = (struct reader){(const unsigned char *)pve_buf_str(&ring->bytes), ring->bytes.len,
			    false};
	while (r.len) {
		int tag = next_packet(&r, &body);

		if (tag < 0 || read_ring_packet(ring, tag, body) < 0)
			return pve_err_set(e, PVE_DATA,
					   ring->n ? "is damaged or cut" : "is no keyring");
	}
	return ring->n ? 0 : pve_err_set(e, PVE_DATA, "has no key in it");
}

void repo_pgp_ring_done(struct repo_pgp_ring *ring)
{
	free(ring->v);
	pve_buf_done(&ring->bytes);
	pve_arena_done(&ring->mem);
	*ring = (struct repo_pgp_ring){0};
}

int repo_pgp_sigs_parse(struct repo_pgp_sigs *sigs, struct pve_span text, struct pve_err *e)
{
	PVE_BUF bytes = {0};
	struct reader r, body;
	struct signature s;

	*sigs = (struct repo_pgp_sigs){0};
	if (!is_armored(text))
		pve_buf_span(&bytes, text);
	else if (repo_pgp_dearmor(text, "PGP SIGNATURE", &bytes) < 0)
		return pve_err_set(e, PVE_DATA, "the armor of the signature is damaged");
	r = (struct reader){(const unsigned char *)pve_buf_str(&bytes), bytes.len, false};
	while (r.len) {
		int tag = next_packet(&r, &body);

		if (tag < 0)
			return pve_err_set(e, PVE_DATA, "the signature is damaged");
		if (tag != TAG_SIGNATURE || read_signature(&s, body) < 0)
			continue;
		sigs->v = pve_grow(sigs->v, sigs->n, &sigs->cap, sizeof(*sigs->v));
		sigs->v[sigs->n++] = s.pub;
	}
	return sigs->n ? 0 : pve_err_set(e, PVE_DATA, "has no signature in it");
}

void repo_pgp_sigs_done(struct repo_pgp_sigs *s)
{
	free(s->v);
	*s = (struct repo_pgp_sigs){0};
}

bool repo_pgp_is(const struct repo_pgp_key *k, const char *issuer)
{
	size_t n = strlen(issuer), len = strlen(k->fpr);

	if (!n || !len)
		return false;
	if (n == len)
		return strcasecmp(issuer, k->fpr) == 0;
	if (n != 16)
		return false;
	/* the key id: the end of the fingerprint, from version 6 on its beginning */
	return strncasecmp(k->version >= 6 ? k->fpr : k->fpr + len - 16, issuer, 16) == 0;
}

const char *repo_pgp_weakness(const struct repo_pgp_key *k)
{
	if (k->version < 4)
		return "a key of version 3";
	if (k->algo == DSA)
		return "DSA";
	if (k->algo <= RSA_SIGN && k->bits < 2048)
		return "RSA of less than 2048 bits";
	if (k->hash == HASH_SHA1)
		return "bound by SHA-1";
	if (k->hash == HASH_MD5 || k->hash == HASH_RIPEMD)
		return "bound by MD5 or RIPEMD-160";
	return NULL;
}
