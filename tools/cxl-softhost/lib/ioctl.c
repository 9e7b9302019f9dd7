// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: the commands of /dev/cxl-softhost.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <cxlsofthost/host.h>

int cxlsh_open(const char *path)
{
	int fd = open(path ? path : CXLSH_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

#define CXLSH_COMMAND(name, request)					\
	int cxlsh_##name(int fd, struct cxl_softhost_##name *cmd)	\
	{								\
		cmd->size = sizeof(*cmd);				\
		return ioctl(fd, request, cmd) < 0 ? -errno : 0;	\
	}

/* One with an array, whose entries are as large as this header has them if not told */
#define CXLSH_ENTRIES(name, request, entry)				\
	int cxlsh_##name(int fd, struct cxl_softhost_##name *cmd)	\
	{								\
		cmd->size = sizeof(*cmd);				\
		if (!cmd->entry_size)					\
			cmd->entry_size = sizeof(entry);		\
		return ioctl(fd, request, cmd) < 0 ? -errno : 0;	\
	}

CXLSH_COMMAND(info, CXL_SOFTHOST_INFO)
CXLSH_COMMAND(host_set, CXL_SOFTHOST_HOST_SET)
CXLSH_COMMAND(backend_create, CXL_SOFTHOST_BACKEND_CREATE)
CXLSH_COMMAND(window_create, CXL_SOFTHOST_WINDOW_CREATE)
CXLSH_COMMAND(node_create, CXL_SOFTHOST_NODE_CREATE)
CXLSH_COMMAND(destroy, CXL_SOFTHOST_DESTROY)
CXLSH_COMMAND(attach, CXL_SOFTHOST_ATTACH)
CXLSH_COMMAND(detach, CXL_SOFTHOST_DETACH)
CXLSH_COMMAND(fd_create, CXL_SOFTHOST_FD_CREATE)
CXLSH_ENTRIES(state_set, CXL_SOFTHOST_STATE_SET, struct cxl_softhost_record)
CXLSH_COMMAND(reg_read, CXL_SOFTHOST_REG_READ)
CXLSH_COMMAND(reg_write, CXL_SOFTHOST_REG_WRITE)
CXLSH_COMMAND(node_set, CXL_SOFTHOST_NODE_SET)
CXLSH_COMMAND(reset, CXL_SOFTHOST_RESET)
CXLSH_COMMAND(translate, CXL_SOFTHOST_TRANSLATE)
CXLSH_ENTRIES(map_get, CXL_SOFTHOST_MAP_GET, struct cxl_softhost_segment)
CXLSH_ENTRIES(deltas, CXL_SOFTHOST_DELTAS, struct cxl_softhost_delta)
CXLSH_COMMAND(apply, CXL_SOFTHOST_APPLY)
CXLSH_ENTRIES(state_get, CXL_SOFTHOST_STATE_GET, struct cxl_softhost_record)
CXLSH_COMMAND(dirty_log, CXL_SOFTHOST_DIRTY_LOG)

#define CXLSH_OP(name)							\
	static int cxlsh_op_##name(void *ctx, struct cxl_softhost_##name *cmd) \
	{								\
		return cxlsh_##name((int)(intptr_t)ctx, cmd);		\
	}

CXLSH_OP(reg_read)
CXLSH_OP(reg_write)
CXLSH_OP(node_set)
CXLSH_OP(reset)
CXLSH_OP(translate)
CXLSH_OP(deltas)
CXLSH_OP(apply)

const struct cxlsh_ops cxlsh_ioctl_ops = {
	.reg_read = cxlsh_op_reg_read,
	.reg_write = cxlsh_op_reg_write,
	.node_set = cxlsh_op_node_set,
	.reset = cxlsh_op_reset,
	.translate = cxlsh_op_translate,
	.deltas = cxlsh_op_deltas,
	.apply = cxlsh_op_apply,
};

void cxlsh_host_init_fd(struct cxlsh_host *host, int fd)
{
	host->ops = &cxlsh_ioctl_ops;
	host->ctx = (void *)(intptr_t)fd;
	host->result = NULL;
	host->result_ctx = NULL;
}
