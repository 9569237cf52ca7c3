/**
 * `npm run bench:kernel`: what a notification costs, and what the patch costs others. By instructions (QEMU's
 * bit-exact mode) and by the wall clock; on one virtual CPU and on two; on the patched kernel and on a clean one.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelImage } from '../../docker/kernel/build.ts';
import { runMain } from '../../docker/main.ts';
import { runSteps, type Step } from '../../docker/steps.ts';
import { packageRoot } from '../../docker/tree.ts';

const program = join(packageRoot, 'build/native/bench/vpi-kernel-bench');
const script = (name: string) => join(packageRoot, 'bench/kernel', name);
const output = join(packageRoot, 'build/bench');

interface Run {
  flavour: 'release' | 'clean';
  cpus: number;
  clock: 'instructions' | 'wall';
}

const runs: Run[] = (['instructions', 'wall'] as const).flatMap((clock) =>
  [1, 2].flatMap((cpus) => (['release', 'clean'] as const).map((flavour) => ({ flavour, cpus, clock }))),
);

await runMain(async () => {
  const kernels = { release: await kernelImage('release'), clean: await kernelImage('clean') };
  mkdirSync(output, { recursive: true });
  const figures = new Map<string, string>();
  await runSteps(
    runs.map((run): Step => ({
      title: title(run),
      run: async () => {
        const env = { ...process.env, WALL: run.clock === 'wall' ? '1' : '0' };
        const said = await outputOf('sh', [script('bitexact.sh'), program, kernels[run.flavour], String(run.cpus)], env);
        writeFileSync(fileOf(run), said);
        figures.set(title(run), said);
      },
    })),
  );
  for (const run of runs.filter(({ flavour }) => flavour === 'release')) {
    print(title(run), figures.get(title(run))!.replace(/^\{.*\n/gm, ''));
    const others = await outputOf('sh', [script('compare.sh'), fileOf(run), fileOf({ ...run, flavour: 'clean' })]);
    print(`${run.clock}, ${run.cpus} CPU: patched kernel against a clean one`, others);
  }
  process.stdout.write(`\nRaw figures: ${output}\n`);
  return 0;
});

function title({ flavour, cpus, clock }: Run): string {
  return `${clock}, ${cpus} CPU, ${flavour} kernel`;
}

function fileOf({ flavour, cpus, clock }: Run): string {
  return join(output, `${clock}-${cpus}-${flavour}.txt`);
}

function print(heading: string, text: string): void {
  process.stdout.write(`\n=== ${heading}\n${text}`);
}

/** Standard output of a command that must succeed; its errors are shown as they come. */
async function outputOf(command: string, args: string[], env = process.env): Promise<string> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
  return Buffer.concat(chunks).toString();
}
