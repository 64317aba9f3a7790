import t from 'tap';
import { recallFor } from '../../src/control-loop/recall-horizon.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

function recallWith(policies: readonly string[]): ReturnType<typeof recallFor> {
  const topologies = policies.map(
    (policy, index) => `  - {name: t${index}, engine: flink, policy: {mode: observe, ${policy}}}`,
  );
  const text = ['prometheus: {url: http://127.0.0.1:9090}', 'topologies:', ...topologies, ''].join('\n');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if ('faults' in result) throw new Error(result.faults.map(({ message }) => message).join('\n'));
  return recallFor(result.configuration, NOW_MS);
}

void t.test('the log is read as far back as the topology that needs most of it', (t) => {
  t.strictSame(
    recallWith(['blacklist_ttl: 1h, escalate_for: 3h', 'blacklist_ttl: 2h, escalate_for: 1h, retry_refused_after: 5h']),
    {
      nowMs: NOW_MS,
      recentSinceMs: NOW_MS - HOUR_MS,
      tellingSinceMs: NOW_MS - 3 * HOUR_MS,
      refusedSinceMs: NOW_MS - 5 * HOUR_MS,
    },
  );
  t.end();
});

void t.test('a blacklist that never ends needs all of it', (t) => {
  t.equal(recallWith(['blacklist_ttl: 0s']).tellingSinceMs, -Infinity);
  t.end();
});
