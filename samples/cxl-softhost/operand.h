/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The memory operand of a 64-bit x86 instruction: just enough to find its address. */
#ifndef CXLVM_OPERAND_H
#define CXLVM_OPERAND_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#define OPERAND_NONE 0xff
#define OPERAND_RIP 0xfe

struct operand {
	char name[12];		/* the XSAVE family and cmpxchg by name, else "other" */
	bool is_memory;		/* false: only registers */
	uint8_t length;		/* of the whole instruction */
	uint8_t base;		/* register 0-15, OPERAND_RIP or OPERAND_NONE */
	uint8_t index;		/* register 0-15 or OPERAND_NONE */
	uint8_t shift;		/* of the index */
	uint8_t segment;	/* prefix byte: 0x64 (FS), 0x65 (GS) or 0 */
	int64_t displacement;
};

/* False for what it doesn't know: no ModRM byte, EVEX, too few bytes. */
bool operand_decode(const uint8_t *insn, uint32_t length, struct operand *operand);

/* Linear address, with regs->rip at the instruction. */
uint64_t operand_address(const struct operand *operand, const struct kvm_regs *regs,
			 uint64_t fs_base, uint64_t gs_base);

#endif
