// SPDX-License-Identifier: GPL-2.0-only
/* Any hierarchy, in the module and in the model. */
#include "fixture.h"
#include "phases.h"
#include "tree.h"

void tree_create(struct tree *tree, uint32_t policy)
{
	*tree = (struct tree){ .fd = softhost_open(), .policy = policy };
	ASSERT_RETURN(0, __host_set_flags(tree->fd, variant_flags(), policy));
}

static struct model_node *add_twin(struct tree *tree, int above, unsigned int port)
{
	struct model_node *twin = &tree->model.nodes[tree->model.node_count++];

	ASSERT_TRUE(tree->model.node_count <= MODEL_NODES);
	twin->present = true;
	twin->strict = tree->policy == CXL_SOFTHOST_POLICY_STRICT_SPEC;
	twin->above = above;
	twin->port = port;
	twin->media_ok = true;
	twin->bits_8_11 = true;
	twin->bits_12_14 = true;
	return twin;
}

int tree_add_router(struct tree *tree, int above, unsigned int port,
		    const struct tree_shape *shape)
{
	int index = tree->model.node_count;
	struct model_node *twin = add_twin(tree, above, port);
	struct cxl_softhost_node_create node = {
		.kind = above < 0 ? CXL_SOFTHOST_NODE_HOST_BRIDGE : CXL_SOFTHOST_NODE_SWITCH,
		.parent_id = above < 0 ? 0 : tree->ids[above],
		.port = port,
		.ports = 1,
	};

	twin->kind = above < 0 ? MODEL_BRIDGE : MODEL_SWITCH;
	if (!shape || shape->decoders != NO_HDM) {
		node.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			     CXL_SOFTHOST_NODE_A14_12;
		node.decoder_count = shape && shape->decoders ? shape->decoders : 4;
		node.target_count = shape && shape->targets ? shape->targets : 8;
		node.ports = shape && shape->ports ? shape->ports : 8;
		twin->has_hdm = true;
		twin->decoders = node.decoder_count;
		twin->targets = node.target_count;
	}
	model_node_init(twin);
	tree->ids[index] = node_create(tree->fd, &node);
	return index;
}

int tree_add_device(struct tree *tree, int above, unsigned int port,
		    const struct tree_shape *shape)
{
	int index = tree->model.node_count;
	struct model_node *twin = add_twin(tree, above, port);
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12 | CXL_SOFTHOST_NODE_WAYS_3_6_12 |
			 CXL_SOFTHOST_NODE_WAYS_16,
		.parent_id = tree->ids[above],
		.port = port,
		.decoder_count = shape && shape->decoders ? shape->decoders : 4,
	};
	uint64_t lengths[2] = { 4 * UNIT, 0 }, offset = BACKEND_OFFSET;
	unsigned int i;

	if (shape && (shape->volatile_units || shape->persistent_units)) {
		lengths[VOLATILE] = shape->volatile_units * UNIT;
		lengths[PERSISTENT] = shape->persistent_units * UNIT;
	}
	tree->memory[index] = memory_reserve(BACKEND_OFFSET + lengths[0] + lengths[1]);
	tree->backends[index] = backend_create(tree->fd, tree->memory[index],
					       BACKEND_OFFSET + lengths[0] + lengths[1],
					       backend_cookie(index, 0));
	tree->memory[index] += BACKEND_OFFSET;

	twin->kind = MODEL_DEVICE;
	twin->has_hdm = true;
	twin->decoders = node.decoder_count;
	twin->ways_3_6_12 = true;
	twin->ways_16 = true;
	for (i = 0; i < 2; i++) {
		if (!lengths[i])
			continue;
		node.partitions[i].length = lengths[i];
		node.partitions[i].offset = offset;
		node.partitions[i].backend_id = tree->backends[index];
		twin->partitions[i].length = lengths[i];
		twin->partitions[i].offset = offset;
		twin->partitions[i].backend = index;
		offset += lengths[i];
	}
	model_node_init(twin);
	tree->ids[index] = node_create(tree->fd, &node);
	return index;
}

void tree_add_window(struct tree *tree, const struct tree_window *window)
{
	unsigned int index = tree->model.window_count++, i;
	struct model_window *twin = &tree->model.windows[index];
	uint32_t targets[16];
	struct cxl_softhost_window_create create = {
		.size = sizeof(create),
		.flags = window->flags,
		.hpa = window->hpa,
		.length = window->length,
		.ways = window->ways,
		.granularity = window->granularity ?: 256,
		.arithmetic = window->maps ? CXL_SOFTHOST_ARITHMETIC_XOR :
					     CXL_SOFTHOST_ARITHMETIC_MODULO,
		.targets = (uintptr_t)targets,
		.xor_maps = window->maps ? (uintptr_t)window->map : 0,
		.xor_map_count = window->maps,
	};

	ASSERT_TRUE(index < MODEL_WINDOWS);
	twin->base = window->hpa;
	twin->length = window->length;
	twin->ways = window->ways;
	twin->granule = create.granularity;
	twin->map_count = window->maps;
	twin->linear_only = window->flags & CXL_SOFTHOST_WINDOW_LINEAR_ONLY;
	if (window->flags & CXL_SOFTHOST_WINDOW_IDENTITY) {
		create.backend_id = tree->backends[window->device];
		create.backend_offset = BACKEND_OFFSET + window->dpa;
	}
	for (i = 0; i < window->maps; i++)
		twin->maps[i] = window->map[i];
	for (i = 0; i < window->ways; i++) {
		twin->targets[i] = window->bridges[i];
		targets[i] = tree->ids[window->bridges[i]];
	}
	ASSERT_RETURN(0, softhost_ioctl(tree->fd, CXL_SOFTHOST_WINDOW_CREATE, &create));
	tree->windows[index] = create.out_id;
}

static struct cxl_softhost_result write_both(struct tree *tree, int node, uint32_t offset,
					     uint64_t value)
{
	struct cxl_softhost_result result = reg_write(tree->fd, tree->ids[node], offset, 4, value);
	struct model_node *twin = &tree->model.nodes[node];
	struct model_write model;

	model_write(twin, offset, 4, value, &model);
	/* What a component alone can't judge */
	if (model.verdict == MODEL_COMMITTED &&
	    (result.reason == CXL_SOFTHOST_REASON_LINEAR_ONLY ||
	     result.reason == CXL_SOFTHOST_REASON_IDENTITY ||
	     result.reason == CXL_SOFTHOST_REASON_ENGINE ||
	     result.reason == CXL_SOFTHOST_REASON_NO_SLOTS)) {
		model_refuse(twin, model.decoder);
		model.verdict = MODEL_REFUSED;
	}
	EXPECT_EQ(said_outcome(model.verdict), result.outcome);
	return result;
}

struct cxl_softhost_result tree_commit(struct tree *tree, int node, unsigned int number,
				       const struct decoder *decoder)
{
	uint32_t at = HDM_DECODER(number);

	write_both(tree, node, at + HDM_BASE_HIGH, decoder->base >> 32);
	write_both(tree, node, at + HDM_BASE_LOW, decoder->base & UINT32_MAX);
	write_both(tree, node, at + HDM_SIZE_HIGH, decoder->size >> 32);
	write_both(tree, node, at + HDM_SIZE_LOW, decoder->size & UINT32_MAX);
	write_both(tree, node, at + HDM_EXTRA_HIGH, decoder->extra >> 32);
	write_both(tree, node, at + HDM_EXTRA_LOW, decoder->extra & UINT32_MAX);
	return write_both(tree, node, at + HDM_CONTROL, decoder_commit_value(decoder));
}

struct cxl_softhost_result tree_uncommit(struct tree *tree, int node, unsigned int number)
{
	uint32_t control = decoder_control(tree->fd, tree->ids[node], number);

	return write_both(tree, node, HDM_DECODER(number) + HDM_CONTROL,
			  control & ~CONTROL_COMMIT);
}

void tree_enable(struct tree *tree, int device)
{
	write_both(tree, device, HDM_GLOBAL, HDM_GLOBAL_ENABLE);
	node_set_mem_enable(tree->fd, tree->ids[device], 1);
	tree->model.nodes[device].mem_on = true;
}

void tree_reset(struct tree *tree, int node)
{
	reset(tree->fd, tree->ids[node]);
	model_reset(&tree->model.nodes[node]);
}
