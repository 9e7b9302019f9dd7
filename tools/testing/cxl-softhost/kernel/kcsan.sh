#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: kcsan.sh on [N] | result
#
# In the VM: lets KCSAN look for data races in the functions of our module, which
# is loaded, and tells at the end as TAP whether it did. In others it reports
# nothing: the kernel has races of its own that its authors know of.

kcsan=/sys/kernel/debug/kcsan

case $1 in
on)
	awk '$4 == "[cxl_softhost]" && tolower($2) == "t" && $3 ~ /softhost_/ { print $3 }' \
		/proc/kallsyms | sort -u | while read -r function; do
		echo "!$function" >$kcsan
	done
	echo whitelist >$kcsan
	# Watch one of N accesses, more than by default: most are not the module's
	echo "${2:-1000}" >/sys/module/kcsan/parameters/skip_watch
	echo on >$kcsan
	;;
result)
	echo 1..1
	watched=$(sed -n 's/^setup_watchpoints: //p' $kcsan)
	count=$(grep -c '^ .*softhost_' $kcsan)
	echo "# $watched accesses were watched, races in $count functions are reported"
	if grep -q '^enabled: 1$' $kcsan && grep -q '^whitelisted functions' $kcsan &&
	   [ "$watched" -gt 10000 ] && [ "$count" -gt 100 ]; then
		echo "ok 1 - KCSAN looked for races"
	else
		echo "not ok 1 - KCSAN looked for races"
		exit 1
	fi
	;;
esac
