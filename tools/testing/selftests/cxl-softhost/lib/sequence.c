// SPDX-License-Identifier: GPL-2.0-only
/* A sequence through all commands. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sequence-steps.h"

/* One prototype for all steps, whether or not they need all of it */
#pragma GCC diagnostic ignored "-Wunused-parameter"

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

struct decoder endpoint_decoder(unsigned int arg)
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

/* tools/testing/cxl-softhost/docs/check reads the names of the commands here. */
#define STEP(command_, kind_, outcome_, arg_, function)				\
	{ #command_ ": " #function "(" #arg_ ")", CXL_SOFTHOST_CMD_##command_, STEP_##kind_,	\
	  CXL_SOFTHOST_OUTCOME_##outcome_, arg_, run_##function, NULL }
/* The model has to follow. */
#define STEP_DONE(command_, kind_, outcome_, arg_, function)			\
	STEP_AS(command_, kind_, outcome_, arg_, function, function)
#define STEP_AS(command_, kind_, outcome_, arg_, function, as)			\
	{ #command_ ": " #function "(" #arg_ ")", CXL_SOFTHOST_CMD_##command_, STEP_##kind_,	\
	  CXL_SOFTHOST_OUTCOME_##outcome_, arg_, run_##function, done_##as }

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
	STEP(STATE_GET, SETS_UP, DONE, 0, state_get),
	STEP(DIRTY_LOG, FLAGS, DONE, 1, dirty_log),
	STEP(DIRTY_LOG, FLAGS, DONE, 0, dirty_log),
	STEP_DONE(DETACH, REMOVES, DONE, 0, detach),
	/* What is so already, and for the slots the numbers that they had */
	STEP(STATE_SET, SETS_UP, DONE, 0, state_set),
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

	/* In two phases */
	{ "open()", 0, STEP_SETS_UP, CXL_SOFTHOST_OUTCOME_DONE, 0, run_open, NULL },
	STEP(HOST_SET, SETS_UP, DONE, 0, host_set_phases),
	STEP(FD_CREATE, SETS_UP, DONE, 0, fd_create),
	STEP(BACKEND_CREATE, SETS_UP, DONE, 0, backend_create),
	STEP(BACKEND_CREATE, SETS_UP, DONE, 1, backend_create),
	STEP(NODE_CREATE, SETS_UP, DONE, 0, bridge_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 0, window_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 1, window_create),
	STEP_DONE(WINDOW_CREATE, SETS_UP, DONE, 2, window_create),
	STEP_DONE(NODE_CREATE, SETS_UP, DONE, 0, endpoint_create),
	STEP_DONE(NODE_CREATE, SETS_UP, DONE, 1, endpoint_create),
	STEP_DONE(ATTACH, ATTACHES, DONE, 0, attach),
	STEP_DONE(REG_WRITE, PLAIN, DONE, 1, hdm_enable),
	STEP_DONE(NODE_SET, PLAIN, DONE, 1, mem_on),
	STEP(REG_WRITE, PLAIN, DONE, 0, program_bridge),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 0, commit_bridge),
	STEP(REG_WRITE, PLAIN, DONE, 1, program_bridge),
	STEP_DONE(REG_WRITE, PLAIN, COMMITTED, 1, commit_bridge),
	STEP(REG_WRITE, PLAIN, DONE, 1, program),
	STEP(DELTAS, SETS_UP, DONE, 1, deltas),
	STEP_AS(APPLY, ADDS, COMMITTED, 1, apply_commit, commit),
	STEP_AS(APPLY, REMOVES, UNCOMMITTED, 1, apply_uncommit, uncommit),
	STEP_DONE(DETACH, PLAIN, DONE, 0, detach),
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
