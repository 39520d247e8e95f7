/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pins.h"

#include <fnmatch.h>
#include <regex.h>

#include "pvecommon/buf.h"
#include "pvecommon/deb822.h"
#include "pvecommon/num.h"

#define DEFAULT_RELEASE 990

/* --- reading ----------------------------------------------------------------------- */

static struct repo_pin *add(struct repo_pins *p, const struct repo_pin *pin)
{
	p->v = pve_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n] = *pin;
	return &p->v[p->n++];
}

static char *copy(struct repo_pins *p, struct pve_span s)
{
	return pve_arena_memdup(&p->mem, s.len ? s.p : "", s.len);
}

/* "o=Debian,a=stable", or one word that is a version, an archive or a codename. */
static void release_parse(struct repo_pins *p, struct repo_pin *pin)
{
	struct pve_span rest = pve_span(pin->data);

	if (strcmp(pin->data, "*") == 0) {
		pin->all = true;
		return;
	}
	if (!strchr(pin->data, '=')) {
		if (*pin->data >= '0' && *pin->data <= '9')
			pin->version = pin->data;
		else if (*pin->data)
			pin->either = pin->data;
		return;
	}
	while (rest.len) {
		const char *comma = memchr(rest.p, ',', rest.len);
		struct pve_span part = {rest.p, comma ? (size_t)(comma - rest.p) : rest.len};
		const struct {
			char letter;
			const char **to;
		} keys[] = {{'v', &pin->version},  {'o', &pin->origin}, {'a', &pin->archive},
			    {'n', &pin->codename}, {'l', &pin->label},  {'c', &pin->component},
			    {'b', &pin->file_arch}};

		rest.p += part.len + !!comma;
		rest.len -= part.len + !!comma;
		part = pve_span_trim(part);
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (part.len > 2 && part.p[1] == '=' &&
			    (part.p[0] | 0x20) == keys[i].letter)
				*keys[i].to = copy(p, (struct pve_span){part.p + 2, part.len - 2});
	}
}

static void origin_parse(struct repo_pins *p, struct repo_pin *pin)
{
	size_t n = strlen(pin->data);

	if (n >= 2 && pin->data[0] == '"' && pin->data[n - 1] == '"')
		pin->data = copy(p, (struct pve_span){pin->data + 1, n - 2});
}

/* "release a=stable": 0, or -1 when apt would pass over it. */
static int pin_parse(struct repo_pins *p, struct repo_pin *pin, struct pve_span value)
{
	struct pve_span type = pve_span_word(&value);

	pin->data = copy(p, pve_span_trim(value));
	if (type.len == 7 && strncasecmp(type.p, "version", 7) == 0 && pin->package)
		pin->type = REPO_PIN_VERSION;
	else if (type.len == 7 && strncasecmp(type.p, "release", 7) == 0)
		pin->type = REPO_PIN_RELEASE;
	else if (type.len == 6 && strncasecmp(type.p, "origin", 6) == 0)
		pin->type = REPO_PIN_ORIGIN;
	else
		return -1;
	if (pin->type == REPO_PIN_RELEASE)
		release_parse(p, pin);
	else if (pin->type == REPO_PIN_ORIGIN)
		origin_parse(p, pin);
	return 0;
}

/* NULL, or what is wrong. */
static const char *priority_parse(struct repo_pin *pin, struct pve_span value)
{
	PVE_FREE char *text = pve_strndup(value.len ? value.p : "", value.len);
	char *digits = text + (*text == '+' || *text == '-');
	long v;

	if (strcmp(text, "never") == 0) {
		pin->priority = REPO_PIN_NEVER;
		return pin->package ? "the priority 'never' is only for 'Package: *'" : NULL;
	}
	digits[strspn(digits, "0123456789")] = '\0'; /* apt reads no further, either */
	if (strlen(digits) > 9)
		return "the priority is no number from -32768 to 32767";
	v = strtol(text, NULL, 10);
	if (v < SHRT_MIN || v > SHRT_MAX)
		return "the priority is no number from -32768 to 32767";
	if (v == 0)
		return "the priority is 0 or missing";
	pin->priority = v == REPO_PIN_NEVER ? REPO_PIN_NEVER + 1 : (int)v;
	return NULL;
}

/* One word of the field Package. */
static void name_parse(struct repo_pins *p, struct repo_pin *pin, struct pve_span word)
{
	char *name, *colon;

	pin->source = pve_span_starts(word, "src:");
	if (pin->source)
		word.p += 4, word.len -= 4;
	name = copy(p, word);
	colon = strrchr(name, ':');
	pin->arch = colon ? colon + 1 : NULL;
	if (colon)
		*colon = '\0';
	pin->package = name;
}

static unsigned line_at(struct pve_span text, const char *at)
{
	unsigned line = 1;

	for (const char *c = text.p; c < at; c++)
		line += *c == '\n';
	return line;
}

static void record_parse(struct repo_pins *p, struct repo_pin pin, struct pve_span stanza,
			 struct pve_diags *d)
{
	struct pve_span names = pve_deb822_get(stanza, "Package"), rest = stanza, name, value;
	struct pve_span text = pve_deb822_get(stanza, "Pin");
	const char *wrong;

	if (!pve_deb822_field(&rest, &name, &value))
		return; /* nothing but comments */
	if (!names.len) {
		pve_diags_add(d, PVE_ERROR, pin.file, pin.line, "a record without a field Package");
		return;
	}
	if (!text.p)
		return;
	pin.package = pve_span_eq(names, "*") ? NULL : "";
	if (pin_parse(p, &pin, text) < 0) {
		pve_diags_add(d, PVE_WARNING, pin.file, pin.line,
			      "the type of pin '%.*s' is not known, and the record not used",
			      PVE_SPAN_ARG(text));
		return;
	}
	wrong = priority_parse(&pin, pve_deb822_get(stanza, "Pin-Priority"));
	if (wrong) {
		pve_diags_add(d, PVE_ERROR, pin.file, pin.line, "%s", wrong);
		return;
	}
	if (!pin.package)
		add(p, &pin);
	while (pin.package && pve_deb822_line(&names, &value))
		while ((name = pve_span_word(&value)).len) {
			name_parse(p, &pin, name);
			add(p, &pin);
		}
}

void repo_pins_parse(struct repo_pins *p, const char *file, struct pve_span text,
		     struct pve_diags *d)
{
	struct pve_span rest = text, stanza;
	struct repo_pin pin = {.file = pve_arena_strdup(&p->mem, file)};

	while (pve_deb822_next(&rest, &stanza)) {
		pin.line = line_at(text, stanza.p);
		record_parse(p, pin, stanza, d);
	}
}

void repo_pins_default_release(struct repo_pins *p, const char *release)
{
	struct repo_pin pin = {.type = REPO_PIN_RELEASE,
			       .data = pve_arena_strdup(&p->mem, release),
			       .priority = DEFAULT_RELEASE,
			       .file = "APT::Default-Release"};

	release_parse(p, &pin);
	add(p, &pin);
}

/* --- matching ---------------------------------------------------------------------- */

/* /regex/ or glob, in any case. */
static bool matches(const char *pattern, const char *text)
{
	size_t n = strlen(pattern);
	PVE_FREE char *inner = NULL;
	regex_t re;
	bool hit;

	if (!text)
		return false;
	if (n < 2 || pattern[0] != '/' || pattern[n - 1] != '/')
		return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
	inner = pve_strndup(pattern + 1, n - 2);
	if (regcomp(&re, inner, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	hit = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return hit;
}

static bool fits(const char *pattern, const char *text)
{
	return !pattern || matches(pattern, text);
}

/* "1.2*" is any that begins so. */
static bool version_matches(const char *pattern, const char *version)
{
	size_t n = strlen(pattern);

	if (!version)
		return false;
	if (n && pattern[n - 1] == '*')
		return strncasecmp(pattern, version, n - 1) == 0 || matches(pattern, version);
	return strcasecmp(pattern, version) == 0 || matches(pattern, version);
}

static bool release_matches(const struct repo_pin *pin, const struct repo_pin_list *l)
{
	if (pin->all)
		return true;
	if (!pin->version && !pin->origin && !pin->archive && !pin->codename && !pin->label &&
	    !pin->component && !pin->file_arch && !pin->either)
		return false;
	if (l->status) /* apt has it as a list of the archive and component "now" */
		return fits(pin->archive, "now") && fits(pin->either, "now") && !pin->origin &&
		       !pin->label && !pin->version && !pin->codename &&
		       fits(pin->component, "now") && !pin->file_arch;
	return (!pin->version || version_matches(pin->version, l->version)) &&
	       fits(pin->origin, l->origin) && fits(pin->archive, l->archive) &&
	       fits(pin->codename, l->codename) && fits(pin->label, l->label) &&
	       (fits(pin->either, l->archive) || fits(pin->either, l->codename)) &&
	       fits(pin->component, l->component) && fits(pin->file_arch, l->arch);
}

static bool list_matches(const struct repo_pin *pin, const struct repo_pin_list *l)
{
	if (pin->type == REPO_PIN_ORIGIN)
		return !l->status && matches(pin->data, l->site);
	return release_matches(pin, l);
}

int repo_pins_list_priority(const struct repo_pins *p, const struct repo_pin_list *list,
			    int otherwise, const struct repo_pin **by)
{
	const struct repo_pin *first = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct repo_pin *pin = &p->v[i];

		if (pin->package || (first && pin->priority != REPO_PIN_NEVER) ||
		    !list_matches(pin, list))
			continue;
		first = pin;
		if (pin->priority == REPO_PIN_NEVER)
			break;
	}
	if (by)
		*by = first;
	return first ? first->priority : otherwise;
}

/* Of a package: exactly, unless it is a pattern. */
static bool name_matches(const char *name, const char *text)
{
	size_t n = strlen(name);

	if (!strpbrk(name, "*[?") && (n < 2 || name[0] != '/' || name[n - 1] != '/'))
		return text && strcmp(name, text) == 0;
	return matches(name, text);
}

static bool arch_matches(const char *arch, const struct repo_pin_version *v)
{
	if (!arch || strcmp(arch, "native") == 0)
		return v->native;
	return strcmp(arch, "any") == 0 || matches(arch, v->arch);
}

const struct repo_pin *repo_pins_match(const struct repo_pins *p, const struct repo_pin_version *v)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct repo_pin *pin = &p->v[i];

		if (!pin->package || !arch_matches(pin->arch, v) ||
		    !name_matches(pin->package, pin->source ? v->source : v->package))
			continue;
		if (pin->type == REPO_PIN_VERSION) {
			if (version_matches(pin->data, v->version))
				return pin;
			continue;
		}
		for (size_t l = 0; l < v->nlists; l++)
			if (list_matches(pin, v->list[l]))
				return pin;
	}
	return NULL;
}

bool repo_pins_want_source(const struct repo_pins *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].package && p->v[i].source)
			return true;
	return false;
}

void repo_pins_done(struct repo_pins *p)
{
	free(p->v);
	pve_arena_done(&p->mem);
	*p = (struct repo_pins){0};
}
