/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers on the command lines of the scenes' programs; a wrong one is the end. */
#ifndef SCENE_NUMBER_H
#define SCENE_NUMBER_H

#include <stdint.h>

/* The number at the start of @text; @end: what follows it. */
uint64_t number_parse(const char *option, const char *text, char **end);

/* FIRST-END */
void number_parse_range(const char *option, const char *text, uint64_t *first, uint64_t *end);

#endif
