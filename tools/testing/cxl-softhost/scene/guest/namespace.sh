# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by the scenes of persistent memory. Sourced after lib.sh, never run.

NVDIMM=/sys/bus/nd/devices

# Has libnvdimm taken the region, and read the labels of its devices?
nd_region_is_ready()
{
	for folder in "$NVDIMM"/region[0-9]*; do
		[ -e "$folder/driver" ] && return 0
	done
	return 1
}

# The one namespace that has a size: its folder. There is an empty one for the next.
namespace()
{
	for folder in "$NVDIMM"/namespace[0-9]*; do
		[ "$(cat "$folder/size" 2>/dev/null || echo 0)" != 0 ] && echo "$folder" && return 0
	done
	return 1
}

# Is there a namespace, and is it a dax device, with no complaint of the driver, which
# says nothing else? Says the UUID in its label, and where
# that device lies, as FIRST-END: not at the namespace's beginning.
check_namespace()
{
	wait_for 20 namespace >/dev/null || { echo "there is no namespace"; return 1; }
	wait_for 20 dax_device >/dev/null || { echo "no dax device"; return 1; }
	wait_for 5 test -c "/dev/$(dax_device)" || { echo "no /dev/$(dax_device)"; return 1; }
	! dmesg | grep cxl_nvdimm || return 1
	echo "$(cat "$(namespace)/uuid") $(dax_range)"
}

dax_range()
{
	folder=$DAX/devices/$(dax_device)
	first=$(cat "$folder/resource")
	size=$(cat "$folder/size")
	printf '0x%x-0x%x\n' "$((first))" "$((first + size))"
}

# The same in each guest.
pattern_words()
{
	echo "--hpa $(dax_range) --ways 1 --granularity 4096 --seed 7"
}
