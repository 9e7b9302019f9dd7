// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <cxlsofthost/host.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "options-check.h"

/* Components on the way from a host bridge to a device, both included. */
#define MAX_DEPTH 8

static bool fail(char *error, size_t error_size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(char *error, size_t error_size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, error_size, format, args);
	va_end(args);
	return false;
}

static bool legal_decoder_count(uint32_t count, bool device)
{
	static const uint32_t legal[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };

	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		if (legal[i] == count)
			return !device || count <= 10;
	return false;
}

/* Is there something at @port of @parent, but for the last one of its kind? */
static bool port_taken(const struct options *o, uint32_t parent, uint32_t port,
		       uint32_t branches, uint32_t devices)
{
	for (uint32_t i = 0; i < branches; i++)
		if (o->branches[i].parent == parent && o->branches[i].port == port)
			return true;
	for (uint32_t i = 0; i < devices; i++)
		if (o->devices[i].parent == parent && o->devices[i].port == port)
			return true;
	return false;
}

/* Components from a host bridge down to this one. */
static uint32_t depth_of(const struct options *o, uint32_t branch)
{
	uint32_t depth = 1;

	while (o->branches[branch].parent != OPTIONS_NONE) {
		branch = o->branches[branch].parent;
		depth++;
	}
	return depth;
}

static bool check_switch(const struct options *o, char *error, size_t error_size)
{
	const struct option_branch *branch = &o->branches[o->branch_count - 1];
	const struct option_branch *parent = &o->branches[branch->parent];

	if (branch->port >= parent->ports)
		return fail(error, error_size, "--switch %s: %s has ports 0 to %u",
			    branch->name, parent->name, parent->ports - 1);
	if (port_taken(o, branch->parent, branch->port, o->branch_count - 1, o->device_count))
		return fail(error, error_size, "--switch %s: port %u of %s is taken already",
			    branch->name, branch->port, parent->name);
	if (depth_of(o, o->branch_count - 1) >= MAX_DEPTH)
		return fail(error, error_size,
			    "--switch %s: at most %d components from bridge to device",
			    branch->name, MAX_DEPTH);
	return true;
}

bool options_check_branch(const struct options *o, char *error, size_t error_size)
{
	const struct option_branch *branch = &o->branches[o->branch_count - 1];
	bool is_switch = branch->parent != OPTIONS_NONE;
	const char *what = is_switch ? "--switch" : "--bridge";

	if (!branch->name[0])
		return fail(error, error_size, "%s wants name=", what);
	for (uint32_t i = 0; i + 1 < o->branch_count; i++)
		if (!strcmp(o->branches[i].name, branch->name))
			return fail(error, error_size, "%s: there are two called \"%s\"",
				    what, branch->name);
	if (strchr(branch->name, '+'))
		return fail(error, error_size, "%s: a + in the name \"%s\"", what,
			    branch->name);
	if (!branch->ports)
		return fail(error, error_size, "%s %s: ports= is 1 to %d", what, branch->name,
			    OPTIONS_PORTS);
	if (!branch->hdm && branch->ports > 1)
		return fail(error, error_size,
			    "%s %s: hdm=off passes everything to one port, so ports=1", what,
			    branch->name);
	if (!legal_decoder_count(branch->decoders, false))
		return fail(error, error_size,
			    "%s %s: decoders= is 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28 or 32",
			    what, branch->name);
	return !is_switch || check_switch(o, error, error_size);
}

static bool check_targets(const struct options *o, const struct option_window *window,
			  const char *name, char *error, size_t error_size)
{
	for (uint32_t i = 0; i < window->ways; i++) {
		if (o->branches[window->targets[i]].parent != OPTIONS_NONE)
			return fail(error, error_size, "--window: %s is a switch, not a bridge",
				    o->branches[window->targets[i]].name);
		for (uint32_t j = 0; j < i; j++)
			if (window->targets[i] == window->targets[j])
				return fail(error, error_size, "--window %s: a bridge twice",
					    name);
	}
	return true;
}

bool options_check_window(const struct options *o, char *error, size_t error_size)
{
	const struct option_window *window = &o->windows[o->window_count - 1];
	const char *name = o->branches[window->targets[0]].name;

	if (!check_targets(o, window, name, error, error_size))
		return false;
	if (cxlsh_encode_ways(window->ways) < 0)
		return fail(error, error_size,
			    "--window %s: 1, 2, 3, 4, 6, 8, 12 or 16 bridges, not %u", name,
			    window->ways);
	if (window->granularity > 16 * KIB || cxlsh_encode_granularity(window->granularity) < 0)
		return fail(error, error_size,
			    "--window %s: granularity= is 256, 512, 1K, 2K, 4K, 8K or 16K", name);
	if (!window->size)
		return fail(error, error_size, "--window %s wants size=", name);
	if (window->size % (window->ways * 256 * MIB))
		return fail(error, error_size, "--window %s: size= in steps of %lluM for %u ways",
			    name, window->ways * 256ULL, window->ways);
	if (window->base + window->size < window->base)
		return fail(error, error_size, "--window %s: base plus size is too large", name);
	return true;
}

bool options_check_device(const struct options *o, char *error, size_t error_size)
{
	const struct option_device *device = &o->devices[o->device_count - 1];
	const struct option_branch *parent = &o->branches[device->parent];

	if (!device->volatile_size && !device->persistent_size)
		return fail(error, error_size, "--device %s wants volatile= or persistent=",
			    device->name);
	if (device->labels && !device->persistent_size)
		return fail(error, error_size, "--device %s: labels= is for persistent= memory",
			    device->name);
	if (device->volatile_size + device->persistent_size < device->volatile_size)
		return fail(error, error_size, "--device %s is too large", device->name);
	if (device->port >= parent->ports)
		return fail(error, error_size, "--device %s: %s has ports 0 to %u",
			    device->name, parent->name, parent->ports - 1);
	if (!legal_decoder_count(device->decoders, true))
		return fail(error, error_size, "--device %s: decoders= is 1, 2, 4, 6, 8 or 10",
			    device->name);
	for (uint32_t i = 0; i + 1 < o->device_count; i++)
		if (!strcmp(o->devices[i].name, device->name))
			return fail(error, error_size, "--device: there are two called \"%s\"",
				    device->name);
	if (port_taken(o, device->parent, device->port, o->branch_count, o->device_count - 1))
		return fail(error, error_size, "--device %s: port %u of %s is taken already",
			    device->name, device->port, parent->name);
	return true;
}

/*
 * A bus for the ports of each bridge and switch, and one below each port: that
 * is how pci.c numbers them, and each bus has a piece of the bridge's memory.
 */
static bool check_buses(const struct options *o, char *error, size_t error_size)
{
	uint32_t buses[OPTIONS_BRIDGES + OPTIONS_SWITCHES] = { 0 }, all = 0;

	for (uint32_t i = 0; i < o->branch_count; i++) {
		uint32_t top = i;

		while (o->branches[top].parent != OPTIONS_NONE)
			top = o->branches[top].parent;
		buses[top] += 1 + o->branches[i].ports;
		all += 1 + o->branches[i].ports;
		if (buses[top] > LAYOUT_BUSES_PER_BRIDGE)
			return fail(error, error_size,
				    "there are too many ports below bridge %s: %u PCI buses at most",
				    o->branches[top].name, LAYOUT_BUSES_PER_BRIDGE);
	}
	if (all > 256)
		return fail(error, error_size, "there are too many ports: 256 PCI buses at most");
	return true;
}

static uint64_t ram_end(const struct options *o)
{
	if (o->mem <= LAYOUT_RAM_HOLE)
		return LAYOUT_RAM_HIGH;
	return LAYOUT_RAM_HIGH + o->mem - LAYOUT_RAM_HOLE;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static void place_windows(struct options *o)
{
	uint64_t next = align_up(ram_end(o), LAYOUT_WINDOW_ALIGN);

	if (next < LAYOUT_WINDOW_MIN)
		next = LAYOUT_WINDOW_MIN;
	for (uint32_t i = 0; i < o->window_count; i++) {
		const struct option_window *window = &o->windows[i];
		uint64_t end = window->base + window->size;

		if (window->base && align_up(end, LAYOUT_WINDOW_ALIGN) > next)
			next = align_up(end, LAYOUT_WINDOW_ALIGN);
	}
	for (uint32_t i = 0; i < o->window_count; i++) {
		struct option_window *window = &o->windows[i];

		if (window->base)
			continue;
		window->base = next;
		next = align_up(next + window->size, LAYOUT_WINDOW_ALIGN);
	}
}

static bool check_windows(const struct options *o, char *error, size_t error_size)
{
	for (uint32_t i = 0; i < o->window_count; i++) {
		const struct option_window *a = &o->windows[i];

		if (a->base < ram_end(o))
			return fail(error, error_size,
				    "--window: base=0x%llx lies in RAM or below 4G",
				    (unsigned long long)a->base);
		for (uint32_t j = 0; j < i; j++) {
			const struct option_window *b = &o->windows[j];

			if (a->base < b->base + b->size && b->base < a->base + a->size)
				return fail(error, error_size,
					    "--window: 0x%llx overlaps the one at 0x%llx",
					    (unsigned long long)a->base,
					    (unsigned long long)b->base);
		}
	}
	return true;
}

static bool check_pre_commit(const struct options *o, char *error, size_t error_size)
{
	for (uint32_t i = 0; i < o->branch_count; i++) {
		if (o->branches[i].parent != OPTIONS_NONE)
			return fail(error, error_size, "--pre-commit knows no switches: %s",
				    o->branches[i].name);
		if (!o->branches[i].hdm)
			return fail(error, error_size,
				    "--pre-commit needs decoders: bridge %s has hdm=off",
				    o->branches[i].name);
	}
	for (uint32_t i = 0; i < o->window_count; i++)
		if (o->windows[i].ways > 1)
			return fail(error, error_size,
				    "--pre-commit fills windows with one bridge, not %u",
				    o->windows[i].ways);
	return true;
}

/* What isn't there at the start is made in cxlvm itself, and by no firmware. */
static bool check_later(const struct options *o, char *error, size_t error_size)
{
	const char *name = NULL;

	for (uint32_t i = 0; i < o->branch_count; i++)
		if (o->branches[i].later)
			name = o->branches[i].name;
	for (uint32_t i = 0; i < o->device_count; i++)
		if (o->devices[i].later)
			name = o->devices[i].name;
	if (name && (o->pre_commit || o->device_process))
		return fail(error, error_size, "%s comes later: not with %s", name,
			    o->pre_commit ? "--pre-commit" : "--device-process");
	return true;
}

/* How changes of the map are made: what wasn't said, and what doesn't go together. */
static bool check_changes(struct options *o, char *error, size_t error_size)
{
	if ((o->advisory || o->device_process || o->phases) && !o->window_count)
		return fail(error, error_size, "%s makes no sense without a --window",
			    o->advisory ? "--engine advisory" :
			    o->device_process ? "--device-process" : "--phases");
	if (o->advisory && o->no_map)
		return fail(error, error_size, "--no-map has no engine, --engine advisory is one");
	if (o->advisory && o->phases == 1)
		return fail(error, error_size, "--engine advisory needs two phases");
	if (!o->phases)
		o->phases = o->window_count && (o->advisory || o->disk) ? 2 : 1;
	return true;
}

bool options_check(struct options *o, char *error, size_t error_size)
{
	if (!o->kernel)
		return fail(error, error_size, "--kernel is missing");
	if (o->bridge_count && !o->window_count)
		return fail(error, error_size, "a --bridge needs a --window that routes to it");
	if ((o->pre_commit || o->no_map) && !o->window_count)
		return fail(error, error_size, "%s makes no sense without a --window",
			    o->pre_commit ? "--pre-commit" : "--no-map");
	if (!check_changes(o, error, error_size) || !check_buses(o, error, error_size) ||
	    !check_later(o, error, error_size) ||
	    (o->pre_commit && !check_pre_commit(o, error, error_size)))
		return false;
	place_windows(o);
	return check_windows(o, error, error_size);
}
