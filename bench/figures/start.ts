/** `npm start`: reproduces the paper's figures, as `vpi bench` does without arguments. */

import { runMain } from '../../docker/main.ts';
import { runFigures } from './run.ts';

await runMain(() => runFigures(process.argv.slice(2), { output: 'report' }));
