/** Times as people read them. */

const units = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [0, 'ns'],
] as const;

/** Three digits and a unit. */
export function time(nanoseconds: number): string {
  const [size, unit] = units.find(([size]) => nanoseconds >= size) ?? [1, 'ns'];
  return `${Number((nanoseconds / (size || 1)).toPrecision(3))} ${unit}`;
}

/** On the instruction clock a nanosecond is an instruction. */
export function instructions(count: number): string {
  const [size, unit] = count >= 1e6 ? [1e6, ' M'] : count >= 1e4 ? [1e3, ' k'] : [1, ''];
  return `${Number((count / size).toPrecision(3))}${unit}`;
}

export const clockNames = { wall: 'wall clock', instructions: 'instruction clock' } as const;
