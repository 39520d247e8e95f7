/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/plan.h"

#include <stdarg.h>

#include "pvecommon/map.h"

__attribute__((format(printf, 4, 0)))
static struct pve_step *add(struct pve_plan *plan, enum pve_step_kind kind, const char *target,
			    const char *why, va_list ap)
{
	struct pve_step *step;

	plan->v = pve_grow(plan->v, plan->n, &plan->cap, sizeof(*plan->v));
	step = &plan->v[plan->n++];
	*step = (struct pve_step){
		.kind = kind,
		.target = pve_arena_strdup(&plan->arena, target),
		.why = pve_arena_vprintf(&plan->arena, why, ap),
	};
	return step;
}

static struct pve_span keep(struct pve_plan *plan, struct pve_span s)
{
	if (plan->borrows)
		return s;
	return (struct pve_span){pve_arena_memdup(&plan->arena, s.p, s.len), s.len};
}

static const char *const *keep_argv(struct pve_plan *plan, const char *const *argv)
{
	const char **copy;
	size_t n = 0;

	if (!argv)
		return NULL;
	while (argv[n])
		n++;
	copy = pve_arena_alloc(&plan->arena, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = pve_arena_strdup(&plan->arena, argv[i]);
	return copy;
}

static void expect(struct pve_plan *plan, struct pve_step *step, const struct pve_span *was)
{
	step->existed = was != NULL;
	if (was)
		step->was = keep(plan, *was);
}

struct pve_step *pve_plan_write(struct pve_plan *plan, const char *path,
				const struct pve_span *was, struct pve_span content, mode_t mode,
				const char *why, ...)
{
	struct pve_step *step;
	va_list ap;

	if (was && pve_span_same(*was, content))
		return NULL;
	va_start(ap, why);
	step = add(plan, PVE_STEP_WRITE, path, why, ap);
	va_end(ap);
	expect(plan, step, was);
	step->content = keep(plan, content);
	step->mode = mode;
	return step;
}

struct pve_step *pve_plan_remove(struct pve_plan *plan, const char *path,
				 const struct pve_span *was, const char *why, ...)
{
	struct pve_step *step;
	va_list ap;

	va_start(ap, why);
	step = add(plan, PVE_STEP_REMOVE, path, why, ap);
	va_end(ap);
	expect(plan, step, was);
	step->existed = true;
	step->any = !was;
	return step;
}

struct pve_step *pve_plan_mkdir(struct pve_plan *plan, const char *path, mode_t mode,
				const char *why, ...)
{
	struct pve_step *step;
	va_list ap;

	va_start(ap, why);
	step = add(plan, PVE_STEP_MKDIR, path, why, ap);
	va_end(ap);
	step->mode = mode;
	return step;
}

static struct pve_step *with_argv(struct pve_plan *plan, struct pve_step *step,
				  const char *const *argv, const char *const *undo)
{
	step->argv = keep_argv(plan, argv);
	step->undo = keep_argv(plan, undo);
	return step;
}

struct pve_step *pve_plan_run(struct pve_plan *plan, const char *target,
			      const char *const *argv, const char *const *undo, const char *why,
			      ...)
{
	struct pve_step *step;
	va_list ap;

	va_start(ap, why);
	step = add(plan, PVE_STEP_RUN, target, why, ap);
	va_end(ap);
	return with_argv(plan, step, argv, undo);
}

struct pve_step *pve_plan_call(struct pve_plan *plan, const char *target,
			       const char *const *argv, const char *const *undo, const char *why,
			       ...)
{
	struct pve_step *step;
	va_list ap;

	va_start(ap, why);
	step = add(plan, PVE_STEP_CALL, target, why, ap);
	va_end(ap);
	return with_argv(plan, step, argv, undo);
}

void pve_plan_guard(struct pve_plan *plan, const char *const *guard)
{
	plan->v[plan->n - 1].guard = keep_argv(plan, guard);
}

static bool is_file_step(const struct pve_step *step)
{
	return step->kind == PVE_STEP_WRITE || step->kind == PVE_STEP_REMOVE ||
	       step->kind == PVE_STEP_MKDIR;
}

static int verify_step(const struct pve_step *step, struct pve_map *targets, struct pve_err *e)
{
	if (!is_file_step(step)) {
		if (!step->argv || !step->argv[0])
			return pve_err_set(e, PVE_FAILED, "plan: nothing to run for %s",
					   step->target);
		return 0;
	}
	if (step->target[0] != '/' || !step->target[1])
		return pve_err_set(e, PVE_FAILED, "plan: '%s' is not an absolute path",
				   step->target);
	if (pve_map_set(targets, pve_span(step->target), (void *)step))
		return pve_err_set(e, PVE_FAILED, "plan: two steps for %s", step->target);
	return 0;
}

int pve_plan_verify(const struct pve_plan *plan, struct pve_err *e)
{
	struct pve_map targets = {0};
	int ret = 0;

	for (size_t i = 0; i < plan->n && ret == 0; i++)
		ret = verify_step(&plan->v[i], &targets, e);
	pve_map_done(&targets);
	return ret;
}

static void add_printable(struct pve_buf *out, const char *s)
{
	for (; *s; s++)
		pve_buf_putc(out, (unsigned char)*s < ' ' || *s == 127 ? '?' : *s);
}

static void add_word(struct pve_buf *out, const char *s)
{
	bool quote = !*s || strpbrk(s, " \t\"'\\$`*?[]{}()<>|&;#~!");

	if (quote)
		pve_buf_putc(out, '\'');
	add_printable(out, s);
	if (quote)
		pve_buf_putc(out, '\'');
}

void pve_step_format(const struct pve_step *step, struct pve_buf *out)
{
	switch (step->kind) {
	case PVE_STEP_WRITE:
		pve_buf_puts(out, step->existed ? "change " : "create ");
		add_printable(out, step->target);
		return;
	case PVE_STEP_REMOVE:
		pve_buf_puts(out, "remove ");
		add_printable(out, step->target);
		return;
	case PVE_STEP_MKDIR:
		pve_buf_puts(out, "mkdir ");
		add_printable(out, step->target);
		return;
	case PVE_STEP_CALL:
		/* Its name is for the program; the target says it to people. */
		add_printable(out, step->target);
		return;
	case PVE_STEP_RUN:
		pve_buf_puts(out, "run");
		for (const char *const *a = step->argv; *a; a++) {
			pve_buf_putc(out, ' ');
			add_word(out, *a);
		}
		return;
	}
}

const char *pve_step_state_name(enum pve_step_state state)
{
	static const char *const names[] = {
		[PVE_STEP_PENDING] = "not reached",
		[PVE_STEP_DONE] = "done",
		[PVE_STEP_UNDONE] = "undone",
		[PVE_STEP_FAILED] = "failed",
		[PVE_STEP_KEPT] = "done and kept",
		[PVE_STEP_FOREIGN] = "left as it is, changed by somebody else since",
		[PVE_STEP_STUCK] = "could not be undone",
	};

	return names[state];
}

void pve_plan_format(const struct pve_plan *plan, struct pve_buf *out)
{
	for (size_t i = 0; i < plan->n; i++) {
		pve_step_format(&plan->v[i], out);
		pve_buf_puts(out, ": ");
		add_printable(out, plan->v[i].why);
		pve_buf_putc(out, '\n');
	}
}

void pve_plan_done(struct pve_plan *plan)
{
	pve_arena_done(&plan->arena);
	free(plan->v);
	*plan = (struct pve_plan){0};
}
