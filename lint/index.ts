/** `node-vpi/eslint`: an ESLint plugin for those who write threads and managers. See `docs/lint.md`. */

import type { TSESLint } from '@typescript-eslint/utils';
import { yieldOps } from './yield-ops.ts';

const rules = { 'yield-ops': yieldOps };

const plugin = { meta: { name: 'node-vpi' }, rules };

/** For a flat config: the plugin, as `vpi`, with its rules switched on. */
const recommended: TSESLint.FlatConfig.Config = { name: 'node-vpi/recommended', plugins: { vpi: plugin }, rules: { 'vpi/yield-ops': 'error' } };

export default { ...plugin, configs: { recommended } };
