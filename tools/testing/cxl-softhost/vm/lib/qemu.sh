# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034	# QEMU, ACCEL and ACCEL_WHY are read by the callers
#
# The outermost emulator: its command line, and which accelerator it gets.
# Needs common.sh and sets.sh.

# qemu_command ACCEL CPUS MEMORY: set QEMU to what every run has in common. It
# runs on its own libraries, so it does not matter what the machine has.
#
# Guests must not run on the first processor that QEMU emulates: FXRSTOR and XRSTOR
# on any processor change the first one's flags, and not atomically
# (cpu_clear_ignne()). If that one enters or leaves a guest just then, its own change
# is lost, and it goes on in the host with addresses looked up in the guest's memory.
# So there is one processor more than asked for, and init-host keeps programs away
# from the first one.
qemu_command()
{
	local root cpu accel cpus=$2

	root=$(set_root emulator)
	case $1 in
	kvm) accel=kvm cpu=host ;;
	tcg) accel=tcg,thread=multi cpu=max,-la57 cpus=$((cpus + 1)) ;;
	esac
	QEMU=(env "QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu"
		"$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path
		"$root/usr/lib/x86_64-linux-gnu"
		"$root/usr/bin/qemu-system-x86_64"
		-L "$root/usr/share/qemu" -L "$root/usr/share/seabios"
		-nodefaults -no-user-config -M q35 -accel "$accel" -cpu "$cpu"
		-smp "$cpus" -m "$3M" -display none -no-reboot)
}

# Is KVM out of the question here? If so, say why and what would help.
kvm_obstacle()
{
	local module file group

	if [[ ! -e /dev/kvm ]]; then
		echo "there is no /dev/kvm (virtualization off in the firmware, or kvm_intel/kvm_amd not loaded)"
		return 0
	fi
	if [[ ! -r /dev/kvm || ! -w /dev/kvm ]]; then
		group=$(stat -c %G /dev/kvm)
		if [[ $group == root ]]; then
			echo "/dev/kvm is for root only: giving it to a group such as kvm, and joining that group, would help"
		else
			echo "/dev/kvm can't be opened: being in the group $group would help"
		fi
		return 0
	fi
	for module in kvm_intel kvm_amd; do
		file=/sys/module/$module/parameters/nested
		if [[ -r $file && $(<"$file") != [Y1]* ]]; then
			echo "nested virtualization is off: the module parameter $module.nested=1 would help"
			return 0
		fi
	done
	return 1
}

# A /dev/kvm that opens, with nesting on, may still not boot a stock kernel or
# not run a guest in it. So try just that, once for each boot of this machine.
kvm_tried()
{
	local kernel=$1 key file probe

	key=$({
		cat /proc/sys/kernel/random/boot_id
		grep -m 1 '^model name' /proc/cpuinfo
		set_key emulator
		set_key "kernel-$kernel"
		cat "$VM_DIR/kvm-probe.c"
	} | hash_of)
	file=$CACHE/accel/$key
	if [[ ! -e $file ]]; then
		mkdir -p "$CACHE/accel"
		probe=$(vm_program kvm-probe)
		say "trying whether nested virtualization works here (once for each boot of the machine)"
		if CXL_SOFTHOST_ACCEL=kvm "$VM_DIR/run-vm" --name accel-probe --kernel "$kernel" \
			--timeout 40 --quiet --add "$probe:/root/kvm-probe" -- /root/kvm-probe \
			>"$CACHE/accel/log" 2>&1; then
			echo yes >"$file"
		else
			echo no >"$file"
		fi
		prune_old "$CACHE/accel" 8
	fi
	[[ $(<"$file") == yes ]]
}

# choose_accel KERNEL: set ACCEL, and ACCEL_WHY for people.
choose_accel()
{
	case ${CXL_SOFTHOST_ACCEL:-} in
	kvm|tcg)
		ACCEL=$CXL_SOFTHOST_ACCEL
		ACCEL_WHY="CXL_SOFTHOST_ACCEL says so"
		return
		;;
	'') ;;
	*) die "CXL_SOFTHOST_ACCEL is kvm or tcg, not '$CXL_SOFTHOST_ACCEL'" ;;
	esac
	ACCEL=tcg
	if ACCEL_WHY=$(kvm_obstacle); then
		return
	fi
	if kvm_tried "$1"; then
		ACCEL=kvm
		ACCEL_WHY="nested virtualization works here"
	else
		ACCEL_WHY="/dev/kvm opens, but a stock kernel can't run a guest under it here"
	fi
}
