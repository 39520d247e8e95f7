/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pin.h"

#include <ctype.h>
#include <string.h>

#define PREFIX NET_PIN_DIR "/50-pmx-"
#define SUFFIX ".link"

bool net_pin_is_path(const char *path)
{
	size_t len = strlen(path), head = strlen(PREFIX), tail = strlen(SUFFIX);

	return len > head + tail && memcmp(path, PREFIX, head) == 0 &&
	       strcmp(path + len - tail, SUFFIX) == 0 && !strchr(path + head, '/');
}

char *net_pin_name_of(const char *path)
{
	const char *name = path + strlen(PREFIX);

	return pve_strndup(name, strlen(name) - strlen(SUFFIX));
}

char *net_pin_path(const char *name)
{
	return pve_asprintf(PREFIX "%s" SUFFIX, name);
}

bool net_pin_is_mac(struct pve_span s)
{
	if (s.len != 17)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (i % 3 == 2 ? s.p[i] != ':' : !isxdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

void net_pin_format(const struct net_pin *pin, struct pve_buf *out)
{
	if (pin->was)
		pve_buf_printf(out, "# FormerName=%s\n", pin->was);
	pve_buf_printf(out, "[Match]\nMACAddress=%s\nType=ether\n\n[Link]\nName=%s\n", pin->mac,
		       pin->name);
}

/* The value of a line "KEY=VALUE" in the arena; NULL when it is another line, or the value is
 * empty or has a NUL byte. */
static const char *value_of(struct pve_span line, const char *key, struct pve_arena *mem)
{
	size_t n = strlen(key);
	struct pve_span v;

	if (!pve_span_starts(line, key))
		return NULL;
	v = pve_span_trim((struct pve_span){line.p + n, line.len - n});
	return v.len && !memchr(v.p, '\0', v.len) ? pve_arena_memdup(mem, v.p, v.len) : NULL;
}

static const char *mac_of(struct pve_span line, struct pve_arena *mem)
{
	char *mac = (char *)value_of(line, "MACAddress=", mem);

	if (!mac || !net_pin_is_mac(pve_span(mac)))
		return NULL;
	for (char *c = mac; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return mac;
}

bool net_pin_parse(struct pve_span text, struct pve_arena *mem, struct net_pin *pin)
{
	struct net_pin own = {0};

	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len), *v;
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) : text.len};

		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
		line = pve_span_trim(line);
		if ((v = value_of(line, "# FormerName=", mem)))
			own.was = v;
		else if ((v = value_of(line, "Name=", mem)))
			own.name = v;
		else if ((v = mac_of(line, mem)))
			own.mac = v;
	}
	if (!own.name || !own.mac)
		return false;
	*pin = own;
	return true;
}
