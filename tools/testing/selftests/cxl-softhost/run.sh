#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: run.sh [PROGRAM...]
#
# In the VM: runs the programs beside it (default: all of them), each with the
# lines around it that tell the judge where a suite begins and ends. The module
# is loaded already; mockvm.ko is loaded from the same folder if it is there.

cd "$(dirname -- "$0")" || exit 1
[ ! -e mockvm.ko ] || [ -e /dev/cxl-softhost-mockvm ] || insmod mockvm.ko || exit 1
if [ $# = 0 ]; then
	for program in *; do
		case $program in
		*.sh|*.ko|*.a) ;;
		*) [ ! -f "$program" ] || [ ! -x "$program" ] || set -- "$@" "$program" ;;
		esac
	done
fi

failed=0
for name; do
	begun=$(cut -d ' ' -f 1 /proc/uptime)
	echo "# suite $name"
	"./$name"
	status=$?
	echo "# $name: $(awk -v from="$begun" '{ printf "%.1f", $1 - from }' /proc/uptime) s"
	echo "# suite-end $name status=$status"
	[ "$status" = 0 ] || failed=1
done
exit "$failed"
