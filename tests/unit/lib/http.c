/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "pveio/http.h"
#include "scratch.h"

/* A server that answers one request with the text, and keeps what it was asked. */
struct server {
	int fd, asked[2];
	unsigned port;
	pid_t pid;
};

static void serve(struct server *s, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(pipe(s->asked), 0);
	s->port = ntohs(a.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		char text[4096];
		int c = accept(s->fd, NULL, NULL);
		ssize_t n = read(c, text, sizeof(text));

		if (n > 0 && write(s->asked[1], text, (size_t)n) == n && *answer)
			n = write(c, answer, strlen(answer));
		else
			sleep(10);
		_exit(n < 0);
	}
	close(s->asked[1]);
}

static void done(struct server *s, char *asked, size_t size)
{
	ssize_t n = read(s->asked[0], asked, size - 1);

	asked[n > 0 ? n : 0] = '\0';
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->asked[0]);
	close(s->fd);
}

static int ask(struct server *s, struct pve_http_req req, struct pve_http_res *res,
	       struct pve_err *e)
{
	PVE_FREE char *url = pve_asprintf("http://127.0.0.1:%u/path", s->port);

	req.url = url;
	req.proxy = "";
	return pve_http(&req, res, e);
}

static void answers(void **state)
{
	static const char *const headers[] = {"X-One: 1", NULL};
	const struct pve_http_req req = {
		.body = {"hello", 5}, .headers = headers, .user = "u", .password = "p"};
	struct pve_http_res res;
	struct pve_err e = {0};
	struct server s;
	char asked[4096];

	(void)state;
	serve(&s,
	      "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/x\r\nContent-Length: 3\r\n\r\nno\n");
	assert_int_equal(ask(&s, req, &res, &e), 0);
	done(&s, asked, sizeof(asked));
	assert_int_equal(res.status, 401);
	assert_string_equal(pve_http_status_text(res.status), "Unauthorized");
	assert_string_equal(pve_buf_str(&res.body), "no\n");
	assert_string_equal(res.type, "text/x");
	assert_string_equal(res.address, "127.0.0.1");
	assert_int_equal(strncmp(asked, "POST /path ", 11), 0);
	assert_non_null(strstr(asked, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(asked, "\r\nAuthorization: Basic dTpw\r\n"));
	pve_http_done(&res);
}

static void failures(void **state)
{
	struct pve_http_res res;
	struct pve_err e = {0};
	struct server s;
	char asked[4096];

	(void)state;
	serve(&s, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
	assert_int_equal(ask(&s, (struct pve_http_req){.limit = 5}, &res, &e), -1);
	done(&s, asked, sizeof(asked));
	assert_non_null(strstr(e.msg, "longer than 5 bytes"));
	serve(&s, "");
	assert_int_equal(ask(&s, (struct pve_http_req){.total_ms = 200}, &res, &e), -1);
	done(&s, asked, sizeof(asked));
	assert_int_equal(e.code, PVE_AGAIN);
	serve(&s, "x");
	done(&s, asked, 1);
	assert_int_equal(ask(&s, (struct pve_http_req){0}, &res, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
}

/* Neither a login nor a path, which may be a token, is in a message; other schemes are none. */
static void secrets(void **state)
{
	const struct pve_http_req req = {.url = "http://user:secret@127.0.0.1:1/token",
					 .proxy = ""};
	const struct pve_http_req ftp = {.url = "ftp://127.0.0.1:1/", .proxy = ""};
	struct pve_http_res res;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_http(&req, &res, &e), -1);
	assert_null(strstr(e.msg, "secret"));
	assert_null(strstr(e.msg, "token"));
	assert_int_equal(pve_http(&ftp, &res, &e), -1);
	assert_int_equal(e.code, PVE_FAILED);
}

/* A redirection is the answer when it shall not be followed; the header can be read. */
static void headers(void **state)
{
	struct pve_http_res res;
	struct pve_err e = {0};
	struct server s;
	char asked[4096];

	(void)state;
	serve(&s, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nLink: <a>;rel=\"up\"\r\n"
		  "link:\t<b>\r\nEmpty:\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(ask(&s, (struct pve_http_req){.stay = true}, &res, &e), 0);
	done(&s, asked, sizeof(asked));
	assert_int_equal(res.status, 302);
	assert_true(pve_span_eq(pve_http_header(&res, "location", 0), "http://127.0.0.1:1/"));
	assert_true(pve_span_eq(pve_http_header(&res, "Link", 0), "<a>;rel=\"up\""));
	assert_true(pve_span_eq(pve_http_header(&res, "Link", 1), "<b>"));
	assert_null(pve_http_header(&res, "Link", 2).p);
	assert_non_null(pve_http_header(&res, "Empty", 0).p);
	assert_int_equal(pve_http_header(&res, "Empty", 0).len, 0);
	assert_null(pve_http_header(&res, "Content", 0).p);
	pve_http_done(&res);
	serve(&s, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(ask(&s, (struct pve_http_req){0}, &res, &e), -1);
	done(&s, asked, sizeof(asked));
	assert_int_equal(e.code, PVE_NOTHERE);
}

/* What was promised did not come: no answer. */
static void cut_short(void **state)
{
	struct pve_http_res res;
	struct pve_err e = {0};
	struct server s;
	char asked[4096];

	(void)state;
	serve(&s, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
	assert_int_equal(ask(&s, (struct pve_http_req){.total_ms = 2000}, &res, &e), -1);
	done(&s, asked, sizeof(asked));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(failures),
		cmocka_unit_test(secrets),
		cmocka_unit_test(headers),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
