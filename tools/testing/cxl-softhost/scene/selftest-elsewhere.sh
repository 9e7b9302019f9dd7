# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "selftest": scenes whose devices are in another process. They are "ram",
# with more in the counters.

# elsewhere_good ENGINE PHASES FOLLOWED
elsewhere_good()
{
	local name

	for name in console status; do
		cp -- "$work/good/ram.$name" "$work/good/ram-$1.$name"
	done
	echo "CXLVM-MARK booted" >>"$work/good/ram-$1.console"
	sed "/^record=cxl/s/\$/ phases=$2 followed=$3 device_process=1/;s/ engine=kvm / engine=$1 /" \
		"$work/good/ram.report" >"$work/good/ram-$1.report"
}

# elsewhere_refuses TEXT ENGINE SCENE SED-SCRIPT
elsewhere_refuses()
{
	local status=0

	cp -- "$work"/good/* "$work/now/"
	sed -i -E "$4" "$work/now/ram-$2.report"
	! play "$3" || status=1
	grep -q "^not ok [0-9]* - destroy: .*$1" "$work/tap" || status=1
	result "$status" "refuses: $3: $1 ($4)"
}

# process PID PARENT FD=TARGET...: as /proc has it
process()
{
	local folder=$work/proc/$1 fd

	mkdir -p "$folder/fd"
	echo cxlvm >"$folder/comm"
	printf 'Name:\tcxlvm\nPPid:\t%s\n' "$2" >"$folder/status"
	for fd in "${@:3}"; do
		ln -sfn "${fd#*=}" "$folder/fd/${fd%%=*}"
	done
}

elsewhere_all()
{
	local scene

	process 70 1 4=/dev/cxl-softhost 7=anon_inode:kvm-vm
	process 71 70 2=/tmp/stderr '3=socket:[900]' '4=anon_inode:[cxl-softhost]'
	elsewhere_good kvm 1 0
	elsewhere_good advisory 2 5
	for scene in delegated advisory; do
		accepts "$scene" "scene $scene that went well"
	done
	elsewhere_refuses 'in another process' kvm delegated 's/device_process=1/device_process=0/'
	elsewhere_refuses 'changes were followed' kvm delegated 's/followed=0/followed=1/'
	process 71 70 7=anon_inode:kvm-vm
	elsewhere_refuses 'one descriptor of the host' kvm delegated 's/=cxl/=cxl/'
	rm "$work/proc/71/fd/7" "$work/proc/71/fd/4"
	elsewhere_refuses 'one descriptor of the host' kvm delegated 's/=cxl/=cxl/'
	process 71 70 '4=anon_inode:[cxl-softhost]'
	elsewhere_refuses 'in 2 phases' advisory advisory 's/phases=2/phases=1/'
	elsewhere_refuses 'changes were followed' advisory advisory 's/followed=5/followed=4/'
	elsewhere_refuses 'the slot is gone' advisory advisory 's/engine=advisory/engine=kvm/'
}
