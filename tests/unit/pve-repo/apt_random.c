/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our reading of generated source lists is the real apt's, and what we edit, convert, disable or
 * repair the real apt accepts and reads as we do.  PVE_APT_CASES (2000) says how many are made and
 * PVE_APT_SEED (1) of what they are made; each is its own seed, which a failure tells. */
#include "apt_oracle.h"
#include "pve-repo/convert.h"
#include "pve-repo/repair.h"
#include "pve-repo/suite.h"

static uint64_t state;

static unsigned pick(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

#define ONE(...)                                                                                   \
	({                                                                                         \
		static const char *const one[] = {__VA_ARGS__};                                    \
		one[pick(sizeof(one) / sizeof(*one))];                                             \
	})

static const char *blank(void)
{
	return ONE(" ", " ", " ", " ", " ", " ", " ", "\t", "  ", " \t ", "\r", "\v", "\f");
}

static const char *uri(void)
{
	return ONE("http://h/d", "http://h/d", "http://i/e", "http://h/d/", "https://h/d", "http://h//d", "http://u:p@h/d",
		   "http://h:80/d", "cdrom:[A b # 1]/", "file:/a\"b c\"/d", "http://i/$(ARCH)", "x",
		   "http://h/%41", "http://[::1]/x", "file:///e", "\"http://h/d\"", "http://h/#d");
}

static const char *suite(void)
{
	return ONE("s", "s", "s", "s", "s", "t", "t", "u", "v", "s/updates", "./", "/", "a/b/", "$(ARCH)/", "\"s\"", "%73", "s-x",
		   "x+y", "[s]");
}

static const char *component(void)
{
	return ONE("c", "c", "c", "c", "c", "d", "d", "main", "main", "\"c d\"", "c\"d", "c,d", "%20", "#c", "c#", "[c d]", "\\",
		   "]", "\xe9");
}

static const char *value(void)
{
	return ONE("amd64", "i386", "amd64,i386", "arm64", "all", "yes", "no", "none", "en", "fr", "/k",
		   "/l", "x", "force", "", ",", "\"a b\"", "ABCDEF0123456789ABCDEF0123456789ABCDEF01",
		   "1", "0", "Packages", "a[b]c", "%5d");
}

static void option(struct pve_buf *b)
{
	pve_buf_puts(b, ONE("arch", "arch", "arch+", "arch-", "lang", "lang+", "lang-", "target",
			    "target-", "signed-by", "trusted", "pdiffs", "by-hash", "Packages",
			    "Signed-By", "check-date", "valid-until-min", "allow-insecure", "x"));
	pve_buf_puts(b, pick(12) ? "=" : ONE("", "==", " = "));
	pve_buf_puts(b, value());
}

static void line(struct pve_buf *b)
{
	pve_buf_puts(b, ONE("", "", "", "", "", " ", "\t", "#", "# "));
	pve_buf_puts(b, pick(16) ? ONE("deb", "deb", "deb-src") : ONE("Deb", "x"));
	pve_buf_puts(b, blank());
	if (!pick(3)) {
		pve_buf_puts(b, ONE("[", "[", "[ "));
		for (unsigned n = pick(4); n; n--) {
			option(b);
			pve_buf_puts(b, n > 1 ? blank() : ONE("", "", " "));
		}
		pve_buf_puts(b, pick(10) ? "]" : ONE("][", ""));
		pve_buf_puts(b, pick(12) ? blank() : "");
	}
	pve_buf_puts(b, uri());
	pve_buf_puts(b, blank());
	pve_buf_puts(b, suite());
	for (unsigned n = pick(3) + !!pick(8); n; n--) {
		pve_buf_puts(b, blank());
		pve_buf_puts(b, component());
	}
	pve_buf_puts(b, ONE("", "", "", " ", " # x", "#x", "", "", " [#", "\\"));
	pve_buf_puts(b, ONE("\n", "\n", "\n", "\r\n", "\n\n", "\n# x\n"));
}

static const char *eol(void)
{
	return ONE("\n", "\n", "\n", "\n", "\n", "\n# x\n", " \n", "\r\n", "\n \n", "\n");
}

static void field(struct pve_buf *b, const char *name, const char *(*word)(void), unsigned most)
{
	pve_buf_puts(b, name);
	pve_buf_puts(b, pick(20) ? ONE(":", ":", ": ", " :", ":\n ", ":\n\t") : ONE(":\n", ""));
	for (unsigned n = pick(most + 1) + !!pick(20); n; n--) {
		pve_buf_puts(b, ONE(" ", " ", " ", "\t", "\n ", "\n\t", "\n# x\n ", "\n #", ","));
		pve_buf_puts(b, word());
	}
	pve_buf_puts(b, eol());
}

static const char *type(void)
{
	return pick(16) ? ONE("deb", "deb", "deb-src") : "rpm";
}

static const char *yes_no(void)
{
	return ONE("yes", "no", "no", "off", "0", "1", "nope", "no # x", "FALSE");
}

static void stanza(struct pve_buf *b)
{
	unsigned order = pick(4);

	if (order)
		field(b, pick(16) ? ONE("Types", "types") : "Type", type, 1);
	field(b, ONE("URIs", "URIs", "URIs", "uris"), uri, 1);
	field(b, "Suites", suite, 1);
	if (pick(5))
		field(b, "Components", component, 2);
	if (!pick(4))
		field(b, "Enabled", yes_no, 0);
	for (unsigned n = pick(3); n; n--)
		field(b, ONE("Architectures", "Architectures-Add", "Architectures-Remove",
			     "Languages", "Targets", "Signed-By", "Trusted", "PDiffs", "By-Hash",
			     "X-Y", "Types", "Components", "garbage", "Allow-Insecure"),
		      value, 1);
	if (!order)
		field(b, "Types", type, 0);
	pve_buf_puts(b, ONE("\n", "\n", "\n", "\r\n", " \n", "\n#x\n\n", "\n\n", "x\n", ""));
}

/* A few bytes are replaced, put in or taken out. */
static void mutate(struct pve_buf *b)
{
	static const char bytes[] = " \t\r\n#[]\"%:/,=.-$AaB0z\\\v";

	for (unsigned n = pick(3); n && b->len; n--) {
		size_t at = pick((unsigned)b->len);
		char c = bytes[pick(sizeof(bytes) - 1)];

		if (!pick(3)) {
			memmove(b->data + at, b->data + at + 1, b->len - at - 1);
			b->len--;
		} else if (!pick(2)) {
			pve_buf_putc(b, c);
			memmove(b->data + at + 1, b->data + at, b->len - at - 1);
			b->data[at] = c;
		} else {
			b->data[at] = c;
		}
	}
}

static unsigned commented, repaired; /* cases of these kinds */

/* --- what edits leave ------------------------------------------------------------------ */

/* Text that came out of an edit of what apt accepts: apt accepts it, and reads it as we do. */
static bool is_accepted(struct oracle *o, const char *name, const struct pve_buf *text)
{
	struct oracle_file f = {name, {pve_buf_str(text), text->len}};
	struct repo_sources s = {.arch = "amd64"};
	bool good;

	repo_sources_add(&s, strcmp(name, "sources.list") == 0 ? "/x.list" : "/x.sources", f.text);
	repo_sources_conflicts(&s);
	good = s.diags.errors == 0 && oracle_same(o, &f, 1);
	if (!good)
		print_error("after an edit:\n%.*s\n", PVE_SPAN_ARG(f.text));
	repo_sources_done(&s);
	return good;
}

static bool edited_is_accepted(struct oracle *o, const char *name, struct repo_sources *s)
{
	const struct repo_part whole = {REPO_WHOLE, NULL};
	struct repo_entry *e = s->entry[pick((unsigned)s->nentries)];
	bool good = true;

	for (int change = REPO_DISABLE; good && change <= REPO_REMOVE; change++) {
		struct repo_edits edits = {0};
		PVE_BUF out = {0};

		repo_edit_change(&edits, e, (enum repo_change)change, &whole);
		repo_edits_apply(&edits, e->file->text, &out);
		repo_edits_done(&edits);
		good = is_accepted(o, name, &out);
	}
	return good;
}

static bool converted_is_accepted(struct oracle *o, struct repo_sources *s)
{
	bool lines = s->file[0]->format == REPO_LIST;
	struct pve_diags d = {0};
	PVE_BUF out = {0};
	bool good = true;

	repo_convert(s, s->file[0], lines ? REPO_SOURCES : REPO_LIST, &out, &d);
	if (!d.errors)
		good = is_accepted(o, lines ? "y.sources" : "sources.list", &out);
	pve_diags_done(&d);
	return good;
}

/* As "pve-repo repair" does it; what would be refused is not written. */
static bool repaired_is_accepted(struct oracle *o, const char *name, struct repo_sources *s)
{
	struct repo_sources after = {.arch = "amd64"};
	struct repo_edits edits = {0};
	PVE_BUF out = {0};
	bool any = false, good = true;

	for (size_t i = 0; i < s->nentries; i++)
		any |= repo_repair_all(&edits, s->entry[i]);
	if (any) {
		repo_edits_apply(&edits, s->file[0]->text, &out);
		repo_sources_add(&after, s->file[0]->path, (struct pve_span){pve_buf_str(&out), out.len});
		repo_sources_conflicts(&after);
		good = after.diags.errors || is_accepted(o, name, &out);
		repaired += !after.diags.errors;
		repo_sources_done(&after);
	}
	repo_edits_done(&edits);
	return good;
}

/* The first thing that apt refuses, but for entries that cannot stand together; or NULL. */
static const struct pve_diag *first_refused(const struct repo_sources *s)
{
	for (size_t i = 0; i < s->diags.n; i++)
		if (!repo_is_conflict(&s->diags.v[i]))
			return &s->diags.v[i];
	return NULL;
}

/* Each stanza or line that apt refuses is made a comment, until it refuses none: that ends. */
static bool commented_is_accepted(struct oracle *o, const struct oracle_file *f)
{
	const char *path = strcmp(f->name, "sources.list") == 0 ? "/x.list" : "/x.sources";
	PVE_FREE char *text = pve_strndup(f->text.p, f->text.len);
	size_t len = f->text.len;

	/* (The text has no NUL byte.) */
	for (unsigned n = 0;; n++) {
		struct repo_sources s = {.arch = "amd64"};
		struct repo_edits edits = {0};
		struct pve_buf out = {0};
		const struct pve_diag *d;
		bool conflicts;

		repo_sources_add(&s, path, (struct pve_span){text, len});
		repo_sources_conflicts(&s);
		d = first_refused(&s);
		if (d)
			repo_edit_comment(&edits, s.file[0], d->line);
		repo_edits_apply(&edits, s.file[0]->text, &out);
		repo_edits_done(&edits);
		conflicts = s.diags.n != 0;
		if (d && out.len <= len) {
			print_error("%u: nothing became a comment:\n%s\n", d->line, text);
			return false;
		}
		repo_sources_done(&s);
		if (!d) {
			bool good = !n || conflicts || is_accepted(o, f->name, &out);

			commented += n && !conflicts;
			pve_buf_done(&out);
			return good;
		}
		free(text);
		len = out.len;
		text = pve_buf_take(&out);
	}
}

/* One case in four that apt accepts is edited in every way, and one in four that it refuses is
 * made good. */
static bool edits_are_accepted(struct oracle *o, const struct oracle_file *f)
{
	struct repo_sources s = {.arch = "amd64"};
	bool good = true;

	repo_sources_add(&s, strcmp(f->name, "sources.list") == 0 ? "/x.list" : "/x.sources", f->text);
	repo_sources_conflicts(&s);
	if (!s.diags.errors && s.nentries && !pick(4))
		good = edited_is_accepted(o, f->name, &s) && converted_is_accepted(o, &s);
	else if (s.diags.errors && !memchr(f->text.p, '\0', f->text.len) && !pick(4))
		good = commented_is_accepted(o, f);
	if (good && !s.diags.errors)
		good = repaired_is_accepted(o, f->name, &s);
	repo_sources_done(&s);
	return good;
}

static bool one(struct oracle *o, uint64_t seed)
{
	PVE_BUF text = {0};
	struct oracle_file f = {"sources.list", {0}};
	bool is_stanza;

	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < 8; i++)
		pick(2);
	is_stanza = pick(2);
	for (unsigned n = 1 + pick(3); n; n--)
		if (is_stanza)
			stanza(&text);
		else
			line(&text);
	if (!pick(3))
		mutate(&text);
	if (is_stanza)
		f.name = "x.sources";
	f.text = (struct pve_span){text.data, text.len};
	if (oracle_same(o, &f, 1) && edits_are_accepted(o, &f))
		return true;
	print_error("seed %llu\n", (unsigned long long)seed);
	return false;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v ? strtoull(v, NULL, 10) : otherwise;
}

static void generated_files_are_read_as_by_apt(void **unused)
{
	uint64_t seed = setting("PVE_APT_SEED", 1), cases = setting("PVE_APT_CASES", 2000);
	uint64_t n = cases;
	struct oracle o;
	unsigned bad = 0;

	(void)unused;
	oracle_new(&o);
	for (; n && bad < 5; n--, seed++)
		bad += !one(&o, seed);
	print_message("%u of %llu are not empty and not refused; %u refused ones were disabled, %u "
		      "repaired\n", o.used, (unsigned long long)cases, commented, repaired);
	oracle_done(&o);
	assert_int_equal(bad, 0);
	/* Most are refused, but not nearly all. */
	assert_true(o.used > cases / 10);
	assert_true(commented > cases / 50 && repaired > cases / 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_files_are_read_as_by_apt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
