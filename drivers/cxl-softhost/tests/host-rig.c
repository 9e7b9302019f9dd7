// SPDX-License-Identifier: GPL-2.0-only
/* A whole host, made and used by the module's own commands. */
#include <linux/err.h>
#include <linux/uaccess.h>

#include "host-rig.h"

KUNIT_DEFINE_ACTION_WRAPPER(host_rig_free, softhost_host_free, struct softhost_host *);

struct softhost_host *host_rig_empty(struct kunit *test)
{
	struct softhost_host *host = softhost_host_alloc();

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, host);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, host_rig_free, host), 0);
	return host;
}

unsigned long host_rig_memory(struct kunit *test, u64 length, int prot)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, length, prot,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, 0);

	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

void *host_rig_copy(struct kunit *test, const void *from, size_t bytes)
{
	void *copy = kunit_kzalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, from, bytes);
}

u32 host_rig_backend(struct kunit *test, struct softhost_host *host, unsigned long addr,
		     u64 length)
{
	struct cxl_softhost_backend_create cmd = {
		.addr = addr, .length = length, .cookie = 0xc0ffee,
	};
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(test, softhost_backend_create_ioctl(&ucmd), 0);
	return cmd.out_id;
}

u32 host_rig_bridge(struct kunit *test, struct softhost_host *host)
{
	struct cxl_softhost_node_create cmd = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.flags = rig_bridge.flags,
		.ports = 4,
		.decoder_count = HOST_RIG_DECODERS,
		.target_count = 4,
	};
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(test, softhost_node_create_ioctl(&ucmd), 0);
	return cmd.out_id;
}

u32 host_rig_device(struct kunit *test, struct softhost_host *host, u32 bridge, u32 port,
		    u32 backend, u64 offset)
{
	struct cxl_softhost_node_create cmd = {
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.flags = rig_endpoint.flags,
		.parent_id = bridge,
		.port = port,
		.decoder_count = HOST_RIG_DECODERS,
		.partitions = {
			{ .length = HOST_RIG_LENGTH, .offset = offset, .backend_id = backend },
		},
	};
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(test, softhost_node_create_ioctl(&ucmd), 0);
	return cmd.out_id;
}

u32 host_rig_window(struct kunit *test, struct softhost_host *host, u32 bridge, u64 hpa,
		    u64 length)
{
	unsigned long user = host_rig_memory(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct cxl_softhost_window_create cmd = {
		.hpa = hpa, .length = length, .ways = 1, .granularity = 256, .targets = user,
	};
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(test, put_user(bridge, (u32 __user *)user), 0);
	KUNIT_ASSERT_EQ(test, softhost_window_create_ioctl(&ucmd), 0);
	return cmd.out_id;
}

struct host_rig *host_rig_make(struct kunit *test)
{
	struct host_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->test = test;
	rig->host = host_rig_empty(test);
	rig->memory = host_rig_memory(test, 2 * HOST_RIG_LENGTH, PROT_READ);
	rig->backend = host_rig_backend(test, rig->host, rig->memory, 2 * HOST_RIG_LENGTH);
	rig->bridge = host_rig_bridge(test, rig->host);
	for (i = 0; i < 2; i++)
		rig->device[i] = host_rig_device(test, rig->host, rig->bridge, i, rig->backend,
						 i * HOST_RIG_LENGTH);
	rig->window = host_rig_window(test, rig->host, rig->bridge, HOST_RIG_HPA, 64 * UNIT);
	return rig;
}

int host_rig_destroy(struct softhost_host *host, u32 id, struct cxl_softhost_result *result)
{
	struct cxl_softhost_destroy cmd = { .id = id };
	struct softhost_ucmd ucmd = { .host = host, .cmd = &cmd, .rights = ~0U };
	int ret = softhost_destroy_ioctl(&ucmd);

	if (result)
		*result = cmd.out_result;
	return ret;
}

struct softhost_node_object *host_rig_node(struct host_rig *rig, u32 id)
{
	struct softhost_object *object;

	scoped_guard(mutex, &rig->host->state_lock)
		object = softhost_object_get(rig->host, id, SOFTHOST_OBJECT_NODE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(rig->test, object);
	return to_softhost_node(object);
}

const struct softhost_map *host_rig_map(struct host_rig *rig)
{
	guard(mutex)(&rig->host->state_lock);
	return __softhost_map(rig->host);
}

const u32 *host_rig_control(struct host_rig *rig)
{
	const struct softhost_hdm *hdm = host_rig_node(rig, rig->bridge)->core.hdm;

	return &hdm->decoders[0].reg[SOFTHOST_REG_CTRL];
}

u32 host_rig_read(struct host_rig *rig, u32 node, u32 offset)
{
	struct cxl_softhost_reg_read cmd = { .node_id = node, .offset = offset, .width = 4 };
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(rig->test, softhost_reg_read_ioctl(&ucmd), 0);
	KUNIT_EXPECT_EQ(rig->test, cmd.out_outcome, CXL_SOFTHOST_OUTCOME_DONE);
	return cmd.out_value;
}

struct cxl_softhost_result host_rig_write(struct host_rig *rig, u32 node, u32 offset, u32 value)
{
	struct cxl_softhost_reg_write cmd = {
		.node_id = node, .offset = offset, .width = 4, .value = value,
	};
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(rig->test, softhost_reg_write_ioctl(&ucmd), 0);
	return cmd.out_result;
}

struct cxl_softhost_result host_rig_commit(struct host_rig *rig, u32 node,
					   const struct rig_program *program)
{
	u32 at = DEC(program->n);

	host_rig_write(rig, node, at + BASE_HI, program->base >> 32);
	host_rig_write(rig, node, at + BASE_LO, program->base);
	host_rig_write(rig, node, at + SIZE_HI, program->size >> 32);
	host_rig_write(rig, node, at + SIZE_LO, program->size);
	host_rig_write(rig, node, at + LIST_HI, program->list >> 32);
	host_rig_write(rig, node, at + LIST_LO, program->list);
	return host_rig_write(rig, node, at + CTRL, program->ctrl | COMMIT);
}

void host_rig_must_commit(struct host_rig *rig, u32 node, const struct rig_program *program)
{
	struct cxl_softhost_result result = host_rig_commit(rig, node, program);

	KUNIT_ASSERT_EQ(rig->test, result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);
}

struct cxl_softhost_result host_rig_set_memory(struct host_rig *rig, u32 node, bool enable)
{
	struct cxl_softhost_node_set cmd = {
		.node_id = node, .mask = CXL_SOFTHOST_SET_MEM_ENABLE, .mem_enable = enable,
	};
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(rig->test, softhost_node_set_ioctl(&ucmd), 0);
	return cmd.out_result;
}

struct cxl_softhost_result host_rig_reset(struct host_rig *rig, u32 node)
{
	struct cxl_softhost_reset cmd = { .node_id = node };
	struct softhost_ucmd ucmd = { .host = rig->host, .cmd = &cmd, .rights = ~0U };

	KUNIT_ASSERT_EQ(rig->test, softhost_reset_ioctl(&ucmd), 0);
	return cmd.out_result;
}

/*
 * Everything that four extents of the first device need. Its decoders lie two
 * units apart, in one range of the bridge.
 */
void host_rig_program(struct host_rig *rig)
{
	struct rig_program bridge = { .n = 0, .base = HOST_RIG_HPA, .size = 16 * UNIT };
	u32 i;

	for (i = 0; i < HOST_RIG_EXTENTS; i++) {
		struct rig_program device = {
			.n = i, .base = HOST_RIG_HPA + 2 * i * UNIT, .size = UNIT,
		};

		host_rig_must_commit(rig, rig->device[0], &device);
	}
	host_rig_must_commit(rig, rig->bridge, &bridge);
	host_rig_write(rig, rig->device[0], HDM_GLOBAL, ENABLE);
	host_rig_set_memory(rig, rig->device[0], true);
}

/* Take one thing back, so that host_rig_add() has something to do */
void host_rig_before_add(struct host_rig *rig, enum host_rig_add how)
{
	host_rig_program(rig);
	switch (how) {
	case HOST_RIG_COMMIT:
		host_rig_write(rig, rig->bridge, DEC(0) + CTRL, 0);
		break;
	case HOST_RIG_HDM_ENABLE:
		host_rig_write(rig, rig->device[0], HDM_GLOBAL, 0);
		break;
	case HOST_RIG_MEM_ENABLE:
		host_rig_set_memory(rig, rig->device[0], false);
		break;
	case HOST_RIG_ATTACH:
		return;
	}
	fake_attach(rig, FAKE_SLOTS);
	fake_forget(&rig->fake);
}

/* One action that adds four extents */
struct cxl_softhost_result host_rig_add(struct host_rig *rig, enum host_rig_add how)
{
	switch (how) {
	case HOST_RIG_COMMIT:
		/* After a refusal COMMIT is still set */
		if (host_rig_read(rig, rig->bridge, DEC(0) + CTRL))
			host_rig_write(rig, rig->bridge, DEC(0) + CTRL, 0);
		return host_rig_write(rig, rig->bridge, DEC(0) + CTRL, COMMIT);
	case HOST_RIG_HDM_ENABLE:
		return host_rig_write(rig, rig->device[0], HDM_GLOBAL, ENABLE);
	case HOST_RIG_MEM_ENABLE:
		return host_rig_set_memory(rig, rig->device[0], true);
	default:
		return fake_attach(rig, FAKE_SLOTS);
	}
}

/* One action that takes four extents away */
struct cxl_softhost_result host_rig_remove(struct host_rig *rig, enum host_rig_remove how)
{
	struct cxl_softhost_result result;

	switch (how) {
	case HOST_RIG_UNCOMMIT:
		return host_rig_write(rig, rig->bridge, DEC(0) + CTRL, 0);
	case HOST_RIG_HDM_DISABLE:
		return host_rig_write(rig, rig->device[0], HDM_GLOBAL, 0);
	case HOST_RIG_MEM_DISABLE:
		return host_rig_set_memory(rig, rig->device[0], false);
	case HOST_RIG_RESET_DEVICE:
		return host_rig_reset(rig, rig->device[0]);
	case HOST_RIG_RESET_HOST:
		return host_rig_reset(rig, 0);
	default:
		KUNIT_ASSERT_EQ(rig->test, host_rig_destroy(rig->host, rig->device[0], &result), 0);
		return result;
	}
}
