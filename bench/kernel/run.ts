/**
 * `npm run bench:kernel`: what a notification costs, and what the patch costs others. By instructions (QEMU's
 * bit-exact mode) and by the wall clock; on one virtual CPU and on two; on the patched kernel and on a clean one.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelImage } from '../../docker/kernel/build.ts';
import { runMain } from '../../docker/main.ts';
import { runSteps, type Step } from '../../docker/steps.ts';
import { packageRoot } from '../../docker/tree.ts';
import { bootKernelBench, type Boot } from './exact.ts';

const comparison = join(packageRoot, 'bench/kernel/compare.sh');
const output = join(packageRoot, 'build/bench');

const boots: Boot[] = (['instructions', 'wall'] as const).flatMap((clock) =>
  [1, 2].flatMap((cpus) => (['release', 'clean'] as const).map((flavour) => ({ flavour, cpus, clock }))),
);

await runMain(async () => {
  for (const flavour of ['release', 'clean'] as const) await kernelImage(flavour);
  mkdirSync(output, { recursive: true });
  const figures = new Map<string, string>();
  await runSteps(
    boots.map((boot): Step => ({
      title: title(boot),
      run: async () => {
        const said = await bootKernelBench(boot);
        writeFileSync(fileOf(boot), said);
        figures.set(title(boot), said);
      },
    })),
  );
  for (const boot of boots.filter(({ flavour }) => flavour === 'release')) {
    print(title(boot), figures.get(title(boot))!.replace(/^\{.*\n/gm, ''));
    const others = execFileSync('sh', [comparison, fileOf(boot), fileOf({ ...boot, flavour: 'clean' })], { encoding: 'utf8' });
    print(`${boot.clock}, ${boot.cpus} CPU: patched kernel against a clean one`, others);
  }
  process.stdout.write(`\nRaw figures: ${output}\n`);
  return 0;
});

function title({ flavour, cpus, clock }: Boot): string {
  return `${clock}, ${cpus} CPU, ${flavour} kernel`;
}

function fileOf({ flavour, cpus, clock }: Boot): string {
  return join(output, `${clock}-${cpus}-${flavour}.txt`);
}

function print(heading: string, text: string): void {
  process.stdout.write(`\n=== ${heading}\n${text}`);
}
