// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: names, sentences and encodings.
 */
#include <errno.h>
#include <stddef.h>

#include <cxlsofthost/host.h>

#include "internal.h"

struct cxlsh_word {
	uint32_t value;
	const char *name;
	const char *text;
};

static const struct cxlsh_word *cxlsh_find(const struct cxlsh_word *words,
					   size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].value == value)
			return &words[i];
	return NULL;
}

static const char *cxlsh_name(const struct cxlsh_word *words, size_t count,
			      uint32_t value)
{
	const struct cxlsh_word *word = cxlsh_find(words, count, value);

	return word ? word->name : "unknown";
}

#define CXLSH_NAME(words, value) \
	cxlsh_name(words, CXLSH_ARRAY_SIZE(words), value)

static const struct cxlsh_word outcomes[] = {
	{ CXL_SOFTHOST_OUTCOME_DONE, "done", NULL },
	{ CXL_SOFTHOST_OUTCOME_COMMITTED, "committed", NULL },
	{ CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "uncommitted", NULL },
	{ CXL_SOFTHOST_OUTCOME_REFUSED, "refused", NULL },
	{ CXL_SOFTHOST_OUTCOME_IGNORED, "ignored", NULL },
	{ CXL_SOFTHOST_OUTCOME_NOT_MINE, "not_mine", NULL },
	{ CXL_SOFTHOST_OUTCOME_PENDING, "pending", NULL },
	{ CXL_SOFTHOST_OUTCOME_BUSY, "busy", NULL },
};

static const struct cxlsh_word engines[] = {
	{ CXL_SOFTHOST_ENGINE_NONE, "none", NULL },
	{ CXL_SOFTHOST_ENGINE_KVM, "kvm", NULL },
	{ CXL_SOFTHOST_ENGINE_ADVISORY, "advisory", NULL },
};

static const struct cxlsh_word policies[] = {
	{ CXL_SOFTHOST_POLICY_CHECKED, "checked", NULL },
	{ CXL_SOFTHOST_POLICY_STRICT_SPEC, "strict_spec", NULL },
};

static const struct cxlsh_word arithmetic_names[] = {
	{ CXL_SOFTHOST_ARITHMETIC_MODULO, "modulo", NULL },
	{ CXL_SOFTHOST_ARITHMETIC_XOR, "xor", NULL },
};

static const struct cxlsh_word node_kinds[] = {
	{ CXL_SOFTHOST_NODE_HOST_BRIDGE, "host_bridge", NULL },
	{ CXL_SOFTHOST_NODE_SWITCH, "switch", NULL },
	{ CXL_SOFTHOST_NODE_ENDPOINT, "endpoint", NULL },
};

static const struct cxlsh_word segment_kinds[] = {
	{ CXL_SOFTHOST_SEGMENT_HOLE, "hole", NULL },
	{ CXL_SOFTHOST_SEGMENT_LINEAR, "linear", NULL },
	{ CXL_SOFTHOST_SEGMENT_CONDEMNED, "condemned", NULL },
	{ CXL_SOFTHOST_SEGMENT_INTERLEAVED, "interleaved", NULL },
};

static const struct cxlsh_word partitions[] = {
	{ CXL_SOFTHOST_PARTITION_VOLATILE, "volatile", NULL },
	{ CXL_SOFTHOST_PARTITION_PERSISTENT, "persistent", NULL },
};

static const struct cxlsh_word record_kinds[] = {
	{ CXL_SOFTHOST_RECORD_NODE, "node", NULL },
	{ CXL_SOFTHOST_RECORD_DECODER, "decoder", NULL },
	{ CXL_SOFTHOST_RECORD_SLOT, "slot", NULL },
};

static const struct cxlsh_word reasons[] = {
	{ CXL_SOFTHOST_REASON_NONE, "none", "nothing to say" },
	{ CXL_SOFTHOST_REASON_ORDER, "order",
	  "the decoder before this one isn't committed" },
	{ CXL_SOFTHOST_REASON_HPA_BELOW, "hpa_below",
	  "the base lies below the end of a lower committed decoder" },
	{ CXL_SOFTHOST_REASON_HPA_ABOVE, "hpa_above",
	  "the end lies above the base of a higher committed decoder" },
	{ CXL_SOFTHOST_REASON_HPA_WRAP, "hpa_wrap",
	  "base plus size passes 2^64" },
	{ CXL_SOFTHOST_REASON_SIZE_WAYS, "size_ways",
	  "the size isn't a multiple of ways * 256 MiB" },
	{ CXL_SOFTHOST_REASON_WAYS_RESERVED, "ways_reserved",
	  "Interleave Ways holds a reserved code" },
	{ CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED, "ways_unsupported",
	  "the component doesn't support so many ways" },
	{ CXL_SOFTHOST_REASON_WAYS_TARGETS, "ways_targets",
	  "there are more ways than targets in the target list" },
	{ CXL_SOFTHOST_REASON_GRANULARITY_RESERVED, "granularity_reserved",
	  "Interleave Granularity holds a reserved code" },
	{ CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED, "granularity_unsupported",
	  "the component can't select a target by these address bits" },
	{ CXL_SOFTHOST_REASON_TARGET_DUPLICATE, "target_duplicate",
	  "a port number occurs twice in the target list" },
	{ CXL_SOFTHOST_REASON_DPA_CAPACITY, "dpa_capacity",
	  "the DPA range passes the capacity of the device" },
	{ CXL_SOFTHOST_REASON_DPA_PARTITION, "dpa_partition",
	  "the DPA range crosses from volatile into persistent capacity" },
	{ CXL_SOFTHOST_REASON_DPA_OVERLAP, "dpa_overlap",
	  "the DPA range overlaps that of another committed decoder" },
	{ CXL_SOFTHOST_REASON_NO_SLOTS, "no_slots",
	  "fewer donated slot numbers are free than the map needs" },
	{ CXL_SOFTHOST_REASON_ENGINE, "engine", "the engine refused a slot" },
	{ CXL_SOFTHOST_REASON_STALE_SLOT, "stale_slot",
	  "a slot that should be gone couldn't be removed yet" },
	{ CXL_SOFTHOST_REASON_LINEAR_ONLY, "linear_only",
	  "it would interleave a part of a window for linear memory only" },
	{ CXL_SOFTHOST_REASON_IDENTITY, "identity",
	  "it would put memory of a window for one backend where other memory belongs" },
	{ CXL_SOFTHOST_REASON_ABORTED, "aborted", "the VMM aborted the change" },
	{ CXL_SOFTHOST_REASON_LOCKED, "locked",
	  "the decoder is locked until reset" },
	{ CXL_SOFTHOST_REASON_LIVE, "live",
	  "the field can't change while COMMIT is set" },
	{ CXL_SOFTHOST_REASON_READ_ONLY, "read_only",
	  "there is no writable bit there" },
	{ CXL_SOFTHOST_REASON_WIDTH, "width",
	  "HDM decoder registers take aligned 4 and 8 byte writes only" },
	{ CXL_SOFTHOST_REASON_NO_WINDOW, "no_window",
	  "the address lies in no window" },
	{ CXL_SOFTHOST_REASON_NO_DECODER, "no_decoder",
	  "the host bridge or switch has no committed decoder there" },
	{ CXL_SOFTHOST_REASON_NO_TARGET, "no_target",
	  "the host bridge or switch routes to a port that has nothing below it" },
	{ CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER, "no_endpoint_decoder",
	  "the device has no committed decoder there" },
	{ CXL_SOFTHOST_REASON_HDM_DISABLED, "hdm_disabled",
	  "HDM Decoder Enable of the device is off" },
	{ CXL_SOFTHOST_REASON_MEM_DISABLED, "mem_disabled",
	  "Mem_Enable of the device is off" },
	{ CXL_SOFTHOST_REASON_MEDIA_DISABLED, "media_disabled",
	  "the media of the device isn't ready" },
	{ CXL_SOFTHOST_REASON_INTERLEAVED, "interleaved",
	  "more than one way: committed, and left to the VMM instead of mapped" },
	{ CXL_SOFTHOST_REASON_NO_ENGINE, "no_engine",
	  "no engine is attached that could map it" },
	{ CXL_SOFTHOST_REASON_NOT_MAPPED, "not_mapped",
	  "no decoder maps this DPA into a window" },
};

static const struct cxlsh_word errors[] = {
	{ ENOTTY, NULL, "no such command" },
	{ EINVAL, NULL, "a wrong size, alignment, range, value or kind of object" },
	{ E2BIG, NULL, "the structure is larger than the module knows, and not zero there" },
	{ EOPNOTSUPP, NULL, "not supported by this module, or by this VM" },
	{ EFAULT, NULL, "the argument or an array can't be read or written" },
	{ ENOENT, NULL, "no object of that ID" },
	{ EEXIST, NULL, "the place is taken" },
	{ EBUSY, NULL, "still in use, or too late" },
	{ ENOSPC, NULL, "a limit of the host is reached" },
	{ EOVERFLOW, NULL, "base plus size wraps, or passes what can be addressed" },
	{ EADDRNOTAVAIL, NULL, "the backend's range isn't covered by mappings" },
	{ EADDRINUSE, NULL, "the VM already uses a donated slot number" },
	{ EACCES, NULL, "a security module forbids using the VM" },
	{ ENOTCONN, NULL, "no engine is attached" },
	{ EBADF, NULL, "not an open KVM VM" },
	{ EIO, NULL, "the VM belongs to another process, or is dead" },
	{ EREMOTEIO, NULL, "KVM refused a slot and nothing is left installed, or a slot's flag" },
	{ EPERM, NULL, "the descriptor doesn't let this process do that" },
	{ ENODEV, NULL, "nobody owns the host any more" },
	{ EMSGSIZE, NULL, "the array is too small; the needed count was written back" },
	{ ESTALE, NULL, "no such change is pending, or it isn't what it was any more" },
	{ EINTR, NULL, "killed while waiting; nothing was done" },
	{ ENOMEM, NULL, "out of memory; nothing was done" },
};

const char *cxlsh_outcome_name(uint32_t outcome)
{
	return CXLSH_NAME(outcomes, outcome);
}

const char *cxlsh_reason_name(uint32_t reason)
{
	return CXLSH_NAME(reasons, reason);
}

const char *cxlsh_engine_name(uint32_t engine)
{
	return CXLSH_NAME(engines, engine);
}

const char *cxlsh_policy_name(uint32_t policy)
{
	return CXLSH_NAME(policies, policy);
}

const char *cxlsh_arithmetic_name(uint32_t arithmetic)
{
	return CXLSH_NAME(arithmetic_names, arithmetic);
}

const char *cxlsh_node_kind_name(uint32_t kind)
{
	return CXLSH_NAME(node_kinds, kind);
}

const char *cxlsh_segment_kind_name(uint32_t kind)
{
	return CXLSH_NAME(segment_kinds, kind);
}

const char *cxlsh_partition_name(uint32_t partition)
{
	return CXLSH_NAME(partitions, partition);
}

const char *cxlsh_record_kind_name(uint32_t kind)
{
	return CXLSH_NAME(record_kinds, kind);
}

const char *cxlsh_reason_text(uint32_t reason)
{
	const struct cxlsh_word *word =
		cxlsh_find(reasons, CXLSH_ARRAY_SIZE(reasons), reason);

	return word ? word->text : "unknown";
}

const char *cxlsh_errno_text(int err)
{
	uint32_t positive = err < 0 ? 0U - (uint32_t)err : (uint32_t)err;
	const struct cxlsh_word *word =
		cxlsh_find(errors, CXLSH_ARRAY_SIZE(errors), positive);

	return word ? word->text : "unknown";
}

int cxlsh_encode_ways(uint32_t ways)
{
	switch (ways) {
	case 1:
		return 0;
	case 2:
		return 1;
	case 4:
		return 2;
	case 8:
		return 3;
	case 16:
		return 4;
	case 3:
		return 8;
	case 6:
		return 9;
	case 12:
		return 10;
	default:
		return -EINVAL;
	}
}

int cxlsh_encode_granularity(uint32_t granularity)
{
	for (int code = 0; code <= 6; code++)
		if (granularity == 256U << code)
			return code;
	return -EINVAL;
}

int cxlsh_xor_map_count(uint32_t ways)
{
	int count = 0;

	if (cxlsh_encode_ways(ways) < 0)
		return -EINVAL;
	for (; !(ways % 2); ways /= 2)
		count++;
	return count;
}
