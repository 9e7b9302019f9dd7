// SPDX-License-Identifier: GPL-2.0-only
/* Asking KVM what it has. */
#include <sys/mman.h>

#include "installed.h"

static bool is_condemned(const struct map *map, uint64_t hpa, uint64_t length)
{
	unsigned int i;

	for (i = 0; i < map->count; i++)
		if (map->segments[i].kind == CXL_SOFTHOST_SEGMENT_CONDEMNED &&
		    hpa < map->segments[i].hpa + map->segments[i].length &&
		    map->segments[i].hpa < hpa + length)
			return true;
	return false;
}

static bool is_mapped(const struct model *model, uint64_t hpa)
{
	struct model_answer answer = model_at(model, hpa);

	return model->engine && !answer.reasons && !answer.interleaved;
}

static bool check_page(const char *file, int line, const struct model *model,
		       const struct map *map, const struct vm *vm, uint64_t hpa)
{
	bool expected = is_mapped(model, hpa) || is_condemned(map, hpa, PAGE);

	if (vm_probe(vm->fd, hpa) == expected)
		return true;
	test_fail(file, line, "%#llx: expected %s slot, found %s", (unsigned long long)hpa,
		  expected ? "a" : "no", expected ? "none" : "one");
	return false;
}

/* A slot of that size fits in there: no other is in the way, however small. */
static bool check_empty(const char *file, int line, const struct vm *vm, uint64_t hpa,
			uint64_t length)
{
	void *memory;
	int ret;

	if (!length)
		return true;
	memory = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_TRUE(memory != MAP_FAILED);
	ret = vm_slot_set(vm->fd, VM_PROBE_SLOT, hpa, length, memory);
	if (ret == 0)
		ret = vm_slot_set(vm->fd, VM_PROBE_SLOT, hpa, 0, memory);
	munmap(memory, length);
	if (ret == 0)
		return true;
	test_fail(file, line, "%#llx + %#llx: expected no slot, found one (%d)",
		  (unsigned long long)hpa, (unsigned long long)length, ret);
	return false;
}

static bool check_window(const char *file, int line, const struct model *model,
			 const struct map *map, const struct vm *vm, unsigned int number)
{
	uint64_t hpa = model->host->config.windows[number].hpa, empty = hpa;
	uint64_t end = hpa + model->host->config.windows[number].length;

	for (; hpa < end; hpa += UNIT) {
		if (!is_mapped(model, hpa) && !is_condemned(map, hpa, UNIT))
			continue;
		if (!check_empty(file, line, vm, empty, hpa - empty) ||
		    !check_page(file, line, model, map, vm, hpa) ||
		    !check_page(file, line, model, map, vm, hpa + UNIT - PAGE))
			return false;
		empty = hpa + UNIT;
	}
	return check_empty(file, line, vm, empty, end - empty);
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
	struct map map = map_get(model->host->fd);
	bool same = true;
	unsigned int i;

	for (i = 0; same && i < model->host->window_count; i++)
		same = check_window(file, line, model, &map, vm, i);
	for (i = 0; same && i < map.count; i++)
		same = check_slot(file, line, vm, &map.segments[i]);
	if (!same)
		map_note(&map);
	map_free(&map);
	return same;
}
