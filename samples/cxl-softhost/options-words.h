/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pieces of the command line's words: numbers, sizes, "key=value" lists. */
#ifndef CXLVM_OPTIONS_WORDS_H
#define CXLVM_OPTIONS_WORDS_H

#include "options.h"

struct parser {
	struct options *options;
	char *error;
	size_t error_size;
};

/* Writes the sentence that says what is wrong; returns false. */
bool parser_fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool parse_u64(const char *text, int base, uint64_t max, uint64_t *out);

/* A number of bytes, with K, M, G or T. */
bool parse_size(const char *text, uint64_t *out);

/* Cuts the next "key" or "key=value" off *text; false at the end. */
bool next_item(char **text, char **key, char **value);

/* The value of a key= of the option @what. */
bool item_size(struct parser *p, const char *what, const char *key, const char *value,
	       uint64_t *out);
bool item_number(struct parser *p, const char *what, const char *key, const char *value,
		 uint64_t max, uint32_t *out);
bool item_name(struct parser *p, const char *what, const char *key, const char *value,
	       char *out);
bool unknown_item(struct parser *p, const char *what, const char *key);

/* options-cxl.c: the options that describe the CXL hierarchy. */
bool parse_bridge(struct parser *p, char *text);
bool parse_switch(struct parser *p, char *text);
bool parse_window(struct parser *p, char *text);
bool parse_device(struct parser *p, char *text);

#endif
