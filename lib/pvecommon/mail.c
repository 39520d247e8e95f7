/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/mail.h"

#include "pvecommon/mem.h"
#include "pvecommon/run.h"

#define MAIL_MS 120000

/* The PATH of cron(8) lacks the directory that sendmail is in. */
int pve_mail_send(struct pve_sys *sys, struct pve_span message, struct pve_err *e)
{
	PVE_FREE char *sendmail = pve_run_find("sendmail");
	const char *const argv[] = {sendmail ? sendmail : "sendmail", "-t", "-i", NULL};
	struct pve_run cmd = {.argv = argv, .input = message, .timeout_ms = MAIL_MS};

	return pve_run_ok(sys, &cmd, NULL, e);
}

int pve_mail_call(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	PVE_BUF text = {0};

	(void)data;
	if (!args[1] || !args[2] || !args[3])
		return pve_err_set(e, PVE_FAILED, "the call of mail is not as it was written");
	pve_buf_printf(&text,
		       "To: %s\nSubject: %s\nMIME-Version: 1.0\n"
		       "Content-Type: text/plain; charset=utf-8\nAuto-Submitted: auto-generated\n\n%s",
		       args[1], args[2], args[3]);
	if (pve_mail_send(sys, (struct pve_span){text.data, text.len}, e) < 0)
		return pve_err_prefix(e, "mail to %s", args[1]);
	return 0;
}

bool pve_mail_can(const struct pve_sys *sys)
{
	PVE_FREE char *sendmail = sys->rooted ? NULL : pve_run_find("sendmail");

	return sendmail;
}

void pve_mail_plan(struct pve_plan *plan, const char *to, const char *subject, const char *body)
{
	const char *const *no_undo = NULL; /* a mail cannot be called back */

	pve_plan_call(plan, to, (const char *const[]){"mail", to, subject, body, NULL}, no_undo, "%s",
		      subject);
}
