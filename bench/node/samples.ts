/** Samples of several variants, taken in turn so that what disturbs one disturbs all. */

export interface Variant {
  name: string;
  /** One run; gives nanoseconds per operation. */
  run: () => number | Promise<number>;
}

export interface Figure {
  name: string;
  median: number;
  least: number;
  most: number;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** One run of each to warm up, then `runs` of each, interleaved. */
export async function sample(variants: Variant[], runs = 5): Promise<Figure[]> {
  const samples = variants.map((): number[] => []);
  for (let round = 0; round <= runs; round++) {
    for (const [index, { run }] of variants.entries()) {
      const value = await run();
      if (round > 0) samples[index]!.push(value);
    }
  }
  return variants.map(({ name }, index) => {
    const values = samples[index]!;
    return { name, median: median(values), least: Math.min(...values), most: Math.max(...values) };
  });
}

/** A table; the last column is each row against the first. */
export function print(title: string, figures: Figure[], unit = 'ns'): void {
  const shown = (value: number) => value.toFixed(value < 100 ? 2 : 0).padStart(10);
  const base = figures[0]!.median;
  const rows = figures.map(({ name, median, least, most }) => `${name.padEnd(56)}${shown(median)}${shown(least)}${shown(most)}${(median / base).toFixed(2).padStart(8)}`);
  const head = `${unit.padEnd(56)}${['median', 'least', 'most'].map((word) => word.padStart(10)).join('')}${'x'.padStart(8)}`;
  process.stdout.write(`\n${title}\n${head}\n${rows.join('\n')}\n`);
}
