# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced, never run.

# fpu_save_name HEX: the name of the instruction that these code bytes begin
# with if it saves FPU state to memory, else failure. Instructions that share
# their opcode with these (RDFSBASE, CLWB, LFENCE, ...) differ in a mandatory
# prefix or in having no memory operand.
fpu_save_name()
{
	code=$1
	wide=
	while :; do
		case $code in
		26*|2e*|36*|3e*|64*|65*|67*) code=${code#??} ;;
		*) break ;;
		esac
	done
	# REX comes right before the opcode; its W makes it the 64-bit form.
	case $code in
	4[0-7]*) code=${code#??} ;;
	4[89a-f]*) code=${code#??}; wide=64 ;;
	esac
	opcode=$(printf %.4s "$code")
	modrm=$(printf %.2s "${code#????}")
	case $modrm in
	[0-9a-f][0-9a-f]) modrm=$((0x$modrm)) ;;
	*) return 1 ;;
	esac
	[ "$((modrm >> 6))" -ne 3 ] || return 1
	case $opcode/$((modrm >> 3 & 7)) in
	0fae/0) echo "FXSAVE$wide" ;;
	0fae/4) echo "XSAVE$wide" ;;
	0fae/6) echo "XSAVEOPT$wide" ;;
	0fc7/4) echo "XSAVEC$wide" ;;
	0fc7/5) echo "XSAVES$wide" ;;
	*) return 1 ;;
	esac
}
