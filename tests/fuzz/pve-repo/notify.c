/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "pve-repo/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

/* Whatever the configuration says: an address is a line, or it is refused; a name in the mail opens
 * no tag, and the parts of the mail are two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_arena mem = {0};
	const char *to = repo_user_mail(&mem, text), *from = repo_mail_from(&mem, text), *why;
	char *name = pve_strndup(text.len ? text.p : "", text.len);
	struct repo_update one = {.package = name, .candidate = name};
	struct repo_updates u = {.v = &one, .n = 1};
	const struct repo_mail m = {.from = "a", .to = "b", .host = "h", .date = 1700000000};
	struct repo_told told;
	const size_t pick[] = {0};
	PVE_BUF mail = {0}, boundary = {0};

	assert(!to || !strchr(to, '\n'));
	assert(!from || !strchr(from, '\n'));
	repo_fqdn(&mem, "node1", text);
	repo_notify_wanted(text, true, &why);
	assert(*why);
	repo_told_read(&told, text);
	repo_notify_updates(&u, &told, (size_t[1]){0});
	repo_told_done(&told);
	repo_mail_updates(&m, &u, pick, 1, &mail);
	pve_buf_puts(&boundary, "\n--=_pve-repo_1700000000");
	while (strstr(name, pve_buf_str(&boundary) + 3))
		pve_buf_putc(&boundary, '_');
	assert(count(pve_buf_str(&mail), pve_buf_str(&boundary)) == 3);
	assert(count(strstr(pve_buf_str(&mail), "<html>"), "<tr>") >= 2);
	free(name);
	pve_arena_done(&mem);
	return 0;
}
