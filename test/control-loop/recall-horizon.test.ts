import t from 'tap';
import { recallHorizon } from '../../src/control-loop/recall-horizon.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

function horizonWith(policies: readonly string[]): ReturnType<typeof recallHorizon> {
  const topologies = policies.map(
    (policy, index) => `  - {name: t${index}, engine: flink, policy: {mode: observe, ${policy}}}`,
  );
  const text = ['prometheus: {url: http://127.0.0.1:9090}', 'topologies:', ...topologies, ''].join('\n');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if ('faults' in result) throw new Error(result.faults.map(({ message }) => message).join('\n'));
  return recallHorizon(result.configuration, NOW_MS);
}

void t.test('the log is read as far back as the topology with the longest need', (t) => {
  t.strictSame(
    horizonWith([
      'blacklist_ttl: 1h, escalate_for: 3h, cooldown: 30m',
      'blacklist_ttl: 2h, escalate_for: 1h, retry_refused_after: 5h, cooldown: 2h',
    ]),
    {
      nowMs: NOW_MS,
      actionsSinceMs: NOW_MS - (2 + 24) * HOUR_MS,
      recentSinceMs: NOW_MS - HOUR_MS,
      tellingSinceMs: NOW_MS - 3 * HOUR_MS,
      refusedSinceMs: NOW_MS - 5 * HOUR_MS,
    },
  );
  t.end();
});

void t.test('a blacklist without an end needs the whole log', (t) => {
  t.equal(horizonWith(['blacklist_ttl: 0s']).tellingSinceMs, -Infinity);
  t.end();
});

void t.test('limits count an hour, and an action judged now was claimed up to a day before', (t) => {
  t.equal(horizonWith(['cooldown: 1m']).actionsSinceMs, NOW_MS - 25 * HOUR_MS);
  t.end();
});
