// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "layout.h"
#include "log.h"

#define HEADER_OFFSET	0x1f1
#define HEADER_MAGIC	0x53726448	/* "HdrS" */
#define SECTOR		512
#define E820_RAM	1
#define E820_RESERVED	2
#define E820_ACPI	3

static bool read_all(int fd, const char *file, off_t offset, void *to, size_t length)
{
	uint8_t *at = to;

	while (length) {
		ssize_t done = pread(fd, at, length, offset);

		if (done <= 0) {
			log_error("can't read %s: %s", file,
				  done ? strerror(errno) : "it is too short");
			return false;
		}
		at += done;
		offset += done;
		length -= done;
	}
	return true;
}

static int open_file(const char *file, uint64_t *size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		log_error("can't open %s: %s", file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*size = st.st_size;
	return fd;
}

static bool check_header(const struct setup_header *header, const char *file)
{
	if (header->boot_flag != 0xaa55 || header->header != HEADER_MAGIC) {
		log_error("%s is not a bzImage", file);
		return false;
	}
	if (header->version < 0x020c || !(header->xloadflags & XLF_KERNEL_64)) {
		log_error("%s has no 64-bit entry point", file);
		return false;
	}
	return true;
}

static bool load_kernel(const struct guest_ram *ram, const char *file,
			struct boot_params *params, uint64_t *entry)
{
	struct setup_header *header = &params->hdr;
	uint8_t start[1024];
	uint64_t size, skip;
	bool ok = false;
	size_t length;
	void *to;
	int fd;

	fd = open_file(file, &size);
	if (fd < 0)
		return false;
	if (!read_all(fd, file, 0, start, sizeof(start)))
		goto out;
	/* The header ends where the jump at 0x200 goes. */
	length = start[0x201] + 0x202 - HEADER_OFFSET;
	if (length > sizeof(*header))
		length = sizeof(*header);
	memcpy(header, start + HEADER_OFFSET, length);
	if (!check_header(header, file))
		goto out;

	skip = ((header->setup_sects ? header->setup_sects : 4) + 1) * SECTOR;
	if (size <= skip) {
		log_error("%s is too short", file);
		goto out;
	}
	/* It unpacks in place and wants room for that. */
	if (!guest_ram_at(ram, LAYOUT_KERNEL, header->init_size)) {
		log_error("%s needs more RAM", file);
		goto out;
	}
	to = guest_ram_at(ram, LAYOUT_KERNEL, size - skip);
	if (!to) {
		log_error("%s does not fit into RAM", file);
		goto out;
	}
	ok = read_all(fd, file, skip, to, size - skip);
	*entry = LAYOUT_KERNEL + 0x200;
out:
	close(fd);
	return ok;
}

/* At the end of low RAM, as boot loaders do. */
static bool load_initrd(const struct guest_ram *ram, const char *file,
			struct boot_params *params)
{
	uint64_t size, addr, top = ram->low;
	bool ok = false;
	int fd;

	if (!file)
		return true;
	fd = open_file(file, &size);
	if (fd < 0)
		return false;
	if (top > (uint64_t)params->hdr.initrd_addr_max + 1)
		top = (uint64_t)params->hdr.initrd_addr_max + 1;
	addr = size < top ? (top - size) & ~0xfffULL : 0;
	if (addr < LAYOUT_KERNEL + params->hdr.init_size)
		log_error("%s does not fit into RAM", file);
	else
		ok = read_all(fd, file, 0, guest_ram_at(ram, addr, size), size);
	params->hdr.ramdisk_image = addr;
	params->hdr.ramdisk_size = size;
	close(fd);
	return ok;
}

static void add_e820(struct boot_params *params, uint64_t addr, uint64_t size, uint32_t type)
{
	if (!size)
		return;
	params->e820_table[params->e820_entries++] = (struct boot_e820_entry){
		.addr = addr, .size = size, .type = type,
	};
}

/* CXL windows are not in it: they belong to the CXL driver alone. */
static void fill_e820(const struct guest_ram *ram, struct boot_params *params)
{
	add_e820(params, 0, LAYOUT_LOW_END, E820_RAM);
	add_e820(params, LAYOUT_ACPI, LAYOUT_ACPI_SIZE, E820_ACPI);
	add_e820(params, MIB, ram->low - MIB, E820_RAM);
	add_e820(params, LAYOUT_ECAM, LAYOUT_ECAM_SIZE, E820_RESERVED);
	add_e820(params, LAYOUT_IDENTITY_MAP, 4 * 4096, E820_RESERVED);
	add_e820(params, LAYOUT_RAM_HIGH, ram->high, E820_RAM);
}

static bool write_cmdline(const struct guest_ram *ram, const char *words,
			  const char *extra_words, struct boot_params *params)
{
	char *to = guest_ram_at(ram, LAYOUT_CMDLINE, LAYOUT_CMDLINE_SIZE);
	uint32_t max = params->hdr.cmdline_size;
	int length;

	if (max >= LAYOUT_CMDLINE_SIZE)
		max = LAYOUT_CMDLINE_SIZE - 1;
	length = snprintf(to, LAYOUT_CMDLINE_SIZE, "%s%s", words ? words : "", extra_words);
	if (length < 0 || (uint32_t)length > max) {
		log_error("the kernel's command line is longer than %u characters", max);
		return false;
	}
	params->hdr.cmd_line_ptr = LAYOUT_CMDLINE;
	log_verbose("kernel command line: %s", to);
	return true;
}

/* The first 4 GiB one to one in 2 MiB pages, and flat 64-bit segments. */
static void write_tables(const struct guest_ram *ram)
{
	uint64_t *pml4 = guest_ram_at(ram, LAYOUT_PAGE_TABLES, 6 * 4096);
	uint64_t *gdt = guest_ram_at(ram, LAYOUT_GDT, 4 * 8);
	uint64_t *pdpt = pml4 + 512;
	uint64_t *pd = pdpt + 512;

	memset(pml4, 0, 6 * 4096);
	pml4[0] = (LAYOUT_PAGE_TABLES + 0x1000) | 3;
	for (uint64_t i = 0; i < 4; i++)
		pdpt[i] = (LAYOUT_PAGE_TABLES + 0x2000 + i * 0x1000) | 3;
	for (uint64_t i = 0; i < 4 * 512; i++)
		pd[i] = (i << 21) | 0x83;

	gdt[0] = 0;
	gdt[1] = 0;
	gdt[2] = 0x00af9b000000ffffULL;	/* __BOOT_CS */
	gdt[3] = 0x00cf93000000ffffULL;	/* __BOOT_DS */
}

bool boot_load(const struct guest_ram *ram, const struct options *options,
	       const char *extra_words, uint64_t *entry)
{
	struct boot_params *params = guest_ram_at(ram, LAYOUT_ZERO_PAGE,
						  sizeof(*params));

	memset(params, 0, sizeof(*params));
	if (!load_kernel(ram, options->kernel, params, entry) ||
	    !load_initrd(ram, options->initrd, params) ||
	    !write_cmdline(ram, options->append, extra_words, params))
		return false;
	params->hdr.type_of_loader = 0xff;
	params->acpi_rsdp_addr = LAYOUT_ACPI;
	fill_e820(ram, params);
	write_tables(ram);
	return true;
}
