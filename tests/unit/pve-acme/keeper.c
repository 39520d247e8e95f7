/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "pve-acme/keeper.h"
#include "pvecommon/mem.h"

/* The keeper at one end of a socket; at the other a process that has been taken over. */
struct fixture {
	struct acme_keeper keeper;
	int other;
	char *solved, *url;
};

static int see_solve(void *data, const struct acme_task *tasks, size_t n, struct pve_err *e)
{
	struct fixture *f = data;

	(void)e;
	free(f->solved);
	f->solved = n ? pve_strdup(tasks[0].token) : NULL;
	return 0;
}

static int see_placed(void *data, const char *url, struct pve_err *e)
{
	struct fixture *f = data;

	(void)e;
	free(f->url);
	f->url = pve_strdup(url);
	return 0;
}

static void say(const struct fixture *f, char word, const char *first, const char *second)
{
	ACME_MSG m = {.word = word};

	if (first)
		pve_strv_add(&m.args, first);
	if (second)
		pve_strv_add(&m.args, second);
	assert_int_equal(acme_msg_send(f->other, &m, NULL), 0);
}

/* The keeper's answer to one message: ACME_MSG_OK or ACME_MSG_ERROR. */
static char hear(struct fixture *f, char word, const char *first, const char *second)
{
	PVE_STRV job = {0};
	ACME_MSG began = {0};
	ACME_MSG answer = {0};

	pve_strv_add(&job, "order");
	say(f, word, first, second);
	say(f, ACME_MSG_OK, NULL, NULL);
	assert_int_equal(acme_keeper_job(&f->keeper, &job, NULL, NULL), 0);
	assert_int_equal(acme_msg_recv(f->other, &began, NULL), 0);
	assert_int_equal(began.word, ACME_MSG_JOB);
	assert_int_equal(acme_msg_recv(f->other, &answer, NULL), 0);
	return answer.word;
}

static void begin(struct fixture *f)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	*f = (struct fixture){.other = pair[1]};
	f->keeper.net.fd = pair[0];
	f->keeper.hooks = (struct acme_order_hooks){see_placed, see_solve, f};
}

static void end(struct fixture *f)
{
	close(f->keeper.net.fd);
	close(f->other);
	free(f->solved);
	free(f->url);
}

static void a_token_cannot_lead_out_of_a_webroot(void **state)
{
	static const char *const bad[] = {"../../../../etc/cron.d/x", "a/b", "..", "", "a b", "a\nleft"};
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(hear(&f, ACME_MSG_SOLVE, "0", "Good-token_1"), ACME_MSG_OK);
	assert_string_equal(f.solved, "Good-token_1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(hear(&f, ACME_MSG_SOLVE, "0", bad[i]), ACME_MSG_ERROR);
		assert_string_equal(f.solved, "Good-token_1");
	}
	end(&f);
}

static void a_url_cannot_write_lines_into_the_journal(void **state)
{
	static const char *const bad[] = {"https://ca.example/1\nleft file /etc/passwd",
					  "https://ca.example/1 2", "https://ca.example/\x7f"};
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(hear(&f, ACME_MSG_PLACED, "https://ca.example/1", NULL), ACME_MSG_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(hear(&f, ACME_MSG_PLACED, bad[i], NULL), ACME_MSG_ERROR);
		assert_string_equal(f.url, "https://ca.example/1");
	}
	end(&f);
}

static void there_is_no_signature_by_a_key_that_is_not_there(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(hear(&f, ACME_MSG_SIGN, "0", "input"), ACME_MSG_ERROR);
	assert_int_equal(hear(&f, ACME_MSG_SIGN, "7", "input"), ACME_MSG_ERROR);
	assert_int_equal(hear(&f, ACME_MSG_BIND, "https://ca.example/new", NULL), ACME_MSG_ERROR);
	assert_int_equal(hear(&f, 'q', NULL, NULL), ACME_MSG_ERROR);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_cannot_lead_out_of_a_webroot),
		cmocka_unit_test(a_url_cannot_write_lines_into_the_journal),
		cmocka_unit_test(there_is_no_signature_by_a_key_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
