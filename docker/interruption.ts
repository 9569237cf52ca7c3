/** Ctrl-C and its kin while something runs that has to be ended in good order first. */

const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** `signal` is aborted when this process is asked to end; `status` is then what a shell expects of it. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  status: number | undefined;

  readonly #interrupt = (name: NodeJS.Signals) => {
    this.status ??= statuses[name as keyof typeof statuses];
    this.#controller.abort();
  };

  constructor() {
    for (const name of Object.keys(statuses)) process.on(name, this.#interrupt);
  }

  [Symbol.dispose](): void {
    for (const name of Object.keys(statuses)) process.off(name, this.#interrupt);
  }
}
