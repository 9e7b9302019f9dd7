// SPDX-License-Identifier: GPL-2.0-only
/* An engine without a VM. */
#include <linux/bitmap.h>
#include <linux/lockdep.h>

#include "host-rig.h"

static void fake_note(struct softhost_host *host, struct fake_engine *fake, bool add, u32 slot,
		      u64 hpa, int ret)
{
	struct fake_step *step = &fake->steps[fake->count];

	if (fake->count == FAKE_STEPS) {
		KUNIT_FAIL(fake->test, "more steps than a test can need");
		return;
	}
	fake->count++;
	step->add = add;
	step->slot = slot;
	step->hpa = hpa;
	step->ret = ret;
	step->generation = __softhost_map(host)->generation;
	step->ctrl = fake->watched ? *fake->watched : 0;
}

/* A slot number that was donated: its bit, or FAKE_SLOTS */
static u32 fake_bit(struct fake_engine *fake, u32 slot)
{
	u32 bit = slot - fake->engine.first_slot;

	if (bit < fake->engine.slot_count)
		return bit;
	KUNIT_FAIL(fake->test, "slot %u was not donated", slot);
	return FAKE_SLOTS;
}

static int fake_add(struct softhost_host *host, u32 slot, const struct softhost_segment *segment,
		    bool logs)
{
	struct fake_engine *fake = container_of(host->engine, struct fake_engine, engine);
	u32 bit = fake_bit(fake, slot), i;
	int ret = 0;

	lockdep_assert_held(&host->state_lock);

	if (bit == FAKE_SLOTS)
		return -EINVAL;
	if (test_bit(bit, fake->there))
		KUNIT_FAIL(fake->test, "slot %u is in use", slot);
	for_each_set_bit(i, fake->there, FAKE_SLOTS) {
		const struct softhost_segment *other = &fake->installed[i];

		if (other->hpa < segment->hpa + segment->length &&
		    segment->hpa < other->hpa + other->length)
			KUNIT_FAIL(fake->test, "HPA %#llx is in slot %u already", segment->hpa,
				   fake->engine.first_slot + i);
	}

	fake->adds++;
	if (fake->fail_add && fake->adds >= fake->fail_add &&
	    fake->adds < fake->fail_add + (fake->fail_count ?: 1))
		ret = fake->add_error;
	/* ESTALE: nobody knows; here the worse of the two */
	if (!ret || ret == -ESTALE) {
		__set_bit(bit, fake->there);
		fake->installed[bit] = *segment;
		__assign_bit(bit, &fake->logged, logs);
	}
	fake_note(host, fake, true, slot, segment->hpa, ret);
	return ret;
}

static int fake_log(struct softhost_host *host, u32 slot, const struct softhost_segment *segment,
		    bool logs)
{
	struct fake_engine *fake = container_of(host->engine, struct fake_engine, engine);
	u32 bit = fake_bit(fake, slot);

	lockdep_assert_held(&host->state_lock);

	if (bit == FAKE_SLOTS)
		return -EINVAL;
	KUNIT_EXPECT_TRUE(fake->test, test_bit(bit, fake->there));
	KUNIT_EXPECT_EQ(fake->test, fake->installed[bit].hpa, segment->hpa);
	fake->logs++;
	if (fake->fail_log && fake->logs == fake->fail_log)
		return -EREMOTEIO;
	__assign_bit(bit, &fake->logged, logs);
	return 0;
}

static int fake_remove(struct softhost_host *host, u32 slot)
{
	struct fake_engine *fake = container_of(host->engine, struct fake_engine, engine);
	u32 bit = fake_bit(fake, slot);
	int ret = 0;

	lockdep_assert_held(&host->state_lock);

	if (bit == FAKE_SLOTS)
		return -EINVAL;
	if (!test_bit(bit, fake->there))
		KUNIT_FAIL(fake->test, "slot %u is not there", slot);
	if (test_bit(bit, &fake->stuck))
		ret = -ENOMEM;
	else
		__clear_bit(bit, fake->there);
	fake_note(host, fake, false, slot, fake->installed[bit].hpa, ret);
	return ret;
}

/* It is the test's */
static void fake_detach(struct softhost_host *host)
{
	host->engine = NULL;
}

static const struct softhost_engine_ops fake_ops = {
	.add = fake_add,
	.log = fake_log,
	.remove = fake_remove,
	.detach = fake_detach,
};

struct cxl_softhost_result fake_attach(struct host_rig *rig, u32 slots)
{
	struct fake_engine *fake = &rig->fake;
	struct softhost_host *host = rig->host;
	struct cxl_softhost_result result;

	fake->test = rig->test;
	fake->engine.ops = &fake_ops;
	fake->engine.kind = CXL_SOFTHOST_ENGINE_KVM;
	fake->engine.first_slot = FAKE_FIRST_SLOT;
	fake->engine.slot_count = slots;
	fake->engine.slots = fake->bits;

	/* As ATTACH does it */
	guard(mutex)(&host->state_lock);
	host->engine = &fake->engine;
	softhost_result_init(&result);
	KUNIT_EXPECT_EQ(rig->test, __softhost_numbers_claim(host), 0);
	if (__softhost_apply(host, NULL, &result))
		__softhost_numbers_set(host, NULL);
	else if (!__softhost_map(host)->condemned)
		host->engine = NULL;
	__softhost_result_finish(host, &result);
	return result;
}

void fake_forget(struct fake_engine *fake)
{
	fake->count = 0;
	fake->adds = 0;
	fake->logs = 0;
}

u32 fake_there(const struct fake_engine *fake)
{
	return bitmap_weight(fake->there, FAKE_SLOTS);
}

void fake_check_map(struct host_rig *rig)
{
	const struct softhost_map *map = host_rig_map(rig);
	struct fake_engine *fake = &rig->fake;
	struct kunit *test = rig->test;
	u32 i, slots = 0;

	for (i = 0; i < map->count + map->condemned; i++) {
		const struct softhost_segment *segment = &map->segments[i], *installed;
		u32 bit;

		KUNIT_EXPECT_EQ(test, segment->kind == CXL_SOFTHOST_SEGMENT_CONDEMNED,
				i >= map->count);
		if (segment->slot == CXL_SOFTHOST_NONE)
			continue;
		bit = fake_bit(fake, segment->slot);
		if (bit == FAKE_SLOTS)
			continue;
		slots++;
		installed = &fake->installed[bit];
		KUNIT_EXPECT_TRUE_MSG(test, test_bit(bit, fake->there), "slot %u", segment->slot);
		KUNIT_EXPECT_EQ(test, installed->hpa, segment->hpa);
		KUNIT_EXPECT_EQ(test, installed->length, segment->length);
		KUNIT_EXPECT_EQ(test, installed->host_addr, segment->host_addr);
	}
	KUNIT_EXPECT_EQ(test, slots, fake_there(fake));
	KUNIT_EXPECT_TRUE(test, bitmap_equal(fake->there, fake->bits, FAKE_SLOTS));
}
