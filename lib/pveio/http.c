/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/http.h"

#define CURL_DISABLE_TYPECHECK /* which only works with the function itself, not a pointer to it   \
				*/
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/dl.h"

#define CONNECT_MS 10000
#define TOTAL_MS 60000
#define LIMIT ((size_t)16 << 20)
#define REDIRECTIONS 5
#define HEADER_LIMIT ((size_t)256 << 10)

struct calls {
	__typeof__(curl_easy_init) *easy_init;
	CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_reset) *easy_reset;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

struct pve_http_session {
	struct calls c;
	CURL *curl;
	unsigned connections;
	bool reached;
};

struct transfer {
	struct calls c;
	const struct pve_http_req *req;
	struct pve_http_res *res;
	CURL *curl;
	struct curl_slist *headers;
	size_t limit;
	bool too_long;
	char why[CURL_ERROR_SIZE];
};

static int load(struct calls *c, struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"curl_easy_init", &c->easy_init},
		{"curl_easy_setopt", &c->easy_setopt},
		{"curl_easy_getinfo", &c->easy_getinfo},
		{"curl_easy_perform", &c->easy_perform},
		{"curl_easy_reset", &c->easy_reset},
		{"curl_easy_cleanup", &c->easy_cleanup},
		{"curl_easy_strerror", &c->easy_strerror},
		{"curl_slist_append", &c->slist_append},
		{"curl_slist_free_all", &c->slist_free_all},
	};

	return pve_dl_load("libcurl.so.4", "libcurl", want, sizeof(want) / sizeof(*want), e);
}

static size_t receive(char *data, size_t size, size_t n, void *to)
{
	struct transfer *t = to;

	n *= size;
	if (t->res->body.len + n > t->limit) {
		t->too_long = true;
		return 0; /* ends the transfer */
	}
	pve_buf_add(&t->res->body, data, n);
	return n;
}

/* A new status line begins a new header: that of a redirection, or of 100 Continue, goes. */
static size_t receive_header(char *data, size_t size, size_t n, void *to)
{
	struct transfer *t = to;

	n *= size;
	if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
		t->res->headers.len = 0;
	if (t->res->headers.len + n > HEADER_LIMIT) {
		t->too_long = true;
		return 0;
	}
	pve_buf_add(&t->res->headers, data, n);
	return n;
}

static void set_limits(struct transfer *t)
{
	const struct pve_http_req *r = t->req;
	CURL *curl = t->curl;

	t->c.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	t->c.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(r->connect_ms ? r->connect_ms : CONNECT_MS));
	t->c.easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(r->total_ms ? r->total_ms : TOTAL_MS));
	t->c.easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	t->c.easy_setopt(curl, CURLOPT_FOLLOWLOCATION, r->stay ? 0L : 1L);
	t->c.easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
	/* The strings for these came with 7.85; the bits are deprecated, and everywhere. */
#if LIBCURL_VERSION_NUM >= 0x075500
	t->c.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
	t->c.easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
	t->c.easy_setopt(curl, CURLOPT_PROTOCOLS,
			 (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
	t->c.easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_request(struct transfer *t)
{
	const struct pve_http_req *r = t->req;
	CURL *curl = t->curl;

	t->c.easy_setopt(curl, CURLOPT_URL, r->url);
	t->c.easy_setopt(curl, CURLOPT_USERAGENT, "pve-tools/" PVE_VERSION);
	t->c.easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	t->c.easy_setopt(curl, CURLOPT_ERRORBUFFER, t->why);
	t->c.easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	t->c.easy_setopt(curl, CURLOPT_WRITEDATA, t);
	t->c.easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
	t->c.easy_setopt(curl, CURLOPT_HEADERDATA, t);
	if (r->body.p) {
		t->c.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
		t->c.easy_setopt(curl, CURLOPT_POSTFIELDS, r->body.p);
	}
	if (r->method && strcmp(r->method, "HEAD") == 0)
		t->c.easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else if (r->method)
		t->c.easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method);
	for (size_t i = 0; r->headers && r->headers[i]; i++)
		t->headers = t->c.slist_append(t->headers, r->headers[i]);
	if (t->headers)
		t->c.easy_setopt(curl, CURLOPT_HTTPHEADER, t->headers);
	if (r->user) {
		t->c.easy_setopt(curl, CURLOPT_USERNAME, r->user);
		t->c.easy_setopt(curl, CURLOPT_PASSWORD, r->password ? r->password : "");
	}
	if (r->proxy)
		t->c.easy_setopt(curl, CURLOPT_PROXY, r->proxy);
	if (r->ca_file)
		t->c.easy_setopt(curl, CURLOPT_CAINFO, r->ca_file);
	if (r->ca_pem.p) {
		struct curl_blob blob = {(void *)r->ca_pem.p, r->ca_pem.len, CURL_BLOB_NOCOPY};

		t->c.easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
		t->c.easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
}

/* The host of a URL for messages: a login in it is left out, and a token in the path, too. */
static const char *host_of(const char *url, size_t *len)
{
	const char *p = strstr(url, "://"), *at;

	p = p ? p + 3 : url;
	*len = strcspn(p, "/?#");
	at = memrchr(p, '@', *len);
	if (at) {
		*len -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	return p;
}

static int code_of(CURLcode rc)
{
	switch (rc) {
	case CURLE_OPERATION_TIMEDOUT:
		return PVE_AGAIN;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_FILE_COULDNT_READ_FILE:
		return PVE_NOTHERE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return PVE_DENIED;
	default:
		return PVE_FAILED;
	}
}

/* A certificate that is not good at this time: the words of OpenSSL's X509_verify_cert_error_string,
 * as libcurl gives them. */
static bool is_time(CURLcode rc, const char *why)
{
	return rc == CURLE_PEER_FAILED_VERIFICATION &&
	       (strstr(why, "expired") || strstr(why, "not yet valid"));
}

static int failed(const struct transfer *t, CURLcode rc, struct pve_err *e)
{
	size_t n;
	const char *host = host_of(t->req->url, &n);

	if (t->too_long)
		return pve_err_set(e, PVE_FAILED, "%.*s: the answer is longer than %zu bytes",
				   (int)n, host, t->limit);
	return pve_err_set(e, code_of(rc), "%.*s: %s%s", (int)n, host,
			   t->why[0] ? t->why : t->c.easy_strerror(rc),
			   is_time(rc, t->why) ? "; is the clock of this host right?" : "");
}

static void read_answer(struct transfer *t)
{
	const char *type = NULL, *address = NULL;
	long status = 0;

	t->c.easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	t->c.easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
	t->c.easy_getinfo(t->curl, CURLINFO_PRIMARY_IP, &address);
	t->res->status = (unsigned)status;
	strncat(t->res->type, type ? type : "", sizeof(t->res->type) - 1);
	strncat(t->res->address, address ? address : "", sizeof(t->res->address) - 1);
}

static bool is_tls(const char *url)
{
	return strncasecmp(url, "https:", strlen("https:")) == 0;
}

struct pve_http_session *pve_http_open(struct pve_err *e)
{
	struct pve_http_session *s = pve_calloc(1, sizeof(*s));

	if (load(&s->c, e) == 0) {
		s->curl = s->c.easy_init();
		if (s->curl)
			return s;
		pve_err_set(e, PVE_FAILED, "libcurl cannot be initialised");
	}
	free(s);
	return NULL;
}

int pve_http_ask(struct pve_http_session *s, const struct pve_http_req *req,
		 struct pve_http_res *res, struct pve_err *e)
{
	struct transfer t = {.c = s->c,
			     .req = req,
			     .res = res,
			     .curl = s->curl,
			     .limit = req->limit ? req->limit : LIMIT};
	long opened = 0;
	double ready = 0; /* seconds from the start; 0 for a connection that was there before */
	CURLcode rc;

	*res = (struct pve_http_res){0};
	t.c.easy_reset(t.curl); /* its connections stay */
	set_limits(&t);
	set_request(&t);
	rc = t.c.easy_perform(t.curl);
	if (rc == CURLE_OK)
		read_answer(&t);
	else
		failed(&t, rc, e);
	t.c.easy_getinfo(t.curl, CURLINFO_NUM_CONNECTS, &opened);
	s->connections += (unsigned)opened;
	t.c.easy_getinfo(t.curl, is_tls(req->url) ? CURLINFO_APPCONNECT_TIME : CURLINFO_CONNECT_TIME,
			 &ready);
	s->reached |= ready > 0;
	t.c.slist_free_all(t.headers);
	if (rc != CURLE_OK)
		pve_http_done(res);
	return rc == CURLE_OK ? 0 : -1;
}

unsigned pve_http_connections(const struct pve_http_session *s)
{
	return s->connections;
}

bool pve_http_reached(const struct pve_http_session *s)
{
	return s->reached;
}

void pve_http_close(struct pve_http_session *s)
{
	if (!s)
		return;
	s->c.easy_cleanup(s->curl);
	free(s);
}

int pve_http(const struct pve_http_req *req, struct pve_http_res *res, struct pve_err *e)
{
	struct pve_http_session *s = pve_http_open(e);
	int rc = s ? pve_http_ask(s, req, res, e) : -1;

	pve_http_close(s);
	return rc;
}

struct pve_span pve_http_header(const struct pve_http_res *res, const char *name, size_t n)
{
	struct pve_span rest = {res->headers.data, res->headers.len}, line;
	size_t len = strlen(name);

	while (rest.len) {
		const char *end = memchr(rest.p, '\n', rest.len);

		line = (struct pve_span){rest.p, end ? (size_t)(end - rest.p) : rest.len};
		rest.p += end ? line.len + 1 : line.len;
		rest.len -= end ? line.len + 1 : line.len;
		if (line.len <= len || line.p[len] != ':' || strncasecmp(line.p, name, len) != 0 ||
		    n--)
			continue;
		return pve_span_trim((struct pve_span){line.p + len + 1, line.len - len - 1});
	}
	return (struct pve_span){0};
}

const char *pve_http_status_text(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} texts[] = {
		{200, "OK"},
		{204, "No Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{402, "Payment Required"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{410, "Gone"},
		{413, "Content Too Large"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "";
}

void pve_http_done(struct pve_http_res *res)
{
	pve_buf_done(&res->body);
	pve_buf_done(&res->headers);
	*res = (struct pve_http_res){0};
}
