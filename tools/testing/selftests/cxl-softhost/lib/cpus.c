// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <sched.h>

#include "cpus.h"
#include "harness.h"

static cpu_set_t given;

/* Before any test binds a thread */
__attribute__((constructor)) static void remember(void)
{
	if (sched_getaffinity(0, sizeof(given), &given))
		CPU_ZERO(&given);
}

bool cpu_bind(pthread_t thread, unsigned int number)
{
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &given) && number-- == 0)
			break;
	if (cpu == CPU_SETSIZE)
		return false;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ASSERT_EQ(0, pthread_setaffinity_np(thread, sizeof(one), &one));
	return true;
}
