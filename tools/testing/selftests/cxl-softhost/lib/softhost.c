// SPDX-License-Identifier: GPL-2.0-only
/* The commands of /dev/cxl-softhost for tests. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "phases.h"

int __softhost_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int softhost_open(void)
{
	int fd = __softhost_open();

	if (fd < 0) {
		EXPECT_RETURN(0, fd);
		test_end();
	}
	if (test_variant != VARIANT_PLAIN)
		ASSERT_RETURN(0, __host_set_flags(fd, variant_flags(),
						  CXL_SOFTHOST_POLICY_CHECKED));
	return fd;
}

int softhost_ioctl(int fd, unsigned int command, void *argument)
{
	int ret = ioctl(fd, command, argument);

	return ret < 0 ? -errno : ret;
}

struct cxl_softhost_info softhost_info(int fd)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };

	ASSERT_RETURN(0, softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info));
	return info;
}

int __host_set(int fd, uint32_t windows, uint32_t nodes, uint32_t backends)
{
	struct cxl_softhost_host_set set = {
		.size = sizeof(set),
		.flags = variant_flags(),
		.policy = CXL_SOFTHOST_POLICY_CHECKED,
		.max_windows = windows,
		.max_nodes = nodes,
		.max_backends = backends,
	};

	return softhost_ioctl(fd, CXL_SOFTHOST_HOST_SET, &set);
}

int __backend_create(int fd, const void *addr, uint64_t length, uint64_t cookie, uint32_t *id)
{
	struct cxl_softhost_backend_create create = {
		.size = sizeof(create),
		.addr = (uintptr_t)addr,
		.length = length,
		.cookie = cookie,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_BACKEND_CREATE, &create);

	if (id)
		*id = create.out_id;
	return ret;
}

uint32_t backend_create(int fd, const void *addr, uint64_t length, uint64_t cookie)
{
	uint32_t id;

	ASSERT_RETURN(0, __backend_create(fd, addr, length, cookie, &id));
	return id;
}

int __window_create(int fd, uint64_t hpa, uint64_t length, uint32_t bridge, uint32_t *id)
{
	struct cxl_softhost_window_create create = {
		.size = sizeof(create),
		.hpa = hpa,
		.length = length,
		.ways = 1,
		.granularity = 256,
		.targets = (uintptr_t)&bridge,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_WINDOW_CREATE, &create);

	if (id)
		*id = create.out_id;
	return ret;
}

uint32_t window_create(int fd, uint64_t hpa, uint64_t length, uint32_t bridge)
{
	uint32_t id;

	ASSERT_RETURN(0, __window_create(fd, hpa, length, bridge, &id));
	return id;
}

int __node_create(int fd, struct cxl_softhost_node_create *node, uint32_t *id)
{
	int ret;

	node->size = sizeof(*node);
	ret = softhost_ioctl(fd, CXL_SOFTHOST_NODE_CREATE, node);
	if (id)
		*id = node->out_id;
	return ret;
}

uint32_t node_create(int fd, struct cxl_softhost_node_create *node)
{
	uint32_t id;

	ASSERT_RETURN(0, __node_create(fd, node, &id));
	return id;
}

/* What the change came to in the end, in programs that follow each of them */
static void changed(int fd, int ret, const struct cxl_softhost_result *found, uint64_t token,
		    struct cxl_softhost_result *result)
{
	bool pending = !ret && found->outcome == CXL_SOFTHOST_OUTCOME_PENDING;

	if (!ret)
		EXPECT_TRUE(pending == !!token);
	if (result)
		*result = *found;
	if (pending && test_variant != VARIANT_PLAIN) {
		struct cxl_softhost_result last = phases_follow(fd, token);

		if (result)
			*result = last;
	}
}

int __destroy(int fd, uint32_t id, struct cxl_softhost_result *result)
{
	struct cxl_softhost_destroy args = { .size = sizeof(args), .id = id };
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_DESTROY, &args);

	changed(fd, ret, &args.out_result, args.out_token, result);
	return ret;
}

struct cxl_softhost_result destroy(int fd, uint32_t id)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __destroy(fd, id, &result));
	return result;
}

int __attach(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count,
	     struct cxl_softhost_attach *out)
{
	struct cxl_softhost_attach args = {
		.size = sizeof(args),
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = vm_fd,
		.first_slot = first_slot,
		.slot_count = slot_count,
	};
	int ret = test_variant == VARIANT_ADVISORY ?
		  advisory_attach(fd, vm_fd, &args) :
		  softhost_ioctl(fd, CXL_SOFTHOST_ATTACH, &args);

	if (out)
		*out = args;
	return ret;
}

struct cxl_softhost_attach attach(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count)
{
	struct cxl_softhost_attach out;

	ASSERT_RETURN(0, __attach(fd, vm_fd, first_slot, slot_count, &out));
	return out;
}

int __take_over(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count)
{
	struct cxl_softhost_attach args = {
		.size = sizeof(args),
		.flags = CXL_SOFTHOST_ATTACH_TAKEOVER,
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = vm_fd,
		.first_slot = first_slot,
		.slot_count = slot_count,
	};

	return softhost_ioctl(fd, CXL_SOFTHOST_ATTACH, &args);
}

int __attach_advisory(int fd, uint32_t first_slot, uint32_t slot_count)
{
	struct cxl_softhost_attach args = {
		.size = sizeof(args),
		.engine = CXL_SOFTHOST_ENGINE_ADVISORY,
		.vm_fd = -1,
		.first_slot = first_slot,
		.slot_count = slot_count,
	};

	return softhost_ioctl(fd, CXL_SOFTHOST_ATTACH, &args);
}

int __detach(int fd, struct cxl_softhost_result *result)
{
	struct cxl_softhost_detach args = { .size = sizeof(args) };
	int ret;

	if (test_variant == VARIANT_ADVISORY)
		advisory_before_detach(fd);
	ret = softhost_ioctl(fd, CXL_SOFTHOST_DETACH, &args);
	if (result)
		*result = args.out_result;
	return ret;
}

struct cxl_softhost_result detach(int fd)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __detach(fd, &result));
	return result;
}

int fd_create(int fd, uint32_t rights)
{
	struct cxl_softhost_fd_create args = { .size = sizeof(args), .rights = rights };

	ASSERT_RETURN(0, softhost_ioctl(fd, CXL_SOFTHOST_FD_CREATE, &args));
	return args.out_fd;
}

int __reg_read(int fd, uint32_t node, uint32_t offset, uint32_t width,
	       struct cxl_softhost_reg_read *out)
{
	*out = (struct cxl_softhost_reg_read){
		.size = sizeof(*out),
		.node_id = node,
		.offset = offset,
		.width = width,
	};
	return softhost_ioctl(fd, CXL_SOFTHOST_REG_READ, out);
}

uint64_t reg_read(int fd, uint32_t node, uint32_t offset, uint32_t width)
{
	struct cxl_softhost_reg_read out;

	ASSERT_RETURN(0, __reg_read(fd, node, offset, width, &out));
	ASSERT_EQ(CXL_SOFTHOST_OUTCOME_DONE, out.out_outcome);
	return out.out_value;
}

int __reg_write(int fd, uint32_t node, uint32_t offset, uint32_t width, uint64_t value,
		struct cxl_softhost_result *result)
{
	struct cxl_softhost_reg_write args = {
		.size = sizeof(args),
		.node_id = node,
		.offset = offset,
		.width = width,
		.value = value,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_REG_WRITE, &args);

	changed(fd, ret, &args.out_result, args.out_token, result);
	return ret;
}

struct cxl_softhost_result reg_write(int fd, uint32_t node, uint32_t offset, uint32_t width,
				     uint64_t value)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __reg_write(fd, node, offset, width, value, &result));
	return result;
}

int __node_set(int fd, uint32_t node, uint32_t mask, uint32_t mem_enable, uint32_t media,
	       struct cxl_softhost_result *result)
{
	struct cxl_softhost_node_set args = {
		.size = sizeof(args),
		.node_id = node,
		.mask = mask,
		.mem_enable = mem_enable,
		.media = media,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_NODE_SET, &args);

	changed(fd, ret, &args.out_result, args.out_token, result);
	return ret;
}

struct cxl_softhost_result node_set_mem_enable(int fd, uint32_t node, uint32_t mem_enable)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __node_set(fd, node, CXL_SOFTHOST_SET_MEM_ENABLE, mem_enable, 0,
				    &result));
	return result;
}

struct cxl_softhost_result node_set_media(int fd, uint32_t node, uint32_t media)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __node_set(fd, node, CXL_SOFTHOST_SET_MEDIA, 0, media, &result));
	return result;
}

int __reset(int fd, uint32_t node, struct cxl_softhost_result *result)
{
	struct cxl_softhost_reset args = { .size = sizeof(args), .node_id = node };
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_RESET, &args);

	changed(fd, ret, &args.out_result, args.out_token, result);
	return ret;
}

struct cxl_softhost_result reset(int fd, uint32_t node)
{
	struct cxl_softhost_result result;

	ASSERT_RETURN(0, __reset(fd, node, &result));
	return result;
}

int __translate(int fd, uint64_t hpa, struct cxl_softhost_translate *out)
{
	*out = (struct cxl_softhost_translate){ .size = sizeof(*out), .addr = hpa };
	return softhost_ioctl(fd, CXL_SOFTHOST_TRANSLATE, out);
}

struct cxl_softhost_translate translate(int fd, uint64_t hpa)
{
	struct cxl_softhost_translate out;

	ASSERT_RETURN(0, __translate(fd, hpa, &out));
	return out;
}

int __translate_dpa(int fd, uint32_t node, uint64_t dpa, struct cxl_softhost_translate *out)
{
	*out = (struct cxl_softhost_translate){
		.size = sizeof(*out),
		.flags = CXL_SOFTHOST_TRANSLATE_FROM_DPA,
		.addr = dpa,
		.node_id = node,
	};
	return softhost_ioctl(fd, CXL_SOFTHOST_TRANSLATE, out);
}

int __map_get(int fd, uint32_t entry_size, uint32_t *count, void *entries, uint64_t *generation)
{
	struct cxl_softhost_map_get args = {
		.size = sizeof(args),
		.entry_size = entry_size,
		.count = *count,
		.entries = (uintptr_t)entries,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_MAP_GET, &args);

	*count = args.count;
	if (generation)
		*generation = args.out_generation;
	return ret;
}
