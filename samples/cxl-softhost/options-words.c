// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "options-words.h"

#define CXL_UNIT (256 * MIB)

bool parser_fail(struct parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->error, p->error_size, format, args);
	va_end(args);
	return false;
}

bool parse_u64(const char *text, int base, uint64_t max, uint64_t *out)
{
	char *end;

	/* strtoull() would take blanks and signs. */
	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && !*end && *out <= max;
}

bool parse_size(const char *text, uint64_t *out)
{
	static const char suffixes[] = "KMGT";
	const char *suffix;
	uint64_t value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno)
		return false;
	*out = value;
	if (!*end)
		return true;
	suffix = strchr(suffixes, *end);
	if (!suffix || end[1])
		return false;
	*out = value << (10 * (suffix - suffixes + 1));
	return *out >> (10 * (suffix - suffixes + 1)) == value;
}

bool next_item(char **text, char **key, char **value)
{
	char *item = *text;

	if (!item)
		return false;
	*text = strchr(item, ',');
	if (*text)
		*(*text)++ = '\0';
	*key = item;
	*value = strchr(item, '=');
	if (*value)
		*(*value)++ = '\0';
	return true;
}

bool item_size(struct parser *p, const char *what, const char *key, const char *value,
	       uint64_t *out)
{
	if (!value || !parse_size(value, out))
		return parser_fail(p, "%s: %s= wants a size such as 512M or 1G", what, key);
	if (*out % CXL_UNIT)
		return parser_fail(p, "%s: %s=%s is not a multiple of 256M", what, key, value);
	return true;
}

bool item_number(struct parser *p, const char *what, const char *key, const char *value,
		 uint64_t max, uint32_t *out)
{
	uint64_t number;

	if (!value || !parse_u64(value, 0, max, &number))
		return parser_fail(p, "%s: %s= wants a number up to %llu", what, key,
				   (unsigned long long)max);
	*out = number;
	return true;
}

bool item_name(struct parser *p, const char *what, const char *key, const char *value,
	       char *out)
{
	if (!value || !*value || strlen(value) >= OPTIONS_NAME)
		return parser_fail(p, "%s: %s= wants a name of 1 to %d letters", what, key,
				   OPTIONS_NAME - 1);
	strcpy(out, value);
	return true;
}

bool unknown_item(struct parser *p, const char *what, const char *key)
{
	return parser_fail(p, "%s: there is no \"%s\" here", what, key);
}
