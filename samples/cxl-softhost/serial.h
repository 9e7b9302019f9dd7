/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A 16550A at 0x3f8: the guest's ttyS0. */
#ifndef CXLVM_SERIAL_H
#define CXLVM_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "console.h"
#include "vm.h"

#define SERIAL_FIFO 16

struct serial {
	struct vm *vm;
	struct console *console;
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	bool thr_interrupt;	/* "transmitter empty" hasn't been noticed yet */
	bool line;		/* level of the interrupt line */
	uint8_t rx[SERIAL_FIFO];
	uint32_t rx_count;
};

/* Registers it with the VM's ports. */
bool serial_init(struct serial *serial, struct vm *vm, struct console *console);

/* Bytes that it can take now, and giving them. The caller holds the device lock. */
size_t serial_room(const struct serial *serial);
void serial_input(struct serial *serial, const uint8_t *bytes, size_t count);

#endif
