/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every field of the user interface, with the offset and size that programs were
 * compiled with. Lines may be added here, none may change.
 */
#ifndef _SOFTHOST_TEST_UAPI_FIELDS_H
#define _SOFTHOST_TEST_UAPI_FIELDS_H

#include <linux/cxl_softhost.h>
#include <linux/stddef.h>

struct field_row {
	const char *name;
	size_t of;			/* size of the structure */
	size_t found_offset, found_size;
	size_t offset, size;
};

#define FIELD(_struct, _field, _offset, _size)					\
	{									\
		#_struct "." #_field,						\
		sizeof(struct cxl_softhost_##_struct),				\
		offsetof(struct cxl_softhost_##_struct, _field),		\
		sizeof_field(struct cxl_softhost_##_struct, _field),		\
		_offset, _size,							\
	}

static const struct field_row field_rows[] = {
	FIELD(result, outcome, 0, 4),
	FIELD(result, reason, 4, 4),
	FIELD(result, flags, 8, 4),
	FIELD(result, decoder, 12, 4),
	FIELD(result, expected, 16, 8),
	FIELD(result, found, 24, 8),
	FIELD(result, generation, 32, 8),

	FIELD(info, size, 0, 4),
	FIELD(info, flags, 4, 4),
	FIELD(info, out_abi, 8, 4),
	FIELD(info, out_engines, 12, 4),
	FIELD(info, out_engine, 16, 4),
	FIELD(info, out_first_slot, 20, 4),
	FIELD(info, out_slot_count, 24, 4),
	FIELD(info, out_slots_used, 28, 4),
	FIELD(info, out_slots_worst, 32, 4),
	FIELD(info, out_max_windows, 36, 4),
	FIELD(info, out_max_nodes, 40, 4),
	FIELD(info, out_max_backends, 44, 4),
	FIELD(info, out_host_bytes, 48, 8),
	FIELD(info, out_generation, 56, 8),
	FIELD(info, out_segments_worst, 64, 4),
	FIELD(info, out_max_depth, 68, 4),
	FIELD(info, out_token, 72, 8),

	FIELD(host_set, size, 0, 4),
	FIELD(host_set, flags, 4, 4),
	FIELD(host_set, policy, 8, 4),
	FIELD(host_set, max_windows, 12, 4),
	FIELD(host_set, max_nodes, 16, 4),
	FIELD(host_set, max_backends, 20, 4),

	FIELD(backend_create, size, 0, 4),
	FIELD(backend_create, flags, 4, 4),
	FIELD(backend_create, addr, 8, 8),
	FIELD(backend_create, length, 16, 8),
	FIELD(backend_create, cookie, 24, 8),
	FIELD(backend_create, out_id, 32, 4),
	FIELD(backend_create, __reserved, 36, 4),

	FIELD(window_create, size, 0, 4),
	FIELD(window_create, flags, 4, 4),
	FIELD(window_create, hpa, 8, 8),
	FIELD(window_create, length, 16, 8),
	FIELD(window_create, ways, 24, 4),
	FIELD(window_create, granularity, 28, 4),
	FIELD(window_create, arithmetic, 32, 4),
	FIELD(window_create, __reserved, 36, 4),
	FIELD(window_create, targets, 40, 8),
	FIELD(window_create, out_id, 48, 4),
	FIELD(window_create, __reserved2, 52, 4),
	FIELD(window_create, xor_maps, 56, 8),
	FIELD(window_create, xor_map_count, 64, 4),
	FIELD(window_create, __reserved3, 68, 4),
	FIELD(window_create, backend_id, 72, 4),
	FIELD(window_create, __reserved4, 76, 4),
	FIELD(window_create, backend_offset, 80, 8),

	FIELD(partition, length, 0, 8),
	FIELD(partition, offset, 8, 8),
	FIELD(partition, backend_id, 16, 4),
	FIELD(partition, __reserved, 20, 4),

	FIELD(capability, id, 0, 2),
	FIELD(capability, version, 2, 2),
	FIELD(capability, offset, 4, 2),
	FIELD(capability, length, 6, 2),

	FIELD(node_create, size, 0, 4),
	FIELD(node_create, flags, 4, 4),
	FIELD(node_create, kind, 8, 4),
	FIELD(node_create, parent_id, 12, 4),
	FIELD(node_create, port, 16, 4),
	FIELD(node_create, ports, 20, 4),
	FIELD(node_create, decoder_count, 24, 4),
	FIELD(node_create, target_count, 28, 4),
	FIELD(node_create, partitions, 32, 48),
	FIELD(node_create, capabilities, 80, 32),
	FIELD(node_create, out_id, 112, 4),
	FIELD(node_create, __reserved, 116, 4),

	FIELD(destroy, size, 0, 4),
	FIELD(destroy, flags, 4, 4),
	FIELD(destroy, id, 8, 4),
	FIELD(destroy, __reserved, 12, 4),
	FIELD(destroy, out_result, 16, 40),
	FIELD(destroy, out_token, 56, 8),

	FIELD(attach, size, 0, 4),
	FIELD(attach, flags, 4, 4),
	FIELD(attach, engine, 8, 4),
	FIELD(attach, vm_fd, 12, 4),
	FIELD(attach, first_slot, 16, 4),
	FIELD(attach, slot_count, 20, 4),
	FIELD(attach, out_first_slot, 24, 4),
	FIELD(attach, out_slot_count, 28, 4),
	FIELD(attach, out_result, 32, 40),

	FIELD(detach, size, 0, 4),
	FIELD(detach, flags, 4, 4),
	FIELD(detach, out_result, 8, 40),

	FIELD(fd_create, size, 0, 4),
	FIELD(fd_create, flags, 4, 4),
	FIELD(fd_create, rights, 8, 4),
	FIELD(fd_create, out_fd, 12, 4),
	FIELD(fd_create, __reserved, 16, 8),

	FIELD(reg_read, size, 0, 4),
	FIELD(reg_read, flags, 4, 4),
	FIELD(reg_read, node_id, 8, 4),
	FIELD(reg_read, offset, 12, 4),
	FIELD(reg_read, width, 16, 4),
	FIELD(reg_read, out_outcome, 20, 4),
	FIELD(reg_read, out_value, 24, 8),

	FIELD(reg_write, size, 0, 4),
	FIELD(reg_write, flags, 4, 4),
	FIELD(reg_write, node_id, 8, 4),
	FIELD(reg_write, offset, 12, 4),
	FIELD(reg_write, width, 16, 4),
	FIELD(reg_write, __reserved, 20, 4),
	FIELD(reg_write, value, 24, 8),
	FIELD(reg_write, out_result, 32, 40),
	FIELD(reg_write, out_token, 72, 8),

	FIELD(node_set, size, 0, 4),
	FIELD(node_set, flags, 4, 4),
	FIELD(node_set, node_id, 8, 4),
	FIELD(node_set, mask, 12, 4),
	FIELD(node_set, mem_enable, 16, 4),
	FIELD(node_set, media, 20, 4),
	FIELD(node_set, out_result, 24, 40),
	FIELD(node_set, out_token, 64, 8),

	FIELD(reset, size, 0, 4),
	FIELD(reset, flags, 4, 4),
	FIELD(reset, node_id, 8, 4),
	FIELD(reset, __reserved, 12, 4),
	FIELD(reset, out_result, 16, 40),
	FIELD(reset, out_token, 56, 8),

	FIELD(translate, size, 0, 4),
	FIELD(translate, flags, 4, 4),
	FIELD(translate, addr, 8, 8),
	FIELD(translate, node_id, 16, 4),
	FIELD(translate, out_reason, 20, 4),
	FIELD(translate, out_hpa, 24, 8),
	FIELD(translate, out_dpa, 32, 8),
	FIELD(translate, out_length, 40, 8),
	FIELD(translate, out_backend_offset, 48, 8),
	FIELD(translate, out_cookie, 56, 8),
	FIELD(translate, out_generation, 64, 8),
	FIELD(translate, out_window_id, 72, 4),
	FIELD(translate, out_node_id, 76, 4),
	FIELD(translate, out_backend_id, 80, 4),
	FIELD(translate, out_partition, 84, 4),

	FIELD(segment, hpa, 0, 8),
	FIELD(segment, length, 8, 8),
	FIELD(segment, dpa, 16, 8),
	FIELD(segment, backend_offset, 24, 8),
	FIELD(segment, cookie, 32, 8),
	FIELD(segment, host_addr, 40, 8),
	FIELD(segment, page_sizes, 48, 8),
	FIELD(segment, window_id, 56, 4),
	FIELD(segment, node_id, 60, 4),
	FIELD(segment, backend_id, 64, 4),
	FIELD(segment, partition, 68, 4),
	FIELD(segment, kind, 72, 4),
	FIELD(segment, reason, 76, 4),
	FIELD(segment, slot, 80, 4),
	FIELD(segment, misaligned, 84, 4),

	FIELD(map_get, size, 0, 4),
	FIELD(map_get, flags, 4, 4),
	FIELD(map_get, entry_size, 8, 4),
	FIELD(map_get, count, 12, 4),
	FIELD(map_get, entries, 16, 8),
	FIELD(map_get, out_generation, 24, 8),

	FIELD(delta, segment, 0, 88),
	FIELD(delta, direction, 88, 4),
	FIELD(delta, __reserved, 92, 4),

	FIELD(deltas, size, 0, 4),
	FIELD(deltas, flags, 4, 4),
	FIELD(deltas, token, 8, 8),
	FIELD(deltas, entry_size, 16, 4),
	FIELD(deltas, count, 20, 4),
	FIELD(deltas, entries, 24, 8),

	FIELD(apply, size, 0, 4),
	FIELD(apply, flags, 4, 4),
	FIELD(apply, token, 8, 8),
	FIELD(apply, out_result, 16, 40),

	FIELD(record, kind, 0, 4),
	FIELD(record, node_id, 4, 4),
	FIELD(record, index, 8, 4),
	FIELD(record, control, 12, 4),
	FIELD(record, hpa, 16, 8),
	FIELD(record, length, 24, 8),
	FIELD(record, list, 32, 8),
	FIELD(record, dpa, 40, 8),
	FIELD(record, mem_enable, 48, 4),
	FIELD(record, media, 52, 4),

	FIELD(state_get, size, 0, 4),
	FIELD(state_get, flags, 4, 4),
	FIELD(state_get, entry_size, 8, 4),
	FIELD(state_get, count, 12, 4),
	FIELD(state_get, entries, 16, 8),
	FIELD(state_get, out_generation, 24, 8),

	FIELD(state_set, size, 0, 4),
	FIELD(state_set, flags, 4, 4),
	FIELD(state_set, entry_size, 8, 4),
	FIELD(state_set, count, 12, 4),
	FIELD(state_set, entries, 16, 8),
	FIELD(state_set, out_result, 24, 40),
	FIELD(state_set, out_record, 64, 4),
	FIELD(state_set, __reserved, 68, 4),

	FIELD(dirty_log, size, 0, 4),
	FIELD(dirty_log, flags, 4, 4),
	FIELD(dirty_log, window_id, 8, 4),
	FIELD(dirty_log, enable, 12, 4),
};

#endif /* _SOFTHOST_TEST_UAPI_FIELDS_H */
