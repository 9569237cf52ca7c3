// `npm run lint`: what typescript-eslint recommends where there are types, and this package's own rule.

import { defineConfig } from 'eslint/config';
import vpi from 'node-vpi/eslint';
import tseslint from 'typescript-eslint';

/** Who calls these need not wait: those that contain them do. */
const subtests = [
  { from: 'package', package: '@tapjs/test', name: 'test' },
  { from: 'file', path: 'test/program.ts', name: 'test' },
];

export default defineConfig(
  { ignores: ['.tap/', 'build/', 'dist/'] },
  { files: ['**/*.js'], extends: [tseslint.configs.recommended] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, vpi.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Messages show what they were given, whatever that is.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: subtests }],
      // The underscore says it, as for the compiler.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Subtests and runMain() take functions that give promises, whether those have to wait or not.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
