/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What KVM_EXIT_INTERNAL_ERROR says, made readable. */
#ifndef CXLVM_INTERNAL_ERROR_H
#define CXLVM_INTERNAL_ERROR_H

#include "vcpu.h"

/*
 * On standard error and in the report, one line of key=value words:
 *	internal_error=1 suberror= vcpu= rip= insn= gva= gpa= gpa_from= window=
 * and for people an explanation. "none" is what isn't known.
 */
void internal_error_report(struct vcpu *vcpu);

#endif
