# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by the scenes inside the guest. Sourced, never run. What a scene says
# goes to a slow console, so it is short; each kind of line has its first word:
#
#   STEP NAME ok|fail DETAIL    what a step came to
#   EX ROUND RESULT NAME ...    a line of cxl-exercise
#   BENCH ...                   a line of cxl-bench
#   INTERLEAVE NAME OPTIONS     what the host's cxl-verify needs to know
#   PATTERN OPTIONS             the same, about a part of a region
#   LOG NAME ...                the last lines of what a failed step said
#   CXLVM-MARK NAME             has cxlvm write its counters down

REGIONS=/sys/bus/cxl/devices
DAX=/sys/bus/dax

# step NAME COMMAND...: run it; its last line of output is the detail.
step()
{
	step_name=$1
	shift
	if "$@" >"/tmp/$step_name.log" 2>&1; then
		echo "STEP $step_name ok $(tail -n 1 "/tmp/$step_name.log")"
		return 0
	fi
	echo "STEP $step_name fail $(tail -n 1 "/tmp/$step_name.log")"
	tail -n 20 "/tmp/$step_name.log" | sed "s/^/LOG $step_name /"
	dmesg | grep -iE 'cxl|kmem|dax|nvdimm|nd_|memory hot' | tail -n 20 | sed "s/^/LOG $step_name /"
	return 1
}

# wait_for SECONDS COMMAND...
wait_for()
{
	left=$(($1 * 10))
	shift
	until "$@"; do
		[ "$left" -gt 0 ] || return 1
		left=$((left - 1))
		sleep 0.1
	done
}

# The one region there is: its folder in sysfs.
region()
{
	for folder in "$REGIONS"/region[0-9]*; do
		[ -e "$folder" ] && echo "$folder" && return 0
	done
	return 1
}

region_is_gone()
{
	! region >/dev/null
}

# The one dax device, by name.
dax_device()
{
	for folder in "$DAX"/devices/dax*; do
		[ -e "$folder" ] && basename "$folder" && return 0
	done
	return 1
}

# Where the region lies, as FIRST-END.
region_range()
{
	folder=$(region) || return 1
	first=$(cat "$folder/resource")
	size=$(cat "$folder/size")
	printf '0x%x-0x%x\n' "$((first))" "$((first + size))"
}

region_node()
{
	cat "$DAX/devices/$(dax_device)/target_node"
}

# create_region MEMDEV: the command of every CXL tutorial.
create_region()
{
	cxl create-region -m -t ram -d decoder0.0 -w 1 -g 4096 "$1" || return 1
	check_region
}

# The region goes, memory and all; nothing of it is online.
drop_region()
{
	cxl destroy-region -f "$(basename "$(region)")" || return 1
	wait_for 5 region_is_gone || { echo "the region is still there"; return 1; }
}

# What is online of it is taken offline first.
destroy_online_region()
{
	daxctl offline-memory "$(dax_device)" || return 1
	drop_region || return 1
	! grep -q 'kmem' /proc/iomem || { echo "there is still memory of it"; return 1; }
	echo "gone"
}

create_pmem_region()
{
	cxl create-region -m -t pmem -d decoder0.0 -w 1 -g 4096 mem0 || return 1
	check_region
}

# Is there a region, and committed?
check_region()
{
	folder=$(region) || { echo "there is no region"; return 1; }
	if [ "$(cat "$folder/commit")" != 1 ]; then
		echo "the region is not committed"
		return 1
	fi
	echo "$(basename "$folder") $(region_range) committed"
}

node_total()
{
	awk '$3 == "MemTotal:" { print $4 * 1024 }' "/sys/devices/system/node/node$1/meminfo" 2>/dev/null
}

is_online()
{
	online_node=$(region_node 2>/dev/null) && [ -n "$online_node" ] &&
		[ "$(node_total "$online_node")" = "$online_size" ]
}

# Is all of the region system RAM, on a node of its own?
check_online()
{
	folder=$(region) || { echo "there is no region"; return 1; }
	online_size=$(($(cat "$folder/size")))
	if ! wait_for 20 is_online; then
		echo "node $(region_node): $(node_total "$(region_node)") bytes of $online_size"
		return 1
	fi
	if [ "$online_node" = 0 ] || [ -n "$(cat "/sys/devices/system/node/node$online_node/cpulist")" ]; then
		echo "node $online_node is not only its own"
		return 1
	fi
	range=$(region_range)
	# /proc/iomem: "  400000000-41fffffff : System RAM (kmem)"
	ram=0
	# shellcheck disable=SC2013	# words without spaces
	for span in $(sed -n 's/^ *\([0-9a-f-]*\) : System RAM (kmem)$/\1/p' /proc/iomem); do
		[ "$((0x${span%-*}))" -ge "$((${range%-*}))" ] || continue
		[ "$((0x${span#*-}))" -lt "$((${range#*-}))" ] || continue
		ram=$((ram + 0x${span#*-} - 0x${span%-*} + 1))
	done
	if [ "$ram" != "$online_size" ]; then
		echo "$ram bytes of $online_size are system RAM"
		return 1
	fi
	zones=$(awk -v node="$online_node," '/^Node/ { zone = $2 == node ? $4 : "" }
		zone != "" && $1 == "present" && $2 > 0 { print zone }' /proc/zoneinfo | xargs)
	echo "node=$online_node bytes=$online_size zone=$zones"
}

# Binds the dax device to device-dax, where there is no kmem module that takes it.
to_devdax()
{
	wait_for 10 dax_device >/dev/null || { echo "no dax device"; return 1; }
	dax=$(dax_device)
	# Names come again when a region does; the driver remembers them
	if [ ! -e "$DAX/devices/$dax/driver" ]; then
		echo "$dax" >"$DAX/drivers/device_dax/new_id" || return 1
	fi
	wait_for 5 test -c "/dev/$dax" || { echo "no /dev/$dax"; return 1; }
	echo "$dax"
}

# exercise ROUND STEPS OPTION...: all of the node's memory in all ways, or in
# some, by the names of cxl-exercise's steps.
exercise()
{
	round=$1
	steps=$2
	shift 2
	verdict=ok
	# Below its watermarks the kernel gives a program nothing; the smaller these
	# are, the more of the node is tested. Coming memory sets them anew.
	echo 1024 >/proc/sys/vm/min_free_kbytes
	: >/tmp/ex.log
	for name in $steps; do
		[ "$name" != all ] || name=
		cxl-exercise --node "$(region_node)" --hpa "$(region_range)" ${name:+--only "$name"} \
			"$@" >>/tmp/ex.log 2>&1 || verdict=fail
	done
	sed "s/^/EX $round /" /tmp/ex.log
	echo "STEP exercise-$round $verdict"
}
