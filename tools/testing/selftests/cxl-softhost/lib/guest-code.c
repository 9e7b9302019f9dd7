// SPDX-License-Identifier: GPL-2.0-only
/*
 * What KVM guests run. It is copied elsewhere: no data but through @shared, no
 * call out of the section, no vector registers.
 */
#include <linux/cxl_softhost.h>

#include "guest-code.h"

#define GUEST_CODE __attribute__((section("guest_code"), noinline, used,		\
				  target("general-regs-only"),				\
				  optimize("no-tree-loop-distribute-patterns",		\
					   "no-jump-tables", "no-stack-protector")))
#define GUEST_INLINE static inline __attribute__((always_inline,			\
						  target("general-regs-only")))

#define ALL_ONES (~0ULL)

GUEST_INLINE uint64_t load(uint64_t gpa)
{
	return *(volatile uint64_t *)gpa;
}

/* One vCPU is through. */
GUEST_INLINE void end(void)
{
	for (;;) {
		asm volatile("outb %%al, %1" : : "a"(0), "i"(GUEST_PORT_END) : "memory");
		asm volatile("hlt");
	}
}

GUEST_INLINE void do_writes(const struct guest_write *writes, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		*(volatile uint32_t *)writes[i].gpa = writes[i].value;
}

/* Is each location what it has to be? */
GUEST_INLINE uint64_t count_wrong(const struct guest_shared *shared, uint64_t mapped)
{
	uint64_t wrong = 0;
	uint32_t i;

	for (i = 0; i < shared->watched_count; i++)
		wrong += load(shared->watched[i].gpa) !=
			 (mapped ? shared->watched[i].value : ALL_ONES);
	for (i = 0; i < shared->steady_count; i++)
		wrong += load(shared->steady[i].gpa) != shared->steady[i].value;
	return wrong;
}

/* Tell the observer, and wait until it has looked. */
GUEST_INLINE void announce(struct guest_shared *shared, uint64_t phase)
{
	shared->phase = phase;
	while (shared->observations[1].seen != phase && !shared->stop)
		asm volatile("pause");
}

GUEST_CODE void guest_programmer(struct guest_shared *shared, uint64_t vcpu)
{
	uint64_t round;
	uint32_t status;

	(void)vcpu;
	for (round = 1; round <= shared->rounds && !shared->stop; round++) {
		do_writes(shared->on, shared->on_count);
		status = *(volatile uint32_t *)shared->status_gpa;
		if ((status & shared->status_mask) != shared->status_value)
			shared->wrong_status++;
		shared->programmer_broken += count_wrong(shared, 1);
		announce(shared, GUEST_PHASE(round, GUEST_MAPPED));
		shared->phase = GUEST_PHASE(round, GUEST_CHANGING);
		if (!shared->lie) {
			do_writes(shared->off, shared->off_count);
			shared->programmer_broken += count_wrong(shared, 0);
		}
		announce(shared, GUEST_PHASE(round, GUEST_UNMAPPED));
		shared->phase = GUEST_PHASE(round, GUEST_CHANGING);
		shared->rounds_done = round;
	}
	shared->stop = 1;
	end();
}

GUEST_INLINE void note_broken(volatile struct guest_observation *mine, uint64_t gpa,
			      uint64_t value, uint64_t phase)
{
	if (!mine->broken) {
		mine->gpa = gpa;
		mine->value = value;
		mine->phase = phase;
	}
	mine->broken++;
}

/* Returns whether the phase stayed the same. */
GUEST_INLINE uint64_t observe(struct guest_shared *shared,
			      volatile struct guest_observation *mine,
			      const struct guest_watched *watched, uint64_t steady)
{
	uint64_t before = shared->phase;
	uint64_t value = load(watched->gpa);
	uint64_t same = shared->phase == before;
	uint64_t kind = same ? before & GUEST_PHASE_MASK : GUEST_CHANGING;

	if (steady) {
		if (value != watched->value)
			note_broken(mine, watched->gpa, value, before);
		return same;
	}
	if (value == watched->value)
		mine->memory[kind]++;
	else if (value == ALL_ONES)
		mine->all_ones[kind]++;
	else
		note_broken(mine, watched->gpa, value, before);
	if ((kind == GUEST_MAPPED && value == ALL_ONES) ||
	    (kind == GUEST_UNMAPPED && value == watched->value))
		note_broken(mine, watched->gpa, value, before);
	return same;
}

GUEST_CODE void guest_observer(struct guest_shared *shared, uint64_t vcpu)
{
	volatile struct guest_observation *mine = &shared->observations[vcpu];

	while (!shared->stop) {
		uint64_t phase = shared->phase, same = 1;
		uint32_t i;

		for (i = 0; i < shared->watched_count; i++)
			if (shared->watched[i].vcpu == vcpu ||
			    shared->watched[i].vcpu == GUEST_ALL_VCPUS)
				same &= observe(shared, mine, &shared->watched[i], 0);
		for (i = 0; i < shared->steady_count; i++)
			same &= observe(shared, mine, &shared->steady[i], 1);
		if (same && shared->phase == phase)
			mine->seen = phase;
	}
	end();
}

GUEST_CODE void guest_storer(struct guest_shared *shared, uint64_t vcpu)
{
	uint32_t i;

	(void)vcpu;
	for (i = 0; i < shared->watched_count; i++)
		*(volatile uint64_t *)shared->watched[i].gpa = shared->watched[i].value;
	end();
}

/* As random_from() in random.h, which may not be inlined */
GUEST_INLINE uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 20;
}

/* One store in so many looks */
#define LOOKS_PER_STORE 8

GUEST_INLINE void look(struct guest_shared *shared, volatile struct guest_observation *mine,
		       const struct guest_place *place)
{
	uint64_t before = shared->phase;
	uint64_t now = place->now;
	uint64_t value = load(place->gpa);
	uint64_t kind = shared->phase == before ? before & GUEST_PHASE_MASK : GUEST_CHANGING;

	if (value == ALL_ONES)
		mine->all_ones[kind]++;
	else if (value == place->may[0] || value == place->may[1])
		mine->memory[kind]++;
	else
		note_broken(mine, place->gpa, value, before);
	if (kind == GUEST_SETTLED && value != now)
		note_broken(mine, place->gpa, value, before);
}

GUEST_CODE void guest_wanderer(struct guest_shared *shared, uint64_t vcpu)
{
	uint64_t random = shared->random[vcpu];

	while (!shared->stop) {
		uint64_t choice = next_random(&random);
		const struct guest_place *place =
			&shared->places[vcpu][choice / LOOKS_PER_STORE % shared->place_count];

		if (choice % LOOKS_PER_STORE == 0)
			*(volatile uint64_t *)(place->gpa + sizeof(uint64_t)) = place->gpa;
		look(shared, &shared->observations[vcpu], place);
	}
	shared->random[vcpu] = random;
	end();
}

GUEST_INLINE uint64_t cycles(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

GUEST_CODE void guest_counter(struct guest_shared *shared, uint64_t vcpu)
{
	struct guest_pulse *pulse = &shared->pulse;
	uint64_t last = cycles(), longest = 0;

	(void)vcpu;
	while (!shared->stop) {
		uint64_t now, asked;

		pulse->count++;
		now = cycles();
		if (now - last > longest)
			longest = now - last;
		last = now;
		asked = pulse->asked;
		if (asked == pulse->answered)
			continue;
		pulse->longest = longest;
		if (pulse->look)
			load(pulse->look);
		pulse->answered = asked;
		longest = 0;
		last = cycles();
	}
	end();
}

/* Entries of the IDT, one after the other, each GUEST_VECTOR_SIZE bytes. */
__attribute__((naked)) GUEST_CODE void guest_exceptions(void)
{
	asm volatile(".globl guest_vectors\n"
		     ".balign 16\n"
		     "guest_vectors:\n"
		     ".set guest_vector, 0\n"
		     ".rept 32\n"
		     "	.balign 16\n"
		     "	movl $guest_vector, %ebx\n"
		     "	jmp guest_exception\n"
		     "	.set guest_vector, guest_vector + 1\n"
		     ".endr\n"
		     "guest_exception:\n"
		     "	mov %cr2, %rdx\n"
		     "	outb %al, $0x11\n"
		     "	hlt");
}

_Static_assert(GUEST_VECTORS == 32 && GUEST_VECTOR_SIZE == 16 && GUEST_PORT_EXCEPTION == 0x11,
	       "numbers above");
