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

elsewhere_all()
{
	local scene

	elsewhere_good kvm 1 0
	elsewhere_good advisory 2 5
	for scene in delegated advisory; do
		accepts "$scene" "scene $scene that went well"
	done
	elsewhere_refuses 'in another process' kvm delegated 's/device_process=1/device_process=0/'
	elsewhere_refuses 'changes were followed' kvm delegated 's/followed=0/followed=1/'
	elsewhere_refuses 'in 2 phases' advisory advisory 's/phases=2/phases=1/'
	elsewhere_refuses 'changes were followed' advisory advisory 's/followed=5/followed=4/'
	elsewhere_refuses 'the slot is gone' advisory advisory 's/engine=advisory/engine=kvm/'
}
