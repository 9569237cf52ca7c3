/** QEMU's monitor, for people: commands by line. */

import { Channel } from '../../docker/vm/channel.ts';

const prompt = /\r\n\(qemu\) $/;

export class Monitor {
  readonly #channel: Channel;
  #said = '';
  #isPrompted: (() => void) | undefined;

  private constructor(channel: Channel) {
    this.#channel = channel;
    channel.receive((chunk) => {
      this.#said += chunk.toString('latin1');
      if (prompt.test(this.#said)) this.#isPrompted?.();
    });
  }

  /** For QEMU to connect to. */
  static async listen(path: string): Promise<Monitor> {
    return new Monitor(await Channel.listen(path));
  }

  /** What the monitor answers. Never resolves if the machine ends before. */
  async say(command: string): Promise<string> {
    this.#said = '';
    this.#channel.sendLine(command);
    await new Promise<void>((resolve) => (this.#isPrompted = resolve));
    return this.#said;
  }

  close(): void {
    this.#channel.close();
  }
}
