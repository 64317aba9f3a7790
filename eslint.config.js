// Type-aware lint, and the dependency rule of src/README.md:
// model ← {detectors, diagnosers, resolvers, policy} ← edges ← control-loop ← live-service ← health-manager ← commands ←
// run-command-line ← cli.
// The edges are ordered among themselves too.
import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const pureFolders = ['detectors', 'diagnosers', 'resolvers', 'policy'];
/** Each may import those before it, so that none of them runs in a circle. */
const edgeFolders = [
  'outbound',
  'grammar',
  'metrics',
  'action-log',
  'simulator',
  'real-parts',
  'webhooks',
  'config',
  'sensors',
  'history',
  'backtest-report',
  'http',
];
/** Files of src itself, none of which is for the pure core. */
const rootModules = readdirSync(new URL('src/', import.meta.url))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace(/\.ts$/, ''));
/** A folder a type of webhook. */
const webhookTypes = readdirSync(new URL('src/webhooks/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Forbids imports from `src/<name>` of a file one folder below src (however deep the importing file is). */
const notFrom = (names, message) => names.map((name) => ({ regex: `^(\\.\\./)+${name}(/|\\.js$)`, message }));
const outermost = ['control-loop', 'live-service', 'health-manager', 'commands', 'run-command-line', 'cli'];

const notFromWithin = (edge) => [
  ...notFrom(outermost, 'Edges know nothing of what composes them.'),
  ...notFrom(
    edgeFolders.slice(edgeFolders.indexOf(edge) + 1),
    'An edge imports only those before it in the list of eslint.config.js.',
  ),
];

/** A pattern that is put together, or comes from outside, may backtrack for ever over a name that somebody sends. */
const ONLY_LITERAL_PATTERNS =
  'A JavaScript expression is a literal; a pattern from outside is compiled by config/label-pattern.ts (RE2, linear).';
const CALLS_REGEXP =
  ':matches(NewExpression, CallExpression):matches([callee.name="RegExp"], [callee.property.name="RegExp"])';
const onlyLiteralPatterns = [
  `${CALLS_REGEXP}[arguments.0.type!="Literal"]`,
  `${CALLS_REGEXP}[arguments.0.type="Literal"][arguments.1.type!="Literal"][arguments.length>1]`,
  // Methods of String that compile a text.
  'CallExpression[callee.property.name=/^(match|matchAll|search)$/][arguments.0.type!="Literal"]',
  'CallExpression[callee.property.name=/^(match|matchAll|search)$/][arguments.0.raw=/^["\']/]',
  // Another name for it.
  'VariableDeclarator[init.name="RegExp"]',
].map((selector) => ({ selector, message: ONLY_LITERAL_PATTERNS }));

export default tseslint.config(
  { ignores: ['dist/', '.tap/', '.test-build/', 'test/fixtures/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./test/tsconfig.json', './src/http/page/browser/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  // No TypeScript: they are what loads it.
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['src/**'], rules: { 'no-restricted-syntax': ['error', ...onlyLiteralPatterns] } },
  {
    files: ['test/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='unit'] > Literal[value='binary']",
          message: 'Takes half a second in each process. Use anyString of test/support.',
        },
      ],
    },
  },
  {
    files: ['src/model/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\./)', message: 'model/ imports nothing but model/.' }] },
      ],
    },
  },
  {
    files: pureFolders.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^[^.]', message: 'The pure core imports no package and nothing of Node.' },
            ...notFrom(
              [...edgeFolders, 'control-loop', 'commands', ...rootModules],
              'The pure core imports only the model and itself.',
            ),
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'The pure core is deterministic.' },
      ],
    },
  },
  ...edgeFolders.map((folder) => ({
    files: [`src/${folder}/**`],
    rules: { 'no-restricted-imports': ['error', { patterns: notFromWithin(folder) }] },
  })),
  {
    files: ['src/webhooks/*.ts'],
    ignores: ['src/webhooks/webhook-types.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...notFromWithin('webhooks'),
            {
              regex: `^\\./(${webhookTypes.join('|')})/`,
              message: 'Only webhook-types.ts knows which types there are.',
            },
          ],
        },
      ],
    },
  },
  ...webhookTypes.map((type) => ({
    files: [`src/webhooks/${type}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...notFromWithin('webhooks'),
            {
              regex: `^\\.\\./(${webhookTypes.filter((other) => other !== type).join('|')})/`,
              message: 'A type of webhook knows no other.',
            },
            { regex: '^\\.\\./webhook-(types|sender)\\.js$', message: 'A type of webhook knows not who uses it.' },
          ],
        },
      ],
    },
  })),
  {
    files: ['src/control-loop/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: notFrom(
            ['live-service', 'health-manager', 'commands', 'run-command-line', 'cli'],
            'The control loop knows nothing of what composes it.',
          ),
        },
      ],
    },
  },
  {
    files: ['src/live-service.ts', 'src/health-manager.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\./(commands/|(run-command-line|cli)\\.js$)',
              message: 'Commands use the health manager, never the reverse.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/cli.ts'],
    rules: { 'no-restricted-globals': ['error', { name: 'process', message: 'Only cli.ts touches process.' }] },
  },
  {
    files: pureFolders.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-globals': [
        'error',
        ...['Date', 'setTimeout', 'setInterval', 'process', 'fetch', 'performance'].map((name) => ({
          name,
          message: 'The pure core has no clock, no timers and no IO: pass `now` in.',
        })),
      ],
    },
  },
  {
    // The SDK deprecates classic dashboards for those of its second schema, which only the newest Grafana loads.
    files: ['grafana/src/**'],
    rules: {
      '@typescript-eslint/no-deprecated': [
        'error',
        {
          allow: [
            { from: 'package', package: '@grafana/grafana-foundation-sdk', name: ['Dashboard', 'DashboardBuilder'] },
          ],
        },
      ],
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
);
