// SPDX-License-Identifier: GPL-2.0-only
/* A VMM with two threads, and what each does at random. */
#include <errno.h>
#include <unistd.h>

#include "random.h"
#include "stress.h"

#define TRIES 2000
#define MOST_DELTAS 16

/* Of the bridge's decoders, and with UNITS_APART of the devices' */
static const uint64_t ranges[STRESS_BRIDGE_DECODERS] = { STRESS_LOW, STRESS_HIGH };

#define UNITS_APART 2

enum kind {
	WRITE,
	SET,
	RESET,
};

struct change {
	enum kind kind;
	uint32_t node;
	uint32_t offset;
	uint32_t value;
	uint32_t mask;
	uint32_t mem_enable;
	uint32_t media;
};

uint64_t stress_hpa(unsigned int unit)
{
	return unit < STRESS_RANGE_UNITS ? STRESS_LOW + unit * UNIT :
					   STRESS_HIGH + (unit - STRESS_RANGE_UNITS) * UNIT;
}

uint64_t stress_dpa(unsigned int unit)
{
	return unit % UNITS_APART * UNIT;
}

static unsigned int unit_of(uint64_t hpa)
{
	return hpa < STRESS_HIGH ? (hpa - STRESS_LOW) / UNIT :
				   STRESS_RANGE_UNITS + (hpa - STRESS_HIGH) / UNIT;
}

uint64_t stress_stamp(unsigned int device, uint64_t dpa)
{
	return 0x5ca1ab1e00000000ULL | (uint64_t)device << 56 | dpa;
}

static unsigned int device_of(const struct stress *s, uint32_t node)
{
	unsigned int i;

	for (i = 0; i < STRESS_DEVICES; i++)
		if (s->host.endpoints[i].id == node)
			return i;
	EXPECT_EQ(s->host.endpoints[0].id, node);
	test_end();
}

static uint64_t expected_at(const struct stress *s, const struct map *map, uint64_t hpa)
{
	const struct cxl_softhost_segment *segment = map_find(map, hpa);
	struct cxl_softhost_translate found;

	ASSERT_TRUE(segment);
	if (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE)
		return ALL_ONES;
	if (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR)
		return stress_stamp(device_of(s, segment->node_id),
				    segment->dpa + hpa - segment->hpa);
	found = translate(s->host.fd, hpa);
	return found.out_reason ? ALL_ONES :
				  stress_stamp(device_of(s, found.out_node_id), found.out_dpa);
}

void stress_tell(struct stress *s)
{
	struct guest_shared *shared = s->guest.shared;
	struct cxl_softhost_segment segments[64];
	struct map map = { .count = ARRAY_SIZE(segments), .segments = segments };
	unsigned int vcpu, i;

	ASSERT_RETURN(0, __map_get(s->host.fd, sizeof(*segments), &map.count, segments, NULL));
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
		for (i = 0; i < shared->place_count; i++) {
			struct guest_place *place = &shared->places[vcpu][i];

			place->now = expected_at(s, &map, place->gpa);
		}
	__atomic_store_n(&shared->phase, GUEST_PHASE(++s->settled, GUEST_SETTLED),
			 __ATOMIC_SEQ_CST);
}

static void begin(struct stress *s)
{
	pthread_mutex_lock(&s->lock);
	s->in_flight++;
	__atomic_store_n(&s->guest.shared->phase, GUEST_PHASE(s->settled, GUEST_CHANGING),
			 __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&s->lock);
}

static void end(struct stress *s)
{
	pthread_mutex_lock(&s->lock);
	if (!--s->in_flight)
		stress_tell(s);
	pthread_mutex_unlock(&s->lock);
}

static void saw(struct stress_driver *d, uint64_t generation)
{
	if (generation < d->generation)
		test_fail(__FILE__, __LINE__, "%s: generation %llu comes after %llu",
			  d->worker->name, (unsigned long long)generation,
			  (unsigned long long)d->generation);
	d->generation = generation;
}

static int issue(const struct stress *s, const struct change *change,
		 struct cxl_softhost_result *result, uint64_t *token)
{
	struct cxl_softhost_reg_write write = {
		.size = sizeof(write), .node_id = change->node, .offset = change->offset,
		.width = 4, .value = change->value,
	};
	struct cxl_softhost_node_set set = {
		.size = sizeof(set), .node_id = change->node, .mask = change->mask,
		.mem_enable = change->mem_enable, .media = change->media,
	};
	struct cxl_softhost_reset reset = { .size = sizeof(reset), .node_id = change->node };
	int ret;

	switch (change->kind) {
	case WRITE:
		ret = softhost_ioctl(s->host.fd, CXL_SOFTHOST_REG_WRITE, &write);
		*result = write.out_result;
		*token = write.out_token;
		return ret;
	case SET:
		ret = softhost_ioctl(s->host.fd, CXL_SOFTHOST_NODE_SET, &set);
		*result = set.out_result;
		*token = set.out_token;
		return ret;
	default:
		ret = softhost_ioctl(s->host.fd, CXL_SOFTHOST_RESET, &reset);
		*result = reset.out_result;
		*token = reset.out_token;
		return ret;
	}
}

/* The VMM's slots as the deltas say, or back */
static void set_slots(const struct stress *s, const struct cxl_softhost_delta *deltas,
		      uint32_t count, bool done)
{
	uint32_t i;

	for (i = 0; s->variant == STRESS_ADVISORY && i < count; i++) {
		const struct cxl_softhost_segment *extent = &deltas[i].segment;
		bool there = (deltas[i].direction == CXL_SOFTHOST_DIRECTION_ADD) == done;

		ASSERT_RETURN(0, vm_slot_set(s->guest.vm.fd, extent->slot, extent->hpa,
					     there ? extent->length : 0,
					     (void *)(uintptr_t)extent->host_addr));
	}
}

/* DELTAS, slots, APPLY: 0, or -ESTALE with slots as they were */
static int follow_deltas(struct stress_driver *d, uint64_t token,
			 struct cxl_softhost_result *result)
{
	struct cxl_softhost_delta deltas[MOST_DELTAS];
	uint32_t count = ARRAY_SIZE(deltas), i;
	struct stress *s = d->stress;
	bool aborts;
	int ret;

	ret = __deltas(s->host.fd, token, sizeof(deltas[0]), &count, deltas);
	if (ret == -ESTALE)
		return ret;
	ASSERT_RETURN(0, ret);
	ASSERT_TRUE(count > 0);
	for (i = 1; i < count; i++) {
		EXPECT_EQ(deltas[0].direction, deltas[i].direction);
		EXPECT_TRUE(deltas[i].segment.hpa > deltas[i - 1].segment.hpa);
	}
	aborts = deltas[0].direction == CXL_SOFTHOST_DIRECTION_ADD && !random_from(&d->random, 3);
	begin(s);
	set_slots(s, deltas, count, true);
	ret = __apply(s->host.fd, token, aborts ? CXL_SOFTHOST_APPLY_ABORT : 0, result);
	if (ret)
		ASSERT_RETURN(-ESTALE, ret);
	if (ret || aborts)
		set_slots(s, deltas, count, false);
	if (!ret && aborts) {
		EXPECT_RESULT(REFUSED, ABORTED, *result);
		d->aborts++;
	}
	end(s);
	return ret;
}

static int follow(struct stress_driver *d, uint64_t token, struct cxl_softhost_result *result)
{
	int ret;

	/* Pending all the while: the other's changes are BUSY, or cancel this one. */
	if (!random_from(&d->random, 2))
		usleep(random_from(&d->random, 3000));
	pthread_mutex_lock(&d->stress->slots);
	ret = follow_deltas(d, token, result);
	pthread_mutex_unlock(&d->stress->slots);
	d->stale += ret == -ESTALE;
	return ret;
}

/* Returns whether it was carried out: not refused, and not given up. */
static bool do_change(struct stress_driver *d, const struct change *change)
{
	struct cxl_softhost_result result;
	unsigned int tries;
	uint64_t token;

	for (tries = 0; tries < TRIES; tries++) {
		worker_step(d->worker, change->kind == WRITE ? "REG_WRITE" :
				       change->kind == SET ? "NODE_SET" : "RESET");
		begin(d->stress);
		ASSERT_RETURN(0, issue(d->stress, change, &result, &token));
		end(d->stress);
		ASSERT_TRUE(result.outcome < ARRAY_SIZE(d->outcomes));
		ASSERT_EQ(0, result.flags);
		saw(d, result.generation);
		d->outcomes[result.outcome]++;
		ASSERT_EQ(result.outcome == CXL_SOFTHOST_OUTCOME_PENDING, !!token);
		if (result.outcome == CXL_SOFTHOST_OUTCOME_BUSY) {
			usleep(100);
			continue;
		}
		if (!token)
			break;
		worker_step(d->worker, "APPLY");
		if (follow(d, token, &result)) {
			/* The guest may have lost interest meanwhile. */
			if (random_from(&d->random, 2))
				continue;
			return false;
		}
		saw(d, result.generation);
		d->outcomes[result.outcome]++;
		break;
	}
	ASSERT_TRUE(tries < TRIES);
	return result.outcome != CXL_SOFTHOST_OUTCOME_REFUSED;
}

static void write_register(struct stress_driver *d, uint32_t node, uint32_t offset, uint32_t value)
{
	do_change(d, &(struct change){
		.kind = WRITE, .node = node, .offset = offset, .value = value,
	});
}

static void commit(struct stress_driver *d, uint32_t node, unsigned int number,
		   const struct decoder *decoder)
{
	uint32_t at = HDM_DECODER(number);

	write_register(d, node, at + HDM_BASE_HIGH, decoder->base >> 32);
	write_register(d, node, at + HDM_BASE_LOW, decoder->base);
	write_register(d, node, at + HDM_SIZE_HIGH, decoder->size >> 32);
	write_register(d, node, at + HDM_SIZE_LOW, decoder->size);
	write_register(d, node, at + HDM_EXTRA_LOW, decoder->extra);
	write_register(d, node, at + HDM_CONTROL, decoder_commit_value(decoder));
}

static void commit_device(struct stress_driver *d, unsigned int device)
{
	/* The largest is larger than a device: always refused */
	static const uint64_t sizes[] = { UNIT, UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT, 4 * UNIT };
	const struct decoder decoder = {
		.base = ranges[random_from(&d->random, 2)] +
			random_from(&d->random, 2) * UNITS_APART * UNIT,
		.size = sizes[random_from(&d->random, ARRAY_SIZE(sizes))],
	};

	commit(d, d->stress->host.endpoints[device].id, 0, &decoder);
}

static void commit_bridge(struct stress_driver *d, unsigned int device, unsigned int number)
{
	struct decoder decoder = {
		.base = ranges[number], .size = STRESS_RANGE_UNITS * UNIT, .extra = device,
	};

	if (!random_from(&d->random, 8)) {
		decoder.ways_code = 1;
		decoder.extra |= !device << 8;
	}
	commit(d, d->stress->host.bridge, number, &decoder);
}

static void set_mem_enable(struct stress_driver *d, unsigned int device, bool on)
{
	const struct change change = {
		.kind = SET, .node = d->stress->host.endpoints[device].id,
		.mask = CXL_SOFTHOST_SET_MEM_ENABLE, .mem_enable = on,
	};

	if (do_change(d, &change))
		d->mem_enable[device] = on;
}

static void set_media(struct stress_driver *d, unsigned int device, bool ready)
{
	const struct change change = {
		.kind = SET, .node = d->stress->host.endpoints[device].id,
		.mask = CXL_SOFTHOST_SET_MEDIA,
		.media = ready ? CXL_SOFTHOST_MEDIA_READY : CXL_SOFTHOST_MEDIA_DISABLED,
	};

	if (do_change(d, &change))
		d->media_disabled[device] = !ready;
}

/* As a guest does that brings a device up: by chance alone there would be little memory. */
static void bring_up(struct stress_driver *d, unsigned int device)
{
	unsigned int i;

	write_register(d, d->stress->host.endpoints[device].id, HDM_GLOBAL, HDM_GLOBAL_ENABLE);
	set_media(d, device, true);
	set_mem_enable(d, device, true);
	commit_device(d, device);
	for (i = 0; i < STRESS_BRIDGE_DECODERS; i++)
		commit_bridge(d, device, i);
}

static void reset_any(struct stress_driver *d, unsigned int device)
{
	bool all = !random_from(&d->random, 4);
	const struct change change = {
		.kind = RESET, .node = all ? 0 : d->stress->host.endpoints[device].id,
	};
	unsigned int i;

	if (!do_change(d, &change))
		return;
	for (i = 0; i < STRESS_DEVICES; i++)
		if (all || i == device)
			d->mem_enable[i] = 0;
}

/* TRANSLATE tells what may be there, and what MAP_GET of the same generation tells. */
static void compare(struct stress_driver *d)
{
	uint64_t hpa = stress_hpa(random_from(&d->random, STRESS_UNITS)) +
		       random_from(&d->random, UNIT);
	uint64_t dpa = stress_dpa(unit_of(hpa));
	struct cxl_softhost_segment segments[64];
	struct map map = { .count = ARRAY_SIZE(segments), .segments = segments };
	const struct cxl_softhost_segment *segment;
	int fd = d->stress->host.fd;
	struct cxl_softhost_translate found = translate(fd, hpa);
	bool answers = found.out_reason == CXL_SOFTHOST_REASON_NONE, same;

	saw(d, found.out_generation);
	ASSERT_RETURN(0, __map_get(fd, sizeof(*segments), &map.count, segments, &map.generation));
	saw(d, map.generation);
	same = !answers || (found.out_dpa == dpa + hpa % UNIT &&
			    found.out_cookie == backend_cookie(device_of(d->stress,
									 found.out_node_id), 0));
	same &= host_windows_in(&d->stress->host, &map) == d->stress->host.window_count;
	segment = map_find(&map, hpa);
	if (same && map.generation == found.out_generation) {
		d->compared++;
		/* With several ways, none of which answers, the first silent one is named. */
		if (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE)
			same = !answers;
		else if (segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR)
			same = answers && segment->slot != CXL_SOFTHOST_NONE &&
			       segment->node_id == found.out_node_id &&
			       segment->dpa + hpa - segment->hpa == found.out_dpa;
	}
	if (same)
		return;
	test_fail(__FILE__, __LINE__, "%s: TRANSLATE of %#llx: %s, %#llx, generation %llu of %llu:",
		  d->worker->name, (unsigned long long)hpa, reason_name(found.out_reason),
		  (unsigned long long)found.out_dpa, (unsigned long long)found.out_generation,
		  (unsigned long long)map.generation);
	map_note(&map);
}

static void ask(struct stress_driver *d, unsigned int device)
{
	const struct host *host = &d->stress->host;
	struct cxl_softhost_delta deltas[MOST_DELTAS];
	uint32_t count = ARRAY_SIZE(deltas), control;
	int ret;

	worker_step(d->worker, "queries");
	compare(d);
	control = decoder_control(host->fd, host->endpoints[device].id, 0);
	EXPECT_TRUE(!(control & CONTROL_COMMITTED) || (control & CONTROL_COMMIT));
	EXPECT_TRUE(!(control & CONTROL_COMMITTED) || !(control & CONTROL_ERROR));
	/* Of the other's change, if one is pending */
	ret = __deltas(host->fd, pending_token(host->fd), sizeof(deltas[0]), &count, deltas);
	EXPECT_RETURN(ret ? -ESTALE : 0, ret);
}

void stress_drive(struct worker *self)
{
	struct stress_driver *d = self->data;
	const struct host *host = &d->stress->host;
	unsigned int step;

	for (step = d->stress->steps; step; step--) {
		unsigned int device = random_from(&d->random, STRESS_DEVICES);
		unsigned int number = random_from(&d->random, STRESS_BRIDGE_DECODERS);
		uint32_t id = host->endpoints[device].id;
		unsigned int what = random_from(&d->random, 32);

		if (what < 6)
			commit_device(d, device);
		else if (what < 10)
			write_register(d, id, HDM_DECODER(0) + HDM_CONTROL, CONTROL_HOST_ONLY);
		else if (what < 13)
			commit_bridge(d, device, number);
		else if (what < 15)
			write_register(d, host->bridge, HDM_DECODER(number) + HDM_CONTROL,
				       CONTROL_HOST_ONLY);
		else if (what < 18)
			write_register(d, id, HDM_GLOBAL, what & 1 ? HDM_GLOBAL_ENABLE : 0);
		else if (what < 21)
			set_mem_enable(d, device, what & 1);
		else if (what < 24)
			set_media(d, device, what & 1);
		else if (what < 26)
			reset_any(d, device);
		else
			bring_up(d, device);
		ask(d, device);
		/* Time to look at what there is now */
		usleep(random_from(&d->random, 1000));
	}
}
