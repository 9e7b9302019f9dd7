// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the donated numbers an extent's slot gets: the lowest that is free, or
 * after STATE_SET the one that it had where the state was saved.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "softhost.h"

/**
 * __softhost_numbers_set() - what numbers slots will have when an engine comes
 * @host: the host, without an engine
 * @numbers: the numbers, or NULL for none; the host's from now on
 */
void __softhost_numbers_set(struct softhost_host *host, struct softhost_numbers *numbers)
{
	lockdep_assert_held(&host->state_lock);

	if (host->numbers) {
		host->bytes -= struct_size(host->numbers, slots, host->numbers->count);
		softhost_numbers_free(host->numbers);
	}
	host->numbers = numbers;
	if (numbers)
		host->bytes += struct_size(numbers, slots, numbers->count);
}

struct softhost_numbers *softhost_numbers_alloc(u32 count)
{
	struct softhost_numbers *numbers;

	numbers = kvzalloc(struct_size(numbers, slots, count), GFP_KERNEL_ACCOUNT);
	if (numbers)
		numbers->count = count;
	return numbers;
}

void softhost_numbers_free(struct softhost_numbers *numbers)
{
	if (!numbers)
		return;
	bitmap_free(numbers->claimed);
	kvfree(numbers);
}

/**
 * __softhost_number() - the number that STATE_SET gave an extent
 * @host: the host
 * @hpa: base of the extent
 *
 * Return: the number, or CXL_SOFTHOST_NONE.
 */
u32 __softhost_number(struct softhost_host *host, u64 hpa)
{
	const struct softhost_numbers *numbers = host->numbers;
	u32 low = 0, high = numbers ? numbers->count : 0;

	lockdep_assert_held(&host->state_lock);

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (numbers->slots[middle].hpa == hpa)
			return numbers->slots[middle].slot;
		if (numbers->slots[middle].hpa < hpa)
			low = middle + 1;
		else
			high = middle;
	}
	return CXL_SOFTHOST_NONE;
}

/**
 * __softhost_numbers_claim() - keep the numbers that extents are to have for them
 * @host: the host, with an engine that has no slots yet
 *
 * Only those of extents that are still there: the guest may have gone on.
 *
 * Return: 0; -EINVAL if one isn't donated, or if two extents are to have the same;
 * -ENOMEM.
 */
int __softhost_numbers_claim(struct softhost_host *host)
{
	const struct softhost_engine *engine = host->engine;
	const struct softhost_map *map = __softhost_map(host);
	struct softhost_numbers *numbers = host->numbers;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	if (!numbers)
		return 0;
	numbers->claimed = bitmap_zalloc(engine->slot_count, GFP_KERNEL_ACCOUNT);
	if (!numbers->claimed)
		return -ENOMEM;
	for (i = 0; i < map->count; i++) {
		u32 slot = __softhost_number(host, map->segments[i].hpa);

		if (slot == CXL_SOFTHOST_NONE ||
		    map->segments[i].kind != CXL_SOFTHOST_SEGMENT_LINEAR)
			continue;
		if (slot < engine->first_slot || slot - engine->first_slot >= engine->slot_count ||
		    __test_and_set_bit(slot - engine->first_slot, numbers->claimed))
			return -EINVAL;
	}
	return 0;
}

/**
 * __softhost_numbers_unclaim() - an engine goes, or doesn't come
 * @host: the host; the numbers are kept for another ATTACH
 */
void __softhost_numbers_unclaim(struct softhost_host *host)
{
	lockdep_assert_held(&host->state_lock);

	if (!host->numbers)
		return;
	bitmap_free(host->numbers->claimed);
	host->numbers->claimed = NULL;
}

/**
 * __softhost_slot_choose() - the slot that an extent will get
 * @host: the host, with an engine
 * @segment: the extent
 * @from: where to begin to look, an index into the donated numbers
 *
 * Return: an index into the donated numbers, or their count if none is free.
 */
u32 __softhost_slot_choose(struct softhost_host *host, const struct softhost_segment *segment,
			   u32 from)
{
	const struct softhost_engine *engine = host->engine;
	const struct softhost_numbers *numbers = host->numbers;
	u32 bit, slot = __softhost_number(host, segment->hpa);

	lockdep_assert_held(&host->state_lock);

	if (slot != CXL_SOFTHOST_NONE)
		return slot - engine->first_slot;
	bit = find_next_zero_bit(engine->slots, engine->slot_count, from);
	while (numbers && bit < engine->slot_count && test_bit(bit, numbers->claimed))
		bit = find_next_zero_bit(engine->slots, engine->slot_count, bit + 1);
	return bit;
}
