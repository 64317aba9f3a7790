import t from 'tap';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { evaluateSensed, type LookResult } from '../../src/control-loop/evaluate-sensed.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { flinkTopology, MINUTE_MS } from '../support/measurements.js';

const CONFIGURATION = `
prometheus: {url: 'http://127.0.0.1:9090'}
window: 2m
topologies:
  - {name: wordcount, engine: flink, policy: {mode: observe, scale_down_memory: 10m}}
`;

await t.test('a scale-down uses the imbalance of a quarter of an hour, not of one noisy window', (t) => {
  const parsed = parseConfiguration(CONFIGURATION, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const [configuredBy] = parsed.configuration.topologies;
  if (configuredBy === undefined) throw new Error('there is a topology');
  let before: LookResult | null = null;
  /** The recommendation for `split` with 40 instances, if the busiest is `imbalance` times as busy as the mean. */
  const lookWith = (minute: number, imbalance: number): number | null | undefined => {
    const others = (0.4 * (40 - imbalance)) / 39;
    const sketch = flinkTopology({
      source: { source: true, busy: [0.1], rate: [100], backlog: 0, backlogSlope: 0 },
      split: {
        inputs: ['source'],
        max: 60,
        pending: Array<number>(40).fill(0.5),
        busy: [0.4 * imbalance, ...Array<number>(39).fill(others)],
      },
    });
    const sensed = {
      measurement: { ...sketch, atMs: minute * MINUTE_MS, windowMs: 2 * MINUTE_MS },
      ...{ configuredBy, labelValue: 'wordcount', operatorLabelValues: new Map<string, string>() },
      ...{ attempts: new Map<string, never>(), told: new Map<string, never>() },
    };
    before = evaluateSensed(sensed, {
      ...{ memory: before?.memory, needed: before?.needed, busy: before?.busy },
      ...{ askedFor: () => null, resolverFor: () => 'scale_down' as const },
    });
    return before.evaluation.operators[1]?.recommendedParallelism;
  };
  for (let minute = 0; minute < 20; minute += 1) lookWith(minute, 1);
  t.equal(lookWith(20, 1), 19, 'ceil(16 / 0.85)');
  t.equal(lookWith(21, 1.5), 20, 'one window in fourteen: 1.04 times as much; that window alone would give 29');
  for (let minute = 22; minute < 36; minute += 1) lookWith(minute, 1.5);
  t.equal(lookWith(36, 1.5), 29, 'a lasting imbalance');
  t.equal(lookWith(37, 1), 28, 'one balanced window does not end it');
  t.end();
});
