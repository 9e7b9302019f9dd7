// SPDX-License-Identifier: GPL-2.0-only
/* A sequence through all commands. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sequence.h"

/* One prototype for all steps, whether or not they need all of it */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define FIRST_SLOT 1000
#define SLOTS 6
/* Of the first device, in two windows: two slots. Of the second: one. */
#define BASE(endpoint) (WINDOW_HPA + 4 * UNIT * (endpoint))
#define SIZE(endpoint) ((endpoint) ? UNIT : 2 * UNIT)

static int run_open(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	int fd = __softhost_open();

	seq->host.fd = fd;
	return fd < 0 ? fd : 0;
}

static int run_close(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return close(seq->host.fd) ? -errno : 0;
}

static void done_close(struct sequence *seq, unsigned int arg)
{
	seq->host.fd = -1;
}

static int run_info(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };

	return softhost_ioctl(seq->host.fd, CXL_SOFTHOST_INFO, &info);
}

static int run_host_set(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __host_set(seq->host.fd, MAX_WINDOWS, 1 + MAX_ENDPOINTS, MAX_ENDPOINTS);
}

/* Devices: a volatile partition only, and a persistent one only. */
static int run_backend_create(struct sequence *seq, unsigned int arg,
			      struct cxl_softhost_result *result)
{
	struct endpoint *endpoint = &seq->host.endpoints[arg];

	endpoint->lengths[arg] = SIZE(arg);
	endpoint->memory[arg] = seq->memory[arg] + BACKEND_OFFSET;
	return __backend_create(seq->host.fd, seq->memory[arg], BACKEND_OFFSET + SIZE(arg),
				backend_cookie(arg, arg), &endpoint->backends[arg]);
}

static int run_bridge_create(struct sequence *seq, unsigned int arg,
			     struct cxl_softhost_result *result)
{
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = seq->host.config.ports,
		.decoder_count = seq->host.config.bridge_decoders,
		.target_count = seq->host.config.target_count,
	};

	return __node_create(seq->host.fd, &node, &seq->host.bridge);
}

static int run_window_create(struct sequence *seq, unsigned int arg,
			     struct cxl_softhost_result *result)
{
	return __window_create(seq->host.fd, seq->host.config.windows[arg].hpa,
			       seq->host.config.windows[arg].length, seq->host.bridge,
			       &seq->host.windows[arg]);
}

static void done_window_create(struct sequence *seq, unsigned int arg)
{
	seq->host.window_count = arg + 1;
}

static int run_endpoint_create(struct sequence *seq, unsigned int arg,
			       struct cxl_softhost_result *result)
{
	struct endpoint *endpoint = &seq->host.endpoints[arg];
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = seq->host.bridge,
		.port = arg,
		.decoder_count = seq->host.config.decoders,
	};

	node.partitions[arg] = (struct cxl_softhost_partition){
		.length = SIZE(arg),
		.offset = BACKEND_OFFSET,
		.backend_id = endpoint->backends[arg],
	};
	return __node_create(seq->host.fd, &node, &endpoint->id);
}

static void done_endpoint_create(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg] = (struct model_endpoint){ .destroyed = false };
}

static int run_attach(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_attach out;
	int ret = __attach(seq->host.fd, seq->vm->fd, FIRST_SLOT, SLOTS, &out);

	*result = out.out_result;
	return ret;
}

static void done_attach(struct sequence *seq, unsigned int arg)
{
	seq->model.engine = true;
}

static int run_detach(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __detach(seq->host.fd, result);
}

static void done_detach(struct sequence *seq, unsigned int arg)
{
	seq->model.engine = false;
}

static int run_hdm_enable(struct sequence *seq, unsigned int arg,
			  struct cxl_softhost_result *result)
{
	return __reg_write(seq->host.fd, seq->host.endpoints[arg].id, HDM_GLOBAL, 4,
			   HDM_GLOBAL_ENABLE, result);
}

static void done_hdm_enable(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].hdm_enable = true;
}

static int run_mem_off(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __node_set(seq->host.fd, seq->host.endpoints[arg].id,
			  CXL_SOFTHOST_SET_MEM_ENABLE, 0, 0, result);
}

static void done_mem_off(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].mem_enable = false;
}

static int run_mem_on(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __node_set(seq->host.fd, seq->host.endpoints[arg].id,
			  CXL_SOFTHOST_SET_MEM_ENABLE, 1, 0, result);
}

static void done_mem_on(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].mem_enable = true;
}

static int run_media_off(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __node_set(seq->host.fd, seq->host.endpoints[arg].id, CXL_SOFTHOST_SET_MEDIA, 0,
			  CXL_SOFTHOST_MEDIA_DISABLED, result);
}

static void done_media_off(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].media_disabled = true;
}

static int run_media_on(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __node_set(seq->host.fd, seq->host.endpoints[arg].id, CXL_SOFTHOST_SET_MEDIA, 0,
			  CXL_SOFTHOST_MEDIA_READY, result);
}

static void done_media_on(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].media_disabled = false;
}

/* The bridge has a decoder for each device, the device one. */
static struct decoder bridge_decoder(unsigned int arg)
{
	return (struct decoder){ .base = BASE(arg), .size = SIZE(arg), .extra = arg };
}

static struct decoder endpoint_decoder(unsigned int arg)
{
	return (struct decoder){ .base = BASE(arg), .size = SIZE(arg) };
}

static int run_program_bridge(struct sequence *seq, unsigned int arg,
			      struct cxl_softhost_result *result)
{
	struct decoder decoder = bridge_decoder(arg);

	decoder_program(seq->host.fd, seq->host.bridge, arg, &decoder);
	return 0;
}

static int run_commit_bridge(struct sequence *seq, unsigned int arg,
			     struct cxl_softhost_result *result)
{
	struct decoder decoder = bridge_decoder(arg);

	return __reg_write(seq->host.fd, seq->host.bridge, HDM_DECODER(arg) + HDM_CONTROL, 4,
			   decoder_commit_value(&decoder), result);
}

static void done_commit_bridge(struct sequence *seq, unsigned int arg)
{
	struct decoder decoder = bridge_decoder(arg);

	model_commit_bridge(&seq->model, arg, &decoder);
}

static int run_program(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct decoder decoder = endpoint_decoder(arg);

	decoder_program(seq->host.fd, seq->host.endpoints[arg].id, 0, &decoder);
	return 0;
}

static int run_commit(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct decoder decoder = endpoint_decoder(arg);

	return __reg_write(seq->host.fd, seq->host.endpoints[arg].id,
			   HDM_DECODER(0) + HDM_CONTROL, 4, decoder_commit_value(&decoder),
			   result);
}

static void done_commit(struct sequence *seq, unsigned int arg)
{
	struct decoder decoder = endpoint_decoder(arg);

	model_commit(&seq->model, arg, 0, &decoder);
}

static int run_uncommit(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __reg_write(seq->host.fd, seq->host.endpoints[arg].id,
			   HDM_DECODER(0) + HDM_CONTROL, 4, 0, result);
}

static void done_uncommit(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].decoders[0].committed = false;
}

static int run_reg_read(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_reg_read out;

	return __reg_read(seq->host.fd, seq->host.endpoints[arg].id, HDM_CAPABILITY, 4, &out);
}

static int run_translate(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_translate out;

	return __translate(seq->host.fd, BASE(arg), &out);
}

static int run_translate_dpa(struct sequence *seq, unsigned int arg,
			     struct cxl_softhost_result *result)
{
	struct cxl_softhost_translate out;

	return __translate_dpa(seq->host.fd, seq->host.endpoints[arg].id, PAGE, &out);
}

static int run_map_get(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	static struct cxl_softhost_segment segments[64];
	uint32_t count = ARRAY_SIZE(segments);

	return __map_get(seq->host.fd, sizeof(segments[0]), &count, segments, NULL);
}

static int run_reset(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __reset(seq->host.fd, seq->host.endpoints[arg].id, result);
}

static void done_reset(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg] = (struct model_endpoint){ .destroyed = false };
}

static int run_reset_host(struct sequence *seq, unsigned int arg,
			  struct cxl_softhost_result *result)
{
	return __reset(seq->host.fd, 0, result);
}

static void done_reset_host(struct sequence *seq, unsigned int arg)
{
	done_reset(seq, 0);
	done_reset(seq, 1);
	memset(seq->model.bridge, 0, sizeof(seq->model.bridge));
}

static int run_destroy_endpoint(struct sequence *seq, unsigned int arg,
				struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.endpoints[arg].id, result);
}

static void done_destroy_endpoint(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].destroyed = true;
	seq->host.endpoints[arg].id = 0;
}

static int run_destroy_window(struct sequence *seq, unsigned int arg,
			      struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.windows[arg], result);
}

static void done_destroy_window(struct sequence *seq, unsigned int arg)
{
	seq->host.window_count = arg;
}

static int run_destroy_bridge(struct sequence *seq, unsigned int arg,
			      struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.bridge, result);
}

static void done_destroy_bridge(struct sequence *seq, unsigned int arg)
{
	seq->host.bridge = 0;
}

static int run_destroy_backend(struct sequence *seq, unsigned int arg,
			       struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.endpoints[arg].backends[arg], result);
}

/* tools/testing/cxl-softhost/docs/check reads the names of the commands here. */
#define STEP(command_, kind_, outcome_, arg_, function)				\
	{ #command_ ": " #function "(" #arg_ ")", CXL_SOFTHOST_CMD_##command_, STEP_##kind_,	\
	  CXL_SOFTHOST_OUTCOME_##outcome_, arg_, run_##function, NULL }
/* The model has to follow. */
#define STEP_DONE(command_, kind_, outcome_, arg_, function)			\
	{ #command_ ": " #function "(" #arg_ ")", CXL_SOFTHOST_CMD_##command_, STEP_##kind_,	\
	  CXL_SOFTHOST_OUTCOME_##outcome_, arg_, run_##function, done_##function }

const struct step steps[] = {
	{ "open()", 0, STEP_SETS_UP, CXL_SOFTHOST_OUTCOME_DONE, 0, run_open, NULL },
	STEP(INFO, PLAIN, DONE, 0, info),
	STEP(HOST_SET, PLAIN, DONE, 0, host_set),
	STEP(BACKEND_CREATE, SETS_UP, DONE, 0, backend_create),
	STEP(BACKEND_CREATE, SETS_UP, DONE, 1, backend_create),
	STEP(NODE_CREATE, SETS_UP, DONE, 0, bridge_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 0, window_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 1, window_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 2, window_create),
	/* Later the map is so large that it needn't be contiguous. */
	STEP(MAP_GET, SETS_UP, DONE, 0, map_get),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 3, window_create),
	STEP_DONE(NODE_CREATE, SETS_UP, DONE, 0, endpoint_create),
	STEP_DONE(NODE_CREATE, SETS_UP, DONE, 1, endpoint_create),
	STEP_DONE(ATTACH, ATTACHES, DONE, 0, attach),

	/* A guest programs, from the device upward or downward. */
	STEP_DONE(REG_WRITE, PLAIN, DONE, 0, hdm_enable),
	STEP_DONE(NODE_SET, PLAIN, DONE, 0, mem_on),
	STEP_DONE(REG_WRITE, PLAIN, DONE, 1, hdm_enable),
	STEP_DONE(NODE_SET, PLAIN, DONE, 1, mem_on),
	STEP(REG_WRITE, PLAIN, DONE, 0, program_bridge),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 0, commit_bridge),
	STEP(REG_WRITE, PLAIN, DONE, 0, program),
	STEP_DONE(REG_WRITE, ADDS, COMMITTED, 0, commit),
	STEP(REG_WRITE, PLAIN, DONE, 1, program),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 1, commit),
	STEP(REG_WRITE, PLAIN, DONE, 1, program_bridge),
	STEP_DONE(REG_WRITE, ADDS, COMMITTED, 1, commit_bridge),

	STEP(REG_READ, PLAIN, DONE, 0, reg_read),
	STEP(TRANSLATE, PLAIN, DONE, 0, translate),
	STEP(TRANSLATE, PLAIN, DONE, 1, translate_dpa),
	STEP(MAP_GET, RETRIES, DONE, 0, map_get),

	STEP_DONE(NODE_SET, REMOVES, DONE, 0, mem_off),
	STEP_DONE(NODE_SET, ADDS, DONE, 0, mem_on),
	STEP_DONE(NODE_SET, REMOVES, DONE, 1, media_off),
	STEP_DONE(NODE_SET, ADDS, DONE, 1, media_on),
	STEP_DONE(REG_WRITE, REMOVES, UNCOMMITTED, 0, uncommit),
	STEP_DONE(REG_WRITE, ADDS, COMMITTED, 0, commit),
	STEP_DONE(DETACH, REMOVES, DONE, 0, detach),
	STEP_DONE(ATTACH, ATTACHES, DONE, 0, attach),
	STEP_DONE(RESET, REMOVES, UNCOMMITTED, 1, reset),
	STEP_DONE(RESET, REMOVES, UNCOMMITTED, 0, reset_host),

	/* Once more, for DESTROY to find a slot. */
	STEP_DONE(REG_WRITE, PLAIN, DONE, 1, hdm_enable),
	STEP_DONE(NODE_SET, PLAIN, DONE, 1, mem_on),
	STEP(REG_WRITE, PLAIN, DONE, 1, program),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 1, commit),
	STEP(REG_WRITE, PLAIN, DONE, 0, program_bridge),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 0, commit_bridge),
	STEP(REG_WRITE, PLAIN, DONE, 1, program_bridge),
	STEP_DONE(REG_WRITE, ADDS, COMMITTED, 1, commit_bridge),
	STEP_DONE(DESTROY, REMOVES, UNCOMMITTED, 1, destroy_endpoint),
	STEP_DONE(DESTROY, PLAIN, DONE, 0, destroy_endpoint),
	STEP_DONE(DESTROY, PLAIN, DONE, 3, destroy_window),
	STEP_DONE(DESTROY, PLAIN, DONE, 2, destroy_window),
	STEP_DONE(DESTROY, PLAIN, DONE, 1, destroy_window),
	STEP_DONE(DESTROY, PLAIN, DONE, 0, destroy_window),
	STEP_DONE(DESTROY, PLAIN, UNCOMMITTED, 0, destroy_bridge),
	STEP(DESTROY, PLAIN, DONE, 0, destroy_backend),
	STEP(DESTROY, PLAIN, DONE, 1, destroy_backend),
	{ "close()", 0, STEP_PLAIN, CXL_SOFTHOST_OUTCOME_DONE, 0, run_close, done_close },
};

const unsigned int step_count = ARRAY_SIZE(steps);

static_assert(ARRAY_SIZE(steps) <= MAX_STEPS, "more steps than tests count");

void sequence_init(struct sequence *seq, struct vm *vm)
{
	*seq = (struct sequence){
		.vm = vm,
		.memory = { memory_reserve(BACKEND_OFFSET + SIZE(0)),
			    memory_reserve(BACKEND_OFFSET + SIZE(1)) },
	};
	vm_create(vm);
}

void sequence_begin(struct sequence *seq)
{
	seq->host = (struct host){
		.fd = -1,
		.config = {
			/* Large ones, for the buffers to grow: with the last, and below. */
			.windows = { { BASE(0), UNIT }, { BASE(0) + UNIT, UNIT },
				     { BASE(1), 8 * UNIT }, { BASE(1) + 8 * UNIT, 8 * UNIT } },
			.bridge_decoders = 2,
			.target_count = 2,
			.ports = 2,
			.endpoints = 2,
			.decoders = 1,
		},
	};
	model_init(&seq->model, &seq->host);
	seq->model.endpoints[0].destroyed = true;
	seq->model.endpoints[1].destroyed = true;
}

void step_done(struct sequence *seq, const struct step *step)
{
	if (step->done)
		step->done(seq, step->arg);
}

void step_run(struct sequence *seq, const struct step *step)
{
	struct cxl_softhost_result result = { .outcome = step->outcome };

	ASSERT_RETURN(0, step->run(seq, step->arg, &result));
	ASSERT_TRUE(check_result(__FILE__, __LINE__, step->outcome, CXL_SOFTHOST_REASON_NONE,
				 &result));
	step_done(seq, step);
}

uint32_t step_node(const struct sequence *seq, const struct step *step)
{
	return step->run == run_commit_bridge ? seq->host.bridge :
						seq->host.endpoints[step->arg].id;
}
