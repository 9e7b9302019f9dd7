# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The outermost emulator: its command line, and which accelerator it gets.
# Needs common.sh and sets.sh.

# qemu_command ACCEL CPUS MEMORY: set QEMU to what every run has in common. It
# runs on its own libraries, so it does not matter what the machine has.
qemu_command()
{
	local root cpu accel

	root=$(set_root emulator)
	case $1 in
	kvm) accel=kvm cpu=host ;;
	tcg) accel=tcg,thread=multi cpu=max,-la57 ;;
	esac
	QEMU=(env "QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu"
		"$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path
		"$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu"
		"$root/usr/bin/qemu-system-x86_64"
		-L "$root/usr/share/qemu" -L "$root/usr/share/seabios"
		-nodefaults -no-user-config -M q35 -accel "$accel" -cpu "$cpu"
		-smp "$2" -m "$3M" -display none -no-reboot)
}

choose_accel()
{
	echo tcg
}
