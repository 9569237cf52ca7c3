/** Programs of others that call the kernel at random beside ours: Debian's `stress-ng` and `trinity`. */

import { existsSync } from 'node:fs';
import { placesInPath } from '../../docker/commands/run.ts';
import type { GuestProgram } from '../guest.ts';

const needed = ['stress-ng', 'trinity'];

/** What `stress-ng` does at the same time, twenty seconds long; then the next of them. */
const stressors = [
  '--fork 1 --clone 1 --exec 1 --vfork 1 --kill 1 --sigq 1',
  '--futex 1 --mutex 1 --sem 1 --pipe 1 --switch 1 --yield 1',
  '--poll 1 --epoll 1 --timer 1 --nanosleep 1 --eventfd 1 --io-uring 1',
  '--affinity 1 --schedpolicy 1 --ptrace 1 --userfaultfd 1 --rseq 1 --membarrier 1',
  '--vm 1 --vm-bytes 32M --mmap 1 --mmap-bytes 16M --get 1 --sigsegv 1 --session 1 --pidfd 1',
];

/**
 * As the user nobody, who may signal none of the tests' processes; and the first that the kernel kills for want of memory:
 * the noise may suffer, the tests may not.
 */
const asNobody = 'choom -n 1000 -- nice -n 5 setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --no-new-privs';

/** Of sockets trinity gets those of one domain: it dies of a kernel that has few. */
const begin = `
mkdir -m 777 -p /tmp/noise && cd /tmp/noise && ulimit -f 20000 && ulimit -c 0 || exit 1
{ while :; do
${stressors.map((some) => `  ${asNobody} stress-ng ${some} --timeout 20 --temp-path /tmp/noise --metrics >>stress-ng.log 2>&1 </dev/null`).join('\n')}
done; } &
{ seed=1; while :; do
  ${asNobody} trinity -q -q -a 64 -P INET -C 2 -N 5000 -s $seed -l off >>trinity.log 2>&1 </dev/null
  seed=$((seed + 1))
done; } &
jobs -p >loops
echo 1..1
echo ok 1 - begun`;

const end = `
cd /tmp/noise || exit 1
kill -9 $(cat loops)
${asNobody} sh -c 'kill -9 -1'
rounds=$(grep -c 'successful run completed' stress-ng.log)
runs=$(grep -c 'Ran [0-9]* syscalls' trinity.log)
echo 1..2
[ "$rounds" -gt 0 ] && echo ok 1 - stress-ng: $rounds rounds || { tail -n 20 stress-ng.log; echo not ok 1 - stress-ng has done nothing; }
[ "$runs" -gt 0 ] && echo ok 2 - trinity: $runs runs || { tail -n 20 trinity.log; echo not ok 2 - trinity has done nothing; }`;

/** @throws {Error} those programs are not there */
export function checkNoise(): void {
  const missing = needed.filter((name) => !placesInPath(name).some((path) => existsSync(path)));
  if (missing.length > 0) throw new Error(`For the noise: apt-get install --no-install-recommends ${missing.join(' ')}`);
}

/** The programs, with the noise around them. It fails if there was none. */
export function withNoise(programs: readonly GuestProgram[]): GuestProgram[] {
  const shell = (name: string, script: string): GuestProgram => ({ name, path: '/bin/sh', args: ['-c', script] });
  return [shell('noise begins', begin), ...programs, shell('noise', end)];
}
