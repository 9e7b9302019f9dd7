// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The command line: words, and what they mean by themselves. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "options.h"
#include "options-check.h"

#define CXL_UNIT (256 * MIB)

struct parser {
	struct options *options;
	char *error;
	size_t error_size;
};

static bool fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->error, p->error_size, format, args);
	va_end(args);
	return false;
}

static bool parse_u64(const char *text, int base, uint64_t max, uint64_t *out)
{
	char *end;

	/* strtoull() would take blanks and signs. */
	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && !*end && *out <= max;
}

/* A number of bytes, with K, M, G or T. */
static bool parse_size(const char *text, uint64_t *out)
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

/* Cuts the next "key" or "key=value" off *text; false at the end. */
static bool next_item(char **text, char **key, char **value)
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

static bool item_size(struct parser *p, const char *what, const char *key, const char *value,
		      uint64_t *out)
{
	if (!value || !parse_size(value, out))
		return fail(p, "%s: %s= wants a size such as 512M or 1G", what, key);
	if (*out % CXL_UNIT)
		return fail(p, "%s: %s=%s is not a multiple of 256M", what, key, value);
	return true;
}

static bool item_number(struct parser *p, const char *what, const char *key, const char *value,
			uint64_t max, uint32_t *out)
{
	uint64_t number;

	if (!value || !parse_u64(value, 0, max, &number))
		return fail(p, "%s: %s= wants a number up to %llu", what, key,
			    (unsigned long long)max);
	*out = number;
	return true;
}

static bool item_name(struct parser *p, const char *what, const char *key, const char *value,
		      char *out)
{
	if (!value || !*value || strlen(value) >= OPTIONS_NAME)
		return fail(p, "%s: %s= wants a name of 1 to %d letters", what, key,
			    OPTIONS_NAME - 1);
	strcpy(out, value);
	return true;
}

static bool unknown_item(struct parser *p, const char *what, const char *key)
{
	return fail(p, "%s: there is no \"%s\" here", what, key);
}

/* "hb0" at the start of --window and --device. */
static bool find_bridge(struct parser *p, const char *what, const char *name, uint32_t *out)
{
	for (uint32_t i = 0; i < p->options->bridge_count; i++) {
		if (!strcmp(p->options->bridges[i].name, name)) {
			*out = i;
			return true;
		}
	}
	return fail(p, "%s: no --bridge before it is called \"%s\"", what, name);
}

static bool parse_bridge(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_bridge *bridge = &o->bridges[o->bridge_count];
	char *key = NULL, *value = NULL;

	if (o->bridge_count == OPTIONS_BRIDGES)
		return fail(p, "--bridge: at most %d bridges", OPTIONS_BRIDGES);
	*bridge = (struct option_bridge){ .hdm = true, .ports = 1, .decoders = 4 };
	while (next_item(&text, &key, &value)) {
		bool ok;

		if (!strcmp(key, "name")) {
			ok = item_name(p, "--bridge", key, value, bridge->name);
		} else if (!strcmp(key, "ports")) {
			ok = item_number(p, "--bridge", key, value, OPTIONS_PORTS, &bridge->ports);
		} else if (!strcmp(key, "decoders")) {
			ok = item_number(p, "--bridge", key, value, 32, &bridge->decoders);
		} else if (!strcmp(key, "hdm")) {
			if (!value || (strcmp(value, "on") && strcmp(value, "off")))
				return fail(p, "--bridge: hdm= wants on or off");
			bridge->hdm = !strcmp(value, "on");
			ok = true;
		} else {
			ok = unknown_item(p, "--bridge", key);
		}
		if (!ok)
			return false;
	}
	o->bridge_count++;
	return options_check_bridge(o, p->error, p->error_size);
}

static bool parse_window(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_window *window = &o->windows[o->window_count];
	char *key = NULL, *value = NULL;

	if (o->window_count == OPTIONS_WINDOWS)
		return fail(p, "--window: at most %d windows", OPTIONS_WINDOWS);
	*window = (struct option_window){ 0 };
	next_item(&text, &key, &value);
	if (value)
		return fail(p, "--window: the bridge's name comes first");
	if (!find_bridge(p, "--window", key, &window->bridge))
		return false;
	while (next_item(&text, &key, &value)) {
		bool ok = true;

		if (!strcmp(key, "size"))
			ok = item_size(p, "--window", key, value, &window->size);
		else if (!strcmp(key, "base"))
			ok = item_size(p, "--window", key, value, &window->base);
		else if (!strcmp(key, "volatile") && !value)
			window->takes_volatile = true;
		else if (!strcmp(key, "persistent") && !value)
			window->takes_persistent = true;
		else
			ok = unknown_item(p, "--window", key);
		if (!ok)
			return false;
	}
	if (!window->takes_volatile && !window->takes_persistent) {
		window->takes_volatile = true;
		window->takes_persistent = true;
	}
	o->window_count++;
	return options_check_window(o, p->error, p->error_size);
}

static bool parse_device(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_device *device = &o->devices[o->device_count];
	char *key = NULL, *value = NULL;

	if (o->device_count == OPTIONS_DEVICES)
		return fail(p, "--device: at most %d devices", OPTIONS_DEVICES);
	*device = (struct option_device){ .decoders = 4 };
	snprintf(device->name, sizeof(device->name), "mem%u", o->device_count);
	next_item(&text, &key, &value);
	if (value)
		return fail(p, "--device: the bridge's name comes first");
	if (!find_bridge(p, "--device", key, &device->bridge))
		return false;
	while (next_item(&text, &key, &value)) {
		bool ok = true;

		if (!strcmp(key, "port"))
			ok = item_number(p, "--device", key, value, OPTIONS_PORTS - 1,
					 &device->port);
		else if (!strcmp(key, "volatile"))
			ok = item_size(p, "--device", key, value, &device->volatile_size);
		else if (!strcmp(key, "persistent"))
			ok = item_size(p, "--device", key, value, &device->persistent_size);
		else if (!strcmp(key, "decoders"))
			ok = item_number(p, "--device", key, value, 10, &device->decoders);
		else if (!strcmp(key, "id"))
			ok = item_name(p, "--device", key, value, device->name);
		else if (!strcmp(key, "file") && value && *value)
			device->file = value;
		else
			ok = unknown_item(p, "--device", key);
		if (!ok)
			return false;
	}
	o->device_count++;
	return options_check_device(o, p->error, p->error_size);
}

/* LEAF[.SUBLEAF]:REGISTER=BITS */
static bool parse_mask(struct parser *p, char *text)
{
	static const char *const regs[] = { "eax", "ebx", "ecx", "edx" };
	struct options *o = p->options;
	struct option_mask *mask = &o->masks[o->mask_count];
	char *reg = strchr(text, ':');
	char *bits = strchr(text, '=');
	char *subleaf = strchr(text, '.');
	uint64_t leaf, sub = 0, value;

	if (o->mask_count == OPTIONS_MASKS)
		return fail(p, "--cpuid-mask: at most %d of them", OPTIONS_MASKS);
	if (!reg || !bits || bits < reg || (subleaf && subleaf > reg))
		return fail(p, "--cpuid-mask wants LEAF[.SUBLEAF]:REGISTER=BITS");
	*reg++ = '\0';
	*bits++ = '\0';
	if (subleaf)
		*subleaf++ = '\0';
	if (!parse_u64(text, 16, UINT32_MAX, &leaf) ||
	    (subleaf && !parse_u64(subleaf, 16, UINT32_MAX, &sub)) ||
	    !parse_u64(bits, 16, UINT32_MAX, &value))
		return fail(p, "--cpuid-mask: leaf, subleaf and bits are hexadecimal numbers");
	for (mask->reg = 0; mask->reg < 4; mask->reg++)
		if (!strcmp(regs[mask->reg], reg))
			break;
	if (mask->reg == 4)
		return fail(p, "--cpuid-mask: the register is eax, ebx, ecx or edx");
	mask->leaf = leaf;
	mask->subleaf = sub;
	mask->bits = value;
	o->mask_count++;
	return true;
}

static bool parse_pages(struct parser *p, char *text)
{
	static const struct {
		const char *name;
		enum page_advice advice;
	} names[] = {
		{ "default", PAGE_ADVICE_DEFAULT },
		{ "huge", PAGE_ADVICE_HUGE },
		{ "small", PAGE_ADVICE_SMALL },
		{ "hugetlb", PAGE_ADVICE_HUGETLB },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i].name)) {
			p->options->pages = names[i].advice;
			return true;
		}
	}
	return fail(p, "--pages wants default, huge, small or hugetlb");
}

static bool parse_cpus(struct parser *p, char *text)
{
	uint64_t value;

	if (!parse_u64(text, 0, OPTIONS_CPUS, &value) || !value)
		return fail(p, "--cpus wants a number from 1 to %d", OPTIONS_CPUS);
	p->options->cpus = value;
	return true;
}

static bool parse_timeout(struct parser *p, char *text)
{
	uint64_t value;

	if (!parse_u64(text, 0, 1000000, &value))
		return fail(p, "--timeout wants a number of seconds");
	p->options->timeout = value;
	return true;
}

static bool parse_mem(struct parser *p, char *text)
{
	if (!parse_size(text, &p->options->mem) || p->options->mem % (2 * MIB) ||
	    p->options->mem < 128 * MIB)
		return fail(p, "--mem wants a size in steps of 2M, 128M at least");
	return true;
}

static bool parse_string(struct parser *p, const char *word, char *text)
{
	const struct {
		const char *word;
		const char **out;
	} strings[] = {
		{ "--kernel", &p->options->kernel },
		{ "--initrd", &p->options->initrd },
		{ "--append", &p->options->append },
		{ "--report", &p->options->report },
		{ "--console", &p->options->console },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (!strcmp(strings[i].word, word)) {
			*strings[i].out = text;
			return true;
		}
	}
	return fail(p, "there is no option %s", word);
}

static bool parse_flag(struct options *o, const char *word)
{
	const struct {
		const char *word;
		bool *out;
	} flags[] = {
		{ "--hide-hypervisor", &o->hide_hypervisor },
		{ "--pre-commit", &o->pre_commit },
		{ "--no-map", &o->no_map },
		{ "--interactive", &o->interactive },
		{ "--verbose", &o->verbose },
		{ "--help", &o->help },
		{ "-h", &o->help },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!strcmp(flags[i].word, word)) {
			*flags[i].out = true;
			return true;
		}
	}
	return false;
}

static bool parse_value(struct parser *p, const char *word, char *text)
{
	static const struct {
		const char *word;
		bool (*parse)(struct parser *p, char *text);
	} values[] = {
		{ "--bridge", parse_bridge },
		{ "--window", parse_window },
		{ "--device", parse_device },
		{ "--cpus", parse_cpus },
		{ "--mem", parse_mem },
		{ "--pages", parse_pages },
		{ "--timeout", parse_timeout },
		{ "--cpuid-mask", parse_mask },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!strcmp(values[i].word, word))
			return values[i].parse(p, text);
	return parse_string(p, word, text);
}

bool options_parse(struct options *options, int argc, char **argv, char *error,
		   size_t error_size)
{
	struct parser p = { .options = options, .error = error, .error_size = error_size };

	memset(options, 0, sizeof(*options));
	options->cpus = 1;
	options->mem = 512 * MIB;
	error[0] = '\0';

	for (int i = 1; i < argc; i++) {
		static char empty[] = "";

		if (parse_flag(options, argv[i]))
			continue;
		if (argv[i][0] != '-')
			return fail(&p, "\"%s\" belongs to no option", argv[i]);
		/* Is it known at all? Then it is the value that is missing. */
		if (i + 1 == argc) {
			if (!parse_value(&p, argv[i], empty) &&
			    !strncmp(error, "there is no option", 18))
				return false;
			return fail(&p, "%s wants a value", argv[i]);
		}
		if (!parse_value(&p, argv[i], argv[i + 1]))
			return false;
		i++;
	}
	return options->help || options_check(options, error, error_size);
}
