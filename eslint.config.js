import { existsSync } from 'node:fs';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// What the bench measures beside is only there once it has run: without it, nothing has its type.
const bench = existsSync('bench/node_modules') ? [] : ['bench/'];

export default tseslint.config(
  { ignores: ['dist/', '**/node_modules/', 'data/', ...bench] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
      // Prettier breaks lines; a text that cannot be broken may still be a little longer.
      'max-len': ['error', { code: 100, ignoreStrings: true, ignoreTemplateLiterals: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      // Numbers, positions and pence print as themselves.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A port's method may answer at once and still be asynchronous by contract.
      '@typescript-eslint/require-await': 'off',
      // Nest declares the options of its functions as classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Nest's modules are classes that carry nothing but their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/testing/**', 'libs/event-log/conformance/**', 'test/**/*.ts'],
    rules: {
      // A describe block is a chapter, not a function to be held in the head at once.
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', module: 'writable' } },
  },
);
