/** `examples/echo`: a thousand connections at once lose nothing, and the server stops in good order whatever its threads do. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import t, { type Results } from '../program.ts';

const program = (name: string) => fileURLToPath(import.meta.resolve(`../../examples/echo/${name}.js`));
const descriptors = fileURLToPath(import.meta.resolve('./descriptors.js'));

interface Running {
  child: ChildProcessWithoutNullStreams;
  said: { stdout: string; stderr: string };
  status: Promise<number | null>;
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, args);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (said.stdout += data));
  child.stderr.on('data', (data) => (said.stderr += data));
  return { child, said, status: once(child, 'close').then(([status]) => status as number | null) };
}

/** Waits until it has said that. */
async function says({ child, said }: Running, from: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(said[from]);
    if (match) return match;
    await once(child[from], 'data');
  }
}

async function startServer(): Promise<{ server: Running; port: number }> {
  const server = start(descriptors, program('server'));
  const [, port] = await says(server, 'stdout', /port (\d+)\n/);
  return { server, port: Number(port) };
}

/** Its input ends, so it cancels the thread that accepts. */
async function stop(t: Results, server: Running, connections: number): Promise<void> {
  server.child.stdin.end();
  t.equal(await server.status, 0, 'its status is success');
  t.equal(server.said.stderr, `server: ${connections} connections, all of them closed\ndescriptors left open: 0\n`, 'it has closed everything');
}

/** A client without threads. It has had an answer, so a thread of the server's has its connection. */
async function client(port: number): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1' });
  // What the server has not read when it closes makes a reset of the end.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('hello');
  await once(socket, 'data');
  socket.resume();
  return { socket, closed };
}

async function clients(port: number, count: number) {
  return Promise.all(Array.from({ length: count }, () => client(port)));
}

/** Server and load program together. */
async function converse(t: Results, connections: number, bytes: number): Promise<void> {
  const { said, status } = start(program('main'), String(connections), String(bytes));
  t.equal(await status, 0);
  const [good, ended] = [`${connections * bytes} of ${connections * bytes}`, `${connections} of ${connections}`];
  t.match(said.stdout, `${good} bytes came back as they were, ${ended} connections ended well`);
  t.comment(said.stdout.trim());
  t.equal(said.stderr.split('\n').at(-2), `server: ${connections} connections, all of them closed`);
}

t.test('a thousand connections at once', (t) => converse(t, 1000, 4096));

if (Number(process.env['VPI_SCALE'] ?? 100) > 100) t.test('more connections than virtual processors', (t) => converse(t, 1500, 4096));

t.test('without a connection', async (t) => {
  const { server } = await startServer();
  await stop(t, server, 0);
});

t.test('cancelled while connections are open: read, written to, and about to end', async (t) => {
  const { server, port } = await startServer();
  const open = await clients(port, 60);
  for (const { socket } of open.slice(0, 20)) {
    socket.pause();
    socket.write(Buffer.alloc(4 << 20));
  }
  for (const { socket } of open.slice(20, 40)) socket.end();
  await stop(t, server, 60);
  for (const { socket } of open) socket.resume();
  await Promise.all(open.map(({ closed }) => closed));
  t.pass('all connections have ended');
});

t.test('a connection that is reset concerns nobody else', async (t) => {
  const { server, port } = await startServer();
  const [one, other] = await clients(port, 2);
  one!.socket.resetAndDestroy();
  await one!.closed;
  other!.socket.write('again');
  t.equal(String(await once(other!.socket, 'data')), 'again');
  await stop(t, server, 2);
  await other!.closed;
});

t.test('SIGINT', async (t) => {
  const running = start(program('main'), '10', '1000000000');
  await says(running, 'stderr', /10 connections are open/);
  running.child.kill('SIGINT');
  t.equal(await running.status, 130);
  t.match(running.said.stderr, 'server: 10 connections, all of them closed\n');
});

/** Runs the load program against a server that does with what it is sent what it likes. */
async function loadOn(serve: (socket: Socket, number: number) => void): Promise<Running> {
  let served = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on('error', () => {}), served++));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const load = start(program('load'), String((server.address() as AddressInfo).port), '127.0.0.1', '4', '5000');
  await load.status;
  server.close();
  return load;
}

const wrong: Record<string, (socket: Socket, number: number) => void> = {
  'a byte is another': (socket) => socket.on('data', (data) => socket.write(data.fill(data[0]! + 1, 0, 1))).on('end', () => socket.end()),
  'a byte is missing': (socket) => socket.once('data', (data) => socket.end(data.subarray(1))),
  'a byte is too much': (socket) => socket.on('data', (data) => socket.write(data)).on('end', () => socket.end('x')),
  'a connection is lost': (socket) => socket.once('data', () => socket.resetAndDestroy()),
};

for (const [name, answer] of Object.entries(wrong)) {
  t.test(`the load program sees that ${name}`, async (t) => {
    const { said, status } = await loadOn((socket, number) => (number === 2 ? answer(socket, number) : socket.pipe(socket)));
    t.equal(await status, 1);
    t.match(said.stdout, /^(1\d{4} of 20000 bytes.*|20000 of 20000 bytes.* 3 of 4 connections)/);
  });
}
