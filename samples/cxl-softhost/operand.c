// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "operand.h"

#define REX_W	0x08
#define REX_X	0x02
#define REX_B	0x01

/* Opcode maps: one byte, 0f, 0f 38, 0f 3a */
enum { MAP_BYTE, MAP_0F, MAP_0F38, MAP_0F3A };

struct decoder {
	const uint8_t *at, *end;
	bool short_operands;	/* prefix 66 */
	uint8_t rex;
	uint8_t segment;
	uint8_t map;
	uint8_t opcode;
	uint8_t modrm;
};

static bool fetch(struct decoder *d, uint8_t *byte)
{
	if (d->at == d->end)
		return false;
	*byte = *d->at++;
	return true;
}

/* Legacy prefixes and REX; @byte is what follows them. */
static bool prefixes(struct decoder *d, uint8_t *byte)
{
	while (fetch(d, byte)) {
		switch (*byte) {
		case 0x66:
			d->short_operands = true;
			break;
		case 0x64:
		case 0x65:
			d->segment = *byte;
			break;
		case 0x26: case 0x2e: case 0x36: case 0x3e:
		case 0xf0: case 0xf2: case 0xf3:
			break;
		case 0x40 ... 0x4f:
			d->rex = *byte;
			return fetch(d, byte);
		default:
			return *byte != 0x67;	/* 32-bit addresses: not here */
		}
	}
	return false;
}

/* C5 has two bytes, C4 three; their bits are stored inverted. */
static bool vex(struct decoder *d, uint8_t first)
{
	uint8_t byte, last;

	if (!fetch(d, &byte))
		return false;
	d->map = MAP_0F;
	if (first == 0xc4) {
		d->rex = (~byte >> 5) & (REX_X | REX_B);
		d->map = byte & 0x1f;
		if (d->map < MAP_0F || d->map > MAP_0F3A || !fetch(d, &last))
			return false;
		d->rex |= last & 0x80 ? REX_W : 0;
	}
	return fetch(d, &d->opcode);
}

static bool opcode(struct decoder *d, uint8_t first)
{
	if (first == 0xc4 || first == 0xc5)
		return vex(d, first);
	d->opcode = first;
	if (first != 0x0f)
		return true;
	d->map = MAP_0F;
	if (!fetch(d, &d->opcode))
		return false;
	if (d->opcode != 0x38 && d->opcode != 0x3a)
		return true;
	d->map = d->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
	return fetch(d, &d->opcode);
}

static bool has_modrm(const struct decoder *d)
{
	if (d->map == MAP_0F)
		return d->opcode >= 0x0d && (d->opcode & 0xf0) != 0x30 &&
		       (d->opcode & 0xf0) != 0x80 && d->opcode != 0x77 &&
		       (d->opcode < 0xc8 || d->opcode > 0xcf) &&
		       d->opcode != 0xa0 && d->opcode != 0xa1 && d->opcode != 0xa2 &&
		       d->opcode != 0xa8 && d->opcode != 0xa9 && d->opcode != 0xaa;
	if (d->map != MAP_BYTE)
		return true;
	switch (d->opcode) {
	case 0x00 ... 0x3f:
		return (d->opcode & 7) < 4;
	case 0x63: case 0x69: case 0x6b:
	case 0x80 ... 0x8f:
	case 0xc0: case 0xc1: case 0xc6: case 0xc7:
	case 0xd0 ... 0xd3:
	case 0xd8 ... 0xdf:
	case 0xf6: case 0xf7: case 0xfe: case 0xff:
		return true;
	}
	return false;
}

/* Bytes after the operand, which RIP-relative addresses count from the end of. */
static uint32_t immediate(const struct decoder *d)
{
	uint32_t full = d->short_operands ? 2 : 4;

	if (d->map == MAP_0F3A)
		return 1;
	if (d->map == MAP_0F38)
		return 0;
	if (d->map == MAP_0F)
		return (d->opcode >= 0x70 && d->opcode <= 0x73) || d->opcode == 0xa4 ||
		       d->opcode == 0xac || d->opcode == 0xba || d->opcode == 0xc2 ||
		       (d->opcode >= 0xc4 && d->opcode <= 0xc6);
	switch (d->opcode) {
	case 0x6b: case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6:
		return 1;
	case 0x69: case 0x81: case 0xc7:
		return full;
	case 0xf6:
		return d->modrm & 0x30 ? 0 : 1;
	case 0xf7:
		return d->modrm & 0x30 ? 0 : full;
	}
	return 0;
}

static bool displacement(struct decoder *d, uint32_t size, int64_t *out)
{
	int8_t small;
	int32_t large;

	if ((uint32_t)(d->end - d->at) < size)
		return false;
	if (size == 1) {
		memcpy(&small, d->at, 1);
		*out = small;
	} else if (size == 4) {
		memcpy(&large, d->at, 4);
		*out = large;
	}
	d->at += size;
	return true;
}

static bool memory(struct decoder *d, struct operand *operand)
{
	uint8_t mod = d->modrm >> 6, rm = d->modrm & 7, sib;
	uint32_t size = mod == 1 ? 1 : mod == 2 ? 4 : 0;

	operand->base = rm | (d->rex & REX_B ? 8 : 0);
	if (rm == 4) {
		if (!fetch(d, &sib))
			return false;
		operand->base = (sib & 7) | (d->rex & REX_B ? 8 : 0);
		operand->index = (sib >> 3 & 7) | (d->rex & REX_X ? 8 : 0);
		operand->shift = sib >> 6;
		if (operand->index == 4)
			operand->index = OPERAND_NONE;
		if (mod == 0 && (sib & 7) == 5) {
			operand->base = OPERAND_NONE;
			size = 4;
		}
	} else if (rm == 5 && mod == 0) {
		operand->base = OPERAND_RIP;
		size = 4;
	}
	return displacement(d, size, &operand->displacement);
}

static void name(const struct decoder *d, struct operand *operand)
{
	static const char *const group15[8] = {
		"fxsave", "fxrstor", NULL, NULL, "xsave", "xrstor", "xsaveopt", NULL
	};
	static const char *const group9[8] = {
		NULL, "cmpxchg8b", NULL, "xrstors", "xsavec", "xsaves", NULL, NULL
	};
	uint8_t reg = d->modrm >> 3 & 7;
	const char *found = NULL;

	if (operand->is_memory && d->map == MAP_0F && d->opcode == 0xae)
		found = group15[reg];
	if (operand->is_memory && d->map == MAP_0F && d->opcode == 0xc7)
		found = group9[reg];
	if (!found)
		strcpy(operand->name, "other");
	else if (d->rex & REX_W && d->opcode == 0xc7 && reg == 1)
		strcpy(operand->name, "cmpxchg16b");
	else
		snprintf(operand->name, sizeof(operand->name), "%s%s", found,
			 d->rex & REX_W ? "64" : "");
}

bool operand_decode(const uint8_t *insn, uint32_t length, struct operand *operand)
{
	/* Where there are no bytes there may be no address either. */
	struct decoder d = { .at = insn, .end = length ? insn + length : insn };
	uint8_t byte;

	memset(operand, 0, sizeof(*operand));
	operand->base = OPERAND_NONE;
	operand->index = OPERAND_NONE;
	if (!prefixes(&d, &byte) || !opcode(&d, byte) || !has_modrm(&d) ||
	    !fetch(&d, &d.modrm))
		return false;
	operand->is_memory = d.modrm >> 6 != 3;
	operand->segment = d.segment;
	if (operand->is_memory && !memory(&d, operand))
		return false;
	operand->length = d.at - insn + immediate(&d);
	name(&d, operand);
	return true;
}

static uint64_t reg_value(const struct kvm_regs *regs, uint8_t reg)
{
	const uint64_t values[16] = {
		regs->rax, regs->rcx, regs->rdx, regs->rbx,
		regs->rsp, regs->rbp, regs->rsi, regs->rdi,
		regs->r8, regs->r9, regs->r10, regs->r11,
		regs->r12, regs->r13, regs->r14, regs->r15,
	};

	return values[reg];
}

uint64_t operand_address(const struct operand *operand, const struct kvm_regs *regs,
			 uint64_t fs_base, uint64_t gs_base)
{
	uint64_t address = operand->displacement;

	if (operand->base == OPERAND_RIP)
		address += regs->rip + operand->length;
	else if (operand->base != OPERAND_NONE)
		address += reg_value(regs, operand->base);
	if (operand->index != OPERAND_NONE)
		address += reg_value(regs, operand->index) << operand->shift;
	if (operand->segment == 0x64)
		address += fs_base;
	else if (operand->segment == 0x65)
		address += gs_base;
	return address;
}
