#!/bin/sh
# What a patched kernel costs those who do not use VPI.
#
#	compare.sh PATCHED UNPATCHED
#
# Both are the output of the same vpi-kernel-bench, on one kernel each. The
# first column of ratios is by instructions (bit-exact mode) or cycles, the
# second by the clock.
set -eu

if [ $# -ne 2 ]; then
	echo "usage: $0 PATCHED UNPATCHED" >&2
	exit 2
fi

awk '
function field(name,    text) {
	text = $0
	sub(".*\"" name "\":[{]?\"?(median\":)?", "", text)
	sub("[,}\"].*", "", text)
	return text
}
/^[{]/ {
	key = field("row") " " field("cpus")
	if (FILENAME == ARGV[1]) {
		tsc[key] = field("tsc"); ns[key] = field("ns")
	} else if (key in tsc) {
		if (!heads++)
			printf "%-22s %4s %12s %12s %9s %9s\n", "row", "cpus",
			       "patched", "unpatched", "tsc", "ns"
		split(key, part, " ")
		printf "%-22s %4d %12.1f %12.1f %+8.3f%% %+8.3f%%\n", part[1],
		       part[2], tsc[key], field("tsc"),
		       (tsc[key] / field("tsc") - 1) * 100,
		       (ns[key] / field("ns") - 1) * 100
	}
}
END {
	if (!heads) {
		print "compare.sh: no row is in both files" > "/dev/stderr"
		exit 1
	}
}' "$1" "$2"
