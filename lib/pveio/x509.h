/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_X509_H
#define PVEIO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pveio/pkey.h"

/*
 * Certificates and requests for them (RFC 5280, RFC 2986), through OpenSSL.
 */
enum pve_name_type { PVE_NAME_DNS, PVE_NAME_IP };

/* A name that a certificate is for. */
struct pve_name {
	enum pve_name_type type;
	const char *text; /* "*.example.org"; for addresses as inet_ntop(3) writes them */
};

struct pve_cert {
	const char *subject, *issuer;   /* "/C=US/O=.../CN=...", "" when empty */
	const char *subject_cn, *issuer_cn; /* the first common name, "" when there is none */
	const char *fingerprint;        /* SHA-256, upper-case digits in pairs with colons */
	const char *serial;             /* lower-case digits */
	time_t not_before, not_after;
	const char *key_type;           /* "rsaEncryption", "id-ecPublicKey", "ED25519" */
	unsigned key_bits;
	struct pve_name *san;           /* the names of subjectAltName that are DNS or IP */
	size_t nsan;
	bool ca;                        /* basicConstraints says so */
	struct pve_span authority;      /* keyIdentifier of authorityKeyIdentifier; may be empty */
	struct pve_span serial_der;     /* content of the serial number's DER, leading 00 kept */
	struct pve_span pem, der;       /* itself, in both forms */
};

/* The certificates of one PEM text in its order. */
struct pve_chain {
	struct pve_cert *v;
	size_t n;
	struct pve_arena mem;
	struct pve_chain_x509 *x509; /* OpenSSL's */
};

/* Reads all certificates into *chain, which must be { 0 }.  Text around the blocks is passed
 * over; any block that is not a certificate is refused.  PVE_DATA, and *chain stays { 0 },
 * when there is none or one cannot be read; the message says which. */
int pve_chain_parse(struct pve_chain *chain, struct pve_span pem, struct pve_err *e);
void pve_chain_done(struct pve_chain *chain);

/* Does the key belong to the first certificate? */
bool pve_chain_has_key(const struct pve_chain *chain, const struct pve_pkey *key);
/* 0 when each certificate is signed by the one behind it; else PVE_DATA with the place. */
int pve_chain_check_order(const struct pve_chain *chain, struct pve_err *e);
/* Is the first certificate for this name?  Wildcards match as RFC 6125 says. */
bool pve_chain_is_for(const struct pve_chain *chain, const char *name);
/* Is it its own issuer? */
bool pve_cert_self_signed(const struct pve_cert *cert);

/* Adds a request in DER for exactly these names: no common name, no extension but
 * subjectAltName (RFC 8555, section 7.4).  PVE_USAGE for an address that is none. */
int pve_csr(const struct pve_pkey *key, const struct pve_name *names, size_t n,
	    struct pve_buf *der, struct pve_err *e);

/* Adds a self-signed certificate in PEM for one name with the critical extension acmeIdentifier
 * that holds the digest of 32 bytes (RFC 8737, section 3). */
int pve_cert_alpn(const struct pve_pkey *key, const struct pve_name *name,
		  const unsigned char digest[32], struct pve_buf *pem, struct pve_err *e);

/* PVE_NAME_IP when text is an IPv4 or IPv6 address, else PVE_NAME_DNS. */
enum pve_name_type pve_name_type(const char *text);

#endif
