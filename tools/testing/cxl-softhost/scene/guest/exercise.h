/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SCENE_EXERCISE_H
#define SCENE_EXERCISE_H

#include "place.h"

#define ARENA_BYTES (1UL << 20)

enum result { PASSED, FAILED, SKIPPED };

/* What a step works on and where it says how it went. */
struct step_context {
	const struct place *place;
	unsigned char *arena;	/* ARENA_BYTES of the place, zero, private */
	int kernel_memory;	/* the kernel's own pages are expected there too */
	char *detail;
	size_t detail_bytes;
};

#define say(context, ...) \
	snprintf((context)->detail, (context)->detail_bytes, __VA_ARGS__)

#define fail(context, ...) (say(context, __VA_ARGS__), FAILED)

/* exercise-cpu.c: instructions with their operand in the arena */
enum result step_xsave(struct step_context *context);
enum result step_xsaveopt(struct step_context *context);
enum result step_xsavec(struct step_context *context);
enum result step_fxsave(struct step_context *context);
enum result step_string(struct step_context *context);
enum result step_avx(struct step_context *context);

/* exercise-task.c: what the kernel does with the memory of a task */
enum result step_fill(struct step_context *context);
enum result step_code(struct step_context *context);
enum result step_locked(struct step_context *context);
enum result step_signal(struct step_context *context);
enum result step_fork(struct step_context *context);

#endif
