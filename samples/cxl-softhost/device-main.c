// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The device process itself. */
#include <sys/socket.h>
#include <unistd.h>

#include "bus.h"
#include "device-message.h"
#include "log.h"
#include "sandbox.h"

static int vmm;		/* socket */

static void tell(const struct device_message *message)
{
	if (send(vmm, message, sizeof(*message), MSG_NOSIGNAL) != sizeof(*message))
		_exit(0);
}

/* The VMM is gone: then so is what there is to do */
static void hear(struct device_message *message)
{
	if (recv(vmm, message, sizeof(*message), 0) != sizeof(*message))
		_exit(0);
}

/* Who moves memory, and asks what there is to move, is the VMM */
static int no_deltas(void *ctx, struct cxl_softhost_deltas *cmd)
{
	(void)ctx;
	cmd->count = 0;
	return 0;
}

static void busy(void *ctx)
{
	(void)ctx;
	usleep(100);
}

static int ask_for_apply(void *ctx, struct cxl_softhost_apply *cmd)
{
	struct device_message message = { .kind = DEVICE_PENDING, .token = cmd->token };

	(void)ctx;
	tell(&message);
	hear(&message);
	cmd->out_result = message.result;
	return message.error;
}

static struct cxlsh_ops module;		/* ioctl(), but for the two above */
static struct cxlsh_ops devices_ops;	/* what the device models use */
static struct cxlsh_phases phases = { .ops = &module, .busy = busy };

static int op_node_set(void *ctx, struct cxl_softhost_node_set *cmd)
{
	struct device_message message = {
		.kind = DEVICE_MEM_ENABLE, .node_id = cmd->node_id, .value = cmd->mem_enable,
	};
	int error = cxlsh_phases_ops.node_set(ctx, cmd);

	if (!error && cmd->mask & CXL_SOFTHOST_SET_MEM_ENABLE &&
	    cmd->out_result.outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
		tell(&message);
	return error;
}

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

	vmm = socket;
	module = cxlsh_ioctl_ops;
	module.deltas = no_deltas;
	module.apply = ask_for_apply;
	phases.ctx = (void *)(intptr_t)softhost_fd;
	devices_ops = cxlsh_phases_ops;
	devices_ops.node_set = op_node_set;
	/* Of this process's copy of the devices */
	cxl->host.ops = &devices_ops;
	cxl->host.ctx = &phases;
	cxl->host.result = on_result;
	cxl->on_error = on_error;
	if (!sandbox_enter_device(softhost_fd, socket))
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
