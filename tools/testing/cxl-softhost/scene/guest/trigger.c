// SPDX-License-Identifier: GPL-2.0-only
/*
 * cxl-trigger: takes one signal on a stack that lies in the memory under test,
 * so that the kernel saves the FPU state there, with XSAVE or FXSAVE. Without a
 * memory slot under it KVM has to emulate these, can't, and the VM ends.
 *
 * Before, it says where the pages of the stack are, "trigger: stack at HPA PAGE...",
 * after proving it. "trigger: survived" says that the VM did not end.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "place.h"

#define STACK_BYTES (16UL << 10)

static volatile sig_atomic_t handled;

static void handle(int number)
{
	(void)number;
	handled = 1;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_size = STACK_BYTES };
	struct place place = { .node = -1 };
	volatile char *at;
	char why[128];
	int taken;

	for (argv++, argc--; argc > 0; argv += taken, argc -= taken) {
		taken = place_option(&place, argv);
		if (!taken)
			goto usage;
	}
	if ((place.node < 0 && !place.dax) || !place.hpa_end)
		goto usage;

	/* Small pages, written byte by byte: each word may be an exit, a vector SIGILL. */
	stack.ss_sp = place_map(&place, STACK_BYTES, PAGES_SMALL, 0);
	if (!stack.ss_sp) {
		printf("trigger: no memory there: %s\n", strerror(errno));
		return 1;
	}
	for (at = stack.ss_sp; at < (char *)stack.ss_sp + STACK_BYTES; at += PAGE_BYTES)
		*at = 0;
	if (place_check(&place, stack.ss_sp, STACK_BYTES, why, sizeof(why))) {
		printf("trigger: %s\n", why);
		return 1;
	}
	printf("trigger: stack at HPA");
	for (at = stack.ss_sp; at < (char *)stack.ss_sp + STACK_BYTES; at += PAGE_BYTES)
		printf(" %#" PRIx64, place_physical((const char *)at));
	printf("\n");
	fflush(stdout);
	/* The console is slower than the end of the VM. */
	tcdrain(STDOUT_FILENO);

	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL) || raise(SIGUSR1)) {
		printf("trigger: %s\n", strerror(errno));
		return 1;
	}
	printf("trigger: survived, %s\n", handled ? "signal handled" : "signal not handled");
	return 0;
usage:
	fputs("usage: cxl-trigger --node N | --dax FILE  --hpa FIRST-END\n", stderr);
	return 2;
}
