// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Following a two-phase host: what is called in which order, and what comes of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/phases.h>

#include "tap.h"

#define TOKEN 77
#define ROOM 4

/* What happened, a letter each: w s r d a A b e E (applied) z (busy) */
static char story[64];

static void happened(char what)
{
	size_t length = strlen(story);

	if (length + 1 == sizeof(story))
		abort();
	story[length] = what;
	story[length + 1] = '\0';
}

/* A module that is asked one thing at a time */
static struct {
	uint32_t direction;
	uint32_t count;
	unsigned int busy;		/* so often */
	unsigned int stale;		/* APPLY, so often */
	bool one_phase;
	bool refuses;			/* at APPLY */
	int deltas_error;
} module;

static bool consumer_refuses;

static void answer(struct cxl_softhost_result *result, __u64 *token)
{
	memset(result, 0, sizeof(*result));
	*token = 0;
	if (module.one_phase) {
		result->outcome = CXL_SOFTHOST_OUTCOME_COMMITTED;
	} else if (module.busy) {
		module.busy--;
		result->outcome = CXL_SOFTHOST_OUTCOME_BUSY;
	} else {
		result->outcome = CXL_SOFTHOST_OUTCOME_PENDING;
		*token = TOKEN;
	}
}

static int module_write(void *ctx, struct cxl_softhost_reg_write *cmd)
{
	(void)ctx;
	happened('w');
	answer(&cmd->out_result, &cmd->out_token);
	return cmd->width == 3 ? -EINVAL : 0;
}

static int module_set(void *ctx, struct cxl_softhost_node_set *cmd)
{
	(void)ctx;
	happened('s');
	answer(&cmd->out_result, &cmd->out_token);
	return 0;
}

static int module_reset(void *ctx, struct cxl_softhost_reset *cmd)
{
	(void)ctx;
	happened('r');
	answer(&cmd->out_result, &cmd->out_token);
	return 0;
}

static int module_deltas(void *ctx, struct cxl_softhost_deltas *cmd)
{
	struct cxl_softhost_delta *deltas = (void *)(uintptr_t)cmd->entries;

	(void)ctx;
	happened('d');
	if (module.deltas_error)
		return module.deltas_error;
	if (cmd->token != TOKEN || cmd->entry_size != sizeof(*deltas) || cmd->count != ROOM)
		abort();
	if (module.count > ROOM)
		return -EMSGSIZE;
	for (uint32_t i = 0; i < module.count; i++) {
		memset(&deltas[i], 0, sizeof(deltas[i]));
		deltas[i].segment.hpa = 0x1000 * i;
		deltas[i].direction = module.direction;
	}
	cmd->count = module.count;
	return 0;
}

static int module_apply(void *ctx, struct cxl_softhost_apply *cmd)
{
	bool abort_it = cmd->flags & CXL_SOFTHOST_APPLY_ABORT;

	(void)ctx;
	happened(abort_it ? 'A' : 'a');
	if (cmd->token != TOKEN)
		abort();
	memset(&cmd->out_result, 0, sizeof(cmd->out_result));
	if (module.stale) {
		module.stale--;
		return -ESTALE;
	}
	cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	if (abort_it || module.refuses)
		cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
	else if (module.direction == CXL_SOFTHOST_DIRECTION_ADD)
		cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_COMMITTED;
	return 0;
}

static const struct cxlsh_ops module_ops = {
	.reg_write = module_write,
	.node_set = module_set,
	.reset = module_reset,
	.deltas = module_deltas,
	.apply = module_apply,
};

static bool begin(void *consumer, const struct cxl_softhost_delta *deltas, uint32_t count)
{
	happened('b');
	eq(count, module.count, "before: count");
	eq(deltas[count - 1].segment.hpa, 0x1000 * (count - 1), "before: the last one");
	ok(consumer == &module, "before: whose");
	return !consumer_refuses;
}

static void end(void *consumer, const struct cxl_softhost_delta *deltas, uint32_t count,
		bool applied)
{
	happened(applied ? 'E' : 'e');
	eq(count, module.count, "after: count");
	eq(deltas[0].direction, module.direction, "after: direction");
	ok(consumer == &module, "after: whose");
}

static void busy(void *consumer)
{
	(void)consumer;
	happened('z');
}

static struct cxl_softhost_delta room[ROOM];
static struct cxlsh_phases phases = {
	.ops = &module_ops,
	.deltas = room,
	.room = ROOM,
	.begin = begin,
	.end = end,
	.busy = busy,
	.consumer = &module,
};

static void prepare(uint32_t direction)
{
	memset(&module, 0, sizeof(module));
	module.direction = direction;
	module.count = 2;
	consumer_refuses = false;
	story[0] = '\0';
}

static void expect_story(const char *wanted, const char *what)
{
	ok(!strcmp(story, wanted), "%s: %s", what, wanted);
	if (strcmp(story, wanted))
		printf("# found %s\n", story);
}

static uint32_t write_outcome(int wanted)
{
	struct cxl_softhost_reg_write cmd = { .width = 4 };

	eq(cxlsh_phases_ops.reg_write(&phases, &cmd), wanted, "what it returns");
	return cmd.out_result.outcome;
}

static void test_orders(void)
{
	struct cxl_softhost_node_set set = { .mask = 1 };
	struct cxl_softhost_reset reset = { .node_id = 1 };

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_COMMITTED, "an addition");
	expect_story("wdbaE", "an addition");

	prepare(CXL_SOFTHOST_DIRECTION_REMOVE);
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "a removal");
	expect_story("wdbaE", "a removal");

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.one_phase = true;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_COMMITTED, "nothing moves");
	expect_story("w", "nothing moves");

	prepare(CXL_SOFTHOST_DIRECTION_REMOVE);
	eq(cxlsh_phases_ops.node_set(&phases, &set), 0, "NODE_SET");
	expect_story("sdbaE", "NODE_SET");

	prepare(CXL_SOFTHOST_DIRECTION_REMOVE);
	eq(cxlsh_phases_ops.reset(&phases, &reset), 0, "RESET");
	expect_story("rdbaE", "RESET");
}

static void test_refusals(void)
{
	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	consumer_refuses = true;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_REFUSED, "the consumer refuses");
	expect_story("wdbAe", "the consumer refuses");

	prepare(CXL_SOFTHOST_DIRECTION_REMOVE);
	consumer_refuses = true;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "nobody refuses a removal");
	expect_story("wdbaE", "nobody refuses a removal");

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.refuses = true;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_REFUSED, "KVM refuses");
	expect_story("wdbae", "KVM refuses");
}

static void test_repeats(void)
{
	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.busy = 2;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_COMMITTED, "another is pending");
	expect_story("wzwzwdbaE", "another is pending");

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.stale = 1;
	eq(write_outcome(0), CXL_SOFTHOST_OUTCOME_COMMITTED, "it was cancelled once");
	expect_story("wdbaewdbaE", "it was cancelled once");
}

static void test_errors(void)
{
	struct cxl_softhost_reg_write cmd = { .width = 3 };
	struct cxl_softhost_result result;

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	eq(cxlsh_phases_ops.reg_write(&phases, &cmd), -EINVAL, "the command's error");
	expect_story("w", "the command's error");

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.count = ROOM + 1;
	write_outcome(-EMSGSIZE);
	expect_story("wd", "more deltas than room");

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.deltas_error = -ESTALE;
	eq(cxlsh_phases_finish(&phases, TOKEN, &result), -ESTALE, "a token that isn't one");
	expect_story("d", "a token that isn't one");
	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.stale = 1;
	eq(cxlsh_phases_finish(&phases, TOKEN, &result), -ESTALE, "cancelled meanwhile");
	expect_story("dbae", "cancelled meanwhile");
}

/* A process that passes tokens on: nobody follows in there */
static void test_nobody_follows(void)
{
	struct cxlsh_phases passes = { .ops = &module_ops, .deltas = room, .room = ROOM };
	struct cxl_softhost_reg_write cmd = { .width = 4 };

	prepare(CXL_SOFTHOST_DIRECTION_ADD);
	module.stale = 1;
	eq(cxlsh_phases_ops.reg_write(&passes, &cmd), 0, "nobody follows");
	eq(cmd.out_result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED, "... and it is done");
	expect_story("wdawda", "nobody follows");
}

int main(void)
{
	test_orders();
	test_nobody_follows();
	test_refusals();
	test_repeats();
	test_errors();
	return tap_done();
}
