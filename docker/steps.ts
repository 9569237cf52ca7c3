/** Long work as numbered steps on stderr: which of how many, what it is at, how long it took. */

import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from 'listr2';

export interface Step {
  title: string;
  /** `progress` says what the step is at; only the newest is shown. */
  run(progress: (text: string) => void): Promise<void>;
}

/** Between two lines of progress in a log that nobody watches, in milliseconds. */
const quietLogInterval = 20_000;

/** Runs the steps in order and stops at the first that throws, with its error. */
export async function runSteps(steps: Step[]): Promise<void> {
  const watched = process.stderr.isTTY;
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const tasks = steps.map((step, index) => ({
    title: `[${index + 1}/${steps.length}] ${step.title}`,
    task: (_: unknown, task: { output: string }) => {
      const show = (text: string) => void (task.output = text);
      return step.run(watched ? show : atMostEvery(quietLogInterval, show));
    },
  }));
  await new Listr(tasks, {
    renderer: 'default',
    rendererOptions: { logger, timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
    fallbackRenderer: 'simple',
    fallbackRendererOptions: { logger, timer: PRESET_TIMER },
    fallbackRendererCondition: !watched,
    registerSignalListeners: false,
  }).run();
}

function atMostEvery(interval: number, show: (text: string) => void): (text: string) => void {
  let last = Date.now();
  return (text) => {
    if (Date.now() - last < interval) return;
    last = Date.now();
    show(text);
  };
}
