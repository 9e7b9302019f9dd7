// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Memory operands, as an assembler would read them. */
#include <string.h>

#include "operand.h"
#include "tap.h"

/* Each register has a value that tells which one it is. */
static const struct kvm_regs regs = {
	.rax = 0x1000000, .rcx = 0x1100000, .rdx = 0x1200000, .rbx = 0x1300000,
	.rsp = 0x1400000, .rbp = 0x1500000, .rsi = 0x1600000, .rdi = 0x1700000,
	.r8 = 0x1800000, .r9 = 0x1900000, .r10 = 0x1a00000, .r11 = 0x1b00000,
	.r12 = 0x1c00000, .r13 = 0x1d00000, .r14 = 0x1e00000, .r15 = 0x1f00000,
	.rip = 0x2000000,
};

#define FS_BASE 0x100000000
#define GS_BASE 0x200000000

static const struct {
	const char *text;
	const char *name;
	uint64_t address;
	uint8_t length;		/* of the instruction; more bytes may follow */
	uint8_t insn[15];
} cases[] = {
	{ "xsave64 (%rdi)", "xsave64", 0x1700000, 4, { 0x48, 0x0f, 0xae, 0x27 } },
	{ "xsave 0x40(%rsi)", "xsave", 0x1600040, 4, { 0x0f, 0xae, 0x66, 0x40 } },
	{ "xsaveopt64 -8(%rbp)", "xsaveopt64", 0x14ffff8, 5, { 0x48, 0x0f, 0xae, 0x75, 0xf8 } },
	{ "xsavec64 (%r8)", "xsavec64", 0x1800000, 4, { 0x49, 0x0f, 0xc7, 0x20 } },
	{ "xsaves64 (%rdi)", "xsaves64", 0x1700000, 4, { 0x48, 0x0f, 0xc7, 0x2f } },
	{ "fxsave (%rax)", "fxsave", 0x1000000, 3, { 0x0f, 0xae, 0x00 } },
	{ "fxsave64 (%rsp)", "fxsave64", 0x1400000, 5, { 0x48, 0x0f, 0xae, 0x04, 0x24 } },
	{ "fxsave64 (%r12)", "fxsave64", 0x1c00000, 5, { 0x49, 0x0f, 0xae, 0x04, 0x24 } },
	{ "xsave (%r13)", "xsave", 0x1d00000, 5, { 0x41, 0x0f, 0xae, 0x65, 0x00 } },
	{ "xsave 0x100(%rax,%r9,8)", "xsave", 0x1000100 + 8 * 0x1900000, 9,
	  { 0x42, 0x0f, 0xae, 0xa4, 0xc8, 0x00, 0x01, 0x00, 0x00 } },
	{ "xsave 0x100(%rip)", "xsave", 0x2000000 + 7 + 0x100, 7,
	  { 0x0f, 0xae, 0x25, 0x00, 0x01, 0x00, 0x00 } },
	{ "xsave 0x12345678", "xsave", 0x12345678, 8,
	  { 0x0f, 0xae, 0x24, 0x25, 0x78, 0x56, 0x34, 0x12 } },
	{ "xsave %fs:(%rdx)", "xsave", FS_BASE + 0x1200000, 4, { 0x64, 0x0f, 0xae, 0x22 } },
	{ "lock cmpxchg16b (%rbx)", "cmpxchg16b", 0x1300000, 5,
	  { 0xf0, 0x48, 0x0f, 0xc7, 0x0b } },
	{ "mov %rax,(%rcx)", "other", 0x1100000, 3, { 0x48, 0x89, 0x01 } },
	{ "movl $1,0x10(%rip)", "other", 0x2000000 + 10 + 0x10, 10,
	  { 0xc7, 0x05, 0x10, 0, 0, 0, 1, 0, 0, 0 } },
	{ "movw $1,0x10(%rip)", "other", 0x2000000 + 9 + 0x10, 9,
	  { 0x66, 0xc7, 0x05, 0x10, 0, 0, 0, 1, 0 } },
	{ "addq $1,%gs:0x8", "other", GS_BASE + 8, 10,
	  { 0x65, 0x48, 0x83, 0x04, 0x25, 8, 0, 0, 0, 1 } },
	{ "testb $1,1(%rip)", "other", 0x2000000 + 7 + 1, 7, { 0xf6, 0x05, 1, 0, 0, 0, 1 } },
	{ "notb 1(%rip)", "other", 0x2000000 + 6 + 1, 6, { 0xf6, 0x15, 1, 0, 0, 0 } },
	{ "vmovaps %ymm0,(%r10)", "other", 0x1a00000, 5, { 0xc4, 0xc1, 0x7c, 0x29, 0x02 } },
	{ "vmovups %xmm0,0x20(%rdi)", "other", 0x1700020, 5,
	  { 0xc5, 0xf8, 0x11, 0x47, 0x20 } },
	{ "palignr $4,0x10(%rip),%xmm0", "other", 0x2000000 + 10 + 0x10, 10,
	  { 0x66, 0x0f, 0x3a, 0x0f, 0x05, 0x10, 0, 0, 0, 4 } },
	{ "pshufb (%rsi),%xmm0", "other", 0x1600000, 5, { 0x66, 0x0f, 0x38, 0x00, 0x06 } },
};

static void addresses(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct operand operand;
		uint64_t address = 0;
		bool ok = operand_decode(cases[i].insn, 15, &operand) && operand.is_memory;

		if (ok)
			address = operand_address(&operand, &regs, FS_BASE, GS_BASE);
		ok = ok && address == cases[i].address && operand.length == cases[i].length &&
		     !strcmp(operand.name, cases[i].name);
		tap_ok(ok, cases[i].text);
		if (!ok)
			printf("# got %s at 0x%llx, %u bytes\n", operand.name,
			       (unsigned long long)address, operand.length);
	}
}

static void too_short(void)
{
	bool ok = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* Without its immediate the operand is still there. */
		for (uint32_t length = 0; length < cases[i].length; length++) {
			struct operand operand;
			uint8_t copy[15];

			memcpy(copy, cases[i].insn, length);
			if (operand_decode(copy, length, &operand) &&
			    operand.length != cases[i].length)
				ok = false;
		}
	}
	tap_ok(ok, "cut off instructions are refused, or have their length");
}

static void refused(void)
{
	static const uint8_t evex[] = { 0x62, 0xf1, 0x7c, 0x48, 0x29, 0x07 };
	static const uint8_t mfence[] = { 0x0f, 0xae, 0xf0 };
	static const uint8_t ret[] = { 0xc3 };
	static const uint8_t stosq[] = { 0xf3, 0x48, 0xab };
	static const uint8_t prefixes[15] = { [0 ... 14] = 0x66 };
	struct operand operand;

	tap_ok(!operand_decode(evex, sizeof(evex), &operand), "EVEX is refused");
	tap_ok(operand_decode(mfence, sizeof(mfence), &operand) && !operand.is_memory &&
	       !strcmp(operand.name, "other"), "mfence has no memory operand");
	tap_ok(!operand_decode(ret, sizeof(ret), &operand), "ret is refused");
	tap_ok(!operand_decode(stosq, sizeof(stosq), &operand), "rep stosq is refused");
	tap_ok(!operand_decode(prefixes, sizeof(prefixes), &operand), "only prefixes");
	tap_ok(!operand_decode(NULL, 0, &operand), "nothing at all");
}

int main(void)
{
	addresses();
	too_short();
	refused();
	return tap_end();
}
