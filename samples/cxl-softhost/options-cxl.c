// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* --bridge, --switch, --window and --device: their words. */
#include <stdio.h>
#include <string.h>

#include "options-check.h"
#include "options-words.h"

/* The name of a bridge or switch, first in the options that refer to one. */
static bool find_branch(struct parser *p, const char *what, const char *name, uint32_t *out)
{
	for (uint32_t i = 0; i < p->options->branch_count; i++) {
		if (!strcmp(p->options->branches[i].name, name)) {
			*out = i;
			return true;
		}
	}
	return parser_fail(p, "%s: no --bridge or --switch before it is called \"%s\"", what,
			   name);
}

/* What bridges and switches have in common. */
static bool branch_item(struct parser *p, const char *what, const char *key, const char *value,
			struct option_branch *branch)
{
	if (!strcmp(key, "name"))
		return item_name(p, what, key, value, branch->name);
	if (!strcmp(key, "ports"))
		return item_number(p, what, key, value, OPTIONS_PORTS, &branch->ports);
	if (!strcmp(key, "decoders"))
		return item_number(p, what, key, value, 32, &branch->decoders);
	if (strcmp(key, "hdm"))
		return unknown_item(p, what, key);
	if (!value || (strcmp(value, "on") && strcmp(value, "off")))
		return parser_fail(p, "%s: hdm= wants on or off", what);
	branch->hdm = !strcmp(value, "on");
	return true;
}

static const struct option_branch branch_default = {
	.parent = OPTIONS_NONE, .hdm = true, .ports = 1, .decoders = 4,
};

bool parse_bridge(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_branch *branch = &o->branches[o->branch_count];
	char *key = NULL, *value = NULL;

	if (o->bridge_count == OPTIONS_BRIDGES)
		return parser_fail(p, "--bridge: at most %d bridges", OPTIONS_BRIDGES);
	*branch = branch_default;
	while (next_item(&text, &key, &value))
		if (!branch_item(p, "--bridge", key, value, branch))
			return false;
	o->branch_count++;
	o->bridge_count++;
	return options_check_branch(o, p->error, p->error_size);
}

bool parse_switch(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_branch *branch = &o->branches[o->branch_count];
	char *key = NULL, *value = NULL;
	bool ok = true;

	if (o->branch_count - o->bridge_count == OPTIONS_SWITCHES)
		return parser_fail(p, "--switch: at most %d switches", OPTIONS_SWITCHES);
	*branch = branch_default;
	next_item(&text, &key, &value);
	if (value)
		return parser_fail(p, "--switch: the name of what it is plugged into comes first");
	if (!find_branch(p, "--switch", key, &branch->parent))
		return false;
	while (next_item(&text, &key, &value)) {
		if (!strcmp(key, "port"))
			ok = item_number(p, "--switch", key, value, OPTIONS_PORTS - 1,
					 &branch->port);
		else if (!strcmp(key, "later") && !value)
			branch->later = true;
		else
			ok = branch_item(p, "--switch", key, value, branch);
		if (!ok)
			return false;
	}
	o->branch_count++;
	return options_check_branch(o, p->error, p->error_size);
}

/* "hb0+hb1": the bridges in interleave order. */
static bool parse_targets(struct parser *p, char *names, struct option_window *window)
{
	while (names) {
		char *name = names;

		names = strchr(name, '+');
		if (names)
			*names++ = '\0';
		if (window->ways == OPTIONS_WAYS)
			return parser_fail(p, "--window: at most %d bridges", OPTIONS_WAYS);
		if (!find_branch(p, "--window", name, &window->targets[window->ways]))
			return false;
		window->ways++;
	}
	return true;
}

static bool window_item(struct parser *p, const char *key, const char *value,
			struct option_window *window)
{
	if (!strcmp(key, "size"))
		return item_size(p, "--window", key, value, &window->size);
	if (!strcmp(key, "base"))
		return item_size(p, "--window", key, value, &window->base);
	if (!strcmp(key, "granularity"))
		return (value && parse_size(value, &window->granularity)) ||
		       parser_fail(p, "--window: granularity= wants a size such as 4K");
	if (!strcmp(key, "volatile") && !value)
		window->takes_volatile = true;
	else if (!strcmp(key, "persistent") && !value)
		window->takes_persistent = true;
	else if (!strcmp(key, "xor") && !value)
		window->xor_arithmetic = true;
	else if (!strcmp(key, "interleave") && !value)
		window->interleave = true;
	else
		return unknown_item(p, "--window", key);
	return true;
}

bool parse_window(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_window *window = &o->windows[o->window_count];
	char *key = NULL, *value = NULL;

	if (o->window_count == OPTIONS_WINDOWS)
		return parser_fail(p, "--window: at most %d windows", OPTIONS_WINDOWS);
	*window = (struct option_window){ .granularity = 256 };
	next_item(&text, &key, &value);
	if (value)
		return parser_fail(p, "--window: the bridge's name comes first");
	if (!parse_targets(p, key, window))
		return false;
	while (next_item(&text, &key, &value))
		if (!window_item(p, key, value, window))
			return false;
	if (!window->takes_volatile && !window->takes_persistent) {
		window->takes_volatile = true;
		window->takes_persistent = true;
	}
	o->window_count++;
	return options_check_window(o, p->error, p->error_size);
}

bool parse_device(struct parser *p, char *text)
{
	struct options *o = p->options;
	struct option_device *device = &o->devices[o->device_count];
	char *key = NULL, *value = NULL;

	if (o->device_count == OPTIONS_DEVICES)
		return parser_fail(p, "--device: at most %d devices", OPTIONS_DEVICES);
	*device = (struct option_device){ .decoders = 4 };
	snprintf(device->name, sizeof(device->name), "mem%u", o->device_count);
	next_item(&text, &key, &value);
	if (value)
		return parser_fail(p, "--device: the name of what it is plugged into comes first");
	if (!find_branch(p, "--device", key, &device->parent))
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
		else if (!strcmp(key, "labels") && value && *value)
			device->labels = value;
		else if (!strcmp(key, "later") && !value)
			device->later = true;
		else
			ok = unknown_item(p, "--device", key);
		if (!ok)
			return false;
	}
	o->device_count++;
	return options_check_device(o, p->error, p->error_size);
}
