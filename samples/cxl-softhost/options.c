// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The command line: words, and what they mean by themselves. */
#include <string.h>

#include "layout.h"
#include "options.h"
#include "options-check.h"
#include "options-words.h"

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
		return parser_fail(p, "--cpuid-mask: at most %d of them", OPTIONS_MASKS);
	if (!reg || !bits || bits < reg || (subleaf && subleaf > reg))
		return parser_fail(p, "--cpuid-mask wants LEAF[.SUBLEAF]:REGISTER=BITS");
	*reg++ = '\0';
	*bits++ = '\0';
	if (subleaf)
		*subleaf++ = '\0';
	if (!parse_u64(text, 16, UINT32_MAX, &leaf) ||
	    (subleaf && !parse_u64(subleaf, 16, UINT32_MAX, &sub)) ||
	    !parse_u64(bits, 16, UINT32_MAX, &value))
		return parser_fail(p, "--cpuid-mask: leaf, subleaf and bits are hexadecimal");
	for (mask->reg = 0; mask->reg < 4; mask->reg++)
		if (!strcmp(regs[mask->reg], reg))
			break;
	if (mask->reg == 4)
		return parser_fail(p, "--cpuid-mask: the register is eax, ebx, ecx or edx");
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
	return parser_fail(p, "--pages wants default, huge, small or hugetlb");
}

static bool parse_cpus(struct parser *p, char *text)
{
	uint64_t value;

	if (!parse_u64(text, 0, OPTIONS_CPUS, &value) || !value)
		return parser_fail(p, "--cpus wants a number from 1 to %d", OPTIONS_CPUS);
	p->options->cpus = value;
	return true;
}

static bool parse_phases(struct parser *p, char *text)
{
	if (strcmp(text, "1") && strcmp(text, "2"))
		return parser_fail(p, "--phases wants 1 or 2");
	p->options->phases = *text - '0';
	return true;
}

static bool parse_engine(struct parser *p, char *text)
{
	if (strcmp(text, "kvm") && strcmp(text, "advisory"))
		return parser_fail(p, "--engine wants kvm or advisory");
	p->options->advisory = *text == 'a';
	return true;
}

static bool parse_timeout(struct parser *p, char *text)
{
	uint64_t value;

	if (!parse_u64(text, 0, 1000000, &value))
		return parser_fail(p, "--timeout wants a number of seconds");
	p->options->timeout = value;
	return true;
}

static bool parse_mem(struct parser *p, char *text)
{
	if (!parse_size(text, &p->options->mem) || p->options->mem % (2 * MIB) ||
	    p->options->mem < 128 * MIB)
		return parser_fail(p, "--mem wants a size in steps of 2M, 128M at least");
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
		{ "--disk", &p->options->disk },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (!strcmp(strings[i].word, word)) {
			*strings[i].out = text;
			return true;
		}
	}
	return parser_fail(p, "there is no option %s", word);
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
		{ "--device-process", &o->device_process },
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
		{ "--switch", parse_switch },
		{ "--window", parse_window },
		{ "--device", parse_device },
		{ "--cpus", parse_cpus },
		{ "--mem", parse_mem },
		{ "--pages", parse_pages },
		{ "--timeout", parse_timeout },
		{ "--phases", parse_phases },
		{ "--engine", parse_engine },
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
			return parser_fail(&p, "\"%s\" belongs to no option", argv[i]);
		/* Is it known at all? Then it is the value that is missing. */
		if (i + 1 == argc) {
			if (!parse_value(&p, argv[i], empty) &&
			    !strncmp(error, "there is no option", 18))
				return false;
			return parser_fail(&p, "%s wants a value", argv[i]);
		}
		if (!parse_value(&p, argv[i], argv[i + 1]))
			return false;
		i++;
	}
	return options->help || options_check(options, error, error_size);
}
