/** One end of a virtio serial port: QEMU connects to a socket here. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

export class Channel {
  readonly path: string;
  readonly #server: Server;
  readonly #socket: Promise<Socket>;
  #open: Socket | undefined;

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    this.#socket = new Promise((resolve) => {
      server.once('connection', (socket) => {
        // QEMU may be gone at any time; its end is noticed elsewhere.
        socket.on('error', () => {});
        this.#open = socket;
        resolve(socket);
      });
    });
  }

  static async listen(path: string): Promise<Channel> {
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    return new Channel(path, server);
  }

  /** Passes `source` to the guest, its end included. */
  send(source: Readable): void {
    void this.#socket.then((socket) => source.pipe(socket));
  }

  /** Passes one line to the guest, if there is one yet. */
  sendLine(line: string): void {
    this.#open?.write(`${line}\n`);
  }

  /** Calls `take` with all that comes from the guest. */
  receive(take: (chunk: Buffer) => void): void {
    void this.#socket.then((socket) => socket.on('data', take));
  }

  /** Passes what comes from the guest to `target`, as fast as that takes it, and counts it. */
  receiveInto(target: Writable, counted: (bytes: number) => void): void {
    void this.#socket.then((socket) => {
      socket.on('data', (chunk: Buffer) => {
        if (!target.write(chunk)) {
          socket.pause();
          target.once('drain', () => socket.resume());
        }
        counted(chunk.length);
      });
    });
  }

  close(): void {
    this.#open?.destroy();
    this.#server.close();
  }
}
