#!/bin/sh
# Runs vpi-kernel-bench as the only program of a virtual machine, in QEMU's
# bit-exact mode: one host thread, and a clock that counts the guest's
# instructions. The same kernel and program give the same output in every boot.
#
#	bitexact.sh PROGRAM KERNEL [CPUS [ARGUMENT...]]
#
# With WALL=1 in the environment: the clock on the wall instead.
set -eu

if [ $# -lt 2 ]; then
	echo "usage: $0 PROGRAM KERNEL [CPUS [ARGUMENT...]]" >&2
	exit 2
fi
program=$1 kernel=$2 cpus=${3:-1}
shift $(($# < 3 ? $# : 3))

dir=$(mktemp -d)
machine=
trap 'kill $machine 2> /dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$dir/root"
cp "$program" "$dir/root/init"
# The same bytes each time: no times, no order of a directory.
touch -d @0 "$dir/root/init" "$dir/root"
(cd "$dir/root" && printf '%s\n' . init |
	cpio -o -H newc --reproducible --quiet) > "$dir/initrd"

clock='-accel tcg,thread=single -icount shift=0,sleep=off
	-rtc base=2026-01-01T00:00:00,clock=vm -seed 1'
if [ "${WALL:-0}" = 1 ]; then
	clock='-accel tcg,thread=multi'
fi
# shellcheck disable=SC2086 # $clock is several arguments
qemu-system-x86_64 $clock -cpu max -smp "$cpus" -m 512 \
	-nodefaults -display none -serial "file:$dir/console" -no-reboot \
	-kernel "$kernel" -initrd "$dir/initrd" \
	-append "console=ttyS0 quiet panic=-1 nokaslr norandmaps clocksource=tsc tsc=reliable -- $*" &
# Not in the foreground, where a signal would have to wait for its end.
machine=$!
wait $machine
machine=

tr -d '\r' < "$dir/console" > "$dir/output"
if ! grep -q '^{' "$dir/output"; then
	cat "$dir/output" >&2
	echo "$0: the machine ended without a figure" >&2
	exit 1
fi
grep -E '^(\{|#)' "$dir/output"
