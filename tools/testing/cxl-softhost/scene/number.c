// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "number.h"

uint64_t number_parse(const char *option, const char *text, char **end)
{
	uint64_t value;

	errno = 0;
	value = strtoull(text, end, 0);
	if (errno || *end == text) {
		fprintf(stderr, "%s: '%s' is not a number\n", option, text);
		exit(2);
	}
	return value;
}

void number_parse_range(const char *option, const char *text, uint64_t *first, uint64_t *end)
{
	char *rest;

	*first = number_parse(option, text, &rest);
	if (*rest != '-') {
		fprintf(stderr, "%s: '%s' is not FIRST-END\n", option, text);
		exit(2);
	}
	*end = number_parse(option, rest + 1, &rest);
}
