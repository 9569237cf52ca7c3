/**
 * server [PORT [HOST]]: sends back what it is sent; a thread for each connection, in plain blocking calls. It prints where
 * it listens, and ends in good order when its standard input does.
 */

import { VpiError } from 'node-vpi';
import { accept, close, getsockname, listen, read, write, type InternetAddress } from 'node-vpi/sys';
import { current, run, Thread, type OpGenerator } from 'node-vpi/threads';

const [port = '0', host = '127.0.0.1'] = process.argv.slice(2);
const backlog = 4096;
const bufferSize = 16 * 1024;
let served = 0;

/** Until it is cancelled. Then the connections that are open end, too. */
function* serve(listener: number): OpGenerator {
  const connections = new Set<Thread>();
  try {
    for (;;) {
      const { fd } = yield* accept(listener);
      connections.add(Thread.create(echo, fd, connections));
    }
  } finally {
    for (const connection of connections) connection.cancel();
    yield* close(listener);
  }
}

function* echo(fd: number, connections: Set<Thread>): OpGenerator {
  const buffer = Buffer.allocUnsafe(bufferSize);
  try {
    for (let length; (length = yield* read(fd, buffer)) > 0; ) yield* write(fd, buffer, 0, length);
  } catch (error) {
    // The other end is gone, and so is whoever could be told.
    if (!(error instanceof VpiError)) throw error;
  } finally {
    served++;
    connections.delete(current());
    yield* close(fd);
  }
}

/** JavaScript's signal handlers do not run while threads do: so the end of standard input is what it can be told. */
function* cancelAtEndOfInput(server: Thread): OpGenerator {
  const input = Buffer.alloc(256);
  while ((yield* read(0, input)) > 0);
  server.cancel();
}

run(function* () {
  const listener = yield* listen({ port: Number(port), host }, { backlog });
  const address = (yield* getsockname(listener)) as InternetAddress;
  console.log(`listening on ${address.host} port ${address.port}`);
  const server = Thread.create(serve, listener);
  Thread.create(cancelAtEndOfInput, server).detach();
});
console.error(`server: ${served} connections, all of them closed`);
