// SPDX-License-Identifier: GPL-2.0-only
/*
 * TRANSLATE beside a writer who interleaves: an answer is found by following
 * latched decoders, level by level, and still it is of one map: the one whose
 * generation it names.
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "tree.h"

#define BASE WINDOW_HPA
#define CYCLES 150
#define MORE_CYCLES 1000
#define READERS 2

/* What the writer does, over and over; so is what there is afterwards. */
struct step {
	unsigned int node;	/* of the bed */
	bool commit;		/* else uncommit */
	struct decoder decoder;
};

enum { BRIDGE, DEVICE_0, DEVICE_1, NODES };

#define COMMIT(who, ways, granularity, list)						\
	{ who, true, { .base = BASE, .size = 2 * UNIT, .ways_code = ways,		\
		       .granularity_code = granularity, .extra = list } }
#define UNCOMMIT(who) { .node = who }

static const struct step steps[] = {
	COMMIT(BRIDGE, 1, 0, 0x0100),
	COMMIT(DEVICE_0, 1, 0, 0),
	COMMIT(DEVICE_1, 1, 0, 0),
	/* The ways exchanged, in other granules: the bridge first, then who is below it */
	UNCOMMIT(BRIDGE),
	COMMIT(BRIDGE, 1, 2, 0x0001),
	UNCOMMIT(DEVICE_0),
	COMMIT(DEVICE_0, 1, 2, 0),
	UNCOMMIT(DEVICE_1),
	COMMIT(DEVICE_1, 1, 2, 0),
	/* Linear */
	UNCOMMIT(DEVICE_1),
	UNCOMMIT(BRIDGE),
	COMMIT(BRIDGE, 0, 0, 0),
	UNCOMMIT(DEVICE_0),
	COMMIT(DEVICE_0, 0, 0, 0),
	UNCOMMIT(DEVICE_0),
	UNCOMMIT(BRIDGE),
};

#define STEPS ARRAY_SIZE(steps)

/* Looked at: in every way at both granularities, and at both devices */
static const struct probe {
	bool from_dpa;
	unsigned int node;
	uint64_t address;	/* from BASE on, or DPA */
} probes[] = {
	{ false, 0, 0 },
	{ false, 0, 0x100 },
	{ false, 0, 0x400 },
	{ false, 0, 0x7fc },
	{ false, 0, UNIT + 0x700 },
	{ false, 0, 2 * UNIT - 4 },
	{ true, DEVICE_0, 0x100 },
	{ true, DEVICE_1, 0x7fc },
};

#define PROBES ARRAY_SIZE(probes)

struct bed {
	struct tree tree;
	int nodes[NODES];
	struct cxl_softhost_translate legal[STEPS][PROBES];
	uint64_t first;			/* generation before all cycles */
	uint64_t told;
	bool stop;
};

struct reader {
	struct bed *bed;
	pthread_t thread;
	uint64_t looks;
	uint64_t seen[STEPS];
	uint64_t wrong;		/* not what that generation says */
	uint64_t stale;
	struct cxl_softhost_translate found;	/* the first that is wrong */
	unsigned int step, probe;
};

static struct cxl_softhost_translate look(const struct bed *bed, unsigned int number)
{
	const struct probe *probe = &probes[number];
	struct cxl_softhost_translate found;

	if (!probe->from_dpa)
		return translate(bed->tree.fd, BASE + probe->address);
	ASSERT_RETURN(0, __translate_dpa(bed->tree.fd, bed->tree.ids[bed->nodes[probe->node]],
					 probe->address, &found));
	return found;
}

/* Returns the generation that the writer was told. */
static uint64_t do_step(struct bed *bed, const struct step *step)
{
	int node = bed->nodes[step->node];
	struct cxl_softhost_result result;

	if (step->commit)
		result = tree_commit(&bed->tree, node, 0, &step->decoder);
	else
		result = tree_uncommit(&bed->tree, node, 0);
	ASSERT_EQ(step->commit ? CXL_SOFTHOST_OUTCOME_COMMITTED :
				 CXL_SOFTHOST_OUTCOME_UNCOMMITTED, result.outcome);
	return result.generation;
}

/* One cycle in peace: what there is after each step, as the model has it. */
static void collect(struct bed *bed)
{
	uint64_t before = softhost_info(bed->tree.fd).out_generation;
	unsigned int i, probe;

	for (i = 0; i < STEPS; i++) {
		test_context("step %u", i);
		/* Each is a map of its own, so a generation says which. */
		ASSERT_EQ(before + i + 1, do_step(bed, &steps[i]));
		EXPECT_TREE(&bed->tree);
		for (probe = 0; probe < PROBES; probe++) {
			bed->legal[i][probe] = look(bed, probe);
			ASSERT_EQ(before + i + 1, bed->legal[i][probe].out_generation);
			bed->legal[i][probe].out_generation = 0;
		}
	}
	bed->first = before + STEPS;
	bed->told = bed->first;
}

static void bed_create(struct bed *bed)
{
	struct tree_window window = { .hpa = BASE, .length = 4 * UNIT, .ways = 1 };

	*bed = (struct bed){ .stop = false };
	tree_create(&bed->tree, CXL_SOFTHOST_POLICY_CHECKED);
	bed->nodes[BRIDGE] = tree_add_router(&bed->tree, TREE_NONE, 0, NULL);
	bed->nodes[DEVICE_0] = tree_add_device(&bed->tree, bed->nodes[BRIDGE], 0, NULL);
	bed->nodes[DEVICE_1] = tree_add_device(&bed->tree, bed->nodes[BRIDGE], 1, NULL);
	window.bridges[0] = bed->nodes[BRIDGE];
	tree_add_window(&bed->tree, &window);
	tree_enable(&bed->tree, bed->nodes[DEVICE_0]);
	tree_enable(&bed->tree, bed->nodes[DEVICE_1]);
	collect(bed);
}

static void compare(struct reader *reader, unsigned int probe)
{
	struct bed *bed = reader->bed;
	uint64_t told = __atomic_load_n(&bed->told, __ATOMIC_ACQUIRE);
	struct cxl_softhost_translate found = look(bed, probe);
	/* The last step before the cycle is that of the cycle before. */
	unsigned int step = (found.out_generation - bed->first + STEPS - 1) % STEPS;

	reader->stale += found.out_generation < told;
	found.out_generation = 0;
	if (memcmp(&found, &bed->legal[step][probe], sizeof(found))) {
		if (!reader->wrong++) {
			reader->found = found;
			reader->step = step;
			reader->probe = probe;
		}
		return;
	}
	__atomic_fetch_add(&reader->seen[step], 1, __ATOMIC_RELAXED);
}

static void *read_on(void *data)
{
	struct reader *reader = data;
	unsigned int probe;

	while (!__atomic_load_n(&reader->bed->stop, __ATOMIC_ACQUIRE))
		for (probe = 0; probe < PROBES; probe++, reader->looks++)
			compare(reader, probe);
	return NULL;
}

/* How many of all steps a reader has seen the answers of */
static unsigned int seen(const struct reader *reader)
{
	unsigned int i, count = 0;

	for (i = 0; i < STEPS; i++)
		count += __atomic_load_n(&reader->seen[i], __ATOMIC_RELAXED) > 0;
	return count;
}

TEST_TIMEOUT(T39_TRANSLATE_of_interleaved_parts_is_of_the_map_it_names, 240)
{
	static struct bed bed;
	struct reader readers[READERS];
	unsigned int i, cycle;
	bool all = false;

	bed_create(&bed);
	for (i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .bed = &bed };
		ASSERT_EQ(0, pthread_create(&readers[i].thread, NULL, read_on, &readers[i]));
	}
	for (cycle = 0; cycle < CYCLES || (!all && cycle < MORE_CYCLES); cycle++) {
		for (i = 0; i < STEPS; i++) {
			__atomic_store_n(&bed.told, do_step(&bed, &steps[i]), __ATOMIC_RELEASE);
			/* Where readers come by seldom, there is time for them at last. */
			if (cycle >= CYCLES)
				usleep(500);
		}
		for (i = 0, all = true; i < READERS; i++)
			all &= seen(&readers[i]) == STEPS;
	}
	__atomic_store_n(&bed.stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < READERS; i++) {
		const struct reader *reader = &readers[i];

		ASSERT_EQ(0, pthread_join(reader->thread, NULL));
		test_context("reader %u; step %u, probe %u: %s, HPA %#llx, DPA %#llx", i,
			     reader->step, reader->probe, reason_name(reader->found.out_reason),
			     (unsigned long long)reader->found.out_hpa,
			     (unsigned long long)reader->found.out_dpa);
		EXPECT_EQ(0, reader->wrong);
		EXPECT_EQ(0, reader->stale);
		EXPECT_EQ(STEPS, seen(reader));
		test_note("%llu answers, %u steps were seen", (unsigned long long)reader->looks,
			  seen(reader));
	}
	test_note("%u cycles of %zu steps", cycle, STEPS);
}
