// `vpi doctor`: says what is missing on this machine, and the command that mends it. Changes nothing,
// and needs nothing but Node 18.

import { accessSync, constants, statfsSync } from 'node:fs';
import { homedir, totalmem } from 'node:os';
import { installCommand, missingPackages, steps } from './bootstrap.js';

const gigabyte = 2 ** 30;
/** Source trees, object files of both flavours, and the compiler's cache. */
const wantedDisk = 8 * gigabyte;
/** The VM's own 2 GB, and QEMU and a compiler beside it. */
const wantedMemory = 3.5 * gigabyte;

/** Each check gives what is wrong and what to do, or nothing. */
const checks = [
  { what: 'Debian packages', look: packages },
  ...steps.slice(1).map((step) => ({ what: step.title.replace(/^\w+ /, ''), look: () => (step.needed() ? { wrong: 'missing or out of date', mend: 'npm run build' } : undefined) })),
  { what: 'disk space', look: diskSpace },
  { what: 'memory', look: memory },
];

function packages() {
  const missing = missingPackages();
  return missing.length > 0 ? { wrong: `missing: ${missing.join(' ')}`, mend: `sudo ${installCommand(missing)}` } : undefined;
}

function diskSpace() {
  const cache = process.env.XDG_CACHE_HOME || homedir();
  const { bavail, bsize } = statfsSync(cache);
  const free = bavail * bsize;
  if (free >= wantedDisk) return undefined;
  return { wrong: `${(free / gigabyte).toFixed(1)} GB free in ${cache}, a kernel build wants ${wantedDisk / gigabyte} GB`, mend: 'export XDG_CACHE_HOME=/a/larger/place' };
}

function memory() {
  if (totalmem() >= wantedMemory) return undefined;
  return { wrong: `${(totalmem() / gigabyte).toFixed(1)} GB`, mend: 'vpi run --memory 1024M …, for less than the usual 2048M' };
}

function accelerator() {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return '/dev/kvm is there: it is used if a kernel boots on it';
  } catch {
    return 'no access to /dev/kvm: QEMU translates the code, which is slower';
  }
}

export function doctor() {
  let healthy = true;
  for (const { what, look } of checks) {
    const finding = look();
    healthy &&= !finding;
    process.stdout.write(finding ? `✗ ${what}: ${finding.wrong}\n    ${finding.mend}\n` : `✓ ${what}\n`);
  }
  process.stdout.write(`  ${accelerator()}\n`);
  return healthy ? 0 : 1;
}
