// SPDX-License-Identifier: GPL-2.0-only
/* A two-phase host in a state from which memory can come and go. */
#include "phase-bed.h"

/* All committed but for the device's decoder, and enabled */
void bed_create_on(struct bed *bed, int vm_fd, uint32_t slots)
{
	host_create_two_phase(&bed->host, &(struct host_config){
		/* More than the decoders can divide, so that nodes add to the worst case */
		.windows[0] = { BASE, 64 * UNIT },
		.bridge_decoders = 2,
		.ports = 3,
		.endpoints = 2,
	});
	attach(bed->host.fd, vm_fd, FIRST_SLOT, slots);
	host_enable_all(&bed->host);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&bed->host, 0, BASE, 4 * UNIT, 0));
	ASSERT_RESULT(COMMITTED, NONE,
		      host_commit_bridge(&bed->host, 1, BASE + 4 * UNIT, 4 * UNIT, 1));
}

void bed_create(struct bed *bed)
{
	vm_create(&bed->vm);
	bed_create_on(bed, bed->vm.fd, 0);
}

uint64_t begin_commit(struct bed *bed)
{
	ASSERT_RESULT(PENDING, NONE, host_commit(&bed->host, 0, 0, BASE, SIZE));
	return pending_token(bed->host.fd);
}

void commit(struct bed *bed)
{
	ASSERT_RESULT(COMMITTED, NONE, apply(bed->host.fd, begin_commit(bed)));
}

uint32_t control(struct bed *bed)
{
	return decoder_control(bed->host.fd, bed->host.endpoints[0].id, 0);
}

static int clear_register(struct bed *bed, uint32_t offset, uint64_t *token)
{
	struct cxl_softhost_reg_write args = {
		.size = sizeof(args), .node_id = bed->host.endpoints[0].id,
		.offset = offset, .width = 4,
	};
	int ret = softhost_ioctl(bed->host.fd, CXL_SOFTHOST_REG_WRITE, &args);

	*token = args.out_token;
	return ret ?: (int)args.out_result.outcome;
}

int remove_by_uncommit(struct bed *bed, uint64_t *token)
{
	return clear_register(bed, HDM_DECODER(0) + HDM_CONTROL, token);
}

static int remove_by_disable(struct bed *bed, uint64_t *token)
{
	return clear_register(bed, HDM_GLOBAL, token);
}

static int remove_by_set(struct bed *bed, uint64_t *token)
{
	struct cxl_softhost_node_set args = {
		.size = sizeof(args), .node_id = bed->host.endpoints[0].id,
		.mask = CXL_SOFTHOST_SET_MEM_ENABLE,
	};
	int ret = softhost_ioctl(bed->host.fd, CXL_SOFTHOST_NODE_SET, &args);

	*token = args.out_token;
	return ret ?: (int)args.out_result.outcome;
}

static int begin_reset(struct bed *bed, uint32_t node, uint64_t *token)
{
	struct cxl_softhost_reset args = { .size = sizeof(args), .node_id = node };
	int ret = softhost_ioctl(bed->host.fd, CXL_SOFTHOST_RESET, &args);

	*token = args.out_token;
	return ret ?: (int)args.out_result.outcome;
}

static int remove_by_reset(struct bed *bed, uint64_t *token)
{
	return begin_reset(bed, bed->host.endpoints[0].id, token);
}

static int remove_by_host_reset(struct bed *bed, uint64_t *token)
{
	return begin_reset(bed, 0, token);
}

int remove_by_destroy(struct bed *bed, uint64_t *token)
{
	struct cxl_softhost_destroy args = {
		.size = sizeof(args), .id = bed->host.endpoints[0].id,
	};
	int ret = softhost_ioctl(bed->host.fd, CXL_SOFTHOST_DESTROY, &args);

	*token = args.out_token;
	return ret ?: (int)args.out_result.outcome;
}

const struct removal removals[] = {
	{ "uncommit", remove_by_uncommit, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, false },
	{ "HDM disable", remove_by_disable, CXL_SOFTHOST_OUTCOME_DONE, false },
	{ "Mem_Enable off", remove_by_set, CXL_SOFTHOST_OUTCOME_DONE, false },
	{ "reset of the device", remove_by_reset, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, true },
	{ "reset of the host", remove_by_host_reset, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, true },
	{ "DESTROY", remove_by_destroy, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, true },
};

const unsigned int removal_count = ARRAY_SIZE(removals);
