// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

/* Of a component register block */
#define GLOBAL_CONTROL 0x1104
#define DECODER(n) (0x1110 + 0x20 * (n))

#define CONTROL_COMMIT 0x200u

static const char *report_name;
static unsigned int line_number;

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list args;

	printf("%s, line %u: ", report_name, line_number);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(2);
}

/* The value of KEY= in a record, in a buffer that the next call overwrites. */
static const char *word(const char *line, const char *key)
{
	static char value[512];
	size_t length = strlen(key);
	const char *at;

	for (at = line; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
		if (strncmp(at, key, length) || at[length] != '=')
			continue;
		at += length + 1;
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, " "), at);
		return value;
	}
	fail("no %s=", key);
}

static uint64_t number(const char *line, const char *key)
{
	const char *text = word(line, key);
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end)
		fail("%s=%s is no number", key, text);
	return value;
}

int replay_node(const struct replay *replay, const char *name)
{
	unsigned int i;

	for (i = 0; i < replay->model.node_count; i++)
		if (!strcmp(replay->names[i], name))
			return (int)i;
	return -1;
}

static struct model_node *find_node(struct replay *replay, const char *name)
{
	int i = replay_node(replay, name);

	if (i < 0)
		fail("there is no node %s before", name);
	return &replay->model.nodes[i];
}

static void write_register(struct model_node *node, unsigned int offset, unsigned int width,
			   uint64_t value, enum model_verdict wanted)
{
	struct model_write result;

	model_write(node, offset, width, value, &result);
	if (result.verdict != wanted)
		fail("the model answers %d to %#" PRIx64 " at %#x, not %d (rules broken: %#x)",
		     (int)result.verdict, value, offset, (int)wanted, result.broken);
}

/* Volatile and persistent capacity lie one after the other, as cxlvm has them. */
static void add_device(struct model_node *node, const char *line)
{
	node->kind = MODEL_DEVICE;
	node->ways_3_6_12 = true;
	node->ways_16 = true;
	node->media_ok = true;
	node->mem_on = number(line, "mem_enable");
	node->partitions[0].length = number(line, "volatile");
	node->partitions[1].length = number(line, "persistent");
	node->partitions[1].offset = node->partitions[0].length;
	model_node_init(node);
	write_register(node, GLOBAL_CONTROL, 4, number(line, "global"), MODEL_STORED);
}

static void add_node(struct replay *replay, const char *line)
{
	struct model *model = &replay->model;
	struct model_node *node = &model->nodes[model->node_count];
	const char *kind, *parent;

	if (model->node_count == MODEL_NODES)
		fail("the model has no room for so many nodes");
	node->present = true;
	node->above = -1;
	parent = word(line, "parent");
	if (strcmp(parent, "none"))
		node->above = (int)(find_node(replay, parent) - model->nodes);
	node->port = number(line, "port");
	node->decoders = number(line, "decoders");
	node->has_hdm = node->decoders;
	node->bits_8_11 = true;
	node->bits_12_14 = true;
	snprintf(replay->names[model->node_count++], REPLAY_NAME, "%s", word(line, "node"));

	kind = word(line, "kind");
	if (!strcmp(kind, "endpoint")) {
		add_device(node, line);
		return;
	}
	node->kind = strcmp(kind, "switch") ? MODEL_BRIDGE : MODEL_SWITCH;
	for (node->targets = 1; node->targets < number(line, "ports");)
		node->targets *= 2;
	model_node_init(node);
}

static void add_decoder(struct replay *replay, const char *line)
{
	struct model_node *node = find_node(replay, word(line, "node"));
	unsigned int at = DECODER(number(line, "decoder"));
	uint64_t control = number(line, "control");

	write_register(node, at, 8, number(line, "base"), MODEL_STORED);
	write_register(node, at + 8, 8, number(line, "size"), MODEL_STORED);
	write_register(node, at + 20, 4, number(line, "list") & 0xffffffff, MODEL_STORED);
	write_register(node, at + 24, 4, number(line, "list") >> 32, MODEL_STORED);
	write_register(node, at + 16, 4, control, MODEL_COMMITTED);
	/* Bits that came back as they were written, and COMMITTED */
	if (model_dword(node, at + 16 - 0x1000) != control)
		fail("control is %#x in the model", model_dword(node, at + 16 - 0x1000));
}

typedef void take_fn(void *to, const char *item, unsigned int index);

/* "a+b" to what @take makes of each; returns how many there are. */
static unsigned int split(char *text, unsigned int most, take_fn *take, void *to)
{
	unsigned int count = 0;
	char *item;

	for (item = strtok(text, "+"); item; item = strtok(NULL, "+")) {
		if (count == most)
			fail("more than %u of them", most);
		take(to, item, count++);
	}
	return count;
}

static void take_map(void *to, const char *item, unsigned int index)
{
	struct model_window *window = to;

	window->maps[index] = strtoull(item, NULL, 0);
}

/* Targets come as names of nodes, which are in the report after the windows. */
static char target_names[MODEL_WAYS][REPLAY_NAME];

static void take_target(void *to, const char *item, unsigned int index)
{
	(void)to;
	snprintf(target_names[index], REPLAY_NAME, "%s", item);
}

static void add_window(struct replay *replay, const char *line, uint64_t hpa)
{
	struct model_window *window = &replay->model.windows[0];
	uint64_t base = number(line, "hpa"), length = number(line, "length");
	char text[512];

	if (hpa < base || hpa - base >= length)
		return;
	window->base = base;
	window->length = length;
	window->granule = number(line, "granularity");
	snprintf(text, sizeof(text), "%s", word(line, "targets"));
	window->ways = split(text, MODEL_WAYS, take_target, NULL);
	if (window->ways != number(line, "ways"))
		fail("ways= and targets= differ");
	if (!strcmp(word(line, "arithmetic"), "xor")) {
		snprintf(text, sizeof(text), "%s", word(line, "maps"));
		window->map_count = split(text, MODEL_MAPS, take_map, window);
	}
	replay->model.window_count = 1;
}

void replay_report(struct replay *replay, const char *report, const char *phase, uint64_t hpa)
{
	struct model_window *window = &replay->model.windows[0];
	char line[1024];
	unsigned int i;
	FILE *file;

	memset(replay, 0, sizeof(*replay));
	report_name = report;
	file = fopen(report, "re");
	if (!file)
		fail("%s", strerror(errno));
	for (line_number = 1; fgets(line, sizeof(line), file); line_number++) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "record=", 7) || !strstr(line, " phase=") ||
		    strcmp(word(line, "phase"), phase))
			continue;
		if (!strncmp(line, "record=window ", 14))
			add_window(replay, line, hpa);
		else if (!strncmp(line, "record=node ", 12))
			add_node(replay, line);
		else if (!strncmp(line, "record=decoder ", 15))
			add_decoder(replay, line);
	}
	fclose(file);
	if (!replay->model.window_count || !replay->model.node_count)
		fail("no window with %#" PRIx64 ", or no nodes, at %s", hpa, phase);
	for (i = 0; i < window->ways; i++)
		window->targets[i] = (int)(find_node(replay, target_names[i]) -
					   replay->model.nodes);
}
