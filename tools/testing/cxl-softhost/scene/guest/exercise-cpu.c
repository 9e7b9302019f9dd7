// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that KVM can't emulate, or not faithfully, with their operand in
 * the memory under test: on a page without a slot they are lost.
 */
#include <cpuid.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exercise.h"

/* Of the XSAVE area. */
#define OFFSET_XMM 160
#define OFFSET_XSTATE_BV 512
#define OFFSET_XCOMP_BV 520
#define XCOMP_COMPACTED (1ULL << 63)

#define STATE_SSE 2U
#define STATE_AVX 4U
#define STATE_AVX512 0xe6U

#define LEAF_XSAVE 0xd
#define XSAVE_HAS_OPT (1U << 0)
#define XSAVE_HAS_COMPACT (1U << 1)

struct xsave_cpu {
	int enabled;
	uint32_t features;	/* CPUID 0xd, 1: EAX */
	uint64_t state;		/* XCR0 */
	uint32_t bytes;
};

static struct xsave_cpu xsave_cpu(void)
{
	uint32_t a, b, c, d, low, high;
	struct xsave_cpu cpu = { 0 };

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return cpu;
	cpu.enabled = 1;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	cpu.state = (uint64_t)high << 32 | low;
	if (__get_cpuid_count(LEAF_XSAVE, 0, &a, &b, &c, &d))
		cpu.bytes = b;
	if (__get_cpuid_count(LEAF_XSAVE, 1, &a, &b, &c, &d))
		cpu.features = a;
	return cpu;
}

static void pattern(unsigned char *at, size_t bytes, unsigned char seed)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		at[i] = (unsigned char)(seed + i * 37);
}

/*
 * Save with xmm1 loaded, clear xmm1, restore, and read xmm1 back: once to see
 * that the instruction wrote what it should, once that it reads it back.
 */
#define SAVE_AND_RESTORE(save, restore, area, low, high, in, out)	\
	__asm__ volatile("movdqu (%[input]), %%xmm1\n\t"		\
			 save " (%[image])\n\t"				\
			 "pxor %%xmm1, %%xmm1\n\t"			\
			 restore " (%[image])\n\t"			\
			 "movdqu %%xmm1, (%[output])\n\t"		\
			 :						\
			 : [input] "r"(in), [output] "r"(out),		\
			   [image] "r"(area), "a"(low), "d"(high)	\
			 : "memory", "xmm1")

enum variant { XSAVE, XSAVEOPT, XSAVEC };

static enum result save_image(struct step_context *context, enum variant variant)
{
	struct xsave_cpu cpu = xsave_cpu();
	unsigned char in[16], out[16], *image = context->arena + PAGE_BYTES - 64;
	uint32_t low = (uint32_t)cpu.state, high = (uint32_t)(cpu.state >> 32);
	uint64_t state, compact;
	int round;

	if (!cpu.enabled) {
		say(context, "not in CPUID");
		return SKIPPED;
	}
	if ((variant == XSAVEOPT && !(cpu.features & XSAVE_HAS_OPT)) ||
	    (variant == XSAVEC && !(cpu.features & XSAVE_HAS_COMPACT))) {
		say(context, "not in CPUID");
		return SKIPPED;
	}
	if (cpu.bytes > ARENA_BYTES - 2 * PAGE_BYTES)
		return fail(context, "the area has %u bytes", cpu.bytes);

	/* The image crosses a page: it starts 64 bytes before the end of one. */
	for (round = 1; round <= 16; round++) {
		memset(image, 0, cpu.bytes);
		pattern(in, sizeof(in), (unsigned char)round);
		memset(out, 0, sizeof(out));
		if (variant == XSAVE)
			SAVE_AND_RESTORE("xsave64", "xrstor64", image, low, high, in, out);
		else if (variant == XSAVEOPT)
			SAVE_AND_RESTORE("xsaveopt64", "xrstor64", image, low, high, in, out);
		else
			SAVE_AND_RESTORE("xsavec64", "xrstor64", image, low, high, in, out);
		memcpy(&state, image + OFFSET_XSTATE_BV, sizeof(state));
		memcpy(&compact, image + OFFSET_XCOMP_BV, sizeof(compact));
		if (!(state & STATE_SSE) || state & ~cpu.state)
			return fail(context, "XSTATE_BV %#" PRIx64, state);
		if ((compact & XCOMP_COMPACTED) != (variant == XSAVEC ? XCOMP_COMPACTED : 0))
			return fail(context, "XCOMP_BV %#" PRIx64, compact);
		if (memcmp(image + OFFSET_XMM + 16, in, sizeof(in)))
			return fail(context, "the image does not hold xmm1");
		if (memcmp(out, in, sizeof(in)))
			return fail(context, "xmm1 was not restored");
	}
	say(context, "%u bytes, state %#" PRIx64, cpu.bytes, cpu.state);
	return PASSED;
}

enum result step_xsave(struct step_context *context)
{
	return save_image(context, XSAVE);
}

enum result step_xsaveopt(struct step_context *context)
{
	return save_image(context, XSAVEOPT);
}

enum result step_xsavec(struct step_context *context)
{
	return save_image(context, XSAVEC);
}

enum result step_fxsave(struct step_context *context)
{
	unsigned char in[16], out[16], *image = context->arena + PAGE_BYTES - 64;
	int round;

	for (round = 1; round <= 16; round++) {
		memset(image, 0, 512);
		pattern(in, sizeof(in), (unsigned char)(64 + round));
		memset(out, 0, sizeof(out));
		SAVE_AND_RESTORE("fxsave64", "fxrstor64", image, 0, 0, in, out);
		if (memcmp(image + OFFSET_XMM + 16, in, sizeof(in)))
			return fail(context, "the image does not hold xmm1");
		if (memcmp(out, in, sizeof(in)))
			return fail(context, "xmm1 was not restored");
	}
	say(context, "512 bytes");
	return PASSED;
}

static int all_equal(const unsigned char *at, size_t bytes, const void *item, size_t item_bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += item_bytes)
		if (memcmp(at + i, item, item_bytes))
			return 0;
	return 1;
}

#define REP_STOS(suffix, at, count, value) do {				\
	void *to_ = (at);						\
	size_t left_ = (count);						\
	__asm__ volatile("rep stos" suffix : "+D"(to_), "+c"(left_)	\
			 : "a"(value) : "memory");			\
} while (0)

enum result step_string(struct step_context *context)
{
	unsigned char *from = context->arena, *to = from + ARENA_BYTES / 2;
	const size_t bytes = ARENA_BYTES / 2;
	uint64_t value = 0x0123456789abcdefULL;
	size_t left = bytes;

	REP_STOS("b", from, bytes, value);
	if (!all_equal(from, bytes, &value, 1))
		return fail(context, "rep stosb");
	REP_STOS("w", from, bytes / 2, value);
	if (!all_equal(from, bytes, &value, 2))
		return fail(context, "rep stosw");
	REP_STOS("l", from, bytes / 4, value);
	if (!all_equal(from, bytes, &value, 4))
		return fail(context, "rep stosl");
	REP_STOS("q", from, bytes / 8, value);
	if (!all_equal(from, bytes, &value, 8))
		return fail(context, "rep stosq");

	pattern(from, bytes, 5);
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(left) : : "memory");
	if (memcmp(context->arena, context->arena + bytes, bytes))
		return fail(context, "rep movsb");
	say(context, "%zu bytes by 1, 2, 4, 8; rep movsb", bytes);
	return PASSED;
}

/* Load from one vector of the arena, store to the next. */
#define VECTOR_COPY(load, store, reg, clobber, at, bytes)		\
	__asm__ volatile(load " (%0), %%" reg "\n\t"			\
			 store " %%" reg ", (%1)\n\t"			\
			 : : "r"(at), "r"((at) + (bytes)) : "memory", clobber)

static int has_avx512(const struct xsave_cpu *cpu)
{
	uint32_t a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_AVX512F &&
	       (cpu->state & STATE_AVX512) == STATE_AVX512;
}

enum result step_avx(struct step_context *context)
{
	unsigned char *at = context->arena + PAGE_BYTES - 64, want[64];
	struct xsave_cpu cpu = xsave_cpu();
	uint32_t a, b, c, d;
	int round;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_AVX) || !(cpu.state & STATE_AVX)) {
		say(context, "not in CPUID");
		return SKIPPED;
	}
	for (round = 0; round < 4; round++) {
		pattern(want, sizeof(want), (unsigned char)(round * 11));
		memset(at, 0, 128);
		/* The unaligned ones cross the page. */
		memcpy(at + 17, want, 32);
		VECTOR_COPY("vmovdqu", "vmovdqu", "ymm1", "xmm1", at + 17, 32);
		if (memcmp(at + 49, want, 32))
			return fail(context, "vmovdqu");
		memset(at, 0, 128);
		memcpy(at, want, 32);
		VECTOR_COPY("vmovdqa", "vmovdqa", "ymm1", "xmm1", at, 32);
		VECTOR_COPY("vmovaps", "vmovntdq", "ymm1", "xmm1", at + 32, 32);
		if (memcmp(at + 64, want, 32))
			return fail(context, "vmovdqa, vmovaps or vmovntdq");
		VECTOR_COPY("vlddqu", "vmovups", "ymm1", "xmm1", at + 64, 32);
		if (memcmp(at + 96, want, 32))
			return fail(context, "vlddqu or vmovups");
		if (!has_avx512(&cpu))
			continue;
		memcpy(at + 17, want, 64);
		VECTOR_COPY("vmovdqu64", "vmovdqu64", "zmm1", "xmm1", at + 17, 64);
		if (memcmp(at + 81, want, 64))
			return fail(context, "vmovdqu64");
	}
	__asm__ volatile("vzeroupper" : : : "memory");
	say(context, "vmovdqu, vmovdqa, vmovaps, vmovups, vlddqu, vmovntdq%s",
	    has_avx512(&cpu) ? ", zmm" : "");
	return PASSED;
}
