// Configurations of many parts, as a program writes them or somebody who wishes us ill: checked in a time linear in the text.
import t from 'tap';
import { renderFaults } from '../../src/grammar/config-fault.js';
import { parseConfiguration, type ParseResult } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

t.setTimeout(300_000);

const HEAD = 'prometheus: {url: "http://127.0.0.1:9090"}\n';
const ONE = `${HEAD}topologies: [{name: a, engine: flink}]\n`;
const OPERATORS = `${HEAD}topologies:\n  - name: a\n    engine: flink\n    operators:\n`;

const parse = (text: string): ParseResult => parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
}

function faultsIn(text: string): { shown: readonly string[]; count: number } {
  const result = parse(text);
  if (!('faults' in result)) return { shown: [], count: 0 };
  return { shown: renderFaults(result, 'f'), count: result.faults.length + result.more };
}

await t.test('of more than a hundred faults the first are shown, and how many more there are', (t) => {
  const { shown, count } = faultsIn(ONE + lines(100_000, (index) => `key${index}: 1`));
  t.equal(count, 100_000);
  t.equal(shown.length, 101);
  t.match(shown[0], /^f:3:1: key0: is not a known key; known here: prometheus, /);
  t.match(shown[99], /^f:102:1: key99: /);
  t.equal(shown[100], 'f: and 99900 more faults');
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

await t.test('a circle of any length is told in few words', (t) => {
  const { shown } = faultsIn(OPERATORS + lines(20_000, (i) => `      - {name: o${i}, inputs: [o${(i + 1) % 20_000}]}`));
  t.strictSame(shown, [
    `f:6:20: topologies[0].operators[0].inputs: makes an operator its own input: ${Array.from({ length: 20 }, (_, i) => `o${i}`).join(' ← ')} ← … ← o0`,
  ]);
  t.end();
});

/** By what they are many of. */
const SHAPES: Readonly<Record<string, (count: number) => string>> = {
  'unknown keys': (count) => ONE + lines(count, (index) => `key${index}: 1`),
  'unknown keys of items': (count) => OPERATORS + lines(count, (index) => `      - {name: o${index}, key: 1}`),
  'wrong values': (count) =>
    `${ONE}webhooks:\n  w:\n    url: http://h/\n    headers:\n${lines(count, (i) => `      h${i}: 1`)}`,
  'keys given twice': (count) => OPERATORS + lines(count, (index) => `      - {name: o${index}, name: o${index}}`),
  'unknown aliases': (count) => lines(count, (index) => `a${index}: *b${index}`),
  'aliases of their own': (count) =>
    ONE + lines(count / 4, (i) => `a${i}: &x${i} 1`) + lines(count / 4, (i) => `b${i}: *x${i}`),
  'misspelt webhooks among as many': (count) =>
    `${HEAD}webhooks:\n${lines(count / 4, (i) => `  hook${i}: {url: "http://h/"}`)}topologies:\n${lines(
      count / 4,
      (i) => `  - {name: t${i}, engine: flink, webhook: hok${i}}`,
    )}`,
  'misspelt engines among as many': (count) =>
    `${HEAD}engines:\n${lines(count / 4, (i) => `  engine${i}: {}`)}topologies:\n${lines(
      count / 4,
      (i) => `  - {name: t${i}, engine: egine${i}}`,
    )}`,
  'misspelt inputs among as many': (count) => OPERATORS + lines(count, (i) => `      - {name: o${i}, inputs: [p${i}]}`),
  'operators in a chain': (count) =>
    OPERATORS + lines(count, (i) => `      - {name: o${i}, inputs: [${i === 0 ? '' : `o${i - 1}`}]}`),
  'misspelt time zones': (count) =>
    `${ONE}policy:\n  excluded_periods:\n${lines(count / 4, (i) => `    - {location: Europe/Berln${i}}`)}`,
};

/** Of this process, in ms: what else the machine does makes it wait, and does not count. */
function cpuMsOf(text: string): number {
  const before = process.cpuUsage();
  parse(text);
  return process.cpuUsage(before).user / 1000;
}

for (const [what, textOf] of Object.entries(SHAPES)) {
  await t.test(`eight times as many ${what} take about eight times as long`, (t) => {
    cpuMsOf(textOf(1000));
    const few = Math.max(30, cpuMsOf(textOf(2000)));
    const many = cpuMsOf(textOf(16_000));
    t.ok(many < 28 * few, `${Math.round(many)} ms after ${Math.round(few)} ms`);
    t.end();
  });
}
