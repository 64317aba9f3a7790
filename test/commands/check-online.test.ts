import t from 'tap';
import { checkOnline } from '../../src/commands/check-online.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';
import { END_S, healthySubtask, type FlinkSubtask } from '../support/sensing.js';

/** It looks now, so that the history has to last a while longer. */
const NOW_S = Math.floor(Date.now() / 1000) + 120;

function present(subtask: FlinkSubtask): History[] {
  return healthySubtask(subtask).map((history) => ({
    ...history,
    samples: history.samples.map(([atS, value]) => [atS - END_S + NOW_S, value] as const),
  }));
}

await t.test('what is seen and cannot be one thing, or all of it, is a warning with what to do', async (t) => {
  const { url } = await prometheusWithHistory(t, [
    ...['a', 'b'].flatMap((jobId) => present({ job: 'orders', task: 'map', subtask: 0, jobId })),
    ...['a', 'b'].flatMap((jobId) => present({ job: 'orders', task: 'sink', subtask: 0, jobId })),
    ...[0, 2].flatMap((subtask) => present({ job: 'payments', task: 'map', subtask })),
    ...present({ job: 'clicks', task: 'map', subtask: 0 }),
  ]);
  const yaml = `
prometheus: {url: ${url}}
window: 1m
engines: {flink: {resolution: 15s}}
topologies: [{name: orders, engine: flink}, {discover: ".*", engine: flink}]
`;
  const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { problems, warnings, seen } = await checkOnline(parsed.configuration);
  t.strictSame(problems, []);
  t.strictSame(warnings, [
    'warning: topology orders: 2 jobs are named orders (job_id a, b): give each job a name of its own, ' +
      'or tell them apart by `matchers` or another topology label',
    'warning: topology payments: operator instances 0..1 are expected, 1 is missing',
  ]);
  t.strictSame(seen, [
    'seen: flink listed: 1 topology (orders), 2 operators',
    'seen: flink ".*": 2 topologies (clicks and payments), 2 operators',
  ]);
});
