// SPDX-License-Identifier: GPL-2.0-only
/*
 * One address, level by level: window, host bridge, switches, device. Each
 * level decodes with what it has latched and knows nothing of the others.
 *
 * Readers do this without a lock, on registers that may change under them, and
 * throw the answer away if they did. So nothing here loops or divides by what
 * it reads, and a node's children only ever lead further down.
 */
#include "core.h"

/**
 * softhost_gate() - why an endpoint doesn't decode at all
 * @hdm: its registers
 *
 * Return: enum cxl_softhost_reason, NONE if it does.
 */
u32 softhost_gate(const struct softhost_hdm *hdm)
{
	if (hdm->media != CXL_SOFTHOST_MEDIA_READY)
		return CXL_SOFTHOST_REASON_MEDIA_DISABLED;
	if (!hdm->mem_enable)
		return CXL_SOFTHOST_REASON_MEM_DISABLED;
	if (!(hdm->global_ctrl & SOFTHOST_GLOBAL_ENABLE))
		return CXL_SOFTHOST_REASON_HDM_DISABLED;
	return CXL_SOFTHOST_REASON_NONE;
}

/**
 * softhost_only_child() - what a component without HDM capability passes on to
 * @node: host bridge or switch with one downstream port
 * @wanted: see softhost_registers()
 *
 * Return: the node below it, or NULL.
 */
const struct softhost_node *softhost_only_child(const struct softhost_node *node, bool wanted)
{
	const struct softhost_node *child = READ_ONCE(node->children);

	return child && softhost_registers(child, wanted)->present ? child : NULL;
}

/**
 * softhost_partition_find() - the partition that a DPA lies in
 * @node: an endpoint
 * @dpa: DPA
 * @rest: bytes from there to the end of the partition
 *
 * Return: enum cxl_softhost_partition_kind, or CXL_SOFTHOST_NONE beyond the
 * capacity.
 */
u32 softhost_partition_find(const struct softhost_node *node, u64 dpa, u64 *rest)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		if (dpa < node->partitions[i].length) {
			*rest = node->partitions[i].length - dpa;
			return i;
		}
		dpa -= node->partitions[i].length;
	}
	return CXL_SOFTHOST_NONE;
}

/* More than one way: the answer continues to the end of the granule only */
static void softhost_clip(struct softhost_interleave il, u64 hpa, u64 *last)
{
	if (softhost_ways(il) > 1)
		*last = min(*last, hpa | ((1ULL << il.shift) - 1));
}

/* From a host bridge or switch to the next level, or NULL and why not */
static const struct softhost_node *softhost_walk_down(const struct softhost_node *node, u64 hpa,
						      bool wanted, u64 *last, u32 *reason)
{
	const struct softhost_node *child;

	if (node->flags & CXL_SOFTHOST_NODE_HDM) {
		const struct softhost_decoder *decoder;
		struct softhost_interleave il;
		u32 way;

		decoder = softhost_decoder_find(node, softhost_registers(node, wanted), hpa, last);
		if (!decoder) {
			*reason = CXL_SOFTHOST_REASON_NO_DECODER;
			return NULL;
		}
		il = decoder->latch.interleave;
		softhost_clip(il, hpa, last);
		/* Components above devices have neither a factor 3 nor 16 ways */
		way = softhost_position(il, hpa) % SOFTHOST_MAX_TARGETS;
		child = softhost_child_find(node, decoder->latch.targets[way], wanted);
	} else {
		child = softhost_only_child(node, wanted);
	}
	if (!child)
		*reason = CXL_SOFTHOST_REASON_NO_TARGET;
	return child;
}

static void softhost_walk_device(const struct softhost_node *node, u64 hpa, bool wanted,
				 u64 *last, struct softhost_answer *answer)
{
	const struct softhost_hdm *hdm = softhost_registers(node, wanted);
	const struct softhost_decoder *decoder;
	u64 rest = 0;

	answer->node = node;
	answer->reason = softhost_gate(hdm);
	if (answer->reason)
		return;
	decoder = softhost_decoder_find(node, hdm, hpa, last);
	if (!decoder) {
		answer->reason = CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER;
		return;
	}
	softhost_clip(decoder->latch.interleave, hpa, last);
	answer->dpa = decoder->latch.dpa_base + softhost_fold(decoder->latch.interleave,
							      hpa - decoder->latch.base);
	answer->partition = softhost_partition_find(node, answer->dpa, &rest);
	if (answer->partition == CXL_SOFTHOST_NONE) {
		/* The commit rules don't let this happen; never answer on it */
		answer->reason = CXL_SOFTHOST_REASON_DPA_CAPACITY;
		return;
	}
	*last = min(*last, hpa + (rest - 1));
}

/**
 * softhost_walk() - who answers at an address
 * @window: the window that it lies in
 * @hpa: the address
 * @wanted: see softhost_registers()
 * @answer: where to put it
 */
void softhost_walk(const struct softhost_window *window, u64 hpa, bool wanted,
		   struct softhost_answer *answer)
{
	const struct softhost_node *node = window->targets[softhost_window_position(window, hpa)];
	u64 last = window->hpa + (window->length - 1);

	memset(answer, 0, sizeof(*answer));
	softhost_clip(window->interleave, hpa, &last);
	while (node && node->kind != CXL_SOFTHOST_NODE_ENDPOINT) {
		answer->node = node;
		node = softhost_walk_down(node, hpa, wanted, &last, &answer->reason);
	}
	if (node)
		softhost_walk_device(node, hpa, wanted, &last, answer);
	answer->length = last - hpa + 1;
}
