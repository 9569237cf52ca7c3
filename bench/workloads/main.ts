/** `FIGURE COUNT PROCESSORS`: the paper's workloads on VPIthreads, one figure at a time. */

import { run, type OpGenerator } from 'node-vpi/threads';
import { now } from 'node-vpi';
import { readArguments, report, warmUpCalls } from './arguments.ts';
import { barrier } from './barrier.ts';
import { createJoin } from './create-join.ts';
import { fourGames, pingPong } from './ping-pong.ts';
import { signal } from './signal.ts';
import { steady } from './steady.ts';

const workloads: Record<number, (count: number, processors: number) => OpGenerator> = { 3: createJoin, 4: signal, 5: barrier, 6: pingPong, 7: fourGames };

const given = readArguments(process.argv.slice(2), Object.keys(workloads).map(Number));
const processors = Number(process.argv[4] ?? 1);
const workload = workloads[given.figure]!;

const time = run(
  function* () {
    for (let call = 0; call < warmUpCalls; call++) yield* workload(given.warmUp, processors);
    steady();
    const start = now();
    yield* workload(given.count, processors);
    return now() - start;
  },
  { processors },
);
report(`vpithreads-${processors}`, given, time);
