// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-exercise: uses memory of one NUMA node (or of a device-dax device) in all
 * the ways in which memory without a slot under it fails or kills a VM.
 *
 * Prints "1..N" and one line for each step, "ok NAME DETAIL", "not ok ..." or
 * "skip NAME REASON". Each step runs in a process of its own, so that a signal
 * ends the step and not the program.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"

#define STEP_SECONDS 180

static const struct step {
	const char *name;
	enum result (*run)(struct step_context *context);
	int node_only;
} steps[] = {
	{ "fill", step_fill, 0 },
	{ "code", step_code, 0 },
	{ "xsave", step_xsave, 0 },
	{ "xsaveopt", step_xsaveopt, 0 },
	{ "xsavec", step_xsavec, 0 },
	{ "fxsave", step_fxsave, 0 },
	{ "rep-stos", step_string, 0 },
	{ "avx", step_avx, 0 },
	{ "cmpxchg16b", step_locked, 1 },
	{ "signal", step_signal, 0 },
	{ "fork", step_fork, 1 },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static enum result run_step(const struct step *step, struct step_context *context)
{
	int status;
	pid_t pid;

	if (step->node_only && context->place->dax) {
		say(context, "needs a NUMA node");
		return SKIPPED;
	}
	context->detail[0] = '\0';
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return fail(context, "fork: %s", strerror(errno));
	if (!pid) {
		alarm(STEP_SECONDS);
		context->arena = place_map(context->place, ARENA_BYTES, PAGES_ANY, 0);
		if (!context->arena) {
			say(context, "no memory there: %s", strerror(errno));
			_exit(FAILED);
		}
		memset(context->arena, 0, ARENA_BYTES);
		if (place_check(context->place, context->arena, ARENA_BYTES,
				context->detail, context->detail_bytes))
			_exit(FAILED);
		_exit(step->run(context));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(context, "wait: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return fail(context, "killed by signal %d", WTERMSIG(status));
	return (enum result)WEXITSTATUS(status);
}

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: cxl-exercise --node N | --dax FILE [OPTION]...\n"
	      "  --hpa FIRST-END   where that memory is; every page is checked\n"
	      "  --kernel-memory   page tables and slabs are expected there too\n"
	      "  --only STEP       one step; there are:", to);
	for (i = 0; i < STEPS; i++)
		fprintf(to, " %s", steps[i].name);
	fputc('\n', to);
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "ok", "not ok", "skip" };
	struct place place = { .node = -1 };
	struct step_context context = { .place = &place, .detail_bytes = PAGE_BYTES };
	const char *only = NULL;
	enum result result;
	int taken, failed = 0;
	size_t i;

	for (argv++, argc--; argc > 0; argv += taken, argc -= taken) {
		taken = place_option(&place, argv);
		if (taken)
			continue;
		taken = 1;
		if (!strcmp(argv[0], "--kernel-memory")) {
			context.kernel_memory = 1;
		} else if (!strcmp(argv[0], "--only") && argv[1]) {
			only = argv[1];
			taken = 2;
		} else {
			usage(strcmp(argv[0], "--help") ? stderr : stdout);
			return strcmp(argv[0], "--help") ? 2 : 0;
		}
	}
	if (place.node < 0 && !place.dax) {
		usage(stderr);
		return 2;
	}
	context.detail = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (context.detail == MAP_FAILED) {
		perror("mmap");
		return 2;
	}

	printf("1..%zu\n", only ? (size_t)1 : STEPS);
	for (i = 0; i < STEPS; i++) {
		if (only && strcmp(only, steps[i].name))
			continue;
		result = run_step(&steps[i], &context);
		if (result > SKIPPED)
			result = fail(&context, "odd exit status %d", result);
		printf("%s %s %s\n", words[result], steps[i].name, context.detail);
		failed |= result == FAILED;
	}
	return failed;
}
