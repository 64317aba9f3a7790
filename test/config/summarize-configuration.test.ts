import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { summarizeConfiguration } from '../../src/config/summarize-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

await t.test('a summary names the topologies, the interval and the permissions', (t) => {
  const text = readFileSync(new URL('../fixtures/config/valid-contract-example.yml', import.meta.url), 'utf8');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if ('faults' in result) throw new Error('the example is valid');
  t.strictSame(summarizeConfiguration(result.configuration).split('\n'), [
    'looks at wordcount; calls scaler for scale_up and scale_down',
    'looks at every Heron topology; calls nobody',
    'prometheus: http://127.0.0.1:9090 (POST, timeout 30s)',
    'evaluation: every 5m over a window of 5m',
    'engines: flink (step 15s) and heron (step 15s)',
    'topologies: 1 listed (wordcount)',
    'discoveries: 1 (heron ".*")',
    'webhooks: scaler',
    'modes: enforce 1 and observe 1',
    'recommendation only (no webhook): 1 of 2',
  ]);
  t.end();
});

await t.test(
  'the permissions of a configuration are sentences, one per group of topologies with the same permissions',
  (t) => {
    const summaryOf = (topologies: string, more = ''): string[] => {
      const text = `prometheus: {url: "http://p:9090"}\nwebhooks: {flink: {type: flink, url: "http://j:8081"}, own: {url: "http://o/x"}}\n${more}topologies: [${topologies}]`;
      const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
      if ('faults' in result) throw new Error(JSON.stringify(result.faults));
      return summarizeConfiguration(result.configuration)
        .split('\n')
        .filter((line) => line.startsWith('looks at'));
    };
    const every = '{discover: ".*", engine: flink}';
    t.strictSame(summaryOf(every), ['looks at every Flink job; calls nobody']);
    t.strictSame(summaryOf('{discover: "pay.*", engine: heron, policy: {mode: enforce}}'), [
      'looks at every Heron topology that matches "pay.*"; calls nobody',
    ]);
    const bounded = 'policy: {max_parallelism: 8}';
    t.strictSame(
      summaryOf(`{name: a, engine: flink, webhook: {scale_up: flink, restart_instances: own}, ${bounded}}, ${every}`),
      [
        'looks at a; calls flink for scale_up and own for restart_instances',
        'looks at every other Flink job; calls nobody',
      ],
    );
    t.strictSame(summaryOf('{name: a, engine: flink, webhook: flink}', 'policy: {mode: dry_run}\n'), [
      'looks at a; rehearses what it would call flink for scale_up and scale_down, calls nobody',
    ]);
    t.strictSame(summaryOf('{name: a, engine: flink, webhook: flink}', 'policy: {mode: observe}\n'), [
      'looks at a; calls nobody',
    ]);
    t.strictSame(summaryOf('{discover: ".*", engine: flink, graph: flink}'), [
      'looks at every Flink job; calls nobody, asks flink for graphs',
    ]);
    t.strictSame(summaryOf(`{name: a, engine: flink, webhook: own, graph: flink, ${bounded}}`), [
      'looks at a; calls own for scale_up and scale_down, asks flink for graphs',
    ]);
    const many = Array.from({ length: 7 }, (_, index) => `{name: t${index}, engine: flink}`).join(', ');
    t.strictSame(summaryOf(many), ['looks at t0, t1, t2, t3, t4 and 2 more; calls nobody']);
    t.end();
  },
);
