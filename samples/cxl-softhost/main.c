// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * cxlvm: a small VMM that gives a stock Linux guest CXL memory by way of
 * /dev/cxl-softhost. "cxlvm --help" explains the command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acpi.h"
#include "boot.h"
#include "cpuid.h"
#include "cxl.h"
#include "layout.h"
#include "log.h"
#include "loop.h"
#include "platform.h"
#include "report.h"
#include "sandbox.h"
#include "serial.h"
#include "vcpu.h"
#include "virtio-blk.h"
#include "vm.h"

/* A mark that begins so plugs in what is named behind it. */
#define PLUG_MARK "plug-"

/* There is one VM a process, and it lives as long as the process. */
static struct vm vm;
static struct cxl cxl;
static struct console console;
static struct serial serial;
static struct platform platform;
static struct cpuid cpuid;
static struct virtio_blk disk;
static struct vcpu vcpus[OPTIONS_CPUS];

/* With the device lock held, so that register accesses don't come in between. */
static void report_phase(void *opaque, const char *name)
{
	(void)opaque;
	report_line("record=phase phase=%s seconds=%.3f", name, report_seconds());
	if (vm.cxl)
		cxl_report(vm.cxl, name);
	if (vm.disk)
		virtio_blk_report(vm.disk, name);
	report_line("record=phase-end phase=%s", name);
}

static void do_mark(void *opaque, const char *name)
{
	if (vm.cxl && !strncmp(name, PLUG_MARK, strlen(PLUG_MARK)))
		cxl_plug(vm.cxl, name + strlen(PLUG_MARK));
	report_phase(opaque, name);
}

/* A vCPU's thread may neither set anything up nor ask how things are. */
static void take_mark(void *opaque, const char *name)
{
	loop_call(do_mark, opaque, name);
}

/*
 * Without the hypervisor bit a guest looks for no paravirtual clock. It is told
 * the frequency of the TSC, as measuring it takes long and goes wrong where
 * time is emulated, and that it can be relied on.
 */
static void clock_words(char *to, size_t size, bool hide_hypervisor)
{
	to[0] = '\0';
	if (!hide_hypervisor)
		return;
	snprintf(to, size, " tsc=reliable no_timer_check");
	if (vm.tsc_khz)
		snprintf(to + strlen(to), size - strlen(to), " tsc_early_khz=%llu",
			 (unsigned long long)vm.tsc_khz);
	log_verbose("hypervisor bit hidden, so the guest gets%s", to);
}

static void set_disk_irq(void *opaque, bool level)
{
	vm_set_irq(opaque, IRQ_DISK, level);
}

static bool create_disk(const char *file)
{
	if (!virtio_blk_init(&disk, &vm.memory, file))
		return false;
	disk.mmio.set_irq = set_disk_irq;
	disk.mmio.irq_opaque = &vm;
	vm.disk = &disk;
	return bus_add(&vm.mmio, LAYOUT_DISK, VIRTIO_MMIO_SIZE, virtio_mmio_access, &disk.mmio);
}

static bool create_vcpus(const struct options *options)
{
	if (!cpuid_init(&cpuid, vm.kvm_fd, options))
		return false;
	for (uint32_t i = 0; i < options->cpus; i++)
		if (!vcpu_create(&vcpus[i], &vm, i, &cpuid))
			return false;
	return true;
}

static bool start(const struct options *options)
{
	char words[128];
	uint64_t entry;

	if (!vm_create(&vm, options) ||
	    !console_init(&console, options->console, take_mark, NULL) ||
	    !serial_init(&serial, &vm, &console) || !platform_init(&platform, &vm) ||
	    !create_vcpus(options))
		return false;
	vm.serial = &serial;
	if (options->bridge_count) {
		if (!cxl_create(&cxl, &vm, options))
			return false;
		vm.cxl = &cxl;
	}
	if (options->disk && !create_disk(options->disk))
		return false;
	clock_words(words, sizeof(words), options->hide_hypervisor);
	if (!boot_load(&vm.ram, options, words, &entry) || !acpi_build(&vm) ||
	    !vcpu_set_entry(&vcpus[0], entry) || !loop_init(options->interactive) ||
	    (vm.disk && !virtio_blk_start(vm.disk)))
		return false;
	report_phase(NULL, "start");
	for (uint32_t i = 0; i < options->cpus; i++)
		if (!vcpu_start(&vcpus[i]))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct options options;
	char error[160];

	if (!options_parse(&options, argc, argv, error, sizeof(error))) {
		log_error("%s (cxlvm --help explains)", error);
		return VM_END_USAGE;
	}
	if (options.help) {
		options_help();
		return 0;
	}
	log_is_verbose = options.verbose;
	sandbox_prepare();
	if (!report_open(options.report) || !start(&options)) {
		loop_restore();
		return VM_END_SETUP;
	}

	loop_run(&vm, options.timeout, report_phase);

	/* Threads of vCPUs that still run end with the process. */
	if (!loop_lock_devices(&vm, 1000))
		log_error("a device is busy: the report may be inconsistent");
	console_flush(&console);
	report_phase(NULL, "exit");
	report_line("record=exit status=%d seconds=%.3f text=\"%s\"", vm.end,
		    report_seconds(), vm_end_text(vm.end));
	loop_restore();
	if (vm.end || options.verbose)
		log_error("%s, after %.1f s", vm_end_text(vm.end), report_seconds());
	fflush(NULL);
	_exit(vm.end);
}
