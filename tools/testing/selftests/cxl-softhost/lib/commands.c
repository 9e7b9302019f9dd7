// SPDX-License-Identifier: GPL-2.0-only
/* Every command with an argument that succeeds. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "commands.h"
#include "phases.h"

static void setup_objects(struct context *context)
{
	host_create(&context->host, &(struct host_config){ .ports = 2, .bridge_decoders = 4 });
}

static void setup_nothing(struct context *context)
{
	context->host.fd = softhost_open();
}

static void setup_attached(struct context *context)
{
	setup_objects(context);
	vm_create(&context->vm);
	attach(context->host.fd, context->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
}

static void setup_vm(struct context *context)
{
	setup_objects(context);
	vm_create(&context->vm);
}

static void fill_info(struct context *context, union argument *argument)
{
	(void)context;
	argument->info.size = sizeof(argument->info);
}

static void fill_host_set(struct context *context, union argument *argument)
{
	(void)context;
	argument->host_set.size = sizeof(argument->host_set);
	argument->host_set.max_windows = 3;
}

static void fill_backend_create(struct context *context, union argument *argument)
{
	argument->backend_create = (struct cxl_softhost_backend_create){
		.size = sizeof(argument->backend_create),
		.addr = (uintptr_t)context->memory,
		.length = PAGE,
	};
}

static void fill_window_create(struct context *context, union argument *argument)
{
	context->target = context->host.bridge;
	argument->window_create = (struct cxl_softhost_window_create){
		.size = sizeof(argument->window_create),
		.hpa = 0x1000000000ULL,
		.length = UNIT,
		.ways = 1,
		.granularity = 256,
		.targets = (uintptr_t)&context->target,
	};
}

static void fill_node_create(struct context *context, union argument *argument)
{
	argument->node_create = (struct cxl_softhost_node_create){
		.size = sizeof(argument->node_create),
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = context->host.bridge,
		.port = 9,
		.decoder_count = 1,
		.partitions[VOLATILE] = {
			.length = UNIT,
			.backend_id = context->host.endpoints[0].backends[VOLATILE],
		},
	};
}

static void fill_destroy(struct context *context, union argument *argument)
{
	argument->destroy.size = sizeof(argument->destroy);
	argument->destroy.id = context->host.windows[0];
}

static void fill_attach(struct context *context, union argument *argument)
{
	argument->attach = (struct cxl_softhost_attach){
		.size = sizeof(argument->attach),
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = context->vm.fd,
		.first_slot = CXL_SOFTHOST_SLOT_TOP,
	};
}

static void fill_detach(struct context *context, union argument *argument)
{
	(void)context;
	argument->detach.size = sizeof(argument->detach);
}

static void fill_fd_create(struct context *context, union argument *argument)
{
	(void)context;
	argument->fd_create.size = sizeof(argument->fd_create);
	argument->fd_create.rights = CXL_SOFTHOST_RIGHT_SET_UP;
}

static void fill_reg_read(struct context *context, union argument *argument)
{
	argument->reg_read = (struct cxl_softhost_reg_read){
		.size = sizeof(argument->reg_read),
		.node_id = context->host.endpoints[0].id,
		.offset = HDM_CAPABILITY,
		.width = 4,
	};
}

static void fill_reg_write(struct context *context, union argument *argument)
{
	argument->reg_write = (struct cxl_softhost_reg_write){
		.size = sizeof(argument->reg_write),
		.node_id = context->host.endpoints[0].id,
		.offset = HDM_DECODER(0) + HDM_BASE_HIGH,
		.width = 4,
		.value = 1,
	};
}

static void fill_node_set(struct context *context, union argument *argument)
{
	argument->node_set = (struct cxl_softhost_node_set){
		.size = sizeof(argument->node_set),
		.node_id = context->host.endpoints[0].id,
		.mask = CXL_SOFTHOST_SET_MEM_ENABLE,
		.mem_enable = 1,
	};
}

static void fill_reset(struct context *context, union argument *argument)
{
	argument->reset.size = sizeof(argument->reset);
	argument->reset.node_id = context->host.endpoints[0].id;
}

static void fill_translate(struct context *context, union argument *argument)
{
	(void)context;
	argument->translate.size = sizeof(argument->translate);
	argument->translate.addr = WINDOW_HPA;
}

static void fill_map_get(struct context *context, union argument *argument)
{
	argument->map_get = (struct cxl_softhost_map_get){
		.size = sizeof(argument->map_get),
		.entry_size = sizeof(struct cxl_softhost_segment),
		.count = ARRAY_SIZE(context->segments),
		.entries = (uintptr_t)context->segments,
	};
}

/* A commit that waits for APPLY */
static void setup_pending(struct context *context)
{
	host_create_two_phase(&context->host, &(struct host_config){ .volatile_units = 1 });
	vm_create(&context->vm);
	attach(context->host.fd, context->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&context->host, 0);
	ASSERT_RESULT(PENDING, NONE, host_commit(&context->host, 0, 0, WINDOW_HPA, UNIT));
	context->token = pending_token(context->host.fd);
}

static void fill_deltas(struct context *context, union argument *argument)
{
	argument->deltas = (struct cxl_softhost_deltas){
		.size = sizeof(argument->deltas),
		.token = context->token,
		.entry_size = sizeof(struct cxl_softhost_delta),
		.count = ARRAY_SIZE(context->deltas),
		.entries = (uintptr_t)context->deltas,
	};
}

static void fill_apply(struct context *context, union argument *argument)
{
	argument->apply = (struct cxl_softhost_apply){
		.size = sizeof(argument->apply),
		.token = context->token,
	};
}

static void fill_state_get(struct context *context, union argument *argument)
{
	argument->state_get = (struct cxl_softhost_state_get){
		.size = sizeof(argument->state_get),
		.entry_size = sizeof(struct cxl_softhost_record),
		.count = ARRAY_SIZE(context->records),
		.entries = (uintptr_t)context->records,
	};
}

static void fill_state_set(struct context *context, union argument *argument)
{
	context->records[0] = (struct cxl_softhost_record){
		.kind = CXL_SOFTHOST_RECORD_DECODER,
		.node_id = context->host.endpoints[0].id,
		.hpa = WINDOW_HPA,
		.length = UNIT,
	};
	argument->state_set = (struct cxl_softhost_state_set){
		.size = sizeof(argument->state_set),
		.entry_size = sizeof(struct cxl_softhost_record),
		.count = 1,
		.entries = (uintptr_t)context->records,
	};
}

static void fill_dirty_log(struct context *context, union argument *argument)
{
	argument->dirty_log.size = sizeof(argument->dirty_log);
	argument->dirty_log.window_id = context->host.windows[0];
	argument->dirty_log.enable = 1;
}

#define RESERVED(type, field) { offsetof(struct cxl_softhost_##type, field), 1 }

#define COMMAND(upper, lower, setup_, ...)					\
	{									\
		.name = #upper,							\
		.number = CXL_SOFTHOST_##upper,					\
		.size = sizeof(struct cxl_softhost_##lower),			\
		.setup = setup_,						\
		.fill = fill_##lower,						\
		__VA_ARGS__							\
	}

const struct command commands[] = {
	COMMAND(INFO, info, setup_nothing, .first_size = 64),
	COMMAND(HOST_SET, host_set, setup_nothing, .known_flags = 0x1),
	COMMAND(BACKEND_CREATE, backend_create, setup_nothing,
		.reserved = { RESERVED(backend_create, __reserved) }),
	COMMAND(WINDOW_CREATE, window_create, setup_objects, .first_size = 56, .known_flags = 0x3,
		.reserved = { RESERVED(window_create, __reserved),
			      RESERVED(window_create, __reserved2),
			      RESERVED(window_create, __reserved3) }),
	COMMAND(NODE_CREATE, node_create, setup_objects, .known_flags = 0x3f,
		.reserved = { RESERVED(node_create, __reserved),
			      RESERVED(node_create, partitions[0].__reserved),
			      RESERVED(node_create, partitions[1].__reserved) }),
	COMMAND(DESTROY, destroy, setup_objects, .first_size = 56,
		.reserved = { RESERVED(destroy, __reserved) }),
	COMMAND(ATTACH, attach, setup_vm, .known_flags = 0x1),
	COMMAND(DETACH, detach, setup_attached),
	COMMAND(FD_CREATE, fd_create, setup_nothing,
		.reserved = { RESERVED(fd_create, __reserved) }),
	COMMAND(REG_READ, reg_read, setup_objects),
	COMMAND(REG_WRITE, reg_write, setup_objects, .first_size = 72,
		.reserved = { RESERVED(reg_write, __reserved) }),
	COMMAND(NODE_SET, node_set, setup_objects, .first_size = 64),
	COMMAND(RESET, reset, setup_objects, .first_size = 56,
		.reserved = { RESERVED(reset, __reserved) }),
	COMMAND(TRANSLATE, translate, setup_objects, .known_flags = 0x1),
	COMMAND(MAP_GET, map_get, setup_objects),
	COMMAND(DELTAS, deltas, setup_pending),
	COMMAND(APPLY, apply, setup_pending, .known_flags = 0x1),
	COMMAND(STATE_GET, state_get, setup_objects),
	COMMAND(STATE_SET, state_set, setup_objects,
		.reserved = { RESERVED(state_set, __reserved) }),
	COMMAND(DIRTY_LOG, dirty_log, setup_objects),
};

const unsigned int command_count = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	test_fail(__FILE__, __LINE__, "no command %s", name);
	test_end();
}

bool is_command(unsigned int number)
{
	unsigned int i;

	for (i = 0; i < command_count; i++)
		if (_IOC_NR(commands[i].number) == number)
			return true;
	return false;
}

struct context *context_create(const struct command *command)
{
	struct context *context = calloc(1, sizeof(*context));

	ASSERT_TRUE(context);
	context->vm.fd = -1;
	context->memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);
	ASSERT_TRUE(context->memory != MAP_FAILED);
	command->setup(context);
	return context;
}

void context_destroy(struct context *context)
{
	unsigned int i;

	host_close(&context->host);
	if (context->vm.fd >= 0)
		vm_close(&context->vm);
	munmap(context->memory, PAGE);
	for (i = 0; i < 2; i++)
		if (context->host.endpoints[0].memory[i])
			munmap(context->host.endpoints[0].memory[i] - BACKEND_OFFSET,
			       BACKEND_OFFSET + context->host.endpoints[0].lengths[i]);
	free(context);
}
