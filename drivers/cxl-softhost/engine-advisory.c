// SPDX-License-Identifier: GPL-2.0-only
/*
 * The advisory engine: slots are the VMM's to set. It learns of them by DELTAS and
 * confirms them by APPLY, so all there is to do here is to agree.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/slab.h>

#include "softhost.h"

/* Numbers that KVM's "slot" could take, address space excluded */
#define SOFTHOST_ADVISORY_END BIT_ULL(31)

static int softhost_advisory_add(struct softhost_host *host, u32 slot,
				 const struct softhost_segment *segment, bool logs)
{
	return 0;
}

static int softhost_advisory_remove(struct softhost_host *host, u32 slot)
{
	return 0;
}

static void softhost_advisory_detach(struct softhost_host *host)
{
	struct softhost_engine *engine = host->engine;

	host->engine = NULL;
	bitmap_free(engine->slots);
	kfree(engine);
}

static const struct softhost_engine_ops softhost_advisory_ops = {
	.add = softhost_advisory_add,
	.remove = softhost_advisory_remove,
	.detach = softhost_advisory_detach,
};

/**
 * __softhost_advisory_attach() - make the VMM itself the host's engine
 * @host: the host, without engine
 * @cmd: which slot numbers
 *
 * Return: 0 with host->engine set; else an errno of ATTACH, host->engine set if that is
 * about the numbers that STATE_SET gave.
 */
int __softhost_advisory_attach(struct softhost_host *host, const struct cxl_softhost_attach *cmd)
{
	u32 count = cmd->slot_count ?: max(host->bound.extents, 1ULL);

	lockdep_assert_held(&host->state_lock);

	/* Without two phases nobody would hear of a change before the guest does */
	if (cmd->flags || cmd->vm_fd != -1 || !host->two_phase ||
	    cmd->slot_count > SOFTHOST_MAX_SEGMENTS ||
	    cmd->first_slot + (u64)count > SOFTHOST_ADVISORY_END)
		return -EINVAL;

	struct softhost_engine *engine __free(kfree) = kzalloc(sizeof(*engine), GFP_KERNEL_ACCOUNT);
	if (!engine)
		return -ENOMEM;
	engine->ops = &softhost_advisory_ops;
	engine->kind = CXL_SOFTHOST_ENGINE_ADVISORY;
	engine->first_slot = cmd->first_slot;
	engine->slot_count = count;
	engine->slots = bitmap_zalloc(count, GFP_KERNEL_ACCOUNT);
	if (!engine->slots)
		return -ENOMEM;
	engine->bytes = sizeof(*engine) + BITS_TO_LONGS(count) * sizeof(long);
	host->engine = no_free_ptr(engine);
	return __softhost_numbers_claim(host);
}
