/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SUBSCRIPTION_H
#define PVE_REPO_SUBSCRIPTION_H

#include <stdint.h>
#include <time.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * The subscription of a host as its own file /etc/subscription says: the key, a checksum, and
 * base64 of a JSON object (PVE::Subscription of Proxmox VE 5 to 7; its library proxmox-subscription
 * since).  Nothing is asked over the network.  Pure.
 */
enum repo_sub_status {
	REPO_SUB_NONE,     /* no file, or an empty one */
	REPO_SUB_NEW,      /* a key that was never checked */
	REPO_SUB_ACTIVE,
	REPO_SUB_NOTFOUND, /* the others as the file has them */
	REPO_SUB_INVALID,  /* also: the file does not fit itself, or is too old; see why */
	REPO_SUB_EXPIRED,
	REPO_SUB_SUSPENDED,
};

struct repo_subscription {
	enum repo_sub_status status;
	char key[40];        /* with all but its kind masked: "pve2c-******" */
	char raw_key[40];    /* for comparing; never shown */
	unsigned sockets;    /* 0: the key is none of Proxmox VE */
	const char *level;   /* "community", "basic", ...; NULL */
	int64_t checked;     /* seconds since the epoch; 0: never */
	char due[32];        /* as the file has it: "2026-11-01" */
	char server[80];     /* id of the server; never shown whole */
	bool is_signed;      /* an offline key, valid longer */
	char why[160];       /* why it is invalid */
};

#define REPO_SUBSCRIPTION "/etc/subscription"

void repo_subscription_parse(struct repo_subscription *s, struct pve_span text, time_t now);
const char *repo_subscription_status(enum repo_sub_status s);

/* What apt sends to a host: the entry of auth.conf(5) that matches. */
struct repo_auth {
	const char *file;
	unsigned line;
	char login[80], password[160]; /* never shown */
	struct repo_place {
		size_t at, len; /* of the word in the file; 0: there is none */
	} login_place, password_place;
	bool found;
};

/* Looks in one file for the first entry of which the machine is a prefix of "HOST/PATH", as apt
 * does for https; nothing changes when *a was found before. */
void repo_auth_find(struct repo_auth *a, struct pve_span text, const char *file,
		    const char *host_path);

#endif
