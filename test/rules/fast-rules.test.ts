// The rules and the route for trying Dhalion quickly are what `dhalion rules` prints for a short interval.
// `npx tap --snapshot test/rules/fast-rules.test.ts` writes the files.
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import type { RulesPart } from '../../src/commands/rules/rule-settings.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { printRules } from '../support/print-rules.js';
import { runTool } from '../support/real-parts.js';

const RULES = 'rules/dhalion-alerts-fast.yml';
const ROUTE = 'rules/alertmanager-fast.yml';
const FLAGS = { evaluationInterval: '15s', scaleDownAfter: '2m' } as const;

/** True if the file equals the printed rules. */
async function isMade(file: string, part: RulesPart): Promise<boolean> {
  const text =
    '# For trying Dhalion quickly, with evaluation_interval: 15s: see README.md. Printed by\n' +
    `# dhalion rules ${part} --evaluation-interval=${FLAGS.evaluationInterval} --scale-down-after=${FLAGS.scaleDownAfter}\n` +
    (await printRules({ part, ...FLAGS }));
  if (process.env['TAP_SNAPSHOT'] === '1') await writeFile(file, text);
  return (await readFile(file, 'utf8')) === text;
}

void t.test('the fast rules are the shipped ones in seconds', async (t) => {
  t.ok(await isMade(RULES, 'alerts'));
  const { groups } = parse(await readFile(RULES, 'utf8')) as {
    groups: { name: string; interval: string; rules: { alert: string; for: string; expr: string }[] }[];
  };
  const [diagnoses] = groups;
  t.equal(diagnoses?.interval, '15s');
  t.strictSame(
    diagnoses?.rules.map(({ for: wait }) => wait),
    ['15s', '2m', '15s', '15s'],
  );
  const rules = groups.flatMap((group) => group.rules);
  t.match(rules.find(({ alert }) => alert === 'DhalionEvaluationLate')?.expr, '> 45');
  t.match(
    rules.find(({ alert }) => alert === 'DhalionEvaluationFailing'),
    { for: '15m', expr: '[10m]' },
  );
  const result = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', RULES]);
  t.match(result, { code: 0, output: /SUCCESS/ });
});

void t.test('the fast route is the shipped one in seconds', async (t) => {
  t.ok(await isMade(ROUTE, 'alertmanager'));
  t.match(parse(await readFile(ROUTE, 'utf8')), {
    route: { routes: [{ receiver: 'dhalion', group_wait: '1s', group_interval: '7s', repeat_interval: '7s' }] },
  });
  t.match(await runTool('amtool', ['check-config', ROUTE]), { code: 0, output: /SUCCESS/ });
});

void t.test('the configuration that goes with them is one', async (t) => {
  const readme = await readFile('rules/README.md', 'utf8');
  const [, text = ''] = /^```yaml\n(evaluation_interval: 15s\n.*?)^```$/ms.exec(readme) ?? [];
  const whole = `prometheus: {url: "http://127.0.0.1:9090"}\n${text}topologies: [{discover: ".*", engine: flink}]\n`;
  const parsed = parseConfiguration(whole, { builtInEngines: BUILT_IN_ENGINES });
  t.match('configuration' in parsed && parsed.configuration, { evaluationIntervalMs: 15_000, windowMs: 60_000 });
});
