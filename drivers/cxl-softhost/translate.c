// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who answers at an address, and where a DPA went, without any lock that is held
 * across KVM.
 */
#include "softhost.h"

/* Bytes to the next segment above, or to the end of the address space */
static u64 softhost_gap(u64 addr, u64 next)
{
	return next || addr ? next - addr : U64_MAX;
}

/* Somewhere inside of a segment for all of which one answer holds */
static void softhost_translate_fill(struct cxl_softhost_translate *cmd,
				    const struct softhost_segment *segment, u64 offset)
{
	cmd->out_hpa = segment->hpa + offset;
	cmd->out_length = segment->length - offset;
	cmd->out_window_id = segment->window_id;
	cmd->out_node_id = segment->node_id;
	/* Without a slot it answers as well */
	cmd->out_reason = segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR ?
			  CXL_SOFTHOST_REASON_NONE : segment->reason;
	cmd->out_dpa = 0;
	cmd->out_backend_offset = 0;
	cmd->out_cookie = 0;
	cmd->out_backend_id = 0;
	cmd->out_partition = 0;
	if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
		return;
	cmd->out_dpa = segment->dpa + offset;
	cmd->out_backend_offset = segment->backend_offset + offset;
	cmd->out_cookie = segment->cookie;
	cmd->out_backend_id = segment->backend_id;
	cmd->out_partition = segment->partition;
}

/* Inside of one that isn't linear: each address may have an answer of its own */
static void softhost_translate_walk(struct softhost_host *host, struct cxl_softhost_translate *cmd,
				    const struct softhost_segment *segment, u64 hpa)
{
	struct softhost_object *object = softhost_object_get(host, segment->window_id,
							     SOFTHOST_OBJECT_WINDOW);
	const struct softhost_partition *partition;
	struct softhost_answer answer;

	/* A map that is being replaced: it can name anything */
	if (IS_ERR(object))
		return;

	softhost_walk(&to_softhost_window(object)->core, hpa, false, &answer);
	cmd->out_length = min(answer.length, segment->length - (hpa - segment->hpa));
	cmd->out_reason = answer.reason;
	cmd->out_node_id = answer.node->id;
	if (answer.reason)
		return;
	partition = &answer.node->partitions[answer.partition];
	cmd->out_dpa = answer.dpa;
	cmd->out_partition = answer.partition;
	cmd->out_backend_id = partition->backend->id;
	cmd->out_cookie = partition->backend->cookie;
	cmd->out_backend_offset = softhost_backend_offset(answer.node, answer.partition,
							  answer.dpa);
}

static void softhost_translate_hpa(struct softhost_host *host, const struct softhost_map *map,
				   u32 count, u64 hpa, struct cxl_softhost_translate *cmd)
{
	const struct softhost_segment *segment;
	struct softhost_segment nothing = {
		.hpa = hpa,
		.reason = CXL_SOFTHOST_REASON_NO_WINDOW,
	};
	u64 next = 0;

	segment = softhost_map_find(map, count, hpa, &next);
	if (!segment) {
		nothing.length = softhost_gap(hpa, next);
		segment = &nothing;
	}
	softhost_translate_fill(cmd, segment, hpa - segment->hpa);
	if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR && segment != &nothing &&
	    !softhost_withheld(segment))
		softhost_translate_walk(host, cmd, segment, hpa);
}

/*
 * One decoder of a device: of all addresses that it takes to DPA @cmd->addr,
 * the lowest one that is routed to the device. @best has the lowest one of other
 * decoders. What isn't routed there stays so for @cmd->out_length at least, which
 * lowers *@length.
 */
static void softhost_translate_decoder(struct softhost_host *host, const struct softhost_map *map,
				       u32 count, const struct softhost_latch *latch,
				       struct cxl_softhost_translate *best, u64 *length)
{
	u64 offset = best->addr - latch->dpa_base;
	struct cxl_softhost_translate cmd = { .node_id = best->node_id };
	u32 position, ways = softhost_ways(latch->interleave);

	for (position = 0; position < ways; position++) {
		u64 hpa = latch->base + softhost_unfold(latch->interleave, offset, position);

		softhost_translate_hpa(host, map, count, hpa, &cmd);
		if (!cmd.out_reason && cmd.out_node_id == best->node_id &&
		    cmd.out_dpa == best->addr) {
			if (!best->out_reason && best->out_hpa <= hpa)
				continue;
			cmd.size = best->size;
			cmd.flags = best->flags;
			cmd.addr = best->addr;
			*best = cmd;
		} else {
			*length = min(*length, cmd.out_length);
		}
	}
}

/* The decoders of a device undone: what they lead to is asked as for any address */
static void softhost_translate_dpa(struct softhost_host *host, const struct softhost_map *map,
				   u32 count, const struct softhost_node *node,
				   struct cxl_softhost_translate *cmd)
{
	u64 length = U64_MAX;
	u64 next = 0;
	u32 n;

	cmd->out_reason = CXL_SOFTHOST_REASON_NOT_MAPPED;
	for (n = 0; n < node->decoder_count; n++) {
		const struct softhost_decoder *decoder = &node->hdm->decoders[n];
		const struct softhost_latch *latch = &decoder->latch;
		u64 share = softhost_share(latch->interleave, latch->size);

		if (!softhost_decoder_live(decoder) || !share)
			continue;
		if (cmd->addr >= latch->dpa_base && cmd->addr - latch->dpa_base < share) {
			length = min(length, share - (cmd->addr - latch->dpa_base));
			softhost_translate_decoder(host, map, count, latch, cmd, &length);
		} else if (latch->dpa_base > cmd->addr && (!next || latch->dpa_base < next)) {
			next = latch->dpa_base;
		}
	}
	if (cmd->out_reason) {
		struct softhost_segment nothing = {
			.length = min(length, softhost_gap(cmd->addr, next)),
			.node_id = cmd->node_id,
			.reason = CXL_SOFTHOST_REASON_NOT_MAPPED,
		};

		softhost_translate_fill(cmd, &nothing, 0);
		cmd->out_dpa = cmd->addr;
	}
}

/* The device that a DPA is asked of; NULL for an HPA */
static const struct softhost_node *softhost_translate_node(struct softhost_host *host,
							   const struct cxl_softhost_translate *cmd)
{
	struct softhost_object *object;
	const struct softhost_node *node;

	if (!(cmd->flags & CXL_SOFTHOST_TRANSLATE_FROM_DPA))
		return cmd->node_id ? ERR_PTR(-EINVAL) : NULL;
	object = softhost_object_get(host, cmd->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return ERR_CAST(object);
	node = &to_softhost_node(object)->core;
	return node->kind == CXL_SOFTHOST_NODE_ENDPOINT ? node : ERR_PTR(-EINVAL);
}

int softhost_translate_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_translate *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	const struct softhost_node *node;
	int seq = 0;

	if (cmd->flags & ~CXL_SOFTHOST_TRANSLATE_FROM_DPA)
		return -EOPNOTSUPP;

	guard(rcu)();
	node = softhost_translate_node(host, cmd);
	if (IS_ERR(node))
		return PTR_ERR(node);
	softhost_read_begin(host, &seq);
	do {
		const struct softhost_map *map;
		u32 count;

		map = rcu_dereference(host->map);
		/* May be written to right now, in which case we go round again */
		count = min(READ_ONCE(map->count), map->capacity);
		if (node)
			softhost_translate_dpa(host, map, count, node, cmd);
		else
			softhost_translate_hpa(host, map, count, cmd->addr, cmd);
		cmd->out_generation = map->generation;
	} while (softhost_read_again(host, &seq));
	return 0;
}
