/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/log.h"

#include <stdarg.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"
#include "pvecommon/text.h"

static const struct {
	const char *word; /* between the tool's name and the message; "" for none */
	int priority;
} levels[] = {
	[PVE_LOG_ERROR] = {"error: ", LOG_ERR},
	[PVE_LOG_WARNING] = {"warning: ", LOG_WARNING},
	[PVE_LOG_NOTICE] = {"", LOG_NOTICE},
	[PVE_LOG_INFO] = {"", LOG_INFO},
	[PVE_LOG_DEBUG] = {"debug: ", LOG_DEBUG},
};

void pve_log_init(struct pve_log *log, const char *tool, int quiet, int verbose, bool rooted)
{
	int level = PVE_LOG_NOTICE + verbose;

	if (quiet)
		level = PVE_LOG_ERROR;
	else if (level > PVE_LOG_DEBUG)
		level = PVE_LOG_DEBUG;
	*log = (struct pve_log){
		.tool = tool,
		.level = (enum pve_level)level,
		.syslog = !rooted && geteuid() == 0 && !isatty(STDERR_FILENO),
		.to = stderr,
	};
}

void pve_log_line(struct pve_log *log, enum pve_level level, const char *fmt, ...)
{
	PVE_FREE char *raw = NULL;
	PVE_BUF safe = {0};
	const char *text;
	va_list ap;

	if (level > log->level && !(log->syslog && level <= PVE_LOG_NOTICE))
		return;
	va_start(ap, fmt);
	raw = pve_vasprintf(fmt, ap);
	va_end(ap);
	/* Messages quote files of the host: none of their bytes may reach a terminal raw. */
	pve_text_safe(&safe, pve_span(raw));
	text = pve_buf_str(&safe);
	if (level <= log->level)
		fprintf(log->to, "%s: %s%s\n", log->tool, levels[level].word, text);
	if (log->syslog && level <= PVE_LOG_NOTICE) {
		openlog(log->tool, LOG_PID, LOG_DAEMON);
		syslog(levels[level].priority, "%s%s", levels[level].word, text);
		closelog();
	}
}

void pve_log_err(struct pve_log *log, const struct pve_err *e)
{
	const char *line = e->msg;

	while (*line) {
		size_t n = strcspn(line, "\n");

		pve_log_line(log, PVE_LOG_ERROR, "%.*s", (int)n, line);
		line += n + (line[n] == '\n');
	}
}
