# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "run": the scene in which a device, and a switch with another, come
# while the guest runs.

# nodes PHASE: what the module had, by name
nodes()
{
	grep "^record=node phase=$1 " "$report" | while read -r node; do
		echo "$node" | word node
	done | xargs
}

# check_plugged MARK NODES: these are there from that moment on
check_plugged()
{
	[ "$(nodes "$1")" = "$2" ]
	check $? "the module has $2" "$(nodes "$1")"
}

# check_use NAME NODE DECODERS PLUGGED: the region of that device, from creation to end
check_use()
{
	check_step "create-$1" "committed, says the guest"
	[ "$(events "plug-$4" "created-$1")" = "$3 committed" ]
	check $? "$3 decoders COMMITTED, nothing refused" "$(events "plug-$4" "created-$1")"
	check_slot "created-$1" "create-$1"
	[ "$(placed "created-$1")" = "$2 0x0 volatile" ]
	check $? "that slot shows the memory of what was plugged in" "$(placed "created-$1")"
	check_online "online-$1"
	check_exercise "$1" 'fill signal'
	check_exits "exercised-$1" "while it was used"
	check_step "remove-$1" "offline and destroyed, says the guest"
	[ "$(counter "removed-$1" slots)" = 0 ]
	check $? "the slot is gone" "$(counter "removed-$1" slots) slots"
}

HOTPLUG_CHECKS=27
hotplug()
{
	headline hotplug "a guest that boots with nothing plugged in, then a device comes"
	topology="--bridge name=hb0,ports=2 --window hb0,size=1G"
	topology="$topology --device hb0,port=0,volatile=512M,id=late0,later"
	topology="$topology --switch hb0,port=1,name=sw0,ports=2,later"
	topology="$topology --device sw0,port=1,volatile=512M,id=late1"
	boot hotplug --hide-hypervisor --mem 512M -- memhp_default_state=online_movable
	topology=

	check_step nothing "no device at the beginning, says the guest"
	check_plugged booted hb0
	check_plugged plug-late0 "hb0 late0"
	check_step found-device "a rescan finds the device"
	check_use device late0 2 late0

	headline switch "and a switch, with a device below one of its two ports"
	check_plugged plug-sw0 "hb0 sw0 late0 late1"
	check_step found-switch "a rescan finds the switch, and the device"
	check_use switch late1 3 sw0
	check_end
}
