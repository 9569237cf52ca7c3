/** How samples are distributed, as figure 12 has it; `bench/peers/latency.c` does the same. */

/** Shares of the samples, of which each quantile says how large they are at most. */
const shares = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/** `[share, nanoseconds]` of each share. */
export function quantilesOf(samples: readonly number[]): [share: number, nanoseconds: number][] {
  const sorted = samples.toSorted((a, b) => a - b);
  return shares.map((share) => [share, Math.round(sorted[Math.ceil(share * sorted.length) - 1]!)]);
}
