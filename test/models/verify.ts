/** Has SPIN look at every state that a model can reach. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Outcome {
  /** What SPIN has found wrong: an assertion, or a state from which nothing goes on; undefined: nothing. */
  error: string | undefined;
  states: number;
  /** Whether it has looked at all of them. With an error it stops there. */
  isComplete: boolean;
}

/** `text` is a model in Promela, `defines` its bounds. Each process ends where it should, or it is an error. */
export async function verify(text: string, defines: readonly string[]): Promise<Outcome> {
  const cwd = await mkdtemp(join(tmpdir(), 'model-'));
  try {
    await writeFile(join(cwd, 'model.pml'), text);
    await run('spin', ['-a', ...defines, 'model.pml'], { cwd });
    // Without optimization: the compiler would take far longer than what it saves.
    await run('cc', ['-w', '-DSAFETY', '-DCOLLAPSE', '-DVECTORSZ=2048', '-DMEMLIM=8000', '-o', 'pan', 'pan.c'], { cwd });
    const { stdout } = await run('./pan', ['-m1000000', '-w24'], { cwd, maxBuffer: 1 << 24 });
    return outcomeOf(stdout);
  } finally {
    await rm(cwd, { recursive: true });
  }
}

function outcomeOf(output: string): Outcome {
  const errors = /errors: (\d+)/.exec(output);
  if (errors === null) throw new Error(`the verifier did not come to an end:\n${output}`);
  return {
    error: errors[1] === '0' ? undefined : (/^pan:1: (.*) \(at depth/m.exec(output)?.[1] ?? 'unknown'),
    states: Number(/(\d+) states, stored/.exec(output)?.[1]),
    isComplete: !/max search depth too small|Search not completed/.test(output),
  };
}
