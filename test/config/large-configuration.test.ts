// The faults of large configurations, generated or malicious. `npm run bench` measures how the time
// grows with the text.
import t from 'tap';
import { renderFaults } from '../../src/grammar/config-fault.js';
import { parseConfiguration, type ParseResult } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { HEAD, LARGE_CONFIGURATIONS, lines, ONE, OPERATORS } from '../support/large-configurations.js';

t.setTimeout(300_000);

const parse = (text: string): ParseResult => parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });

function faultsIn(text: string): { shown: readonly string[]; count: number } {
  const result = parse(text);
  if (!('faults' in result)) return { shown: [], count: 0 };
  return { shown: renderFaults(result, 'f'), count: result.faults.length + result.more };
}

await t.test('a hundred faults are shown, and the number of others', (t) => {
  const { shown, count } = faultsIn(ONE + lines(10_000, (index) => `key${index}: 1`));
  t.equal(count, 10_000);
  t.equal(shown.length, 101);
  t.match(shown[0], /^f:3:1: key0: is not a known key; known here: prometheus, /);
  t.match(shown[99], /^f:102:1: key99: /);
  t.equal(shown[100], 'f: and 9900 more faults');
  t.equal(faultsIn(ONE + lines(100, (index) => `key${index}: 1`)).shown.length, 100);
  t.equal(faultsIn(ONE + lines(101, (index) => `key${index}: 1`)).shown.at(-1), 'f: and 1 more fault');
  t.end();
});

await t.test('faults of the YAML itself are as few', (t) => {
  const { shown, count } = faultsIn(lines(3000, (index) => `a${index}: !unknown 1`));
  t.equal(count, 3000);
  t.match(shown[0], /^f:1:5: is not valid YAML: /);
  t.equal(shown.at(-1), 'f: and 2900 more faults');
  t.end();
});

await t.test('three thousand duplicates by alias are a fault each', (t) => {
  const topologies = `${HEAD}topologies:\n  - &a {name: a, engine: flink}\n${lines(3000, () => '  - *a')}`;
  t.equal(faultsIn(topologies).count, 3000);
  const { shown, count } = faultsIn(`${OPERATORS}      - &o {name: o}\n${lines(3000, () => '      - *o')}`);
  t.equal(count, 3000);
  t.match(shown[0], /^f:6:19: topologies\[0\]\.operators\[1\]\.name: is the name of another operator/);
  const keys = `${HEAD}names:\n${lines(3, (index) => `  - &k${index} window`)}`;
  const { shown: given } = faultsIn(
    `${keys}${lines(3, (index) => `*k${index} : 5m`)}topologies: [{name: a, engine: flink}]\n`,
  );
  t.match(given, [/^f:2:1: names: is not a known key/, /window: is given twice, first in line 6$/]);
  t.end();
});

await t.test('thousands of topologies may share a part by alias or by merge', (t) => {
  const shared = 'policy: &p {cooldown: 1m, settling_time: 10m}\n';
  const byAlias = lines(3000, (index) => `  - {name: a${index}, engine: flink, policy: *p}`);
  const byMerge = lines(3000, (index) => `  - {name: b${index}, engine: flink, policy: {<<: *p, cooldown: ${index}s}}`);
  const result = parse(`${HEAD}${shared}topologies:\n${byAlias}${byMerge}`);
  if (!('configuration' in result)) throw new Error(renderFaults(result, 'f').join('\n'));
  const { topologies } = result.configuration;
  t.strictSame(topologies[2999]?.policy, topologies[0]?.policy);
  t.equal(topologies.at(-1)?.policy.cooldownMs, 2999_000);
  t.equal(topologies.at(-1)?.policy.settlingTimeMs, topologies[0]?.policy.settlingTimeMs);
  t.end();
});

await t.test('more aliases than can be looked up are refused', (t) => {
  const { shown } = faultsIn(`x: &x 1\n${lines(10_000, (index) => `k${index}: *x`)}`);
  t.match(shown, [/^f:10001:8: cannot be read: it holds 10001 anchors and aliases, 10000 are allowed$/]);
  t.end();
});

await t.test('a cycle of any length has a short message', (t) => {
  const { shown } = faultsIn(OPERATORS + lines(5000, (i) => `      - {name: o${i}, inputs: [o${(i + 1) % 5000}]}`));
  t.strictSame(shown, [
    `f:6:20: topologies[0].operators[0].inputs: makes an operator its own input: ${Array.from({ length: 20 }, (_, i) => `o${i}`).join(' ← ')} ← … ← o0`,
  ]);
  t.end();
});

await t.test('each of many faults counts', (t) => {
  const counts = Object.entries(LARGE_CONFIGURATIONS).map(([what, textOf]) => [what, faultsIn(textOf(400)).count]);
  t.strictSame(Object.fromEntries(counts), {
    'unknown keys': 400,
    'unknown keys of items': 400,
    'wrong values': 400,
    'keys given twice': 400,
    'unknown aliases': 400,
    'aliases of their own': 200,
    'misspelt webhooks among as many': 200,
    'misspelt engines among as many': 200,
    'misspelt inputs among as many': 400,
    'operators in a chain': 0,
    'misspelt time zones': 200,
  });
  t.end();
});
