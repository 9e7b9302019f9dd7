# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: awk -f ktap.awk -v suites="NAME..." [-v status=N] LOG...
#
# Turns what a kernel with KUnit says into flat TAP, one result a test: the
# parts of a name are suite, case, parameter. Failed as well: a suite of the list
# that did not run, one that ran and isn't on it, one without tests or cut short,
# a plan that wasn't kept, anything that the kernel warns of, and a status that
# isn't 0 when nothing else failed. Lines may have the kernel's time stamps.

function result(good, name, skip)
{
	printf "%sok %d - %s%s\n", good ? "" : "not ", ++total, name, skip
	if (skip != "")
		skipped++
	else if (!good)
		failed++
}

# The name of a result at that depth, with what it is in
function path(depth, name,    i, whole)
{
	for (i = 1; i <= depth; i++)
		whole = whole title[i] ": "
	return whole name
}

# The tests below a result are complete
function close_group(depth, name)
{
	if (planned[depth] != "" && planned[depth] != count[depth])
		result(0, name ": " planned[depth] " planned, " count[depth] " given", "")
	planned[depth] = ""
	count[depth] = 0
	bad[depth] = 0
}

BEGIN {
	# mawk has no {n}
	splat = "^(BUG|WARNING|INFO|UBSAN|Kernel panic|kernel BUG|Oops|general protection)[: ]|KASAN|^unreferenced object"
	listed = split(suites, list, " ")
	for (i = 1; i <= listed; i++)
		wanted[list[i]] = 1
}

{
	sub(/\r$/, "")
	sub(/^(<[0-9]+>)?\[ *[0-9]+\.[0-9]+\](\[ *[CT][0-9]+\])? ?/, "")
}

$0 ~ splat && !/INFO: lockdep is turned off/ {
	if (!told[$0]++ && splats++ < 5)
		result(0, "the kernel: " $0, "")
	next
}

# One kernel's after another's, or the files of debugfs, one after the other
/^KTAP version / && count[0] { close_group(0, "suites") }

/^ *KTAP version / { next }

/^ *# Subtest: / {
	match($0, /^ */)
	depth = RLENGTH / 4
	sub(/^ *# Subtest: /, "")
	title[depth] = $0
	next
}

/^ *1\.\.[0-9]+$/ {
	match($0, /^ */)
	planned[RLENGTH / 4] = substr($0, RLENGTH + 4) + 0
	next
}

/^ *(not )?ok [0-9]+ / {
	match($0, /^ */)
	depth = RLENGTH / 4
	good = $1 == "ok"
	number = good ? $2 : $3
	sub(/^ *(not )?ok [0-9]+ (- )?/, "")
	skip = ""
	if (match($0, / *# SKIP.*/)) {
		skip = substr($0, RSTART)
		$0 = substr($0, 1, RSTART - 1)
	}
	if (number != ++count[depth])
		result(0, path(depth, $0) ": it is number " number ", not " count[depth], "")
	if (!depth)
		ran[$0] = 1
	if (count[depth + 1]) {
		# What failed in it is said already, if it was a test
		if (!good && !bad[depth + 1])
			result(0, path(depth, $0), "")
		close_group(depth + 1, path(depth, $0))
	} else if (!depth) {
		result(0, $0 ": no tests", "")
	} else {
		result(good, path(depth, $0), skip)
	}
	if (!good)
		bad[depth]++
	next
}

# What a failed test saw
/^ +# module: |^ *# .*pass:[0-9]+ fail:/ { next }
count[0] != "" || title[1] != "" {
	if (/EXPECTATION FAILED|ASSERTION FAILED/)
		shown = 12
	if (shown-- > 0)
		print "# " $0
}

END {
	for (depth = 1; depth < 4; depth++)
		if (count[depth])
			result(0, path(depth, "cut short"), "")
	close_group(0, "suites")
	for (i = 1; i <= listed; i++)
		if (!(list[i] in ran))
			result(0, list[i] ": did not run", "")
	for (name in ran)
		if (listed && !(name in wanted))
			result(0, name ": is not on the list of suites", "")
	if (!total)
		result(0, "no tests", "")
	if (status && !failed)
		result(0, "ended with status " status, "")
	printf "1..%d\n# %d passed, %d failed, %d skipped\n", total,
	       total - failed - skipped, failed, skipped
	exit failed > 0
}
