/** The rule `yield-ops` on small programs, and the project's own lint. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ESLint, RuleTester, type Linter, type Rule } from 'eslint';
import t from 'tap';
import { parser } from 'typescript-eslint';
import { packageRoot } from '../docker/tree.ts';
import { yieldOps } from '../lint/yield-ops.ts';

const options = { target: 'es2023', module: 'nodenext', strict: true, types: ['node'] };
const directory = t.testdir({ 'thread.ts': '', 'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['thread.ts'] }) });
const filename = join(directory, 'thread.ts');

/** What the programs below call. */
const preamble = `
  import { finish, KernelOp, kernelRegister, type AnyOp, type Op, type OpGenerator, type VpHandle } from 'node-vpi';
  import { close, lines, nanosleep, read, readFile } from 'node-vpi/sys';

  declare const fd: number, buffer: Buffer, input: ReturnType<typeof lines>, threads: OpGenerator[], waiting: Map<VpHandle, AnyOp>;
  declare const either: () => Op<number> | undefined, special: () => Op<number> & { fd: number }, later: () => Promise<void>;
  declare const none: { close(): KernelOp<void> } | undefined;

  abstract class Wait<T> extends KernelOp<T> {}
  class Flush extends Wait<void> {
    readonly name = 'flush()';
    request() { return false; }
    receive() {}
  }
  class Tool { static made = new Tool(); sharpen() { return new Flush(); } }
`;

const thread = (body: string) => `${preamble}\nfunction* thread(): OpGenerator { ${body} }`;
const valid = (name: string, code: string) => ({ name, code, filename });

interface Wrong {
  code: string;
  call: string;
  messageId?: string;
  /** Undefined: there is no place for a `yield*`. */
  mended?: string;
}

function invalid(name: string, wrap: (body: string) => string, { code, call, messageId = 'thrownAway', mended }: Wrong) {
  const suggestions = mended === undefined ? [] : [{ messageId: 'suggestion', data: { call }, output: wrap(mended) }];
  return { name, code: wrap(code), filename, errors: [{ messageId, data: { call }, suggestions }] };
}

RuleTester.describe = (_: string, run: () => void) => run();
RuleTester.it = (name: string, run: () => void) => void t.test(name, async (t) => t.doesNotThrow(run));
const tester = new RuleTester({ languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: directory } } });

const inThread = (name: string, wrong: Wrong) => invalid(name, thread, wrong);
const outside = (name: string, wrong: Wrong) => invalid(name, (body) => preamble + body, wrong);

tester.run('yield-ops', yieldOps as unknown as Rule.RuleModule, {
  valid: [
    valid('ops that are run', thread('yield* read(fd, buffer); const text = yield* readFile("/etc/hostname", "utf8"); text.at(0); yield* finish();')),
    valid('one of two that is run', thread('yield* fd > 0 ? nanosleep(1) : close(fd);')),
    valid('ops that are kept, given away or returned', thread('const op = read(fd, buffer); waiting.set(1 as VpHandle, op); threads.push(thread()); yield* op;') + 'const make = () => close(fd);'),
    valid('a manager that waits in place of its thread', thread('for (const thread of threads) { const step = thread.next(); if (!step.done) yield step.value; }')),
    valid('what comes out of a collection', thread('threads.shift(); waiting.get(1 as VpHandle); threads[0]![Symbol.iterator](); Object.assign(finish(), { mark: 1 });')),
    valid('generators of threads', `${preamble} function* all(): Generator<OpGenerator> { yield parts(); yield parts(); } declare function parts(): OpGenerator;`),
    valid('what has nothing to do with ops', `${preamble} lines(fd); void later(); void later().then(() => 1); [1].forEach((n) => n + 1); async function f() { await later(); } function* numbers() { yield Math.random(); numbers(); }`),
    valid('another class of that name', 'class Op { apply() {} } function* f() { new Op(); yield new Op(); }'),
    valid('a function that gives an op or nothing', thread('either(); void either();')),
    valid('a class that looks like it', 'class Deferred { next() {} resolve() {} reject() {} } new Deferred();'),
    valid('callbacks whose result somebody wants', `${preamble} const ops = [1, 2].map((fd) => close(fd));`),
    valid('nothing that is known', 'declare const f: any; f(); (f as () => unknown)(); void f(); (f as <T>() => T)();'),
  ],
  invalid: [
    inThread('a statement', { code: 'read(fd, buffer);', call: 'read(…)', mended: 'yield* read(fd, buffer);' }),
    inThread('without arguments', { code: 'finish();', call: 'finish()', mended: 'yield* finish();' }),
    inThread('a generator of ops', { code: 'readFile("/etc/hostname");', call: 'readFile(…)', mended: 'yield* readFile("/etc/hostname");' }),
    inThread('a method that is a generator', { code: 'input.next();', call: 'input.next()', mended: 'yield* input.next();' }),
    inThread('its own function', { code: 'thread();', call: 'thread()', mended: 'yield* thread();' }),
    inThread('a class made of a class made of KernelOp', { code: 'new Flush();', call: 'new Flush()', mended: 'yield* new Flush();' }),
    inThread('a method that gives one of those', { code: 'Tool.made.sharpen();', call: 'Tool.made.sharpen()', mended: 'yield* Tool.made.sharpen();' }),
    inThread('void', { code: 'void close(fd);', call: 'close(…)', mended: 'yield* close(fd);' }),
    inThread('void in an expression', { code: 'const nothing = void close(fd) ?? 1;', call: 'close(…)', mended: 'const nothing = (yield* close(fd)) ?? 1;' }),
    inThread('void in a condition', { code: 'const one = void close(fd) ? 1 : 2;', call: 'close(…)', mended: 'const one = (yield* close(fd)) ? 1 : 2;' }),
    inThread('a comma', { code: 'const length = (close(fd), 1);', call: 'close(…)', mended: 'const length = (yield* close(fd), 1);' }),
    inThread('the last of a comma expression', { code: 'fd, close(fd);', call: 'close(…)', mended: 'fd, yield* close(fd);' }),
    inThread('a branch', { code: 'fd > 0 ? close(fd) : undefined;', call: 'close(…)', mended: 'fd > 0 ? yield* close(fd) : undefined;' }),
    inThread('an operator', { code: 'fd > 0 && close(fd);', call: 'close(…)', mended: 'fd > 0 && (yield* close(fd));' }),
    inThread('an operator with an op on its left', { code: 'nanosleep(1) || fd;', call: 'nanosleep(…)', mended: '(yield* nanosleep(1)) || fd;' }),
    inThread('a loop', { code: 'for (let i = 0; i < 3; nanosleep(1)) i++;', call: 'nanosleep(…)', mended: 'for (let i = 0; i < 3; yield* nanosleep(1)) i++;' }),
    inThread('what is there perhaps', { code: 'none?.close();', call: 'none?.close()', mended: 'yield* none?.close();' }),
    inThread('an op with something added', { code: 'special();', call: 'special()', mended: 'yield* special();' }),
    inThread('an op or a generator', { code: '(fd > 0 ? input.next : finish)();', call: '(fd > 0 ? input.next : finish)()', mended: 'yield* (fd > 0 ? input.next : finish)();' }),
    inThread('a type that is asserted', { code: 'close(fd) as Op<void>;', call: 'close(…)', mended: '(yield* close(fd)) as Op<void>;' }),
    inThread('a plain yield', { code: 'yield close(fd);', call: 'close(…)', messageId: 'yielded', mended: 'yield* close(fd);' }),
    inThread('a plain yield of one of two', { code: 'yield fd > 0 ? close(fd) : nanosleep(1);', call: 'fd > 0 ? close(fd) : nanosleep(1)', messageId: 'yielded', mended: 'yield* fd > 0 ? close(fd) : nanosleep(1);' }),
    inThread('a callback that is a function of its own', { code: '[1, 2].forEach((fd) => close(fd));', call: 'close(…)' }),
    inThread('a function in between', { code: 'const later = () => { close(fd); };', call: 'close(…)' }),
    outside('a manager without a declared type', { code: 'const manager = function* () { for (;;) yield kernelRegister(); };', call: 'kernelRegister()', messageId: 'yielded', mended: 'const manager = function* () { for (;;) yield* kernelRegister(); };' }),
    outside('await', { code: 'async function f() { await read(fd, buffer); }', call: 'read(…)', messageId: 'awaited' }),
    outside('await of an op that has a name', { code: 'async function f(op: AnyOp) { await op; }', call: 'op', messageId: 'awaited' }),
    outside('an async generator', { code: 'async function* f() { close(fd); }', call: 'close(…)' }),
    outside('a module', { code: 'close(fd);', call: 'close(…)' }),
    outside('a block of a class', { code: 'function* f() { class C { static { close(fd); } } }', call: 'close(…)' }),
    outside('a type parameter', { code: 'function* f<O extends AnyOp>(make: () => O) { make(); }', call: 'make()', mended: 'function* f<O extends AnyOp>(make: () => O) { yield* make(); }' }),
  ],
});

t.test('the project keeps to its own rules', async (t) => {
  const config = (await new ESLint({ cwd: packageRoot }).calculateConfigForFile('examples/wc/count.ts')) as Linter.Config;
  t.match(config.rules, { 'vpi/yield-ops': [2] });
  const lint = spawnSync(process.execPath, [join(packageRoot, 'dist/docker/lint.js')], { encoding: 'utf8' });
  t.equal(lint.status, 0, 'eslint finds nothing', { output: `${lint.stdout}${lint.stderr}`.split('\n') });
});
