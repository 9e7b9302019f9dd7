/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: following the changes of a two-phase host.
 *
 * The device models call the module through struct cxlsh_ops and know of one phase
 * only. Put cxlsh_phases_ops in between, and whoever else maps the guest's memory
 * (vhost, VFIO, a device of the VMM's own) is told in time; with the advisory engine
 * that is also where the VMM sets the slots.
 */
#ifndef CXLSOFTHOST_PHASES_H
#define CXLSOFTHOST_PHASES_H

#include <stdbool.h>
#include <stdint.h>

#include <cxlsofthost/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct cxlsh_phases - what follows changes
 * @ops: how to reach the module: all of them, but translate
 * @ctx: first argument of each op
 * @deltas: room for @room deltas; INFO's out_slots_worst is enough
 * @room: how many
 * @begin: memory is about to come or go. All deltas have one direction. Of an
 *	addition: map it; false if that can't be: then it is refused (reason
 *	ABORTED). Of a removal: see to it that nobody uses it any more, and only
 *	then return; what it returns doesn't matter. What isn't there is removed
 *	already: a removal can be announced twice
 * @end: it came (@applied), or didn't: an addition is to be taken back, what was to
 *	be removed is still the guest's
 * @busy: NULL, or called when another thread's or process's change is pending,
 *	before the command is repeated: to wait a little
 * @consumer: first argument of the three
 *
 * In a process that only passes tokens on @begin and @end are NULL, @apply of @ops
 * asks whoever moves memory, and @deltas says that there are none.
 *
 * One thread at a time, for @deltas are shared: those who make accesses for a guest
 * have a lock for its devices anyway.
 */
struct cxlsh_phases {
	const struct cxlsh_ops *ops;
	void *ctx;
	struct cxl_softhost_delta *deltas;
	uint32_t room;
	bool (*begin)(void *consumer, const struct cxl_softhost_delta *deltas, uint32_t count);
	void (*end)(void *consumer, const struct cxl_softhost_delta *deltas, uint32_t count,
		    bool applied);
	void (*busy)(void *consumer);
	void *consumer;
};

/**
 * cxlsh_phases_ops - ops whose results are final: never PENDING, nor BUSY
 *
 * Their ctx is the struct cxlsh_phases. Reads go through as they are.
 */
extern const struct cxlsh_ops cxlsh_phases_ops;

/**
 * cxlsh_phases_finish() - carry a pending change out
 * @phases: who follows
 * @token: from the command, or from another process that sent it
 * @result: what the command came to
 *
 * Return: 0; -ESTALE if that change isn't pending any more, or came to something
 * else: repeat the command if somebody waits for it; -errno of DELTAS or APPLY, and
 * -EMSGSIZE if @phases->room is too little.
 */
int cxlsh_phases_finish(struct cxlsh_phases *phases, uint64_t token,
			struct cxl_softhost_result *result);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_PHASES_H */
