// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The device process itself. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus.h"
#include "device-message.h"
#include "log.h"
#include "sandbox.h"

static struct {
	int socket;
	int softhost_fd;
} self;

static void tell(const struct device_message *message)
{
	if (send(self.socket, message, sizeof(*message), MSG_NOSIGNAL) != sizeof(*message))
		_exit(0);
}

/* The VMM is gone: then so is what there is to do */
static void hear(struct device_message *message)
{
	if (recv(self.socket, message, sizeof(*message), 0) != sizeof(*message))
		_exit(0);
}

/* Is that final? Else it is to be repeated. */
static bool done(int *error, struct cxl_softhost_result *result, uint64_t token)
{
	struct device_message message = { .kind = DEVICE_PENDING, .token = token };

	if (*error)
		return true;
	if (result->outcome == CXL_SOFTHOST_OUTCOME_BUSY) {
		usleep(100);
		return false;
	}
	if (result->outcome != CXL_SOFTHOST_OUTCOME_PENDING)
		return true;
	tell(&message);
	hear(&message);
	*error = message.error;
	*result = message.result;
	return *error != -ESTALE;
}

#define OP(name)								\
	static int op_##name(void *ctx, struct cxl_softhost_##name *cmd)	\
	{									\
		int error;							\
										\
		(void)ctx;							\
		do {								\
			error = cxlsh_##name(self.softhost_fd, cmd);		\
		} while (!done(&error, &cmd->out_result, cmd->out_token));	\
		return error;							\
	}

OP(reg_write)
OP(reset)

static int op_reg_read(void *ctx, struct cxl_softhost_reg_read *cmd)
{
	(void)ctx;
	return cxlsh_reg_read(self.softhost_fd, cmd);
}

static int op_node_set(void *ctx, struct cxl_softhost_node_set *cmd)
{
	struct device_message message = {
		.kind = DEVICE_MEM_ENABLE, .node_id = cmd->node_id, .value = cmd->mem_enable,
	};
	int error;

	(void)ctx;
	do {
		error = cxlsh_node_set(self.softhost_fd, cmd);
	} while (!done(&error, &cmd->out_result, cmd->out_token));
	if (!error && cmd->mask & CXL_SOFTHOST_SET_MEM_ENABLE &&
	    cmd->out_result.outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
		tell(&message);
	return error;
}

static const struct cxlsh_ops ops = {
	.reg_read = op_reg_read,
	.reg_write = op_reg_write,
	.node_set = op_node_set,
	.reset = op_reset,
};

static void on_result(void *ctx, uint32_t node_id, const struct cxl_softhost_result *result)
{
	struct device_message message = {
		.kind = DEVICE_RESULT, .node_id = node_id, .result = *result,
	};

	(void)ctx;
	tell(&message);
}

static void on_error(int error)
{
	struct device_message message = { .kind = DEVICE_ERROR, .error = error };

	tell(&message);
}

_Noreturn void device_process_run(struct cxl *cxl, const struct bus *devices, int socket,
				  int softhost_fd)
{
	struct device_message message;

	self.socket = socket;
	self.softhost_fd = softhost_fd;
	/* What the device models use, of this process's copy of them */
	cxl->host.ops = &ops;
	cxl->host.ctx = NULL;
	cxl->host.result = on_result;
	cxl->on_error = on_error;
	if (!sandbox_enter(softhost_fd, socket))
		_exit(1);
	for (;;) {
		hear(&message);
		if (message.kind != DEVICE_ACCESS || message.length > sizeof(message.data))
			_exit(1);
		bus_dispatch(devices, message.addr, message.data, message.length, message.write);
		message.kind = DEVICE_DONE;
		tell(&message);
	}
}
