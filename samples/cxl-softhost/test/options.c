// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The command line: what good lines mean, and what bad lines are told. */
#include <string.h>

#include "layout.h"
#include "options.h"
#include "tap.h"

#define WORDS 64

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
		     "--report r --console c --disk d --hide-hypervisor --verbose --interactive"),
	       "options of the guest");
	tap_ok(!strcmp(options.initrd, "i") && options.cpus == 2 && options.mem == 3 * GIB &&
	       options.timeout == 9 && options.pages == PAGE_ADVICE_HUGE &&
	       !strcmp(options.report, "r") && !strcmp(options.console, "c") &&
	       !strcmp(options.disk, "d") &&
	       options.hide_hypervisor && options.verbose && options.interactive,
	       "... and their values");

	tap_ok(parse("--kernel k --bridge name=a,ports=2,decoders=8 --bridge name=b,hdm=off "
		     "--window b,size=512M,base=0x800000000,volatile --window a,size=1G "
		     "--device a,port=1,volatile=512M,persistent=256M,decoders=2,id=x,file=f,"
		     "labels=l --device b,persistent=256M"), "a topology");
	tap_ok(options.bridge_count == 2 && options.branch_count == 2 &&
	       options.branches[0].parent == OPTIONS_NONE && options.branches[0].hdm &&
	       options.branches[0].ports == 2 && options.branches[0].decoders == 8 &&
	       !options.branches[1].hdm && options.branches[1].ports == 1, "... its bridges");
	tap_ok(options.window_count == 2 && options.windows[0].ways == 1 &&
	       options.windows[0].targets[0] == 1 && options.windows[0].granularity == 256 &&
	       !options.windows[0].xor_arithmetic && !options.windows[0].interleave &&
	       options.windows[0].base == 0x800000000 && options.windows[0].size == 512 * MIB &&
	       options.windows[0].takes_volatile && !options.windows[0].takes_persistent &&
	       options.windows[1].takes_volatile && options.windows[1].takes_persistent,
	       "... its windows");
	tap_ok(options.windows[1].base == 0x840000000, "a window without a base comes last");
	tap_ok(options.device_count == 2 && options.devices[0].port == 1 &&
	       options.devices[0].volatile_size == 512 * MIB &&
	       options.devices[0].persistent_size == 256 * MIB &&
	       options.devices[0].decoders == 2 && !strcmp(options.devices[0].name, "x") &&
	       !strcmp(options.devices[0].file, "f") &&
	       !strcmp(options.devices[0].labels, "l") && options.devices[1].parent == 1 &&
	       !options.devices[1].file && !options.devices[1].labels &&
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

static void changes(void)
{
	tap_ok(parse(BASE "--window hb0,size=1G") && options.phases == 1 && !options.advisory &&
	       !options.device_process, "one phase, slots by the module, one process");
	tap_ok(parse(BASE "--window hb0,size=1G --disk d") && options.phases == 2,
	       "with a disk two phases");
	tap_ok(parse(BASE "--window hb0,size=1G --disk d --phases 1") && options.phases == 1,
	       "... unless told otherwise");
	tap_ok(parse("--kernel k --disk d") && options.phases == 1, "... or there is no window");
	tap_ok(parse(BASE "--window hb0,size=1G --engine advisory --device-process") &&
	       options.phases == 2 && options.advisory && options.device_process,
	       "slots by cxlvm, in two phases, and another process");
	tap_ok(parse(BASE "--window hb0,size=1G --engine kvm --phases 2") &&
	       options.phases == 2 && !options.advisory, "two phases, slots by the module");
	refused(BASE "--window hb0,size=1G --engine advisory --phases 1",
		"--engine advisory needs two phases");
	refused(BASE "--window hb0,size=1G --engine advisory --no-map",
		"--no-map has no engine, --engine advisory is one");
	refused(BASE "--window hb0,size=1G --phases 3", "--phases wants 1 or 2");
	refused(BASE "--window hb0,size=1G --engine none", "--engine wants kvm or advisory");
	refused("--kernel k --device-process",
		"--device-process makes no sense without a --window");
}

static void good_tree(void)
{
	tap_ok(parse("--kernel k --bridge name=hb0,ports=2 --switch hb0,name=s0,port=1,ports=4,"
		     "decoders=8 --bridge name=hb1 --switch s0,name=s1,port=3,hdm=off "
		     "--bridge name=hb2 --window hb0,size=512M,interleave "
		     "--window hb2+hb0+hb1,size=768M,granularity=4K,xor,persistent "
		     "--device s0,port=2,volatile=256M --device s1,persistent=256M"),
	       "switches and a window of three ways");
	tap_ok(options.branch_count == 5 && options.bridge_count == 3 &&
	       options.branches[1].parent == 0 && options.branches[1].port == 1 &&
	       options.branches[1].ports == 4 && options.branches[1].decoders == 8 &&
	       options.branches[1].hdm && options.branches[3].parent == 1 &&
	       options.branches[3].port == 3 && !options.branches[3].hdm, "... its switches");
	tap_ok(options.windows[0].ways == 1 && options.windows[0].interleave &&
	       options.windows[1].ways == 3 && options.windows[1].targets[0] == 4 &&
	       options.windows[1].targets[1] == 0 && options.windows[1].targets[2] == 2 &&
	       options.windows[1].granularity == 4096 && options.windows[1].xor_arithmetic &&
	       !options.windows[1].takes_volatile, "... its windows");
	tap_ok(options.devices[0].parent == 1 && options.devices[0].port == 2 &&
	       options.devices[1].parent == 3, "... its devices");
	tap_ok(parse("--kernel k --bridge name=a,decoders=28 --window a,size=1G --switch a,name=b "
		     "--switch b,name=c --switch c,name=d --switch d,name=e --switch e,name=f "
		     "--switch f,name=g --device g,volatile=256M"),
	       "six switches one below the other");
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

	refused("--kernel k --window hb0,size=1G", "no --bridge or --switch before it");
	refused(BASE "--window size=1G", "bridge's name comes first");
	refused(BASE "--window hb0", "wants size=");
	refused(BASE "--window hb0,size=100M", "multiple of 256M");
	refused(BASE "--window hb0,size=1G,base=0x10000000", "in RAM or below 4G");
	refused(BASE "--window hb0,size=1G,base=0xfffffffff0000000", "too large");
	refused(BASE "--window hb0,size=1G,base=20G --window hb0,size=1G,base=20G", "overlaps");
	refused(BASE "--window hb0,size=1G,volatile=yes", "no \"volatile\"");

	refused(BASE "--window hb0,size=1G --device hb0", "volatile= or persistent=");
	refused(BASE "--window hb0,size=1G --device hb1,volatile=256M", "no --bridge or --switch");
	refused(BASE "--window hb0,size=1G --device hb0,port=1,volatile=256M", "ports 0 to 0");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=300M", "multiple of 256M");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,decoders=5",
		"decoders= is 1");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,file=", "no \"file\"");
	tap_ok(parse(BASE "--window hb0,size=1G --switch hb0,name=sw,later "
		     "--device sw,volatile=256M,later") && options.branches[1].later &&
	       options.devices[0].later && !options.branches[0].later, "a switch that comes later");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,later --pre-commit",
		"not with --pre-commit");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,later --device-process",
		"not with --device-process");
	refused("--kernel k --bridge name=hb0,later", "no \"later\"");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,later=1",
		"no \"later\"");
	refused(BASE "--window hb0,size=1G --device hb0,persistent=256M,labels=",
		"no \"labels\"");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M,labels=l",
		"labels= is for persistent=");
	refused(BASE "--window hb0,size=1G --device hb0,volatile=256M --device "
		"hb0,volatile=256M", "port 0 of hb0 is taken already");
	refused("--kernel k --bridge name=a,ports=2 --window a,size=1G --device "
		"a,volatile=256M,id=x --device a,port=1,volatile=256M,id=x", "two called");
	refused("--kernel k --bridge name=a,hdm=off --window a,size=1G --pre-commit",
		"has hdm=off");
}

#define TREE "--kernel k --bridge name=a,ports=2 --bridge name=b --window a,size=1G "

static void bad_tree(void)
{
	refused(TREE "--switch name=s", "plugged into comes first");
	refused(TREE "--switch c,name=s", "no --bridge or --switch before it is called \"c\"");
	refused(TREE "--switch a", "--switch wants name=");
	refused(TREE "--switch a,name=b", "there are two called \"b\"");
	refused(TREE "--switch a,name=s+t", "a + in the name");
	refused(TREE "--switch a,name=s,port=2", "a has ports 0 to 1");
	refused(TREE "--switch a,name=s,ports=9", "number up to 8");
	refused(TREE "--switch a,name=s,ports=0", "1 to 8");
	refused(TREE "--switch a,name=s,hdm=off,ports=2", "so ports=1");
	refused(TREE "--switch a,name=s,decoders=18", "decoders= is 1");
	refused(TREE "--switch a,name=s,colour=red", "no \"colour\"");
	refused(TREE "--switch a,name=s --switch a,name=t", "port 0 of a is taken already");
	refused(TREE "--device a,volatile=256M --switch a,name=s", "is taken already");
	refused(TREE "--switch a,name=s --device a,volatile=256M", "is taken already");
	refused(TREE "--switch a,name=s --device s,port=1,volatile=256M", "s has ports 0 to 0");
	refused("--kernel k --bridge name=a --window a,size=1G --switch a,name=b "
		"--switch b,name=c --switch c,name=d --switch d,name=e --switch e,name=f "
		"--switch f,name=g --switch g,name=h", "at most 8 components");
	refused("--kernel k --bridge name=a,ports=8 --window a,size=1G "
		"--switch a,name=s,port=0,ports=8 --switch a,name=t,port=1,ports=8 "
		"--switch a,name=u,port=2,ports=8", "below bridge a: 32 PCI buses");
	refused(TREE "--switch a,name=s --window s,size=1G", "s is a switch, not a bridge");
	refused(TREE "--window a+a,size=1G", "a bridge twice");
	refused(TREE "--window a+,size=1G", "called \"\"");
	refused(TREE "--window a+b,size=768M", "steps of 512M for 2 ways");
	refused(TREE "--window a+b,size=1G,granularity=100", "granularity= is 256");
	refused(TREE "--window a+b,size=1G,granularity=32K", "granularity= is 256");
	refused(TREE "--window a+b,size=1G,granularity=big", "a size such as 4K");
	refused("--kernel k --bridge name=a --bridge name=b --bridge name=c --bridge name=d "
		"--bridge name=e --window a+b+c+d+e,size=1280M", "12 or 16 bridges, not 5");
	refused(TREE "--switch a,name=s --pre-commit", "knows no switches: s");
	refused(TREE "--window a+b,size=512M --pre-commit", "windows with one bridge, not 2");
}

int main(void)
{
	good();
	good_tree();
	changes();
	bad();
	bad_tree();
	bad_topology();
	return tap_end();
}
