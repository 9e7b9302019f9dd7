# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs test suites and adds up what they say. Sourced by scripts/test.
#
# A suite ends with one line "NAME: N passed, N failed, N skipped, S seconds",
# before it a line "NAME: skipped: ..." for each skipped result. A skipped
# result that isn't on the list of known ones counts as failed.
#
# Suites that must run are failures when they ran nothing. The others aren't
# started after CXL_SOFTHOST_STOP, a time in seconds since 1970, if that is set.
#
# What failed is said again at the end, a line "failed: ..." each: whoever sees
# only the end of a long log knows.

# shellcheck disable=SC2034	# read by the script that sources this file
ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034
VM=$ROOT/tools/testing/cxl-softhost/vm
KNOWN_SKIPS=$ROOT/tools/testing/cxl-softhost/skips
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cxl-softhost
OUT=${CXL_SOFTHOST_OUT:-$CACHE/out}
# Per tree, so that two of them don't build over each other
# shellcheck disable=SC2034
BUILD=$CACHE/build/userspace-$(printf '%s' "$ROOT" | sha256sum | cut -c1-16)
export CXL_SOFTHOST_OUT=$OUT

passed=0
failed=0
skipped=0
broken=()
why=()
times=()

# tap_suite NAME COMMAND...: COMMAND prints TAP, one plan or several.
tap_suite()
{
	local name=$1 log=$OUT/$1.log start=$SECONDS status=0 pid tick

	shift
	"$@" >"$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		# Ends at once with the command, or says after 15 s how far it is
		for ((tick = 0; tick < 75; tick++)); do
			kill -0 "$pid" 2>/dev/null || break 2
			sleep 0.2
		done
		printf '%s: %d results so far\n' "$name" \
			"$(grep -acE '^(not )?ok ' "$log" || true)"
	done
	wait "$pid" || status=$?
	awk -v name="$name" -v status="$status" -v seconds=$((SECONDS - start)) -v log_file="$log" '
		/^1\.\.[0-9]+/ { sub(/^1\.\./, ""); planned += $1 + 0; plans++; next }
		/^ok / && /# SKIP/ { skipped++; print name ": skipped: " $0; next }
		/^ok / { passed++; next }
		/^not ok / { failed++; print name ": " $0; next }
		END {
			if (!plans || planned != passed + failed + skipped) {
				printf "%s: %d results planned, %d given\n", name, planned,
				       passed + failed + skipped
				failed++
			}
			if (status && !failed) {
				printf "%s: ended with status %d\n", name, status
				failed++
			}
			if (failed)
				print name ": log: " log_file
			printf "%s: %d passed, %d failed, %d skipped, %d seconds\n", name,
			       passed, failed, skipped, seconds
		}' "$log"
}

# known_skip LINE: is it on the list? Its lines are extended regular expressions.
known_skip()
{
	local pattern

	while IFS= read -r pattern; do
		[[ $pattern && $pattern != \#* ]] || continue
		grep -qE -- "$pattern" <<<"$1" && return 0
	done <"$KNOWN_SKIPS"
	return 1
}

# run_suite must|may NAME COMMAND...: run it, show its output, take its last line
# into account.
run_suite()
{
	local kind=$1 name=$2 output=$OUT/$2.suite line summary unknown=0 start=$SECONDS last

	shift 2
	if [[ $kind == may ]] && (($(date +%s) > ${CXL_SOFTHOST_STOP:-9999999999})); then
		printf '%s: skipped: not started, the time for suites that may be left out is over\n' "$name"
		skipped=$((skipped + 1))
		return
	fi
	last=$(cat "$CACHE/durations/suite-$name" 2>/dev/null || true)
	printf '== %s%s\n' "$name" "${last:+ (last time: $last s)}"
	"$@" 2>&1 | tee "$output" || true
	mkdir -p "$CACHE/durations"
	printf '%d\n' $((SECONDS - start)) >"$CACHE/durations/suite-$name"
	times+=("$name $((SECONDS - start)) s")
	printf '== %s: %d seconds\n' "$name" $((SECONDS - start))
	while IFS= read -r line; do
		known_skip "$line" && continue
		why+=("$name: this skip is not on the list of known ones: $line")
		printf '%s\n' "${why[-1]}"
		unknown=$((unknown + 1))
	done < <(grep -aE '^[^ ]+: skipped: ' "$output")
	summary=$(grep -aE '^[^ ]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$output" | tail -n 1 || true)
	if [[ ! $summary =~ :\ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped ]]; then
		printf '%s: 0 passed, 1 failed, 0 skipped (it ended without a summary)\n' "$name"
		failed=$((failed + 1))
		broken+=("$name")
		why+=("$name: it ended without a summary; the last it said: $(tail -n 1 "$output")")
		return
	fi
	passed=$((passed + BASH_REMATCH[1]))
	failed=$((failed + BASH_REMATCH[2] + unknown))
	skipped=$((skipped + BASH_REMATCH[3] - unknown))
	if ((BASH_REMATCH[2] + unknown)); then
		broken+=("$name")
		# What it said under its own name, but for what passed or was skipped
		while IFS= read -r line; do
			why+=("$line")
		done < <(awk -v name="${summary%%:*}: " '
			index($0, name) == 1 && !/: (skipped: |[0-9]+ results so far|[0-9]+ passed, )/
			' "$output" | head -n 40)
	elif [[ $kind == must && ${BASH_REMATCH[1]} == 0 ]]; then
		printf '%s: 1 failed: it must run, and ran nothing\n' "$name"
		why+=("$name: it must run, and ran nothing")
		failed=$((failed + 1))
		broken+=("$name")
	fi
}

# summary NAME: what all suites came to; the answer is whether they passed.
summary()
{
	printf '%s: %s; logs in %s\n' "$1" "$(IFS=';'; echo "${times[*]}")" "$OUT"
	if ((${#broken[@]})); then
		printf '%s: failed: %s\n' "$1" "${broken[*]}"
		printf 'failed: %s\n' "${why[@]}"
	fi
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	((failed == 0 && passed > 0))
}
