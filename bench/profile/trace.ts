/** Each instruction that the guest executes, by QEMU's log: a line for each, with its address. */

import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Monitor } from './monitor.ts';
import { addressOf } from './symbols.ts';

/** Instructions that are traced: so many that a garbage collection is not most of them. */
const enough = 20e6;

/** Milliseconds until what happens once, in the first iterations, is over; of a program that takes ten seconds. */
const patience = 2000;

/** The name since QEMU 8.1, and the one before. */
const oneByOne = ['one-insn-per-tb', 'singlestep'];

/** How often each address was executed. `pipe` is made for it: what QEMU writes, 90 bytes an instruction, is on no disk. The guest's clock does not see it. */
export async function trace(monitor: Monitor, pipe: string, progress: (text: string) => void): Promise<Map<number, number>> {
  await delay(patience);
  await monitor.say('stop');
  execFileSync('mkfifo', [pipe]);
  const log = createReadStream(pipe, 'latin1');
  await monitor.say(`logfile ${pipe}`);
  const switches = await setOneByOne(monitor, 'on');
  await monitor.say('log exec,nochain');
  await monitor.say('cont');
  const counts = await countsOf(log, progress);
  await monitor.say('stop');
  await monitor.say('log none');
  await monitor.say(`${switches} off`);
  await monitor.say('cont');
  return counts;
}

async function setOneByOne(monitor: Monitor, value: string): Promise<string> {
  for (const name of oneByOne) {
    const answer = await monitor.say(`${name} ${value}`);
    if (!answer.includes('unknown command')) return name;
  }
  throw new Error(`this QEMU's monitor knows neither ${oneByOne.join(' nor ')}`);
}

/** Reads no further than it has to: nobody hears what QEMU writes then. */
async function countsOf(log: AsyncIterable<string>, progress: (text: string) => void): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  let [traced, rest] = [0, ''];
  for await (const chunk of log) {
    const text = rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    for (const [, pc] of text.slice(0, end).matchAll(/ \[[0-9a-f]+\/([0-9a-f]+)\//g)) {
      const address = addressOf(pc!);
      counts.set(address, (counts.get(address) ?? 0) + 1);
      traced++;
    }
    rest = text.slice(end);
    progress(`${(traced / 1e6).toFixed(1)} of ${enough / 1e6} million`);
    if (traced >= enough) break;
  }
  return counts;
}
