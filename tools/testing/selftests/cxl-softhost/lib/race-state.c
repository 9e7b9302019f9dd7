// SPDX-License-Identifier: GPL-2.0-only
/* Saving, restoring and logging in a race. */
#include <string.h>

#include "race-actions.h"
#include "state.h"

/* What a racer saved, without the slots of windows that come and go */
static void keep_stable(struct racer *racer, const struct cxl_softhost_record *records,
			uint32_t count)
{
	uint32_t i;

	racer->record_count = 0;
	for (i = 0; i < count; i++)
		if (records[i].kind != CXL_SOFTHOST_RECORD_SLOT || records[i].hpa < RACE_PLACE(2))
			racer->records[racer->record_count++] = records[i];
}

int race_state_get(struct racer *racer, bool *effect)
{
	struct cxl_softhost_record records[RACE_RECORDS];
	uint32_t count = ARRAY_SIZE(records);
	uint64_t generation;
	int ret = __state_get(racer->bed->host.fd, sizeof(records[0]), &count, records,
			      &generation);

	if (ret)
		return ret;
	race_saw_generation(racer, generation);
	keep_stable(racer, records, count);
	*effect = count > 0;
	return 0;
}

void race_before_state_set(struct racer *racer)
{
	racer_do(racer, race_command("STATE_GET"));
	racer_do(racer, race_command("DETACH"));
}

/* Enables of every device are what the records say, or as RESET leaves them. */
static void saw_enables(struct racer *racer, const uint32_t *ids)
{
	unsigned int port, i;

	for (port = 0; port < RACE_PORTS; port++) {
		racer->mem_enable[port] = 0;
		for (i = 0; i < racer->record_count; i++) {
			const struct cxl_softhost_record *record = &racer->records[i];

			if (record->kind != CXL_SOFTHOST_RECORD_NODE ||
			    record->node_id != ids[port])
				continue;
			racer->mem_enable[port] = record->mem_enable;
			racer->media[port] = record->media;
		}
	}
}

int race_state_set(struct racer *racer, bool *effect)
{
	struct state state = { .count = racer->record_count, .records = racer->records };
	struct cxl_softhost_state_set out;
	uint32_t ids[RACE_PORTS];
	unsigned int port;
	int ret;

	for (port = 0; port < RACE_PORTS; port++)
		ids[port] = race_id(race_device_of(racer, port));
	ret = __state_set(racer->bed->host.fd, &state, &out);
	if (ret)
		return ret;
	race_saw_result(racer, race_command("STATE_SET"), &out.out_result);
	saw_enables(racer, ids);
	*effect = out.out_result.outcome == CXL_SOFTHOST_OUTCOME_DONE;
	return 0;
}

int race_dirty_log(struct racer *racer, bool *effect)
{
	int ret = __dirty_log(racer->bed->host.fd, racer->bed->host.windows[racer->port % 2],
			      racer->kind % 2);

	*effect = !ret;
	return ret;
}
