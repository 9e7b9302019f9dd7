# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "run": the scene of a disk whose data lie in CXL memory.

# on_disk TEXT SEED FIRST-MIB MIBS: what the disk's file holds.
on_disk()
{
	said=$("$here/cxl-disk" read --file "$backends/disk" --seed "$2" \
		--offset "$(($3 << 20))" --bytes "$(($4 << 20))" 2>&1)
	[ "$said" = "$(($4 << 20)) bytes read" ]
	check $? "$1 (MiB $3 to $(($3 + $4)))" "$said"
}

# check_moved FROM TO KEY MIBS TEXT: so many bytes, by cxlvm's count of the disk's.
check_moved()
{
	before=$(record disk "$1" | word "$3")
	after=$(record disk "$2" | word "$3")
	[ -n "$before" ] && [ -n "$after" ] && [ "$((after - before))" = "$(($4 << 20))" ]
	check $? "$5, counts cxlvm" "$3 $before, then $after"
}

# check_buffer STEP TEXT: the guest has proven that it lay in the region.
check_buffer()
{
	said=$(guest_step "$1")
	at=$(echo "$said" | sed -n 's/.*, buffer at HPA //p')
	region=$(sed -n "s/^STEP create ok [^ ]* \(0x[^ ,]*\).*/\1/p" "$console" | head -n 1)
	[ "${said%% *}" = ok ] && [ -n "$region" ] && in_range "$at" "$region"
	check $? "$2 (${said#* }, region $region)" "$said, region $region"
}

DISK_CHECKS=33
DISK_MIB=16
WITHDRAWN=20
disk()
{
	headline disk "a virtio disk reads into CXL memory and writes from it"
	"$here/cxl-disk" write --file "$backends/disk" --seed 1 --bytes "$((DISK_MIB << 20))" >/dev/null
	topology="--bridge name=hb0,ports=2 --window hb0,size=1G --window hb0,size=1G,interleave"
	topology="$topology --device hb0,port=0,volatile=512M --device hb0,port=1,volatile=512M"
	boot disk --hide-hypervisor --mem 512M --disk "$backends/disk" -- \
		memhp_default_state=online_movable noload=kmem
	topology=

	check_step found "the guest finds the disk"
	[ "$(guest_step found)" = "ok $((DISK_MIB << 11)) sectors, cxlvm" ]
	check $? "of that size and with its ID" "$(guest_step found)"
	check_step plain-read "read into the RAM it booted with: what the file holds"
	[ "$(record disk plain | word cxl_read)" = 0 ]
	check $? "nothing of it went elsewhere, counts cxlvm" "$(record disk plain)"
	check_step interleaved "a region of two ways"
	check_step refuse-read "read into it, directly: an I/O error"
	check_step refuse-write "written from it: an I/O error"
	[ "$(record disk refused | word failed)" = 2 ] && [ "$(record disk refused | word cxl_read)" = 0 ]
	check $? "these two requests failed, counts cxlvm" "$(record disk refused)"
	check_step linear "a region of one way"
	check_step withdraw "it goes while the disk reads into it, and comes: errors, then what the file holds"
	away=$(($(record disk withdrawn | word failed) - 2))
	[ "$away" -ge "$WITHDRAWN" ]
	check $? "requests into memory that was away failed ($away)" "$(record disk withdrawn)"
	followed=$(($(counter withdrawn followed) - $(counter linear followed)))
	[ "$followed" -ge $((2 * WITHDRAWN)) ]
	check $? "the disk followed each time ($followed changes)" \
		"$(counter linear followed), then $(counter withdrawn followed)"
	[ "$(counter withdrawn waits)" -gt 0 ]
	check $? "a removal waited for a request that had begun ($(counter withdrawn waits) times)" \
		"waits $(counter withdrawn waits)"
	check_step create "a region, committed, says the guest"
	check_slot online create
	check_online online
	[ "$(counter online phases)" = 2 ] && [ "$(counter online followed)" -ge 1 ]
	check $? "the disk followed, before the guest saw it" \
		"phases $(counter online phases), followed $(counter online followed)"
	check_buffer cxl-read "read into CXL memory, directly: what the file holds"
	check_moved online cxl-read cxl_read 4 "just that went into CXL memory"
	check_buffer cxl-write "written from CXL memory, directly"
	check_moved cxl-read cxl-write cxl_written 4 "just that came from CXL memory"
	[ "$(counter refused exits_in_window)" -gt 0 ] &&
		[ "$(counter cxl-write exits_in_window)" = "$(counter withdrawn exits_in_window)" ]
	check $? "no exit inside the windows for that" \
		"$(counter withdrawn exits_in_window), then $(counter cxl-write exits_in_window) exits"
	check_step destroy "memory offline, region disabled and destroyed, says the guest"
	[ "$(counter destroyed slots)" = 0 ] && [ -z "$(slots destroyed)" ]
	check $? "the slot is gone" "$(counter destroyed slots) slots: $(slots destroyed)"
	[ "$(counter destroyed followed)" -gt "$(counter online followed)" ]
	check $? "and the disk followed" "followed $(counter destroyed followed)"
	check_step again-read "then, into the RAM it booted with: what it wrote"
	check_step again-write "and written from there"
	[ "$(record disk again | word failed)" = "$(record disk withdrawn | word failed)" ]
	check $? "no other request failed" "$(record disk again)"
	check_end
	on_disk "the disk's file is as it was where nothing was written" 1 0 8
	on_disk "it holds what came from CXL memory" 2 8 4
	on_disk "it holds what came from RAM afterwards" 3 12 1
	on_disk "and nothing behind it, nor what was refused" 1 13 3
	rm -f "$backends/disk"
}
