/** The names of what lies at an address: of the kernel, of the program's files, and of what V8 has compiled. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';

export type Layer = 'kernel' | 'JavaScript' | 'V8 and Node' | 'addon and libvpi' | 'C library' | 'elsewhere';

export interface Code {
  layer: Layer;
  name: string;
}

interface Symbol extends Code {
  start: number;
  /** 0 where nothing says how long it is: until the next one. */
  size: number;
}

/** What has no name is of the layer of what has one just before. */
const near = 2 ** 20;

/** 48 bits of it: in these the kernel's are above all of a program, and a number holds them. */
export function addressOf(hex: string): number {
  return parseInt(hex.slice(-12), 16);
}

const elsewhere: Code = { layer: 'elsewhere', name: 'no name' };

/** @param maps the program's `/proc/PID/maps` @param perfMap what `node --perf-basic-prof` writes */
export function namesOf({ kallsyms, maps, perfMap }: { kallsyms: string; maps: string; perfMap: string }): (address: number) => Code {
  // What V8 compiles later may lie where something else has been.
  const symbols = [...kernelSymbols(kallsyms), ...filesOf(maps).flatMap(fileSymbols), ...compiled(perfMap)].toSorted((a, b) => a.start - b.start);
  return (address) => {
    const symbol = symbols[lastUpTo(symbols, address)];
    if (symbol === undefined || address >= symbol.start + symbol.size + near) return elsewhere;
    return symbol.size === 0 || address < symbol.start + symbol.size ? symbol : { layer: symbol.layer, name: 'no name' };
  };
}

/** The index of the last that starts at `address` or before. */
function lastUpTo(symbols: readonly Symbol[], address: number): number {
  let [low, high] = [0, symbols.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function kernelSymbols(kallsyms: string): Symbol[] {
  return matches(kallsyms, /^([0-9a-f]{16}) [tTwW] (\S+)/gm).map(([, start, name]) => ({ layer: 'kernel', name: name!, start: addressOf(start!), size: 0 }));
}

function compiled(perfMap: string): Symbol[] {
  return matches(perfMap, /^([0-9a-f]+) ([0-9a-f]+) (.*)$/gm).map(([, hex, size, text]) => {
    const at = { start: addressOf(hex!), size: parseInt(size!, 16) };
    // A sign for the tier; then, from some versions on, a quote.
    const [, tier, name] = /^JS:([*+^~]?)'?(.*)$/.exec(text!) ?? [];
    return name === undefined ? { ...at, layer: 'V8 and Node', name: text! } : { ...at, layer: 'JavaScript', name: tier + name.replace(/ \S*\//, ' ') };
  });
}

interface MappedFile {
  path: string;
  /** Where its first byte is, or would be. */
  base: number;
}

function filesOf(maps: string): MappedFile[] {
  const files = new Map<string, number>();
  for (const [, start, offset, path] of matches(maps, /^([0-9a-f]+)-\S+ \S+ ([0-9a-f]+) \S+ \S+ +(\/.*)$/gm)) {
    const base = addressOf(start!) - parseInt(offset!, 16);
    files.set(path!, Math.min(base, files.get(path!) ?? base));
  }
  return [...files].map(([path, base]) => ({ path, base })).filter(({ path }) => existsSync(path));
}

function layerOf(path: string): Layer {
  const name = basename(path);
  return name === 'node' ? 'V8 and Node' : name.endsWith('.node') ? 'addon and libvpi' : 'C library';
}

function fileSymbols({ path, base }: MappedFile): Symbol[] {
  const run = (program: string, ...args: string[]) => execFileSync(program, [...args, path], { encoding: 'latin1', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'ignore'] });
  const isElf = () => run('head', '-c', '4') === '\x7fELF';
  if (!isElf()) return [];
  // What is linked for one address has its symbols there.
  const offset = /Type:\s+EXEC/.test(run('readelf', '-h')) ? 0 : base;
  const listed = run('nm', '-SC') + run('nm', '-SDC');
  return matches(listed, /^([0-9a-f]{16}) (?:([0-9a-f]{16}) )?[tTwWiu] (.*)$/gm).map(([, start, size = '0', name]) => ({ layer: layerOf(path), name: name!, start: offset + addressOf(start!), size: parseInt(size, 16) }));
}

function matches(text: string, pattern: RegExp): RegExpExecArray[] {
  return [...text.matchAll(pattern)];
}
