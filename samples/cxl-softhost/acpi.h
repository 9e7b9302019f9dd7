/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ACPI tables of the guest. */
#ifndef CXLVM_ACPI_H
#define CXLVM_ACPI_H

#include "vm.h"

/* Writes RSDP and tables into guest RAM at LAYOUT_ACPI. */
bool acpi_build(const struct vm *vm);

#endif
