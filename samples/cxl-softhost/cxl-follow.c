// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Two phases: what devices reach by DMA follows each change of the map before the
 * guest can see it; with the advisory engine, so do the VM's memory slots.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cxl.h"
#include "log.h"

static bool adds(const struct cxl_softhost_delta *delta)
{
	return delta->direction == CXL_SOFTHOST_DIRECTION_ADD;
}

static bool set_slot(struct cxl *cxl, const struct cxl_softhost_segment *extent, bool there)
{
	if (!cxl->advisory)
		return true;
	return vm_set_slot(cxl->vm, extent->slot, extent->hpa, there ? extent->length : 0,
			   (void *)(uintptr_t)extent->host_addr);
}

static bool add(struct cxl *cxl, const struct cxl_softhost_delta *deltas, uint32_t count)
{
	bool ok = true;

	for (uint32_t i = 0; i < count && ok; i++) {
		const struct cxl_softhost_segment *extent = &deltas[i].segment;

		ok = set_slot(cxl, extent, true) &&
		     guest_memory_add(&cxl->vm->memory, extent->hpa, extent->length,
				      (void *)(uintptr_t)extent->host_addr);
		if (!ok)
			log_error("0x%llx can't be given to the guest",
				  (unsigned long long)extent->hpa);
	}
	return ok;
}

/* All of it is out of reach before the first request is waited for. */
static void take_away(struct cxl *cxl, const struct cxl_softhost_delta *deltas, uint32_t count)
{
	struct guest_memory *memory = &cxl->vm->memory;
	uint32_t i;

	for (i = 0; i < count; i++)
		guest_memory_remove_begin(memory, deltas[i].segment.hpa, deltas[i].segment.length);
	for (i = 0; i < count; i++)
		guest_memory_remove_wait(memory, deltas[i].segment.hpa, deltas[i].segment.length);
	for (i = 0; i < count; i++)
		set_slot(cxl, &deltas[i].segment, false);
}

static bool begin(void *opaque, const struct cxl_softhost_delta *deltas, uint32_t count)
{
	if (adds(&deltas[0]))
		return add(opaque, deltas, count);
	take_away(opaque, deltas, count);
	return true;
}

static void end(void *opaque, const struct cxl_softhost_delta *deltas, uint32_t count, bool applied)
{
	struct cxl *cxl = opaque;

	cxl->counts.followed += applied;
	if (applied)
		return;
	if (adds(&deltas[0]))
		take_away(cxl, deltas, count);
	else
		add(cxl, deltas, count);
}

/* A device process has a change pending, or this one has */
static void busy(void *opaque)
{
	(void)opaque;
	usleep(100);
}

bool cxl_follow_init(struct cxl *cxl)
{
	struct cxl_softhost_info info = { 0 };
	int error = cxlsh_info(cxl->fd, &info);
	/* Changes move no more than there are slots; without KVM, than there could be */
	uint32_t room = cxl->attached ? cxl->slot_count : info.out_slots_worst;

	cxl->phases = (struct cxlsh_phases){
		.ops = &cxlsh_ioctl_ops,
		.ctx = (void *)(intptr_t)cxl->fd,
		.deltas = calloc(room + 1, sizeof(*cxl->phases.deltas)),
		.room = room + 1,
		.begin = begin,
		.end = end,
		.busy = busy,
		.consumer = cxl,
	};
	if (error || !cxl->phases.deltas) {
		log_error("preparing for two phases: %s", error ? cxlsh_errno_text(error) :
								  strerror(ENOMEM));
		return false;
	}
	cxl->host.ops = &cxlsh_phases_ops;
	cxl->host.ctx = &cxl->phases;
	return true;
}

bool cxl_follow_map(struct cxl *cxl)
{
	struct cxl_softhost_map_get map = { 0 };
	struct cxl_softhost_segment *segments;
	int error = cxl_map_get(cxl, &map, &segments);
	bool ok = !error;

	for (uint32_t i = 0; ok && i < map.count; i++)
		if (segments[i].slot != CXL_SOFTHOST_NONE)
			ok = set_slot(cxl, &segments[i], true);
	free(segments);
	return ok;
}
