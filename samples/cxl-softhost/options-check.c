// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "options-check.h"

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

static bool legal_decoder_count(uint32_t count, bool bridge)
{
	static const uint32_t legal[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32 };

	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		if (legal[i] == count)
			return bridge || count <= 10;
	return false;
}

bool options_check_bridge(const struct options *o, char *error, size_t error_size)
{
	const struct option_bridge *bridge = &o->bridges[o->bridge_count - 1];

	if (!bridge->name[0])
		return fail(error, error_size, "--bridge wants name=");
	for (uint32_t i = 0; i + 1 < o->bridge_count; i++)
		if (!strcmp(o->bridges[i].name, bridge->name))
			return fail(error, error_size, "--bridge: there are two called \"%s\"",
				    bridge->name);
	if (!bridge->ports)
		return fail(error, error_size, "--bridge %s: ports= is 1 to %d", bridge->name,
			    OPTIONS_PORTS);
	if (!bridge->hdm && bridge->ports > 1)
		return fail(error, error_size,
			    "--bridge %s: hdm=off passes everything to one port, so ports=1",
			    bridge->name);
	if (!legal_decoder_count(bridge->decoders, true))
		return fail(error, error_size,
			    "--bridge %s: decoders= is 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24 or 32",
			    bridge->name);
	return true;
}

bool options_check_window(const struct options *o, char *error, size_t error_size)
{
	const struct option_window *window = &o->windows[o->window_count - 1];

	if (!window->size)
		return fail(error, error_size, "--window %s wants size=",
			    o->bridges[window->bridge].name);
	if (window->base + window->size < window->base)
		return fail(error, error_size, "--window %s: base plus size is too large",
			    o->bridges[window->bridge].name);
	return true;
}

bool options_check_device(const struct options *o, char *error, size_t error_size)
{
	const struct option_device *device = &o->devices[o->device_count - 1];
	const struct option_bridge *bridge = &o->bridges[device->bridge];

	if (!device->volatile_size && !device->persistent_size)
		return fail(error, error_size, "--device %s wants volatile= or persistent=",
			    device->name);
	if (device->volatile_size + device->persistent_size < device->volatile_size)
		return fail(error, error_size, "--device %s is too large", device->name);
	if (device->port >= bridge->ports)
		return fail(error, error_size, "--device %s: bridge %s has ports 0 to %u",
			    device->name, bridge->name, bridge->ports - 1);
	if (!legal_decoder_count(device->decoders, false))
		return fail(error, error_size, "--device %s: decoders= is 1, 2, 4, 6, 8 or 10",
			    device->name);
	for (uint32_t i = 0; i + 1 < o->device_count; i++) {
		if (!strcmp(o->devices[i].name, device->name))
			return fail(error, error_size, "--device: there are two called \"%s\"",
				    device->name);
		if (o->devices[i].bridge == device->bridge && o->devices[i].port == device->port)
			return fail(error, error_size,
				    "--device %s: port %u of %s has a device already",
				    device->name, device->port, bridge->name);
	}
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

bool options_check(struct options *o, char *error, size_t error_size)
{
	if (!o->kernel)
		return fail(error, error_size, "--kernel is missing");
	if (o->bridge_count && !o->window_count)
		return fail(error, error_size, "a --bridge needs a --window that routes to it");
	if ((o->pre_commit || o->no_map) && !o->window_count)
		return fail(error, error_size, "%s makes no sense without a --window",
			    o->pre_commit ? "--pre-commit" : "--no-map");
	for (uint32_t i = 0; o->pre_commit && i < o->bridge_count; i++)
		if (!o->bridges[i].hdm)
			return fail(error, error_size,
				    "--pre-commit needs decoders: bridge %s has hdm=off",
				    o->bridges[i].name);
	place_windows(o);
	return check_windows(o, error, error_size);
}
