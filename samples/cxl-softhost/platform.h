/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The few legacy devices a PC can't do without: power, reset, clock. */
#ifndef CXLVM_PLATFORM_H
#define CXLVM_PLATFORM_H

#include "vm.h"

/* SLP_TYP of ACPI S5, as the DSDT says it. */
#define PLATFORM_S5 5

struct platform {
	struct vm *vm;
	uint16_t pm_status, pm_enable, pm_control;
	uint8_t rtc_index;
};

bool platform_init(struct platform *platform, struct vm *vm);

#endif
