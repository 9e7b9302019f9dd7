// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The command line: what good lines mean, and what bad lines are told. */
#include <string.h>

#include "layout.h"
#include "options.h"
#include "tap.h"

#define WORDS 32

static struct options options;
static char error[160];

/* Cuts @line at blanks. */
static bool parse(const char *line)
{
	static char copy[1024];
	char *argv[WORDS] = { (char *)"cxlvm" };
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc < WORDS; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(&options, argc, argv, error, sizeof(error));
}

/* Refused, with a sentence that says @what. */
static void refused(const char *line, const char *what)
{
	bool ok = !parse(line) && strstr(error, what) && !strchr(error, '\n');

	tap_ok(ok, line);
	if (!ok)
		printf("# wanted \"%s\", got \"%s\"\n", what, error);
}

#define BASE "--kernel k --bridge name=hb0 "

static void good(void)
{
	tap_ok(parse("--kernel k"), "a kernel is enough");
	tap_ok(options.cpus == 1 && options.mem == 512 * MIB && !options.timeout &&
	       !options.hide_hypervisor && !options.pre_commit && !options.no_map,
	       "defaults");
	tap_ok(parse("--help") && options.help, "help needs no kernel");

	tap_ok(parse("--kernel k --initrd i --cpus 2 --mem 3G --timeout 9 --pages huge "
		     "--report r --console c --hide-hypervisor --verbose --interactive"),
	       "options of the guest");
	tap_ok(!strcmp(options.initrd, "i") && options.cpus == 2 && options.mem == 3 * GIB &&
	       options.timeout == 9 && options.pages == PAGE_ADVICE_HUGE &&
	       !strcmp(options.report, "r") && !strcmp(options.console, "c") &&
	       options.hide_hypervisor && options.verbose && options.interactive,
	       "... and their values");

	tap_ok(parse("--kernel k --bridge name=a,ports=2,decoders=8 --bridge name=b,hdm=off "
		     "--window b,size=512M,base=0x800000000,volatile --window a,size=1G "
		     "--device a,port=1,volatile=512M,persistent=256M,decoders=2,id=x,file=f "
		     "--device b,persistent=256M"), "a topology");
	tap_ok(options.bridge_count == 2 && options.bridges[0].hdm &&
	       options.bridges[0].ports == 2 && options.bridges[0].decoders == 8 &&
	       !options.bridges[1].hdm && options.bridges[1].ports == 1, "... its bridges");
	tap_ok(options.window_count == 2 && options.windows[0].bridge == 1 &&
	       options.windows[0].base == 0x800000000 && options.windows[0].size == 512 * MIB &&
	       options.windows[0].takes_volatile && !options.windows[0].takes_persistent &&
	       options.windows[1].takes_volatile && options.windows[1].takes_persistent,
	       "... its windows");
	tap_ok(options.windows[1].base == 0x840000000, "a window without a base comes last");
	tap_ok(options.device_count == 2 && options.devices[0].port == 1 &&
	       options.devices[0].volatile_size == 512 * MIB &&
	       options.devices[0].persistent_size == 256 * MIB &&
	       options.devices[0].decoders == 2 && !strcmp(options.devices[0].name, "x") &&
	       !strcmp(options.devices[0].file, "f") && options.devices[1].bridge == 1 &&
	       !options.devices[1].volatile_size && !strcmp(options.devices[1].name, "mem1"),
	       "... its devices");

	tap_ok(parse(BASE "--window hb0,size=1G") && options.windows[0].base == 16 * GIB,
	       "the first window is at 16 GiB");
	tap_ok(parse("--kernel k --mem 20G --bridge name=hb0 --window hb0,size=1G") &&
	       options.windows[0].base == 22 * GIB, "... or after RAM");
	tap_ok(parse("--kernel k --cpuid-mask 1:ecx=4000000 --cpuid-mask d.1:eax=8") &&
	       options.mask_count == 2 && options.masks[0].leaf == 1 &&
	       options.masks[0].reg == 2 && options.masks[0].bits == 0x4000000 &&
	       options.masks[1].leaf == 0xd && options.masks[1].subleaf == 1 &&
	       options.masks[1].reg == 0 && options.masks[1].bits == 8, "CPUID masks");
}

static void bad(void)
{
	refused("", "--kernel is missing");
	refused("--kernel", "--kernel wants a value");
	refused("--colour red", "no option --colour");
	refused("--colour", "no option --colour");
	refused("--kernel k rubbish", "\"rubbish\" belongs to no option");
	refused("--kernel k --cpus 0", "1 to 16");
	refused("--kernel k --cpus two", "1 to 16");
	refused("--kernel k --mem 1", "128M at least");
	refused("--kernel k --mem 512MB", "128M at least");
	refused("--kernel k --mem 99999999999T", "128M at least");
	refused("--kernel k --mem -1G", "128M at least");
	refused("--kernel k --timeout soon", "number of seconds");
	refused("--kernel k --pages large", "hugetlb");
	refused("--kernel k --cpuid-mask 1", "LEAF[.SUBLEAF]");
	refused("--kernel k --cpuid-mask 1:rax=1", "eax, ebx");
	refused("--kernel k --cpuid-mask x:eax=1", "hexadecimal");
	refused("--kernel k --pre-commit", "without a --window");
	refused("--kernel k --no-map", "without a --window");
}

static void bad_topology(void)
{
	refused("--kernel k --bridge ports=1", "wants name=");
	refused("--kernel k --bridge name=averyveryverylongname", "1 to 15 letters");
	refused("--kernel k --bridge name=a,ports=0", "1 to 8");
	refused("--kernel k --bridge name=a,ports=9", "number up to 8");
	refused("--kernel k --bridge name=a,decoders=3", "decoders= is 1, 2, 4");
	refused("--kernel k --bridge name=a,hdm=maybe", "on or off");
	refused("--kernel k --bridge name=a,hdm=off,ports=2", "so ports=1");
	refused("--kernel k --bridge name=a,colour=red", "no \"colour\"");
	refused(BASE "--bridge name=hb0", "two called");
	refused(BASE, "needs a --window");

	refused("--kernel k --window hb0,size=1G", "no --bridge before it");
	refused(BASE "--window size=1G", "bridge's name comes first");
	refused(BASE "--window hb0", "wants size=");
	refused(BASE "--window hb0,size=100M", "multiple of 256M");
	refused(BASE "--window hb0,size=1G,base=0x10000000", "in RAM or below 4G");
	refused(BASE "--window hb0,size=1G,base=0xfffffffff0000000", "too large");
	refused(BASE "--window hb0,size=1G,base=20G --window hb0,size=1G,base=20G", "overlaps");
	refused(BASE "--window hb0,size=1G,volatile=yes", "no \"volatile\"");

	refused(BASE "--window hb0,size=1G --device hb0", "volatile= or persistent=");
	refused(BASE "--window hb0,size=1G --device hb1,volatile=256M", "no --bridge before");
	refused(BASE "--window hb0,size=1G --device hb0,port=1,volatile=256M", "ports 0 to 0");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=300M", "multiple of 256M");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,decoders=5",
		"decoders= is 1");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,file=", "no \"file\"");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M --device "
		"hb0,volatile=256M", "has a device already");
	refused("--kernel k --bridge name=a,ports=2 --window a,size=1G --device "
		"a,volatile=256M,id=x --device a,port=1,volatile=256M,id=x", "two called");
	refused("--kernel k --bridge name=a,hdm=off --window a,size=1G --pre-commit",
		"has hdm=off");
}

int main(void)
{
	good();
	bad();
	bad_topology();
	return tap_end();
}
