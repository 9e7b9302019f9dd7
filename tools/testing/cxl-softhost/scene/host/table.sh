# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "run": what an access costs, as measured by control and ram-bench.

# row OP TEXT: a line of the table.
row()
{
	for place in plain linear exits; do
		console=$files/$([ "$place" = exits ] && echo unmapped || echo ram).console
		line=$(bench "$1" "$place")
		printf ' %s' "$(echo "$line" | awk '{
			for (i = 2; i <= NF; i++) { split($i, part, "="); f[part[1]] = part[2] }
			format = f["median"] < 10 ? "%.2f [%.2f-%.2f]" :
				 f["median"] < 1000 ? "%.1f [%.1f-%.1f]" : "%.0f [%.0f-%.0f]"
			printf format, f["median"], f["min"], f["max"] }')"
	done | awk -v name="$2" '{ printf "# %-14s  %25s %25s %25s\n", name, $1 " " $2, $3 " " $4, $5 " " $6 }'
}

TABLE_CHECKS=6
table()
{
	headline table "all on 2 MiB pages of guest and host; exits by device-dax on an unmapped window"
	printf '# %-14s %25s %25s %25s\n' 'ns per' 'plain RAM' 'CXL memory' 'MMIO exit'
	row load 'load'
	row store 'store'
	row memset 'memset byte'
	echo "# (median [least-most]; memset is rep stosq)"
	console=$files/ram.console
	report=$files/ram.report
	for op in load store memset; do
		plain=$(bench $op plain | word median)
		linear=$(bench $op linear | word median)
		ratio=$(awk -v a="$linear" -v b="$plain" 'BEGIN { if (b > 0) printf "%.3f", a / b; else print "none" }')
		awk -v ratio="$ratio" -v limit="$RATIO_MAX" 'BEGIN { exit !(ratio + 0 > 0 && ratio <= limit) }'
		check $? "$op: CXL memory to plain RAM $ratio, at most $RATIO_MAX" "$ratio: $linear to $plain ns"
	done
	kinds=$(grep -E '^BENCH .* place=(plain|linear) ' "$console" |
		sed 's/.* rounds=\([0-9]*\) .* bytes=\([0-9]*\) pages=\(.*\)/\1 \2 \3/' | sort -u)
	[ "$(echo "$kinds" | wc -l)" = 1 ] && [ "${kinds%% *}" -ge 9 ] &&
		[ "$(grep -cE '^BENCH .* place=(plain|linear) ' "$console")" = 6 ]
	check $? "measured in turns, alike: rounds, bytes, guest's pages: $kinds" "$kinds"
	[ "$(counter measured exits_in_window)" = 0 ]
	check $? "no exit inside the window" "$(counter measured exits_in_window) exits"
	console=$files/unmapped.console
	exits=$(bench load exits | word median)
	awk -v exits="$exits" -v linear="$(grep '^BENCH op=load place=linear ' "$files/ram.console" |
		word median)" 'BEGIN { exit !(linear > 0 && exits > 10 * linear) }'
	check $? "an exit costs more than ten times a load" "$exits ns"
}
