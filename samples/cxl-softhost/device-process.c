// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The VMM's side of the device process. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device-message.h"
#include "device-process.h"
#include "log.h"

/* There is one; accesses come with the device lock held */
static struct {
	struct cxl *cxl;
	int socket;
} process;

static bool receive(struct device_message *message)
{
	ssize_t got = recv(process.socket, message, sizeof(*message), 0);

	if (got == sizeof(*message))
		return true;
	log_error("the device process is gone: %s", got < 0 ? strerror(errno) : "it ended");
	vm_stop(process.cxl->vm, VM_END_SETUP);
	return false;
}

static bool tell(const struct device_message *message)
{
	return send(process.socket, message, sizeof(*message), MSG_NOSIGNAL) == sizeof(*message);
}

/* What it isn't allowed to do itself: carry out what moves memory */
static bool finish(const struct device_message *message)
{
	struct device_message reply = { .kind = DEVICE_FINISHED };

	reply.error = cxlsh_phases_finish(&process.cxl->phases, message->token, &reply.result);
	return tell(&reply);
}

static void note_mem_enable(struct cxl *cxl, uint32_t node_id, bool value)
{
	for (uint32_t i = 0; i < cxl->device_count; i++)
		if (cxl->devices[i].node_id == node_id)
			cxl->devices[i].mem_enable = value;
}

static bool heed(struct device_message *message)
{
	switch (message->kind) {
	case DEVICE_PENDING:
		return finish(message);
	case DEVICE_RESULT:
		cxl_on_result(process.cxl, message->node_id, &message->result);
		return true;
	case DEVICE_MEM_ENABLE:
		note_mem_enable(process.cxl, message->node_id, message->value);
		return true;
	case DEVICE_ERROR:
		cxl_check(process.cxl, message->error, "the device process");
		return true;
	default:
		log_error("the device process says what it shouldn't (%d)", (int)message->kind);
		return false;
	}
}

static void forward(void *opaque, struct bus_access *access)
{
	const struct bus_range *range = opaque;
	struct device_message message = {
		.kind = DEVICE_ACCESS,
		.addr = range->base + access->offset,
		.length = access->length,
		.write = access->write,
	};
	bool ok;

	memcpy(message.data, access->data, access->length);
	ok = tell(&message) && receive(&message);
	while (ok && message.kind != DEVICE_DONE)
		ok = heed(&message) && receive(&message);
	if (!access->write) {
		if (!ok)
			memset(message.data, 0xff, sizeof(message.data));
		memcpy(access->data, message.data, access->length);
	}
}

/* The child: all that it doesn't need goes, before anything of the guest's comes */
static _Noreturn void become_device_process(struct cxl *cxl, const struct bus *devices, int socket,
					    int softhost_fd)
{
	/* Its end goes with the VMM's */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(socket, 3) < 0 || dup2(softhost_fd, 4) < 0)
		_exit(1);
	close(0);
	close(1);
	close_range(5, ~0U, 0);
	device_process_run(cxl, devices, 3, 4);
}

bool device_process_start(struct cxl *cxl, const struct bus *devices)
{
	struct cxl_softhost_fd_create create = {
		.rights = CXL_SOFTHOST_RIGHT_REGISTERS | CXL_SOFTHOST_RIGHT_READ,
	};
	int sockets[2], error = cxlsh_fd_create(cxl->fd, &create);
	pid_t pid = -1;

	if (error) {
		log_error("a descriptor for the device process: %s", cxlsh_errno_text(error));
		return false;
	}
	/* dup2() above must not close what it is about to copy */
	if (create.out_fd < 5)
		create.out_fd = dup(create.out_fd);
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		pid = fork();
	if (pid < 0) {
		log_error("the device process can't be started: %s", strerror(errno));
		return false;
	}
	if (!pid)
		become_device_process(cxl, devices, sockets[1], create.out_fd);
	close(sockets[1]);
	close(create.out_fd);
	for (uint32_t i = 0; i < cxl->device_count; i++)
		cxl->devices[i].mem_enable = cxl_device_mem_enable(&cxl->devices[i]);
	process.cxl = cxl;
	process.socket = sockets[0];
	cxl->device_process = true;
	for (uint32_t i = 0; i < devices->count; i++) {
		const struct bus_range *range = &devices->ranges[i];

		if (!bus_add(&cxl->vm->mmio, range->base, range->size, forward, (void *)range))
			return false;
	}
	log_verbose("CXL devices are in process %d", (int)pid);
	return true;
}
