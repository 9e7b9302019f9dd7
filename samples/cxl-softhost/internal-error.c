// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cxl.h"
#include "internal-error.h"
#include "log.h"
#include "operand.h"
#include "report.h"

#define INSN_MAX	15
#define SVM_EXIT_NPF	0x400	/* no VMX exit reason is that large */

/* What was found out; lengths and flags are 0 where nothing was. */
struct finding {
	uint32_t suberror;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	uint8_t insn[INSN_MAX];
	uint32_t insn_length;
	uint64_t exit_reason, info1, info2;
	bool has_exit_info;
	uint64_t gva, gpa;
	bool has_gva, has_gpa;
	const char *gpa_from;
	char name[24];		/* of the instruction */
};

static bool translate(const struct vcpu *vcpu, uint64_t gva, uint64_t *gpa)
{
	struct kvm_translation translation = { .linear_address = gva };

	if (ioctl(vcpu->fd, KVM_TRANSLATE, &translation) || !translation.valid)
		return false;
	*gpa = translation.physical_address;
	return true;
}

/* Page by page, as far as it is plain RAM. */
static uint32_t read_code(const struct vcpu *vcpu, uint64_t rip, uint8_t *to, uint32_t length)
{
	uint32_t done = 0;

	while (done < length) {
		const uint8_t *from;
		uint64_t gpa;

		if (!translate(vcpu, rip + done, &gpa))
			break;
		from = guest_ram_at(&vcpu->vm->ram, gpa, 1);
		if (!from)
			break;
		to[done++] = *from;
	}
	return done;
}

/*
 * The flags word says which fixed fields follow. After them KVM 5.15 and later
 * puts what the processor said: exit reason, two words of information,
 * interrupt information and its error code. That part is no ABI, so it is
 * believed only where it makes sense.
 */
static void read_exit(const struct vcpu *vcpu, struct finding *f)
{
	const struct kvm_run *run = vcpu->run;
	uint32_t next = 1;

	f->suberror = run->internal.suberror;
	if (f->suberror != KVM_INTERNAL_ERROR_EMULATION)
		return;
	if (run->emulation_failure.ndata >= 3 &&
	    (run->emulation_failure.flags &
	     KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)) {
		f->insn_length = run->emulation_failure.insn_size;
		if (f->insn_length > INSN_MAX)
			f->insn_length = INSN_MAX;
		memcpy(f->insn, run->emulation_failure.insn_bytes, f->insn_length);
		next = 3;
	}
	if (run->emulation_failure.ndata < next + 5)
		return;
	f->exit_reason = run->internal.data[next];
	f->info1 = run->internal.data[next + 1];
	f->info2 = run->internal.data[next + 2];
	f->has_exit_info = true;
	if (f->exit_reason == SVM_EXIT_NPF) {
		f->gpa = f->info2;
		f->has_gpa = true;
		f->gpa_from = "exit_info_2";
	}
}

/* Intel doesn't give the address: work it out from the instruction. */
static void find_operand(const struct vcpu *vcpu, struct finding *f)
{
	struct operand operand;

	snprintf(f->name, sizeof(f->name), "none");
	if (!(f->sregs.efer & 0x400) || !f->sregs.cs.l ||
	    !operand_decode(f->insn, f->insn_length, &operand))
		return;
	snprintf(f->name, sizeof(f->name), "%s", operand.name);
	if (!operand.is_memory)
		return;
	f->gva = operand_address(&operand, &f->regs, f->sregs.fs.base, f->sregs.gs.base);
	f->has_gva = true;
	if (!f->has_gpa && translate(vcpu, f->gva, &f->gpa)) {
		f->has_gpa = true;
		f->gpa_from = "operand";
	}
}

static void hex(char *to, size_t size, const uint8_t *bytes, uint32_t count)
{
	size_t used = 0;

	if (!count)
		snprintf(to, size, "none");
	for (uint32_t i = 0; i < count && used + 3 <= size; i++)
		used += snprintf(to + used, size - used, "%02x", bytes[i]);
}

static void word(char *to, size_t size, bool known, uint64_t value)
{
	if (known)
		snprintf(to, size, "0x%" PRIx64, value);
	else
		snprintf(to, size, "none");
}

void internal_error_report(struct vcpu *vcpu)
{
	const struct cxl *cxl = vcpu->vm->cxl;
	const struct cxl_window *window = NULL;
	char insn[2 * INSN_MAX + 8], gva[24], gpa[24], line[512];
	struct finding f = { .gpa_from = "none" };
	bool has_regs;

	has_regs = !ioctl(vcpu->fd, KVM_GET_REGS, &f.regs) &&
		   !ioctl(vcpu->fd, KVM_GET_SREGS, &f.sregs);
	read_exit(vcpu, &f);
	if (has_regs && !f.insn_length)
		f.insn_length = read_code(vcpu, f.sregs.cs.base + f.regs.rip, f.insn, INSN_MAX);
	if (has_regs)
		find_operand(vcpu, &f);
	if (cxl && f.has_gpa)
		window = cxl_find_window(cxl, f.gpa);

	hex(insn, sizeof(insn), f.insn, f.insn_length);
	word(gva, sizeof(gva), f.has_gva, f.gva);
	word(gpa, sizeof(gpa), f.has_gpa, f.gpa);
	snprintf(line, sizeof(line),
		 "internal_error=1 suberror=%u vcpu=%u rip=0x%" PRIx64 " insn=%s name=%s "
		 "gva=%s gpa=%s gpa_from=%s window=%s", f.suberror, vcpu->id,
		 (uint64_t)f.regs.rip, insn, f.name, gva, gpa, f.gpa_from,
		 window ? window->name : "none");
	fprintf(stderr, "%s\n", line);
	report_line("record=error %s exit_reason=0x%" PRIx64 " info1=0x%" PRIx64
		    " info2=0x%" PRIx64, line, f.exit_reason, f.info1, f.info2);

	log_error("KVM internal error, suberror %u, on vCPU %u at RIP 0x%" PRIx64, f.suberror,
		  vcpu->id, (uint64_t)f.regs.rip);
	if (f.suberror == KVM_INTERNAL_ERROR_EMULATION)
		log_error("KVM had to emulate %s (code bytes %s) and can't",
			  strcmp(f.name, "none") ? f.name : "an instruction", insn);
	if (window)
		log_error("its data at 0x%" PRIx64 " lie in window %s, where nothing is mapped",
			  f.gpa, window->name);
}
