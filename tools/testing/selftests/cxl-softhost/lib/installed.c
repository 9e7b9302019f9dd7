// SPDX-License-Identifier: GPL-2.0-only
/* Asking KVM what it has. */
#include "installed.h"

static bool is_condemned(const struct map *map, uint64_t hpa)
{
	unsigned int i;

	for (i = 0; i < map->count; i++)
		if (map->segments[i].kind == CXL_SOFTHOST_SEGMENT_CONDEMNED &&
		    hpa >= map->segments[i].hpa &&
		    hpa - map->segments[i].hpa < map->segments[i].length)
			return true;
	return false;
}

static bool check_page(const char *file, int line, const struct model *model,
		       const struct map *map, const struct vm *vm, uint64_t hpa)
{
	bool expected = is_condemned(map, hpa) ||
			(model->engine && !model_at(model, hpa).reasons);

	if (vm_probe(vm->fd, hpa) == expected)
		return true;
	test_fail(file, line, "%#llx: expected %s slot, found %s", (unsigned long long)hpa,
		  expected ? "a" : "no", expected ? "none" : "one");
	return false;
}

/* What is there already with the same size and address is no change to KVM. */
static bool check_slot(const char *file, int line, const struct vm *vm,
		       const struct cxl_softhost_segment *segment)
{
	int ret;

	/* What proves slots free at ATTACH is read-only, and nothing to compare. */
	if (segment->slot == CXL_SOFTHOST_NONE || segment->length < UNIT)
		return true;
	ret = vm_slot_set(vm->fd, segment->slot, segment->hpa, segment->length,
			  (void *)(uintptr_t)segment->host_addr);
	if (ret == 0)
		return true;
	test_fail(file, line, "slot %u isn't %#llx + %#llx at %#llx: %d", segment->slot,
		  (unsigned long long)segment->hpa, (unsigned long long)segment->length,
		  (unsigned long long)segment->host_addr, ret);
	return false;
}

bool check_installed(const char *file, int line, const struct model *model, const struct vm *vm)
{
	const struct host_config *config = &model->host->config;
	struct map map = map_get(model->host->fd);
	bool same = true;
	unsigned int i;

	for (i = 0; same && i < model->host->window_count; i++) {
		uint64_t hpa = config->windows[i].hpa, end = hpa + config->windows[i].length;

		for (; same && hpa < end; hpa += UNIT)
			same = check_page(file, line, model, &map, vm, hpa) &&
			       check_page(file, line, model, &map, vm, hpa + UNIT - PAGE);
	}
	for (i = 0; same && i < map.count; i++)
		same = check_slot(file, line, vm, &map.segments[i]);
	if (!same)
		map_note(&map);
	map_free(&map);
	return same;
}
