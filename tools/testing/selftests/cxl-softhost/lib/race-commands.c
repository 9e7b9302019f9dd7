// SPDX-License-Identifier: GPL-2.0-only
/* The commands of a race: what each may answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "race-actions.h"

bool race_allows(const struct racer *racer, unsigned int what)
{
	return racer->bed->allowed & what;
}

/* What was told to one thread is never older than what it was told before. */
void race_saw_generation(struct racer *racer, uint64_t generation)
{
	if (generation < racer->generation)
		test_fail(__FILE__, __LINE__, "%s: generation %llu after %llu",
			  racer->worker->name, (unsigned long long)generation,
			  (unsigned long long)racer->generation);
	racer->generation = generation;
}

static bool may_refuse(const struct racer *racer, uint32_t reason)
{
	switch (reason) {
	/* A reset, or another's uncommit, came in between. */
	case CXL_SOFTHOST_REASON_ORDER:
	case CXL_SOFTHOST_REASON_HPA_BELOW:
	case CXL_SOFTHOST_REASON_HPA_ABOVE:
		return true;
	case CXL_SOFTHOST_REASON_ENGINE:
	case CXL_SOFTHOST_REASON_STALE_SLOT:
		return race_allows(racer, RACE_PAGE_GOES);
	}
	return false;
}

void race_saw_result(struct racer *racer, unsigned int command,
		     const struct cxl_softhost_result *result)
{
	struct race_tally *tally = &racer->tallies[command];

	race_saw_generation(racer, result->generation);
	if (result->flags && !race_allows(racer, RACE_PAGE_GOES))
		test_fail(__FILE__, __LINE__, "%s: %s: flags %#x", racer->worker->name,
			  commands[command].name, result->flags);
	if (result->outcome < ARRAY_SIZE(tally->outcomes))
		tally->outcomes[result->outcome]++;
	if (result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED &&
	    !may_refuse(racer, result->reason))
		test_fail(__FILE__, __LINE__, "%s: %s: refused, %s (%#llx, %#llx)",
			  racer->worker->name, commands[command].name,
			  reason_name(result->reason), (unsigned long long)result->expected,
			  (unsigned long long)result->found);
}

void race_step_failed(const struct racer *racer, const char *command, int ret)
{
	/* Who uses what others destroy, and close, finds it gone. */
	if (ret != -ENOENT && !(ret == -EBADF && race_allows(racer, RACE_CLOSED)))
		test_fail(__FILE__, __LINE__, "%s: a step of it, %s: %s", racer->worker->name,
			  command, strerrorname_np(-ret) ?: "?");
}

#define ACTION(upper, lower, ...) { .name = #upper, .act = race_##lower, __VA_ARGS__ }
#define UNDOING(upper, lower, ...) ACTION(upper, lower, .before = race_before_##lower, __VA_ARGS__)

static const struct race_action actions[] = {
	ACTION(INFO, info),
	ACTION(HOST_SET, host_set, .errors = { EBUSY }),
	ACTION(BACKEND_CREATE, backend_create),
	UNDOING(WINDOW_CREATE, window_create, .errors = { EBUSY, EEXIST }),
	UNDOING(NODE_CREATE, node_create, .errors = { EEXIST }),
	UNDOING(DESTROY, destroy, .errors = { ENOENT }),
	UNDOING(ATTACH, attach, .errors = { EBUSY },
		.disturbed = { EREMOTEIO, EEXIST, EADDRINUSE }),
	UNDOING(DETACH, detach, .errors = { ENOTCONN }),
	ACTION(FD_CREATE, fd_create),
	ACTION(REG_READ, reg_read, .errors = { ENOENT }),
	UNDOING(REG_WRITE, reg_write, .errors = { ENOENT }),
	UNDOING(NODE_SET, node_set, .errors = { ENOENT }),
	UNDOING(RESET, reset, .errors = { ENOENT }),
	UNDOING(TRANSLATE, translate, .errors = { ENOENT }),
	ACTION(MAP_GET, map_get),
	/* Nothing is ever pending here: phases-stress has hosts where it is */
	ACTION(DELTAS, deltas, .errors = { ESTALE }),
	ACTION(APPLY, apply, .errors = { ESTALE }),
	ACTION(STATE_GET, state_get),
	UNDOING(STATE_SET, state_set, .errors = { EBUSY, ENOENT }),
	ACTION(DIRTY_LOG, dirty_log, .disturbed = { EREMOTEIO }),
};

static const struct race_action *action_of(unsigned int command)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (strcmp(actions[i].name, commands[command].name) == 0)
			return &actions[i];
	return NULL;
}

bool race_knows(unsigned int command)
{
	return action_of(command);
}

static bool is_among(int error, const int *errors, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (errors[i] == error)
			return true;
	return false;
}

static bool may_fail(const struct racer *racer, const struct race_action *action, int error)
{
	return is_among(error, action->errors, ARRAY_SIZE(action->errors)) ||
	       (race_allows(racer, RACE_PAGE_GOES) &&
		is_among(error, action->disturbed, ARRAY_SIZE(action->disturbed))) ||
	       (race_allows(racer, RACE_CLOSED) && error == EBADF);
}

void racer_prepare(struct racer *racer, unsigned int command)
{
	const struct race_action *action = action_of(command);

	if (action->before)
		action->before(racer);
}

bool racer_do(struct racer *racer, unsigned int command)
{
	const struct race_action *action = action_of(command);
	struct race_tally *tally = &racer->tallies[command];
	bool effect = false;
	int ret;

	worker_step(racer->worker, action->name);
	ret = action->act(racer, &effect);
	tally->calls++;
	tally->effects += effect;
	if (ret == 0)
		return effect;
	if (-ret > 0 && -ret < (int)ARRAY_SIZE(tally->errors))
		tally->errors[-ret]++;
	if (!may_fail(racer, action, -ret))
		test_fail(__FILE__, __LINE__, "%s: %s: %s, which is not documented for it",
			  racer->worker->name, action->name, strerrorname_np(-ret) ?: "?");
	return effect;
}
