// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two vCPUs look at the windows and store there, and two threads of the VMM commit,
 * uncommit, enable and reset at random meanwhile, and ask what the map is.
 *
 * Between the rounds, with everybody still, registers, map and slots are held against
 * the model. Steps are counted, not time; RACES_PERCENT and RACES_SEED as in races.c.
 */
#include <string.h>

#include "installed.h"
#include "random.h"
#include "stress.h"

#define ROUNDS 10
#define ROUNDS_IF_SLOW 4
#define MOST_ROUNDS 40		/* if by then not everything has happened */
#define STEPS 100		/* of each thread in a round */
#define DRIVERS 2
#define FEW 3			/* times that everything has to happen, at least */

#define HUGE_PAGE (512 * PAGE)
#define WORDS (2 * sizeof(uint64_t))	/* at a place: what it is, and what vCPUs store */
#define PLACES_PER_UNIT 2

/* Of a device: 0, 1, or -1 if the two threads said different things last */
struct gates {
	int mem_enable[STRESS_DEVICES];
	int media_disabled[STRESS_DEVICES];
};

/*
 * Each vCPU has huge pages of its own: KVM of Linux 7 warns about vCPUs that share
 * one ("The KVM engine" in design.rst).
 */
static uint64_t place_offset(unsigned int vcpu, unsigned int number)
{
	uint64_t away = vcpu * 2 * HUGE_PAGE;

	return number ? UNIT - WORDS - away : away;
}

static uint8_t *memory_at(const struct stress *s, unsigned int device, uint64_t dpa)
{
	return s->host.endpoints[device].memory[VOLATILE] + dpa;
}

static void add_place(struct stress *s, unsigned int vcpu, unsigned int unit, uint64_t offset)
{
	struct guest_shared *shared = s->guest.shared;
	struct guest_place *place = &shared->places[vcpu][shared->place_count];
	unsigned int i;

	ASSERT_TRUE(shared->place_count < GUEST_MAX_PLACES);
	*place = (struct guest_place){
		.gpa = stress_hpa(unit) + offset, .may = { ALL_ONES, ALL_ONES }, .now = ALL_ONES,
	};
	for (i = 0; i < STRESS_DEVICES; i++) {
		place->may[i] = stress_stamp(i, stress_dpa(unit) + offset);
		memcpy(memory_at(s, i, stress_dpa(unit) + offset), &place->may[i],
		       sizeof(place->may[i]));
	}
}

static void add_places(struct stress *s)
{
	struct guest_shared *shared = s->guest.shared;
	unsigned int vcpu, unit, number;

	for (unit = 0; unit < STRESS_UNITS; unit++)
		for (number = 0; number < PLACES_PER_UNIT; number++) {
			for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
				add_place(s, vcpu, unit, place_offset(vcpu, number));
			shared->place_count++;
		}
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
		shared->random[vcpu] = random_seed(seed_or(1), DRIVERS + vcpu);
}

static void create(struct stress *s, enum stress_variant variant)
{
	struct cxl_softhost_attach args = {
		.size = sizeof(args), .first_slot = CXL_SOFTHOST_SLOT_TOP,
	};
	int fd = variant == STRESS_ONE_PHASE ? softhost_open() : softhost_open_two_phase();

	*s = (struct stress){
		.variant = variant,
		.steps = scaled(STEPS),
		.slots = PTHREAD_MUTEX_INITIALIZER,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	host_create_on(fd, &s->host, &(struct host_config){
		.windows = {
			/* A decoder of two units at the base is two extents. */
			{ STRESS_LOW, UNIT },
			{ STRESS_LOW + UNIT, (STRESS_RANGE_UNITS - 1) * UNIT },
			{ STRESS_HIGH, STRESS_RANGE_UNITS * UNIT },
		},
		.bridge_decoders = STRESS_BRIDGE_DECODERS,
		.endpoints = STRESS_DEVICES,
		.volatile_units = 2,
		.decoders = 1,
	});
	guest_create_unattached(&s->guest, &s->host);
	if (variant == STRESS_ADVISORY)
		ASSERT_RETURN(0, advisory_attach(fd, s->guest.vm.fd, &args));
	else
		attach(fd, s->guest.vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	add_places(s);
}

/* TRANSLATE of anything that is routed to the device gives that reason */
static bool says(const struct stress *s, unsigned int device, enum cxl_softhost_reason reason)
{
	unsigned int i;

	/* Of each unit two addresses: they are of different devices, if both have a turn. */
	for (i = 0; i < 2 * STRESS_UNITS; i++) {
		struct cxl_softhost_translate found = translate(s->host.fd, stress_hpa(i / 2) +
								i % 2 * 256);

		if (found.out_node_id == s->host.endpoints[device].id && found.out_reason == reason)
			return true;
	}
	return false;
}

/* No register tells Mem_Enable and media: those who set them do, if they agree. */
static void settle_gate(int *gate, int one, int other)
{
	if (one >= 0 && other >= 0)
		*gate = one == other ? one : -1;
	else if (one >= 0 || other >= 0)
		*gate = one >= 0 ? one : other;
}

static void make_model(struct stress *s, struct model *model, const struct gates *gates)
{
	int fd = s->host.fd;
	struct decoder values;
	unsigned int i;

	model_init(model, &s->host);
	model->engine = true;
	for (i = 0; i < STRESS_BRIDGE_DECODERS; i++)
		if (decoder_read(fd, s->host.bridge, i, &values))
			model_commit_bridge(model, i, &values);
	for (i = 0; i < STRESS_DEVICES; i++) {
		struct model_endpoint *endpoint = &model->endpoints[i];
		uint32_t id = s->host.endpoints[i].id;

		endpoint->hdm_enable = reg_read(fd, id, HDM_GLOBAL, 4) & HDM_GLOBAL_ENABLE;
		endpoint->mem_enable = gates->mem_enable[i] < 0 ?
				       !says(s, i, CXL_SOFTHOST_REASON_MEM_DISABLED) :
				       gates->mem_enable[i];
		endpoint->media_disabled = gates->media_disabled[i] < 0 ?
					   says(s, i, CXL_SOFTHOST_REASON_MEDIA_DISABLED) :
					   gates->media_disabled[i];
		if (decoder_read(fd, id, 0, &values))
			model_commit(model, i, 0, &values);
	}
}

/* What a vCPU stored at an address arrived where that address can be, or nowhere. */
static bool stored_there(const struct guest_shared *shared, uint64_t value, uint64_t stamp)
{
	unsigned int vcpu, i;

	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
		for (i = 0; i < shared->place_count; i++)
			if (shared->places[vcpu][i].gpa == value &&
			    (shared->places[vcpu][i].may[0] == stamp ||
			     shared->places[vcpu][i].may[1] == stamp))
				return true;
	return false;
}

static void check_memory(const struct stress *s)
{
	const struct guest_shared *shared = s->guest.shared;
	unsigned int device, unit, vcpu, number;

	for (unit = 0; unit < STRESS_UNITS; unit++) {
		for (device = 0; device < STRESS_DEVICES; device++)
			for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
				for (number = 0; number < PLACES_PER_UNIT; number++) {
					uint64_t dpa = stress_dpa(unit) +
						       place_offset(vcpu, number), words[2];

					memcpy(words, memory_at(s, device, dpa), sizeof(words));
					EXPECT_EQ(stress_stamp(device, dpa), words[0]);
					EXPECT_TRUE(!words[1] ||
						    stored_there(shared, words[1], words[0]));
				}
	}
}

/* All are still. */
static void check(struct stress *s, struct stress_driver *drivers, struct gates *gates)
{
	struct cxl_softhost_info info = softhost_info(s->host.fd);
	static struct model model;
	unsigned int i;

	EXPECT_EQ(0, info.out_token);
	EXPECT_EQ(0, s->in_flight);
	for (i = 0; i < STRESS_DEVICES; i++) {
		settle_gate(&gates->mem_enable[i], drivers[0].mem_enable[i],
			    drivers[1].mem_enable[i]);
		settle_gate(&gates->media_disabled[i], drivers[0].media_disabled[i],
			    drivers[1].media_disabled[i]);
	}
	make_model(s, &model, gates);
	EXPECT_AS_MODELLED(&model);
	EXPECT_INSTALLED(&model, &s->guest.vm);
	check_memory(s);
	for (i = 0; i < GUEST_VCPUS; i++) {
		const volatile struct guest_observation *seen = &s->guest.shared->observations[i];

		if (!EXPECT_EQ(0, seen->broken))
			test_note("vCPU %u, the first: %#llx at %#llx, phase %#llx", i,
				  (unsigned long long)seen->value, (unsigned long long)seen->gpa,
				  (unsigned long long)seen->phase);
	}
}

static void run_round(struct stress *s, struct stress_driver *drivers)
{
	struct worker workers[DRIVERS];
	unsigned int i, j;

	for (i = 0; i < DRIVERS; i++) {
		workers[i] = (struct worker){ .work = stress_drive, .data = &drivers[i] };
		snprintf(workers[i].name, sizeof(workers[i].name), "thread %u", i);
		drivers[i].worker = &workers[i];
		for (j = 0; j < STRESS_DEVICES; j++) {
			drivers[i].mem_enable[j] = -1;
			drivers[i].media_disabled[j] = -1;
		}
	}
	s->guest.shared->stop = 0;
	stress_tell(s);
	for (i = 0; i < GUEST_VCPUS; i++)
		guest_start(&s->guest, i, guest_wanderer);
	workers_run(workers, DRIVERS);
	s->guest.shared->stop = 1;
	for (i = 0; i < GUEST_VCPUS; i++)
		guest_join(&s->guest, i);
}

/* What all of them counted */
static struct stress_driver sum(const struct stress_driver *drivers)
{
	struct stress_driver all = { .stress = drivers[0].stress };
	unsigned int i, j;

	for (i = 0; i < DRIVERS; i++) {
		for (j = 0; j < ARRAY_SIZE(all.outcomes); j++)
			all.outcomes[j] += drivers[i].outcomes[j];
		all.aborts += drivers[i].aborts;
		all.stale += drivers[i].stale;
		all.compared += drivers[i].compared;
	}
	return all;
}

#define OUTCOME(name) (all.outcomes[CXL_SOFTHOST_OUTCOME_##name])

/* What hasn't happened often enough yet, or NULL */
static const char *missing(const struct stress *s, const struct stress_driver *drivers)
{
	const struct stress_driver all = sum(drivers);
	unsigned int i;

	if (OUTCOME(COMMITTED) < FEW)
		return "commits";
	if (OUTCOME(UNCOMMITTED) < FEW)
		return "uncommits";
	if (OUTCOME(REFUSED) < FEW)
		return "refusals";
	if (all.compared < FEW)
		return "answers of TRANSLATE and MAP_GET for one generation";
	if (s->variant != STRESS_ONE_PHASE) {
		if (OUTCOME(PENDING) < FEW)
			return "pending changes";
		if (OUTCOME(BUSY) < FEW)
			return "changes beside a pending one";
		if (all.aborts < FEW)
			return "aborts";
		if (all.stale < FEW)
			return "stale tokens";
	}
	for (i = 0; i < GUEST_VCPUS; i++) {
		const volatile struct guest_observation *seen = &s->guest.shared->observations[i];
		const struct guest_vcpu *exits = &s->guest.vcpus[i];

		if (seen->memory[GUEST_SETTLED] < FEW || seen->all_ones[GUEST_SETTLED] < FEW)
			return "looks of a vCPU while all was still";
		if (exits->reads < FEW || exits->writes < FEW)
			return "a vCPU's exits";
	}
	return NULL;
}

static void note_figures(const struct stress *s, const struct stress_driver *drivers)
{
	const struct stress_driver all = sum(drivers);
	unsigned int i;

	test_note("%lu commits, %lu uncommits, %lu refused, %lu ignored; pending: %lu, of these aborted %lu, stale %lu; busy %lu; %lu comparisons",
		  OUTCOME(COMMITTED), OUTCOME(UNCOMMITTED), OUTCOME(REFUSED), OUTCOME(IGNORED),
		  OUTCOME(PENDING), all.aborts, all.stale, OUTCOME(BUSY), all.compared);
	for (i = 0; i < GUEST_VCPUS; i++) {
		const volatile struct guest_observation *seen = &s->guest.shared->observations[i];
		const struct guest_vcpu *exits = &s->guest.vcpus[i];

		test_note("vCPU %u: settled: %llu memory, %llu all-ones; else: %llu memory, %llu all-ones; exits: %llu reads, %llu writes, %llu of them of memory",
			  i, (unsigned long long)seen->memory[GUEST_SETTLED],
			  (unsigned long long)seen->all_ones[GUEST_SETTLED],
			  (unsigned long long)seen->memory[GUEST_CHANGING],
			  (unsigned long long)seen->all_ones[GUEST_CHANGING],
			  (unsigned long long)exits->reads, (unsigned long long)exits->writes,
			  (unsigned long long)exits->hits);
	}
}

static void run(enum stress_variant variant)
{
	struct stress_driver drivers[DRIVERS], all;
	static struct stress s;
	const unsigned int rounds = kernel_is_slow() ? ROUNDS_IF_SLOW : ROUNDS;
	struct gates gates = { .mem_enable = { 0 } };
	const char *lacking = NULL;
	unsigned int i, round;

	create(&s, variant);
	for (i = 0; i < DRIVERS; i++)
		drivers[i] = (struct stress_driver){
			.stress = &s, .random = random_seed(seed_or(1), i),
		};
	/* What is random may need more rounds; what never happens fails. */
	for (round = 0; (round < rounds || lacking) && round < MOST_ROUNDS; round++) {
		test_context("round %u", round);
		run_round(&s, drivers);
		check(&s, drivers, &gates);
		lacking = missing(&s, drivers);
		if (test_has_failed())
			break;
	}
	test_context("%u rounds", round);
	note_figures(&s, drivers);
	if (lacking)
		test_fail(__FILE__, __LINE__, "too few %s", lacking);
	all = sum(drivers);
	/* One phase has no such thing. */
	if (variant == STRESS_ONE_PHASE)
		EXPECT_EQ(0, OUTCOME(PENDING) + OUTCOME(BUSY) + all.aborts + all.stale);
}

TEST_TIMEOUT(one_phase, 120)
{
	run(STRESS_ONE_PHASE);
}

TEST_TIMEOUT(two_phases, 120)
{
	run(STRESS_TWO_PHASE);
}

TEST_TIMEOUT(two_phases_and_slots_that_the_VMM_sets, 120)
{
	run(STRESS_ADVISORY);
}
