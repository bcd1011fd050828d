// What ESLint checks in the web pages, in Orthanc Explorer's script and in their tests.

import js from '@eslint/js';
import globals from 'globals';

const PAGES = 'plugin/orthanc_deid/host/web';

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'array-callback-return': 'error',
      'block-scoped-var': 'error',
      'consistent-return': 'error',
      curly: ['error', 'multi-line'],
      'default-case-last': 'error',
      eqeqeq: ['error', 'always'],
      'no-alert': 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implicit-globals': 'error',
      'no-implied-eval': 'error',
      'no-param-reassign': 'error',
      'no-promise-executor-return': 'error',
      'no-self-compare': 'error',
      'no-shadow': 'error',
      'no-throw-literal': 'error',
      'no-unmodified-loop-condition': 'error',
      'no-unused-expressions': 'error',
      'no-unused-vars': ['error', { args: 'all', argsIgnorePattern: '^_', caughtErrors: 'all', caughtErrorsIgnorePattern: '^_' }],
      'no-use-before-define': ['error', { functions: false, variables: false }],
      'no-useless-concat': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',
      radix: 'error',
      strict: ['error', 'safe'],
    },
  },
  {
    files: [`${PAGES}/app/*.js`],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.browser },
  },
  {
    // It runs in Orthanc Explorer, beside jQuery.
    files: [`${PAGES}/app/button.js`],
    languageOptions: { globals: { $: 'readonly' } },
  },
  {
    // Orthanc Explorer loads it as a classic script, beside jQuery.
    files: [`${PAGES}/explorer.js`],
    languageOptions: { ecmaVersion: 2022, sourceType: 'script', globals: { ...globals.browser, ...globals.jquery } },
    rules: { 'no-var': 'off', 'prefer-template': 'off', 'object-shorthand': 'off' },
  },
  {
    // The script of the pages that are one file.
    files: ['plugin/orthanc_deid/report/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'script', globals: globals.browser },
  },
  {
    files: ['tests/web/*.mjs', '*.mjs'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.node },
  },
  {
    // `browser.mjs` provides these.
    files: ['tests/web/*.mjs'],
    languageOptions: { globals: { document: 'readonly', location: 'readonly' } },
  },
];
