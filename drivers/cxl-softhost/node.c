// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes: host bridges, switches and Type-3 endpoints.
 */
#include <linux/overflow.h>
#include <linux/slab.h>

#include "softhost.h"

/* Where VMM-served capability structures may lie in the CXL.cachemem range */
#define SOFTHOST_CAP_START 0x600

#define SOFTHOST_NODE_FLAGS							\
	(CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |			\
	 CXL_SOFTHOST_NODE_A14_12 | CXL_SOFTHOST_NODE_WAYS_3_6_12 |		\
	 CXL_SOFTHOST_NODE_WAYS_16 | CXL_SOFTHOST_NODE_MANY_DECODERS)

/* More than that Linux before 7 takes for another number */
#define SOFTHOST_COMMON_DECODERS 16

static bool softhost_capability_ok(const struct cxl_softhost_capability *cap)
{
	if (!cap->id)
		return !cap->version && !cap->offset && !cap->length;
	return cap->id != 1 && cap->id != 5 && cap->version <= 15 &&
	       cap->offset >= SOFTHOST_CAP_START && cap->offset % 4 == 0 &&
	       cap->length && cap->length % 4 == 0 &&
	       cap->offset + cap->length <= CXL_SOFTHOST_CM_SIZE;
}

static bool softhost_capabilities_ok(const struct cxl_softhost_capability *caps)
{
	u32 i, j;

	for (i = 0; i < CXL_SOFTHOST_CAPABILITIES; i++) {
		if (!softhost_capability_ok(&caps[i]))
			return false;
		for (j = 0; j < i; j++)
			if (caps[i].id && caps[j].id &&
			    caps[i].offset < caps[j].offset + caps[j].length &&
			    caps[j].offset < caps[i].offset + caps[i].length)
				return false;
	}
	return true;
}

static bool softhost_partition_empty(const struct cxl_softhost_partition *partition)
{
	return !partition->length && !partition->offset && !partition->backend_id;
}

/* Host bridge or switch: what they have in common */
static bool softhost_router_ok(const struct cxl_softhost_node_create *cmd)
{
	u32 needed = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12;
	u32 code;

	if (!cmd->ports || cmd->ports > 255 ||
	    !softhost_partition_empty(&cmd->partitions[0]) ||
	    !softhost_partition_empty(&cmd->partitions[1]))
		return false;
	/* Passthrough is legal with one downstream port only */
	if (!(cmd->flags & CXL_SOFTHOST_NODE_HDM))
		return !cmd->flags && cmd->ports == 1 && !cmd->decoder_count && !cmd->target_count;
	if ((cmd->flags & ~CXL_SOFTHOST_NODE_MANY_DECODERS) != needed)
		return false;
	if (cmd->decoder_count > SOFTHOST_COMMON_DECODERS &&
	    !(cmd->flags & CXL_SOFTHOST_NODE_MANY_DECODERS))
		return false;
	return softhost_decoder_count_code(cmd->decoder_count, &code) &&
	       is_power_of_2(cmd->target_count) && cmd->target_count <= SOFTHOST_MAX_TARGETS;
}

static bool softhost_bridge_ok(const struct cxl_softhost_node_create *cmd)
{
	return !cmd->parent_id && !cmd->port && softhost_router_ok(cmd);
}

static bool softhost_switch_ok(const struct cxl_softhost_node_create *cmd)
{
	return cmd->port <= 255 && softhost_router_ok(cmd);
}

static bool softhost_endpoint_ok(const struct cxl_softhost_node_create *cmd)
{
	u32 any = CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12;
	u32 i, code;

	if (cmd->port > 255 || cmd->ports || cmd->target_count ||
	    (cmd->flags & CXL_SOFTHOST_NODE_MANY_DECODERS) ||
	    !(cmd->flags & CXL_SOFTHOST_NODE_HDM) || !(cmd->flags & any) ||
	    !softhost_decoder_count_code(cmd->decoder_count, &code) ||
	    cmd->decoder_count > SOFTHOST_MAX_EP_DECODERS)
		return false;
	for (i = 0; i < ARRAY_SIZE(cmd->partitions); i++) {
		const struct cxl_softhost_partition *partition = &cmd->partitions[i];

		if (!partition->length && !softhost_partition_empty(partition))
			return false;
		if (partition->length % CXL_SOFTHOST_UNIT || !PAGE_ALIGNED(partition->offset))
			return false;
	}
	return cmd->partitions[0].length || cmd->partitions[1].length;
}

static int softhost_node_check(const struct cxl_softhost_node_create *cmd)
{
	u64 capacity;
	u32 i;

	if ((cmd->flags & ~SOFTHOST_NODE_FLAGS) || cmd->__reserved)
		return -EOPNOTSUPP;
	for (i = 0; i < ARRAY_SIZE(cmd->partitions); i++)
		if (cmd->partitions[i].__reserved)
			return -EOPNOTSUPP;

	switch (cmd->kind) {
	case CXL_SOFTHOST_NODE_HOST_BRIDGE:
		if (!softhost_bridge_ok(cmd))
			return -EINVAL;
		break;
	case CXL_SOFTHOST_NODE_ENDPOINT:
		if (!softhost_endpoint_ok(cmd))
			return -EINVAL;
		break;
	case CXL_SOFTHOST_NODE_SWITCH:
		if (!softhost_switch_ok(cmd))
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	if (!softhost_capabilities_ok(cmd->capabilities))
		return -EINVAL;
	if (check_add_overflow(cmd->partitions[0].length, cmd->partitions[1].length, &capacity))
		return -EOVERFLOW;
	return 0;
}

static struct softhost_node_object *softhost_node_alloc(const struct cxl_softhost_node_create *cmd)
{
	size_t hdm_bytes = struct_size_t(struct softhost_hdm, decoders, cmd->decoder_count);
	struct softhost_node_object *node;

	hdm_bytes = ALIGN(hdm_bytes, sizeof(u64));
	node = kzalloc(sizeof(*node) + 2 * hdm_bytes, GFP_KERNEL_ACCOUNT);
	if (!node)
		return NULL;
	node->obj.bytes = sizeof(*node) + 2 * hdm_bytes;
	node->hdm_bytes = hdm_bytes;
	node->core.hdm = (void *)(node + 1);
	node->core.next = (void *)(node + 1) + hdm_bytes;
	/* In force it comes with the first map that knows the node */
	node->core.next->present = true;
	node->core.kind = cmd->kind;
	node->core.flags = cmd->flags;
	node->core.port = cmd->port;
	node->core.ports = cmd->ports;
	node->core.decoder_count = cmd->decoder_count;
	node->core.target_count = cmd->target_count;
	memcpy(node->core.capabilities, cmd->capabilities, sizeof(cmd->capabilities));
	return node;
}

/* Look up and check what @cmd refers to; takes no reference yet */
static int __softhost_node_resolve(struct softhost_host *host, struct softhost_node *node,
				   const struct cxl_softhost_node_create *cmd)
{
	struct softhost_object *object;
	const struct softhost_node *child;
	u32 i, children = 0;

	lockdep_assert_held(&host->state_lock);

	node->depth = 1;
	if (node->kind == CXL_SOFTHOST_NODE_HOST_BRIDGE)
		return 0;

	object = softhost_object_get(host, cmd->parent_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	node->parent = &to_softhost_node(object)->core;
	node->depth += node->parent->depth;
	if (node->parent->kind == CXL_SOFTHOST_NODE_ENDPOINT || node->depth > SOFTHOST_MAX_DEPTH)
		return -EINVAL;
	if (softhost_child_find(node->parent, node->port, true))
		return -EEXIST;
	for (child = node->parent->children; child; child = child->sibling)
		children++;
	if (children >= node->parent->ports)
		return -ENOSPC;

	for (i = 0; i < ARRAY_SIZE(cmd->partitions); i++) {
		const struct cxl_softhost_partition *partition = &cmd->partitions[i];
		const struct softhost_backend *backend;

		if (!partition->length)
			continue;
		backend = __softhost_backend_find(host, partition->backend_id, partition->offset,
						  partition->length);
		if (IS_ERR(backend))
			return PTR_ERR(backend);
		node->partitions[i].length = partition->length;
		node->partitions[i].offset = partition->offset;
		node->partitions[i].backend = backend;
	}
	return 0;
}

static void __softhost_node_link(struct softhost_node *node)
{
	struct softhost_node **at;

	if (!node->parent)
		return;
	for (at = &node->parent->children; *at && (*at)->port < node->port; at = &(*at)->sibling)
		;
	node->sibling = *at;
	/* Readers may be on their way through the list */
	smp_store_release(at, node);
}

static void __softhost_node_unlink(struct softhost_node *node)
{
	struct softhost_node **at;

	if (!node->parent)
		return;
	for (at = &node->parent->children; *at != node; at = &(*at)->sibling)
		;
	WRITE_ONCE(*at, node->sibling);
}

/* Count (@by = 1) or stop counting (-1) as a user of what @node refers to */
static void __softhost_node_use(struct softhost_node *node, int by)
{
	u32 i;

	if (node->parent)
		container_of(node->parent, struct softhost_node_object, core)->obj.users += by;
	for (i = 0; i < ARRAY_SIZE(node->partitions); i++)
		__softhost_backend_use(node->partitions[i].backend, by);
}

int softhost_node_create_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_node_create *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct cxl_softhost_result result = {};
	int ret;

	ret = softhost_node_check(cmd);
	if (ret)
		return ret;
	struct softhost_node_object *node __free(kfree) = softhost_node_alloc(cmd);
	if (!node)
		return -ENOMEM;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	ret = __softhost_node_resolve(host, &node->core, cmd);
	if (ret)
		return ret;
	ret = __softhost_object_reserve(host, &node->obj, SOFTHOST_OBJECT_NODE);
	if (ret)
		return ret;
	node->core.id = node->obj.id;
	__softhost_node_link(&node->core);
	ret = __softhost_buffers_grow(host);
	if (ret) {
		struct softhost_object *gone = &no_free_ptr(node)->obj;

		__softhost_node_unlink(&to_softhost_node(gone)->core);
		__softhost_object_abort(host, gone);
		/* Readers may have come by on their way through the list */
		kfree_rcu(gone, rcu);
		return ret;
	}
	__softhost_node_use(&node->core, 1);
	cmd->out_id = node->obj.id;
	__softhost_object_publish(host, &node->obj);
	__softhost_apply(host, no_free_ptr(node), &result);
	return 0;
}

/**
 * __softhost_node_gone() - free a node
 * @host: the host
 * @node: it has no users, isn't present any more, and its memory is out
 */
void __softhost_node_gone(struct softhost_host *host, struct softhost_node_object *node)
{
	lockdep_assert_held(&host->state_lock);

	__softhost_node_use(&node->core, -1);
	__softhost_node_unlink(&node->core);
	__softhost_object_free(host, &node->obj);
	softhost_route_bound(&host->topology, &host->bound);
}
