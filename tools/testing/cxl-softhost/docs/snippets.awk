# SPDX-License-Identifier: GPL-2.0-only
#
# The C code blocks of a reStructuredText page, one after the other, with #line
# directives so that the compiler speaks of the page's lines.
#
#   awk -f snippets.awk page.rst >program.c

function width(line)
{
	match(line, /^[ \t]*/)
	return RLENGTH
}

function leave()
{
	inside = 0
	if (!lines) {
		printf "%s:%d: an empty code block\n", FILENAME, FNR >"/dev/stderr"
		exit 1
	}
}

/^[ \t]*\.\. code-block:: c$/ {
	if (inside)
		leave()
	inside = 1
	lines = 0
	margin = width($0)
	next
}

inside && NF && width($0) <= margin { leave() }
inside && !NF {
	print ""
	next
}
inside {
	if (!lines) {
		indent = substr($0, 1, width($0))
		printf "#line %d \"%s\"\n", FNR, FILENAME
	}
	if (index($0, indent) != 1) {
		printf "%s:%d: indented less than its block\n", FILENAME, FNR >"/dev/stderr"
		exit 1
	}
	print substr($0, length(indent) + 1)
	lines++
}

END {
	if (inside)
		leave()
}
