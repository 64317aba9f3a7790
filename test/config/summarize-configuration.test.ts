import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { summarizeConfiguration } from '../../src/config/summarize-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

await t.test('a summary names what is watched, how often, and what may be done', (t) => {
  const text = readFileSync(new URL('../fixtures/config/valid-contract-example.yml', import.meta.url), 'utf8');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if ('faults' in result) throw new Error('the example is valid');
  t.strictSame(summarizeConfiguration(result.configuration).split('\n'), [
    'prometheus: http://127.0.0.1:9090 (POST, timeout 30s)',
    'evaluation: every 5m over a window of 5m',
    'engines: flink (step 15s) and heron (step 15s)',
    'topologies: 1 listed (wordcount)',
    'discoveries: 1 (heron ".*")',
    'webhooks: scaler',
    'modes: enforce 2',
    'recommendation only (no webhook): 1 of 2',
  ]);
  t.end();
});
