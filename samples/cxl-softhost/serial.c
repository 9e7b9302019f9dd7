// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <string.h>

#include "layout.h"
#include "serial.h"

enum {
	REG_DATA = 0,	/* DLL with DLAB */
	REG_IER = 1,	/* DLM with DLAB */
	REG_IIR = 2,	/* FCR when written */
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
	REG_MSR = 6,
	REG_SCR = 7,
};

#define IER_RX		0x01
#define IER_THR		0x02
#define IIR_NONE	0x01
#define IIR_THR		0x02
#define IIR_RX		0x04
#define IIR_FIFO	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define LCR_DLAB	0x80
#define MCR_LOOP	0x10
#define LSR_READY	0x01
#define LSR_EMPTY	0x60	/* THRE, TEMT: what is written is gone at once */
#define MSR_THERE	0xb0	/* DCD, DSR, CTS */

static void update_line(struct serial *serial)
{
	bool level = ((serial->ier & IER_THR) && serial->thr_interrupt) ||
		     ((serial->ier & IER_RX) && serial->rx_count);

	if (level == serial->line)
		return;
	serial->line = level;
	vm_set_irq(serial->vm, IRQ_SERIAL, level);
}

static uint8_t read_data(struct serial *serial)
{
	uint8_t byte;

	if (!serial->rx_count)
		return 0;
	byte = serial->rx[0];
	memmove(serial->rx, serial->rx + 1, --serial->rx_count);
	return byte;
}

static uint8_t read_iir(struct serial *serial)
{
	uint8_t fifo = serial->fcr & FCR_ENABLE ? IIR_FIFO : 0;

	if ((serial->ier & IER_RX) && serial->rx_count)
		return IIR_RX | fifo;
	if ((serial->ier & IER_THR) && serial->thr_interrupt) {
		serial->thr_interrupt = false;
		return IIR_THR | fifo;
	}
	return IIR_NONE | fifo;
}

static uint8_t read_msr(const struct serial *serial)
{
	if (!(serial->mcr & MCR_LOOP))
		return MSR_THERE;
	/* Loop-back: DTR, RTS, OUT1, OUT2 come back as DSR, CTS, RI, DCD. */
	return (serial->mcr & 0x01) << 5 | (serial->mcr & 0x02) << 3 |
	       (serial->mcr & 0x0c) << 4;
}

static uint8_t read_reg(struct serial *serial, uint64_t reg)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		return dlab ? serial->dll : read_data(serial);
	case REG_IER:
		return dlab ? serial->dlm : serial->ier;
	case REG_IIR:
		return read_iir(serial);
	case REG_LCR:
		return serial->lcr;
	case REG_MCR:
		return serial->mcr;
	case REG_LSR:
		return LSR_EMPTY | (serial->rx_count ? LSR_READY : 0);
	case REG_MSR:
		return read_msr(serial);
	default:
		return serial->scr;
	}
}

static void write_data(struct serial *serial, uint8_t value)
{
	if (serial->mcr & MCR_LOOP) {
		serial_input(serial, &value, 1);
		return;
	}
	console_put(serial->console, value);
	/* Full and empty again: a new edge. */
	serial->thr_interrupt = false;
	update_line(serial);
	serial->thr_interrupt = true;
}

static void write_reg(struct serial *serial, uint64_t reg, uint8_t value)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		if (dlab)
			serial->dll = value;
		else
			write_data(serial, value);
		break;
	case REG_IER:
		if (dlab) {
			serial->dlm = value;
			break;
		}
		if (value & ~serial->ier & IER_THR)
			serial->thr_interrupt = true;
		serial->ier = value & 0x0f;
		break;
	case REG_IIR:
		serial->fcr = value;
		if (value & FCR_CLEAR_RX)
			serial->rx_count = 0;
		break;
	case REG_LCR:
		serial->lcr = value;
		break;
	case REG_MCR:
		serial->mcr = value & 0x1f;
		break;
	case REG_SCR:
		serial->scr = value;
		break;
	}
}

static void serial_access(void *opaque, struct bus_access *access)
{
	struct serial *serial = opaque;

	if (access->length != 1) {
		if (!access->write)
			bus_set_value(access, ~0ULL);
		return;
	}
	if (access->write)
		write_reg(serial, access->offset, *access->data);
	else
		*access->data = read_reg(serial, access->offset);
	update_line(serial);
}

bool serial_init(struct serial *serial, struct vm *vm, struct console *console)
{
	memset(serial, 0, sizeof(*serial));
	serial->vm = vm;
	serial->console = console;
	return bus_add(&vm->ports, PORT_SERIAL, 8, serial_access, serial);
}

size_t serial_room(const struct serial *serial)
{
	return SERIAL_FIFO - serial->rx_count;
}

void serial_input(struct serial *serial, const uint8_t *bytes, size_t count)
{
	if (count > serial_room(serial))
		count = serial_room(serial);
	memcpy(serial->rx + serial->rx_count, bytes, count);
	serial->rx_count += count;
	update_line(serial);
}
