# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Reads what a boot left behind: $console, what the guest said, and $report,
# cxlvm's counters. Sourced, never run. "cxlvm --help" describes the report.

# word KEY: the value of KEY= in the first line of standard input.
word()
{
	sed -n "1s/^\(.* \)\{0,1\}$1=\([^ ]*\).*/\2/p"
}

# record NAME PHASE: the one line of that kind written at that moment.
record()
{
	grep "^record=$1 phase=$2 " "$report" | head -n 1
}

# counter PHASE KEY: a number of cxlvm's, or "none" if there is no such line.
counter()
{
	found=$(record cxl "$1" | word "$2")
	echo "${found:-none}"
}

# slots PHASE: the mapped parts of the windows, "HPA LENGTH" each.
slots()
{
	grep "^record=segment phase=$1 " "$report" | awk '
	{
		delete field
		for (i = 1; i <= NF; i++) {
			split($i, part, "=")
			field[part[1]] = part[2]
		}
		if (field["slot"] >= 0 && field["kind"] == "linear")
			print field["hpa"], field["length"]
		else if (field["slot"] >= 0)
			print field["hpa"], field["length"], field["kind"]
	}'
}

# events FROM TO: what the module answered between two moments, counted: "2
# committed" for example, or nothing.
events()
{
	awk -v from="$1" -v to="$2" '
	$1 == "record=phase" && $2 == "phase=" to { exit }
	$1 == "record=event" && on { split($2, part, "="); count[part[2]]++ }
	$1 == "record=phase" && $2 == "phase=" from { on = 1 }
	END { for (name in count) print count[name], name }' "$report" | sort -k 2 | xargs
}

# interleaved PHASE: the interleaved part of the windows as FIRST-END, if all ways
# answer there and it is in one piece; what else there is comes behind it.
interleaved()
{
	grep "^record=segment phase=$1 .* kind=interleaved " "$report" | while read -r part; do
		first=$(($(echo "$part" | word hpa)))
		echo "$first $((first + $(echo "$part" | word length))) $(echo "$part" | word reason)"
	done | awk '
	$3 != "none" { print "silent:", $0; next }
	NR > 1 && $1 == end { end = $2; next }
	NR > 1 { print "apart:", $0; next }
	{ first = $1; end = $2 }
	END { if (first) printf "%s %s\n", first, end }' | while read -r first end rest; do
		case $first in
		*[!0-9]*) echo "$first $end $rest" ;;
		*) printf '0x%x-0x%x\n' "$first" "$end" ;;
		esac
	done
}

# misses PHASE: accesses in all windows that found nothing.
misses()
{
	grep "^record=window phase=$1 " "$report" | sed -n 's/.* misses=\([0-9]*\).*/\1/p' |
		awk '{ all += $1 } END { print NR ? all : "no" }'
}

# reasons FROM TO: why decoders were refused between two moments, counted.
reasons()
{
	awk -v from="$1" -v to="$2" '
	$1 == "record=phase" && $2 == "phase=" to { exit }
	$1 == "record=event" && $2 == "outcome=refused" && on {
		for (i = 3; i <= NF; i++)
			if (sub(/^reason=/, "", $i))
				count[$i]++
	}
	$1 == "record=phase" && $2 == "phase=" from { on = 1 }
	END { for (name in count) print count[name], name }' "$report" | sort -k 2 | xargs
}

# window_range: where the window lies, as FIRST-END.
window_range()
{
	line=$(record window start)
	first=$(echo "$line" | word hpa)
	printf '0x%x-0x%x\n' "$((first))" "$((first + $(echo "$line" | word length)))"
}

# in_range ADDRESS FIRST-END
in_range()
{
	case $1 in
	0x*) ;;
	*) return 1 ;;
	esac
	[ "$(($1))" -ge "$((${2%-*}))" ] && [ "$(($1))" -lt "$((${2#*-}))" ]
}

# guest_step NAME: what the guest says about a step, "ok DETAIL" or "fail DETAIL".
guest_step()
{
	sed -n "s/^STEP $1 //p" "$console" | head -n 1
}

# bench OP PLACE: the line of cxl-bench.
bench()
{
	grep "^BENCH op=$1 place=$2 " "$console" | head -n 1
}
