#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: run.sh [PROGRAM...]
#
# In the VM: runs the programs beside it (default: all of them), each with the
# lines around it that tell the judge where a suite begins and ends. The module
# is loaded already; mockvm.ko is loaded from the same folder if it is there.
# Where the kernel has kmemleak, what is left when all have ended is looked for.
# Where it has KCSAN, kcsan.sh beside it switches that on.

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

kcsan=/sys/kernel/debug/kcsan
[ ! -e $kcsan ] || ./kcsan.sh on || exit 1

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

# It takes an object for leaked that two scans saw without a reference, and that
# is older than 5 seconds.
kmemleak=/sys/kernel/debug/kmemleak
if [ -e $kmemleak ]; then
	echo "# suite leaks"
	echo "1..1"
	echo scan >$kmemleak
	sleep 6
	echo scan >$kmemleak
	cat $kmemleak >/tmp/leaks
	if [ -s /tmp/leaks ]; then
		echo "not ok 1 - nothing is left over"
		head -n 60 /tmp/leaks | sed 's/^/# /'
		failed=1
	else
		echo "ok 1 - nothing is left over"
	fi
	echo "# suite-end leaks status=0"
fi
if [ -e $kcsan ]; then
	echo "# suite kcsan"
	./kcsan.sh result
	status=$?
	echo "# suite-end kcsan status=$status"
	[ "$status" = 0 ] || failed=1
fi
exit "$failed"
