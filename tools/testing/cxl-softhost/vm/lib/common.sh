# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by every script of the test bed: where things are kept, how the
# scripts speak, and how long the steps took last time. Sourced, never run.

VM_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034	# read by the scripts that source this file
SOURCE_ROOT=$(cd -- "$VM_DIR/../../../.." && pwd)
PROGRAM=${0##*/}

say()
{
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# The usage text of a script is its own header comment.
usage()
{
	sed -n '3,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"
}

cache_init()
{
	local base=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}

	[[ $base ]] || die "neither XDG_CACHE_HOME nor HOME is set: no place for the cache"
	CACHE=$base/cxl-softhost
	mkdir -p "$CACHE"/{durations,tmp,sets,initramfs,build,modules,out} ||
		die "can't write to $CACHE"
	CACHE=$(cd -- "$CACHE" && pwd -P)
	# What a killed script left behind.
	find "$CACHE/tmp" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf -- {} + 2>/dev/null || true
}

# begin_step KEY TEXT...: say what starts and how long it took last time.
begin_step()
{
	local last

	STEP_KEY=$1
	STEP_START=$SECONDS
	shift
	last=$(cat "$CACHE/durations/$STEP_KEY" 2>/dev/null || true)
	say "$*${last:+ (last time: $last s)}"
}

end_step()
{
	printf '%s\n' "$((SECONDS - STEP_START))" >"$CACHE/durations/$STEP_KEY"
}

# hash_of: the key under which something made from standard input is cached.
hash_of()
{
	sha256sum | cut -c1-16
}

# hash_tree PATH: a key for the names and contents of a file or directory.
hash_tree()
{
	if [[ -d $1 ]]; then
		(cd -- "$1" && find . -type f -print0 | sort -z |
			xargs -0 -r sha256sum) | hash_of
	else
		hash_of <"$1"
	fi
}

# vm_program NAME: the program of NAME.c, built when it isn't there yet.
vm_program()
{
	local source=$VM_DIR/$1.c program

	program=$CACHE/build/$1-$(hash_tree "$source")
	if [[ ! -x $program ]]; then
		gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$program.$$" "$source" ||
			die "$1.c does not build (is scripts/setup content?)"
		mv -- "$program.$$" "$program"
	fi
	printf '%s\n' "$program"
}

# prune_old DIR COUNT: keep the COUNT newest entries of DIR.
prune_old()
{
	local -a old

	mapfile -t old < <(find "$1" -mindepth 1 -maxdepth 1 -printf '%T@\t%p\n' |
		sort -rn | tail -n "+$(($2 + 1))" | cut -f2-)
	((${#old[@]} == 0)) || rm -rf -- "${old[@]}"
}
