// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * States saved, given other IDs, and restored. ioctl() is replaced here by a module
 * that has some records, and may get more while it is asked.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/state.h>

#include "tap.h"

#define FD 42
#define MOST 8

static struct {
	struct cxl_softhost_record records[MOST];
	uint32_t count;
	uint32_t grows;			/* by one each time it is asked, so often */
	unsigned int asked;
	int error;			/* after that it is the answer */
	uint32_t refuses;		/* this record; CXL_SOFTHOST_NONE: all of them */
	bool refused;
} module;

static int answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static int module_get(struct cxl_softhost_state_get *cmd)
{
	uint32_t room = cmd->count;

	if (cmd->size != sizeof(*cmd) || cmd->flags ||
	    cmd->entry_size != sizeof(module.records[0]))
		abort();
	if (module.error)
		return answer(module.error);
	if (module.grows) {
		module.grows--;
		module.count++;
	}
	cmd->count = module.count;
	if (module.count > room)
		return answer(EMSGSIZE);
	if (module.count)
		memcpy((void *)(uintptr_t)cmd->entries, module.records,
		       module.count * sizeof(module.records[0]));
	return 0;
}

static int module_set(struct cxl_softhost_state_set *cmd)
{
	if (cmd->size != sizeof(*cmd) || cmd->flags || cmd->__reserved ||
	    cmd->entry_size != sizeof(module.records[0]) || cmd->count > MOST)
		abort();
	if (module.error) {
		/* About a record, or from before any was looked at */
		if (module.refused)
			cmd->out_record = module.refuses;
		return answer(module.error);
	}
	memset(&cmd->out_result, 0, sizeof(cmd->out_result));
	cmd->out_record = CXL_SOFTHOST_NONE;
	if (module.refused) {
		cmd->out_result.outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
		cmd->out_result.reason = CXL_SOFTHOST_REASON_DPA_OVERLAP;
		cmd->out_record = module.refuses;
		return 0;
	}
	module.count = cmd->count;
	if (cmd->count)
		memcpy(module.records, (void *)(uintptr_t)cmd->entries,
		       cmd->count * sizeof(module.records[0]));
	return 0;
}

/* Takes the place of the C library's */
int ioctl(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *cmd;

	va_start(args, request);
	cmd = va_arg(args, void *);
	va_end(args);
	if (fd != FD)
		abort();
	module.asked++;
	if (request == CXL_SOFTHOST_STATE_GET)
		return module_get(cmd);
	if (request == CXL_SOFTHOST_STATE_SET)
		return module_set(cmd);
	abort();
}

static const struct cxl_softhost_record some[] = {
	{ .kind = CXL_SOFTHOST_RECORD_NODE, .node_id = 2 },
	{ .kind = CXL_SOFTHOST_RECORD_NODE, .node_id = 3, .mem_enable = 1, .control = 2 },
	{ .kind = CXL_SOFTHOST_RECORD_DECODER, .node_id = 3, .control = 0x600,
	  .hpa = 1ULL << 32, .length = 1 << 28 },
	{ .kind = CXL_SOFTHOST_RECORD_DECODER, .node_id = 2, .index = 1 },
	{ .kind = CXL_SOFTHOST_RECORD_SLOT, .index = 2, .hpa = 1ULL << 32,
	  .length = 1 << 28 },
};

#define SOME (sizeof(some) / sizeof(some[0]))

static void module_has(uint32_t count)
{
	memset(&module, 0, sizeof(module));
	memcpy(module.records, some, sizeof(some));
	module.count = count;
}

static void test_save(void)
{
	struct cxl_softhost_record *records = NULL;
	uint32_t count = 77;

	module_has(SOME);
	eq(cxlsh_state_save(FD, &records, &count), 0, "saved");
	eq(count, SOME, "all of them");
	if (records)
		bytes(records, some, sizeof(some), "as they are");
	eq(module.asked, 2, "asked how many there are, and for them");
	free(records);

	module_has(2);
	module.grows = 3;
	records = NULL;
	eq(cxlsh_state_save(FD, &records, &count), 0, "saved while there get more");
	eq(count, SOME, "all that there are in the end");
	if (records)
		bytes(records, some, sizeof(some), "as they are then");
	eq(module.asked, 4, "asked until there is room");
	free(records);

	module_has(0);
	records = module.records;
	eq(cxlsh_state_save(FD, &records, &count), 0, "saved where nothing is");
	ok(!count && !records, "no records, and no array");
}

static void test_save_fails(void)
{
	struct cxl_softhost_record *records = module.records;
	uint32_t count = 77;

	module_has(SOME);
	module.error = EBUSY;
	eq(cxlsh_state_save(FD, &records, &count), -EBUSY, "a change is pending");
	ok(records == module.records && count == 77, "nothing is given then");
}

static void test_rename(void)
{
	static const struct cxlsh_state_id others[] = { { 3, 30 }, { 9, 90 }, { 2, 20 } };
	static const struct cxlsh_state_id swapped[] = { { 2, 3 }, { 3, 2 } };
	static const struct cxlsh_state_id chain[] = { { 2, 3 }, { 3, 4 }, { 4, 5 } };
	static const struct cxlsh_state_id twice[] = { { 2, 20 }, { 2, 21 }, { 3, 30 } };
	static const struct {
		const struct cxlsh_state_id *ids;
		uint32_t count;
		uint32_t two, three;
		const char *text;
	} cases[] = {
		{ others, 3, 20, 30, "other IDs" },
		{ swapped, 2, 3, 2, "IDs swapped" },
		{ chain, 3, 3, 4, "each one moved on" },
		{ twice, 3, 20, 30, "an ID twice: the first" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cxl_softhost_record records[SOME], want[SOME];

		memcpy(records, some, sizeof(some));
		memcpy(want, some, sizeof(some));
		want[0].node_id = cases[i].two;
		want[1].node_id = cases[i].three;
		want[2].node_id = cases[i].three;
		want[3].node_id = cases[i].two;
		eq(cxlsh_state_rename(records, SOME, cases[i].ids, cases[i].count), 0, "%s",
		   cases[i].text);
		bytes(records, want, sizeof(want), "%s: and nothing else", cases[i].text);
	}
}

static void test_rename_fails(void)
{
	static const struct cxlsh_state_id two[] = { { 2, 20 }, { 4, 3 } };
	static const struct cxlsh_state_id both[] = { { 2, 20 }, { 3, 30 } };
	struct cxl_softhost_record records[SOME];
	struct cxl_softhost_record unknown[] = { some[0], { .kind = 4, .node_id = 2 } };

	memcpy(records, some, sizeof(some));
	eq(cxlsh_state_rename(records, SOME, two, 2), -ENOENT, "a node that no pair names");
	bytes(records, some, sizeof(some), "no record has changed");
	eq(cxlsh_state_rename(records, SOME, NULL, 0), -ENOENT, "no pairs");
	bytes(records, some, sizeof(some), "no record has changed");
	eq(cxlsh_state_rename(unknown, 2, both, 2), -EINVAL, "a kind that isn't known");
	bytes(unknown, some, sizeof(some[0]), "no record has changed");
	eq(cxlsh_state_rename(records + 4, 1, NULL, 0), 0, "a slot is of no node");
	eq(cxlsh_state_rename(NULL, 0, both, 2), 0, "no records");
}

static void test_restore(void)
{
	struct cxl_softhost_result result;
	uint32_t record = 77;

	module_has(0);
	memset(module.records, 0xff, sizeof(module.records));
	memset(&result, 0xff, sizeof(result));
	eq(cxlsh_state_restore(FD, some, SOME, &result, &record), 0, "restored");
	eq(module.count, SOME, "all of them");
	bytes(module.records, some, sizeof(some), "as they were");
	eq(result.outcome, CXL_SOFTHOST_OUTCOME_DONE, "done");
	eq(record, CXL_SOFTHOST_NONE, "nothing to blame");

	eq(cxlsh_state_restore(FD, NULL, 0, &result, NULL), 0, "restored to nothing");
	eq(module.count, 0, "no records");
}

static void test_restore_fails(void)
{
	struct cxl_softhost_result result;
	uint32_t record = 77;

	module_has(0);
	module.refused = true;
	module.refuses = 2;
	eq(cxlsh_state_restore(FD, some, SOME, &result, &record), 0, "a refusal is no error");
	eq(result.outcome, CXL_SOFTHOST_OUTCOME_REFUSED, "refused");
	eq(result.reason, CXL_SOFTHOST_REASON_DPA_OVERLAP, "with the reason");
	eq(record, 2, "and the record");

	module.error = EEXIST;
	module.refuses = 3;
	memset(&result, 0xff, sizeof(result));
	eq(cxlsh_state_restore(FD, some, SOME, &result, &record), -EEXIST, "-errno");
	eq(record, 3, "and the record");
	eq(result.outcome, UINT32_MAX, "no result");
	eq(cxlsh_state_restore(FD, some, SOME, &result, NULL), -EEXIST, "or without it");
	module.error = EBUSY;
	module.refused = false;
	eq(cxlsh_state_restore(FD, some, SOME, &result, &record), -EBUSY, "an engine");
	eq(record, CXL_SOFTHOST_NONE, "no record is to blame");
}

int main(void)
{
	test_save();
	test_save_fails();
	test_rename();
	test_rename_fails();
	test_restore();
	test_restore_fails();
	return tap_done();
}
