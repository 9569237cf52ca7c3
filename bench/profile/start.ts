/** `npm run bench:profile -- FIGURE`: which functions the instructions of one iteration are in, on VPIthreads; traced in the VM, one by one. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { chosenMachine } from '../../docker/commands/machine.ts';
import { Interruption } from '../../docker/interruption.ts';
import { runMain } from '../../docker/main.ts';
import { runSteps } from '../../docker/steps.ts';
import { guestEnvironment } from '../../docker/vm/command.ts';
import { inTemporaryDirectory } from '../../docker/vm/machine.ts';
import { runInVm } from '../../docker/vm/run.ts';
import { steadyLine } from '../workloads/steady.ts';
import { Monitor } from './monitor.ts';
import { printed, profileOf, type Profile } from './profile.ts';
import { commandOf, profiledFigures } from './programs.ts';
import { namesOf } from './symbols.ts';
import { trace } from './trace.ts';

const section = '@@';

/** The program, then what names its addresses. */
const script = `"$@" || exit
echo '${section}'; cat /proc/kallsyms
echo '${section}'; cat /tmp/perf-*.map`;

/** What the program has said; `onSteady` is called when all that follows is measured. */
class Said extends Writable {
  text = '';
  readonly #onSteady: () => void;

  constructor(onSteady: () => void) {
    super();
    this.#onSteady = onSteady;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('latin1');
    if (this.isMeasuring) this.#onSteady();
    done();
  }

  /** The next that it says is its result. */
  get isMeasuring(): boolean {
    return this.text.endsWith(`\n${steadyLine}\n`);
  }
}

async function profile(figure: number, directory: string, progress: (text: string) => void, signal: AbortSignal): Promise<Profile> {
  const path = join(directory, 'monitor');
  const monitor = await Monitor.listen(path);
  const failed = new AbortController();
  let counts: Map<number, number> | undefined;
  const traceNow = () => trace(monitor, join(directory, 'trace'), progress);
  const said = new Said(() => void traceNow().then((traced) => void (said.isMeasuring && (counts = traced)), (error: unknown) => failed.abort(error)));
  try {
    const machine = { ...(await chosenMachine({ smp: 1, memory: '2048M', icount: true })), monitor: path };
    const program = { program: '/bin/sh', args: ['-c', script, 'sh', ...commandOf(figure)], cwd: '/', env: { ...guestEnvironment(process.env), VPI_PROFILE: '1' }, stdout: said };
    const end = AbortSignal.any([signal, failed.signal]);
    const { status, console } = await runInVm({ ...machine, ...program, stderr: process.stderr, signal: end });
    end.throwIfAborted();
    if (status !== 0) throw new Error(`the program has ended with status ${status}\n${console.slice(-1000)}`);
  } finally {
    monitor.close();
  }
  if (counts === undefined) throw new Error('the program has ended before all was traced');
  const [measured, kallsyms, perfMap] = said.text.split(section);
  const [maps, outcome] = measured!.split(`${steadyLine}\n`);
  const { nanoseconds, count } = JSON.parse(outcome!) as { nanoseconds: number; count: number };
  return profileOf(counts, namesOf({ kallsyms: kallsyms!, maps: maps!, perfMap: perfMap! }), nanoseconds / count);
}

await runMain(async () => {
  const [figure, ...rest] = process.argv.slice(2).map(Number);
  if (!profiledFigures.includes(figure!) || rest.length > 0) throw new RangeError(`usage: FIGURE, one of ${profiledFigures.join(', ')}`);
  using interruption = new Interruption();
  let result: Profile | undefined;
  const run = (progress: (text: string) => void) => inTemporaryDirectory(tmpdir(), async (directory) => void (result = await profile(figure!, directory, progress, interruption.signal)));
  await runSteps([{ title: `instructions of figure ${figure}, one by one`, run }]);
  process.stdout.write(`\n${printed(result!)}`);
  return 0;
});
