// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <string.h>
#include <time.h>

#include "layout.h"
#include "platform.h"

#define PM_TIMER_HZ		3579545ULL
#define PM_CONTROL_SCI		0x0001
#define PM_CONTROL_SLP_EN	0x2000
#define RESET_CPU		0x04
#define I8042_RESET		0xfe

/* PM1a event block: status and enable. No event ever happens. */
static void pm_event(void *opaque, struct bus_access *access)
{
	struct platform *platform = opaque;
	uint32_t regs = platform->pm_status | (uint32_t)platform->pm_enable << 16;

	if (access->offset + access->length > sizeof(regs))
		return;
	if (!access->write) {
		memcpy(access->data, (uint8_t *)&regs + access->offset, access->length);
		return;
	}
	memcpy((uint8_t *)&regs + access->offset, access->data, access->length);
	platform->pm_enable = regs >> 16;
}

static void pm_control(void *opaque, struct bus_access *access)
{
	struct platform *platform = opaque;

	if (access->offset || access->length != 2) {
		if (!access->write)
			bus_set_value(access, 0);
		return;
	}
	if (!access->write) {
		bus_set_value(access, platform->pm_control | PM_CONTROL_SCI);
		return;
	}
	platform->pm_control = bus_value(access) & ~PM_CONTROL_SLP_EN;
	if ((bus_value(access) & PM_CONTROL_SLP_EN) &&
	    (platform->pm_control >> 10 & 7) == PLATFORM_S5)
		vm_stop(platform->vm, VM_END_POWER_OFF);
}

static void pm_timer(void *opaque, struct bus_access *access)
{
	struct timespec now;

	(void)opaque;
	if (access->write)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	bus_set_value(access, now.tv_sec * PM_TIMER_HZ +
			      now.tv_nsec * PM_TIMER_HZ / 1000000000);
}

static void reset_control(void *opaque, struct bus_access *access)
{
	struct platform *platform = opaque;

	if (!access->write)
		bus_set_value(access, 0);
	else if (bus_value(access) & RESET_CPU)
		vm_stop(platform->vm, VM_END_RESET);
}

/* No keyboard, but the old way to reset a PC. */
static void i8042_command(void *opaque, struct bus_access *access)
{
	struct platform *platform = opaque;

	if (!access->write)
		bus_set_value(access, 0);
	else if (bus_value(access) == I8042_RESET)
		vm_stop(platform->vm, VM_END_RESET);
}

static uint8_t bcd(int value)
{
	return value / 10 << 4 | value % 10;
}

/* The clock is read once at boot. It can't be set and has no alarm. */
static uint8_t rtc_read(uint8_t index)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	switch (index) {
	case 0x00:
		return bcd(tm.tm_sec);
	case 0x02:
		return bcd(tm.tm_min);
	case 0x04:
		return bcd(tm.tm_hour);
	case 0x06:
		return bcd(tm.tm_wday + 1);
	case 0x07:
		return bcd(tm.tm_mday);
	case 0x08:
		return bcd(tm.tm_mon + 1);
	case 0x09:
		return bcd(tm.tm_year % 100);
	case 0x0a:
		return 0x26;	/* 32 kHz, no update under way */
	case 0x0b:
		return 0x02;	/* 24 hours, BCD */
	case 0x0d:
		return 0x80;	/* battery is good */
	}
	return 0;
}

static void rtc(void *opaque, struct bus_access *access)
{
	struct platform *platform = opaque;

	if (access->write) {
		if (!access->offset)
			platform->rtc_index = *access->data & 0x7f;
		return;
	}
	bus_set_value(access, access->offset ? rtc_read(platform->rtc_index) : 0xff);
}

bool platform_init(struct platform *platform, struct vm *vm)
{
	memset(platform, 0, sizeof(*platform));
	platform->vm = vm;
	return bus_add(&vm->ports, PORT_PM1A_EVENT, 4, pm_event, platform) &&
	       bus_add(&vm->ports, PORT_PM1A_CONTROL, 2, pm_control, platform) &&
	       bus_add(&vm->ports, PORT_PM_TIMER, 4, pm_timer, platform) &&
	       bus_add(&vm->ports, PORT_RESET, 1, reset_control, platform) &&
	       bus_add(&vm->ports, PORT_I8042_COMMAND, 1, i8042_command, platform) &&
	       bus_add(&vm->ports, PORT_RTC, 2, rtc, platform);
}
