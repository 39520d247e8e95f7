/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "pvecommon/cmd_impl.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define GLOBAL(field) offsetof(struct cmd_globals, field)

const struct pve_opt cmd_global_opts[] = {
	{0, "root", PVE_OPT_STR, GLOBAL(root), "DIR",
	 "act on the host tree under DIR, with no effect outside"},
	{'n', "dry-run", PVE_OPT_FLAG, GLOBAL(dry_run), NULL, "print the plan, change nothing"},
	{'y', "yes", PVE_OPT_FLAG, GLOBAL(yes), NULL,
	 "do not ask before something that destroys data"},
	{'o', "output", PVE_OPT_STR, GLOBAL(output), "COLS",
	 "columns to print, separated by commas; +COL adds one"},
	{'H', "no-header", PVE_OPT_FLAG, GLOBAL(no_header), NULL,
	 "for scripts: no header, tab-separated, exact numbers"},
	{0, "json", PVE_OPT_FLAG, GLOBAL(json), NULL, "the rows as JSON, an array of objects"},
	{'q', "quiet", PVE_OPT_FLAG, GLOBAL(quiet), NULL, "say nothing but errors"},
	{'v', "verbose", PVE_OPT_COUNT, GLOBAL(verbose), NULL, "say what is done; twice: say more"},
	{0, "color", PVE_OPT_CHOICE, GLOBAL(color), "WHEN", "colour the output",
	 .choices = "auto always never"},
	{0, "wait", PVE_OPT_DURATION, GLOBAL(wait), "SECONDS",
	 "wait that long for another run to end (default 10)"},
	{'h', "help", PVE_OPT_FLAG, GLOBAL(help), NULL, "print help and exit"},
	{0, "version", PVE_OPT_FLAG, GLOBAL(version), NULL, "print the version and exit"},
	{0},
};

/* What is left of argv. */
struct cursor {
	char **v;
	int n, i;
};

const struct pve_cmd *cmd_at(const struct pve_tool *tool, size_t i)
{
	size_t n = 0;

	for (; tool->cmds[n].name; n++)
		if (n == i)
			return &tool->cmds[n];
	return cmd_builtins[i - n].name ? &cmd_builtins[i - n] : NULL;
}

const struct pve_cmd *cmd_find(const struct pve_tool *tool, const char *name)
{
	const struct pve_cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++)
		if (strcmp(cmd->name, name) == 0 || (cmd->alias && strcmp(cmd->alias, name) == 0))
			return cmd;
	return NULL;
}

/* What the user may have meant: the nearest name or, since abbreviations are not taken, the
 * only one that starts with the word. */
static const char *meant(const char *word, const struct pve_strv *names)
{
	const char *found = NULL;

	if (!names->n)
		return NULL;
	for (size_t i = 0; *word && i < names->n; i++) {
		if (strncmp(names->v[i], word, strlen(word)) != 0)
			continue;
		if (found)
			return pve_str_nearest(word, (const char *const *)names->v);
		found = names->v[i];
	}
	return found ? found : pve_str_nearest(word, (const char *const *)names->v);
}

const struct pve_cmd *cmd_lookup(const struct pve_tool *tool, const char *name, struct pve_err *e)
{
	const struct pve_cmd *cmd = cmd_find(tool, name);
	PVE_STRV names = {0};
	const char *near;

	if (cmd)
		return cmd;
	for (size_t i = 0; (cmd = cmd_at(tool, i)); i++) {
		pve_strv_add(&names, cmd->name);
		if (cmd->alias)
			pve_strv_add(&names, cmd->alias);
	}
	near = meant(name, &names);
	if (near)
		pve_err_set(e, PVE_USAGE, "unknown command '%s'; did you mean '%s'?", name, near);
	else
		pve_err_set(e, PVE_USAGE, "unknown command '%s'; see '%s help'", name, tool->name);
	return NULL;
}

static const struct pve_opt *find_in(const struct pve_opt *opts, struct pve_span name, char letter)
{
	for (; opts && opts->name; opts++)
		if (letter ? opts->letter == letter : pve_span_eq(name, opts->name))
			return opts;
	return NULL;
}

/* By letter or, when that is 0, by name; *base is the struct its field is in. */
static const struct pve_opt *find_opt(struct cmd_line *line, struct pve_span name, char letter,
				      void **base)
{
	const struct pve_opt *opt = find_in(cmd_global_opts, name, letter);

	*base = &line->g;
	if (!opt && line->cmd) {
		opt = find_in(line->cmd->opts, name, letter);
		*base = line->opts;
	}
	return opt;
}

static void add_names(struct pve_strv *names, const struct pve_opt *opts)
{
	for (; opts && opts->name; opts++)
		if (cmd_opt_shown(opts))
			pve_strv_add(names, opts->name);
}

static int unknown_option(const struct cmd_line *line, struct pve_span name, struct pve_err *e)
{
	PVE_FREE char *word = pve_strndup(name.p, name.len);
	PVE_STRV names = {0};
	const char *near;

	add_names(&names, cmd_global_opts);
	if (line->cmd)
		add_names(&names, line->cmd->opts);
	near = meant(word, &names);
	if (near)
		return pve_err_set(e, PVE_USAGE, "unknown option '--%s'; did you mean '--%s'?",
				   word, near);
	return pve_err_set(e, PVE_USAGE, "unknown option '--%s'; see '%s help%s%s'", word,
			   line->tool->name, line->cmd ? " " : "",
			   line->cmd ? line->cmd->name : "");
}

static int set_number(const struct pve_opt *opt, uint64_t *field, const char *value,
		      struct pve_err *e)
{
	uint64_t max = opt->max ? opt->max : UINT64_MAX;

	switch (opt->kind) {
	case PVE_OPT_UINT:
		return pve_num_u64(value, opt->min, max, field, e);
	case PVE_OPT_SIZE:
		return pve_num_size(value, opt->min, max, field, e);
	default:
		return pve_num_duration(value, opt->min, max, field, e);
	}
}

static int set_choice(const struct pve_opt *opt, const char **field, const char *value,
		      struct pve_err *e)
{
	struct pve_strv words = {0};
	bool known;

	pve_strv_split(&words, pve_span(opt->choices), " ");
	known = pve_strv_has(&words, value);
	pve_strv_done(&words);
	if (!known)
		return pve_err_set(e, PVE_USAGE, "'%s' is none of: %s", value, opt->choices);
	*field = value;
	return 0;
}

/* Sets the option's field below base; value is NULL for those that take none. */
static int set_opt(const struct pve_opt *opt, void *base, const char *value, struct pve_err *e)
{
	void *field = (char *)base + opt->offset;
	int rc = 0;

	switch (opt->kind) {
	case PVE_OPT_FLAG:
		*(bool *)field = true;
		break;
	case PVE_OPT_COUNT:
		++*(int *)field;
		break;
	case PVE_OPT_STR:
		*(const char **)field = value;
		break;
	case PVE_OPT_LIST:
		pve_strv_add(field, value);
		break;
	case PVE_OPT_UINT:
	case PVE_OPT_SIZE:
	case PVE_OPT_DURATION:
		rc = set_number(opt, field, value, e);
		break;
	case PVE_OPT_CHOICE:
		rc = set_choice(opt, field, value, e);
		break;
	}
	return rc < 0 ? pve_err_prefix(e, "option '--%s'", opt->name) : 0;
}

/* The word behind the current one as the option's value; NULL when there is none. */
static const char *next_value(const struct pve_opt *opt, struct cursor *c, struct pve_err *e)
{
	if (c->i + 1 < c->n)
		return c->v[++c->i];
	pve_err_set(e, PVE_USAGE, "option '--%s' needs a value: %s", opt->name, opt->arg);
	return NULL;
}

/* "name", "name=value" or "name value" at the cursor, behind one dash or two. */
static int parse_long(struct cmd_line *line, struct cursor *c, struct pve_err *e)
{
	const char *word = c->v[c->i] + 1 + (c->v[c->i][1] == '-'), *value = NULL;
	struct pve_span name = {word, strcspn(word, "=")};
	const struct pve_opt *opt;
	void *base;

	opt = find_opt(line, name, 0, &base);
	if (!opt)
		return unknown_option(line, name, e);
	if (word[name.len] == '=')
		value = word + name.len + 1;
	if (!cmd_opt_takes_value(opt)) {
		if (value)
			return pve_err_set(e, PVE_USAGE, "option '--%s' takes no value", opt->name);
	} else if (!value && !(value = next_value(opt, c, e))) {
		return -1;
	}
	return set_opt(opt, base, value, e);
}

static int unknown_letter(struct cmd_line *line, const char *word, const char *p, struct pve_err *e)
{
	size_t n = pve_utf8_len(pve_span(p));
	void *base;

	if (find_opt(line, pve_span(word), 0, &base))
		return pve_err_set(e, PVE_USAGE, "unknown option '-%s'; did you mean '--%s'?", word,
				   word);
	return pve_err_set(e, PVE_USAGE, "unknown option '-%.*s'; see '%s help%s%s'",
			   n ? (int)n : 1, p, line->tool->name, line->cmd ? " " : "",
			   line->cmd ? line->cmd->name : "");
}

/* "-x", "-xy", "-xvalue" or "-x value" at the cursor. */
static int parse_letters(struct cmd_line *line, struct cursor *c, struct pve_err *e)
{
	const char *word = c->v[c->i] + 1;

	for (const char *p = word; *p; p++) {
		const char *value = NULL;
		void *base;
		const struct pve_opt *opt = find_opt(line, (struct pve_span){0}, *p, &base);

		if (!opt)
			return unknown_letter(line, word, p, e);
		if (!cmd_opt_takes_value(opt)) {
			if (set_opt(opt, base, NULL, e) < 0)
				return -1;
			continue;
		}
		value = p[1] ? p + 1 : next_value(opt, c, e);
		return value ? set_opt(opt, base, value, e) : -1;
	}
	return 0;
}

/* Is the word "-name" or "-name=value" of an option of its command, where that may be so? */
static bool is_one_dash(const struct cmd_line *line, const char *word)
{
	struct pve_span name = {word + 1, strcspn(word + 1, "=")};

	return line->cmd && line->cmd->one_dash && name.len > 1 && find_in(line->cmd->opts, name, 0);
}

/* The first word that is no option names the command, all others are operands. */
static int parse_word(struct cmd_line *line, const char *word, struct pve_err *e)
{
	if (line->cmd) {
		pve_strv_add(&line->operands, word);
		return 0;
	}
	line->cmd = cmd_lookup(line->tool, word, e);
	if (!line->cmd)
		return -1;
	if (line->cmd->opts_size)
		line->opts = pve_calloc(1, line->cmd->opts_size);
	return 0;
}

int cmd_parse(const struct pve_tool *tool, int argc, char **argv, struct cmd_line *line,
	      struct pve_err *e)
{
	struct cursor c = {argv, argc, 1};
	bool words_only = false;
	int rc = 0;

	*line = (struct cmd_line){.tool = tool, .g = {.color = "auto", .wait = 10}};
	for (; rc == 0 && c.i < c.n; c.i++) {
		const char *word = c.v[c.i];
		bool known = line->cmd;

		if (words_only || word[0] != '-' || !word[1])
			rc = parse_word(line, word, e);
		else if (strcmp(word, "--") == 0)
			words_only = true;
		else if (word[1] == '-' || is_one_dash(line, word))
			rc = parse_long(line, &c, e);
		else
			rc = parse_letters(line, &c, e);
		if (rc < 0 && known)
			pve_err_prefix(e, "%s", line->cmd->name);
	}
	return rc;
}

/* The first field of each line of in. */
static int read_operands(FILE *in, struct pve_strv *operands, struct pve_err *e)
{
	PVE_FREE char *text = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&text, &size, in)) >= 0) {
		struct pve_span field = {text, (size_t)n};
		struct pve_buf b = {0};
		const char *tab;

		if (field.len && field.p[field.len - 1] == '\n')
			field.len--;
		tab = memchr(field.p, '\t', field.len);
		if (tab)
			field.len = (size_t)(tab - field.p);
		if (!field.len)
			continue;
		pve_text_unescape(&b, field);
		pve_strv_take(operands, pve_buf_take(&b));
	}
	if (ferror(in))
		return pve_err_set(e, PVE_FAILED, "reading operands from standard input failed");
	return 0;
}

int cmd_operands(struct cmd_line *line, FILE *in, struct pve_err *e)
{
	const struct pve_cmd *cmd = line->cmd;
	struct pve_strv *given = &line->operands;

	if (cmd->max && given->n == 1 && strcmp(given->v[0], "-") == 0) {
		pve_strv_done(given);
		line->from_stdin = true;
		if (read_operands(in, given, e) < 0)
			return -1;
		if (!given->n)
			return 0;
	}
	if (given->n < cmd->min)
		return pve_err_set(e, PVE_USAGE, "%s: needs %s; see '%s help %s'", cmd->name,
				   cmd->operands, line->tool->name, cmd->name);
	if (given->n > cmd->max)
		return pve_err_set(e, PVE_USAGE, "%s: %s '%s'; see '%s help %s'", cmd->name,
				   cmd->max ? "one operand too many:" : "takes no operand, got",
				   given->v[cmd->max], line->tool->name, cmd->name);
	return 0;
}

void cmd_line_done(struct cmd_line *line)
{
	const struct pve_opt *opt = line->cmd ? line->cmd->opts : NULL;

	for (; line->opts && opt && opt->name; opt++)
		if (opt->kind == PVE_OPT_LIST)
			pve_strv_done((struct pve_strv *)((char *)line->opts + opt->offset));
	free(line->opts);
	pve_strv_done(&line->operands);
	*line = (struct cmd_line){0};
}
