# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "run": the scene of regions that are interleaved.

# answer "NAME OPTION...": the guest has written to that region and waits for us.
# Not a place for results: they would be lost with the shell that this runs in.
answer()
{
	name=${1%% *}
	options=${1#* }
	files_of=
	for device in $INTERLEAVED_DEVICES; do
		files_of="$files_of $device=$backends/$device"
	done
	waited=0
	until grep -q "^record=phase-end phase=written-$name$" "$report" || [ "$waited" = 50 ]; do
		sleep 0.1
		waited=$((waited + 1))
	done
	for what in check fill; do
		# shellcheck disable=SC2086	# options and files are words
		if "$here/cxl-verify" "$what" "$report" "written-$name" $options $files_of \
			>"$files/$scene.$name.$what" 2>&1; then
			echo "# host: $what $name: $(tail -n 1 "$files/$scene.$name.$what")"
		else
			echo "failed" >>"$files/$scene.$name.$what"
		fi
	done
}

# forget: a region is gone, and nobody writes. The next one finds empty devices.
forget()
{
	for device in $INTERLEAVED_DEVICES; do
		"$here/cxl-verify" clear "$backends/$device" || echo "# host: $device isn't empty"
	done
}

# verdict NAME WHAT: the last line that cxl-verify printed.
verdict()
{
	tail -n 1 "$files/$scene.$1.$2" 2>/dev/null
}

# check_interleaved NAME DECODERS DEVICES TEXT
INTERLEAVED_CHECKS=7
check_interleaved()
{
	step=$1
	check_step "create-$1" "$4"
	[ "$(events "begin-$1" "written-$1")" = "$2 committed" ]
	check $? "$2 decoders COMMITTED, nothing refused" "$(events "begin-$1" "written-$1")"
	region=$(sed -n "s/^STEP create-$1 ok [^ ]* \(0x[^ ,]*\).*/\1/p" "$console" | head -n 1)
	parts=$(interleaved "written-$1")
	[ -n "$region" ] && [ "$parts" = "$region" ] && [ "$(counter "written-$1" slots)" = 0 ]
	check $? "the map has just the region as interleaved, and no slot ($region)" \
		"$parts, $(counter "written-$1" slots) slots"
	said=$(guest_step "write-$1")
	count=${said#ok }
	count=${count%% *}
	[ "${said%% *}" = ok ] && [ "${count:-0}" -ge 2000 ] &&
		[ "$(misses "written-$1")" = 0 ] &&
		[ "$(counter "written-$1" exits_in_window)" -ge "$count" ]
	check $? "the guest wrote by HPA, each time by an exit that found memory (${said#ok })" \
		"$said, $(misses "written-$1") misses, $(counter "written-$1" exits_in_window) exits"
	found=$(verdict "$1" check)
	case $found in
	"$count accesses, "*" bytes, 0 wrong, in: $3") true ;;
	*) false ;;
	esac
	check $? "all of it is in the devices at the model's DPA, and nothing else ($found)" \
		"$(cat "$files/$scene.$1.check" 2>/dev/null)"
	said=$(guest_step "read-$1")
	[ "$(verdict "$1" fill)" = "$count accesses filled in" ] && [ "$said" = "ok $count accesses read" ]
	check $? "what the host put at the model's DPA, the guest reads by HPA (${said#ok })" \
		"$(verdict "$1" fill); $said"
	check_step "destroy-$1" "destroyed, says the guest"
}

INTERLEAVE_CHECKS=$((5 * INTERLEAVED_CHECKS + 4))
interleave()
{
	headline interleave "regions of several ways, by cxl create-region, used as device-dax"
	topology="--bridge name=hb0 --bridge name=hb1 --bridge name=hb2,ports=2 --bridge name=hb3"
	topology="$topology --switch hb3,name=sw0,ports=4"
	topology="$topology --bridge name=hb4 --bridge name=hb5 --bridge name=hb6"
	topology="$topology --window hb0+hb1,size=512M --window hb2,size=512M,interleave"
	topology="$topology --window hb3,size=1G,interleave --window hb4+hb5+hb6,size=768M"
	topology="$topology --window hb0+hb1,size=512M,granularity=4K,xor --window hb2,size=512M"
	for at in hb0,id=a0 hb1,id=a1 hb2,port=0,id=b0 hb2,port=1,id=b1 sw0,port=0,id=c0 \
		sw0,port=1,id=c1 sw0,port=2,id=c2 sw0,port=3,id=c3 hb4,id=d0 hb5,id=d1 hb6,id=d2; do
		topology="$topology --device $at,volatile=256M,file=$backends/${at##*id=}"
	done
	for device in $INTERLEAVED_DEVICES; do
		rm -f "$backends/$device"
	done
	BOOT_SECONDS=600
	boot interleave --hide-hypervisor --mem 768M -- noload=kmem devices=11
	BOOT_SECONDS=300
	topology=
	for device in $INTERLEAVED_DEVICES; do
		rm -f "$backends/$device"
	done

	check_step found "all devices and the switch are found"
	check_interleaved bridges 4 "a0 a1" "2 ways over two bridges"
	check_interleaved ports 3 "b0 b1" "2 ways under one bridge"
	check_interleaved switch 6 "c0 c1 c2 c3" "4 ways through a switch"
	check_interleaved three 6 "d0 d1 d2" "3 ways across bridges"
	check_interleaved xor 4 "a0 a1" "2 ways over two bridges, by XOR maps of 4 KiB"
	step=refused
	check_step refused "2 ways in a window for linear memory only: the guest is refused"
	reasons=$(reasons begin-refused refused)
	case $reasons in
	*[1-9]" linear_only"*) true ;;
	*) false ;;
	esac
	check $? "for that reason ($reasons)" "$reasons"
	check_end
}
