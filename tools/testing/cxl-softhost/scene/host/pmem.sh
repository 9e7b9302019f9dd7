# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "run": the scene of persistent memory, in two guests.

# placed PHASE: what of which device has slots: node, DPA and partition of each part.
placed()
{
	grep "^record=segment phase=$1 .* slot=[0-9]" "$report" | while read -r part; do
		echo "$(echo "$part" | word node) $(echo "$part" | word dpa)" \
			"$(echo "$part" | word partition)"
	done
}

# check_pmem_region: committed, and mapped from the first persistent byte on.
check_pmem_region()
{
	check_step create "a region of persistent memory, committed, says the guest"
	[ "$(events booted created)" = "2 committed" ]
	check $? "bridge and device decoder COMMITTED, nothing refused" "$(events booted created)"
	check_slot created create
	[ "$(placed created)" = "mem0 0x10000000 persistent" ]
	check $? "that slot shows the device's persistent memory, from its first byte on" \
		"$(placed created)"
}

# namespace: what the guest says about it, UUID and FIRST-END of the dax device.
namespace()
{
	said=$(guest_step namespace)
	[ "${said%% *}" = ok ] && echo "${said#ok }"
}

# in_labels UUID: are its 16 bytes in the label storage area?
in_labels()
{
	bytes=$(echo "$1" | tr -d -)
	[ "${#bytes}" = 32 ] && od -An -v -tx1 "$backends/pmem.labels" | tr -d ' \n' | grep -q "$bytes"
}

# The backend has 256 MiB of volatile memory first: what is persistent lies behind.
PMEM_CHECKS=18
pmem()
{
	headline pmem "persistent memory: a namespace as device-dax, written by one guest"
	rm -f "$backends/pmem" "$backends/pmem.labels"
	topology="--bridge $bridge --window hb0,size=1G --device hb0,volatile=256M,persistent=256M,id=mem0"
	topology="$topology,file=$backends/pmem,labels=$backends/pmem.labels"
	boot pmem --hide-hypervisor --mem 512M --
	check_pmem_region
	check_step namespace "a namespace, as device-dax, says the guest"
	first=$(namespace)
	written=$(sed -n 's/^STEP write ok \([0-9]*\) accesses written$/\1/p' "$console")
	[ "${written:-0}" -ge 2000 ]
	check $? "the guest wrote to it by HPA (${written:-no} accesses)" "$(guest_step write)"
	check_exits pattern "for all of that"
	check_end
	options=$(sed -n 's/^PATTERN //p' "$console")
	# shellcheck disable=SC2086	# options are words
	"$here/cxl-verify" check "$report" pattern $options --part "mem0=$backends/pmem" \
		>"$files/pmem.check" 2>&1
	verified=$?
	found=$(tail -n 1 "$files/pmem.check")
	[ "$verified" = 0 ] && [ -n "$written" ] && [ "${found%% *}" = "$written" ] &&
		[ "${found##*, }" = "in: mem0" ]
	check $? "all of it is in the file at the model's DPA, nothing else in that namespace ($found)" \
		"$(cat "$files/pmem.check")"
	in_labels "${first%% *}"
	check $? "the namespace's label is in the label storage area's file" "UUID ${first%% *}"

	headline again "the same memory and labels in another guest, cxlvm sets its slots itself"
	engine=advisory
	boot pmem-again --engine "$engine" --hide-hypervisor --mem 512M --
	topology=
	rm -f "$backends/pmem" "$backends/pmem.labels"
	check_pmem_region
	[ -n "$first" ] && [ "$(namespace)" = "$first" ]
	check $? "the namespace is there by itself, same UUID, same place ($first)" "$(guest_step namespace)"
	[ -n "$written" ] && [ "$(guest_step read)" = "ok $written accesses read" ]
	check $? "the guest reads what the one before has written" "$(guest_step read)"
	check_exits pattern "for all of that"
	check_end
	engine=kvm
}
