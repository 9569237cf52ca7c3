/** What is made of a trace. */

import { printed as table } from '../report/table.ts';
import type { Code, Layer } from './symbols.ts';

export interface Profile {
  /** Of one iteration. */
  instructions: number;
  /** All iterations together. */
  traced: number;
  layers: Part<Layer>[];
  functions: Part<Code>[];
}

/** Most instructions first. */
export interface Part<T> {
  of: T;
  /** Of one iteration. */
  instructions: number;
}

/** @param counts how often each address was executed @param instructions those of one iteration, by the guest's clock */
export function profileOf(counts: ReadonlyMap<number, number>, nameOf: (address: number) => Code, instructions: number): Profile {
  const traced = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const byFunction = new Map<string, Part<Code>>();
  const byLayer = new Map<Layer, Part<Layer>>();
  for (const [address, count] of counts) {
    const code = nameOf(address);
    const share = (instructions * count) / traced;
    add(byFunction, `${code.layer} ${code.name}`, code, share);
    add(byLayer, code.layer, code.layer, share);
  }
  const most = <T>(parts: Iterable<Part<T>>) => [...parts].toSorted((a, b) => b.instructions - a.instructions);
  return { instructions, traced, layers: most(byLayer.values()), functions: most(byFunction.values()) };
}

function add<K, T>(parts: Map<K, Part<T>>, key: K, of: T, instructions: number): void {
  const part = parts.get(key);
  if (part) part.instructions += instructions;
  else parts.set(key, { of, instructions });
}

/** Of an iteration; those of less are left out. */
const shownShare = 0.005;
const longestName = 80;

export function printed({ instructions, traced, layers, functions }: Profile): string {
  const line = (part: Part<unknown>, name: string[]) => [...name, part.instructions.toFixed(0), `${((100 * part.instructions) / instructions).toFixed(1)} %`];
  const shorter = (name: string) => (name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name);
  const title = `${instructions.toFixed(0)} instructions an iteration, from ${traced} that were traced`;
  return (
    table({ title, head: ['', 'instructions', 'share'], rows: layers.map((part) => line(part, [part.of])) }) +
    table({ title: `\nFunctions with more than ${100 * shownShare} %`, head: ['', 'instructions', 'share', 'of'], rows: functions.filter((part) => part.instructions > shownShare * instructions).map((part) => [...line(part, [shorter(part.of.name)]), part.of.layer]) })
  );
}
