/**
 * load PORT [HOST [CONNECTIONS [BYTES]]]: opens so many connections at the same time, a thread for each. Each sends so many
 * random bytes, in pieces of any length, reads them back and compares them. Its status is 1 if one is not as it was.
 */

import { VpiError } from 'node-vpi';
import { close, connect, constants, getrandom, read, shutdown, write } from 'node-vpi/sys';
import { run, Thread, type OpGenerator } from 'node-vpi/threads';

const [port, host = '127.0.0.1', connections = '1000', bytes = '16384'] = process.argv.slice(2);
const [count, size] = [Number(connections), Number(bytes)];
/** Less than the buffers of two sockets, or both ends would wait for each other to read. */
const longestPiece = 4096;

/** Gives how many bytes have come back as they were. */
function* converse(fd: number): OpGenerator<number> {
  let good = 0;
  try {
    while (good < size) {
      const sent = Buffer.allocUnsafe(Math.min(1 + Math.floor(Math.random() * longestPiece), size - good));
      yield* getrandom(sent);
      yield* write(fd, sent);
      if (!sent.equals(yield* readAll(fd, sent.length))) break;
      good += sent.length;
    }
  } catch (error) {
    ignoreLoss(error);
  }
  return good;
}

/** Gives less than `length` bytes where the other end has ended. */
function* readAll(fd: number, length: number): OpGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let got = 0;
  for (let step; got < length && (step = yield* read(fd, buffer, got)) > 0; ) got += step;
  return buffer.subarray(0, got);
}

/** Gives whether nothing more comes, and the other end ends too. */
function* end(fd: number): OpGenerator<boolean> {
  try {
    yield* shutdown(fd, constants.SHUT_WR);
    return (yield* read(fd, Buffer.alloc(1))) === 0;
  } catch (error) {
    ignoreLoss(error);
    return false;
  } finally {
    yield* close(fd);
  }
}

/** The connection is lost: that shows in what is counted. */
function ignoreLoss(error: unknown): void {
  if (!(error instanceof VpiError)) throw error;
}

/** Opens all connections first and ends them last: so all of them are served at the same time. */
function* load(): OpGenerator<[good: number, ended: number]> {
  const fds: number[] = [];
  while (fds.length < count) fds.push(yield* connect({ port: Number(port), host }));
  console.error(`load: ${count} connections are open`);
  const threads = fds.map((fd) => Thread.create(converse, fd));
  let good = 0;
  for (const thread of threads) good += yield* thread.join();
  console.error('load: they have had their answers');
  let ended = 0;
  for (const fd of fds) if (yield* end(fd)) ended++;
  return [good, ended];
}

const begin = performance.now();
const [good, ended] = run(load);
const seconds = ((performance.now() - begin) / 1000).toFixed(1);
console.log(`${good} of ${count * size} bytes came back as they were, ${ended} of ${count} connections ended well, in ${seconds} s`);
process.exitCode = good === count * size && ended === count ? 0 : 1;
