# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Results of the self-tests. Sourced by them, never run; $work/tap is what the tested
# program has said.

number=0
bad=0

# result STATUS TEXT
result()
{
	number=$((number + 1))
	if (($1)); then
		bad=1
		printf 'not ok %d - %s\n' "$number" "$2"
		sed 's/^/#   /' "$work/tap"
	else
		printf 'ok %d - %s\n' "$number" "$2"
	fi
}

# the_end: the plan, and the exit status
the_end()
{
	printf '1..%d\n' "$number"
	exit "$bad"
}
