// The rules and the route for trying Dhalion quickly are the shipped ones with other waiting times.
// `npx tap --snapshot test/rules/fast-rules.test.ts` writes them anew.
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { shortenRoute, shortenRules } from '../../src/real-parts/shorten-rules.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { runTool } from '../support/real-parts.js';

const EVALUATION_SECONDS = 15;
const WAITS = {
  overprovisionedFor: '2m',
  diagnosedFor: '15s',
  keepFiringFor: `${EVALUATION_SECONDS}s`,
  interval: '15s',
  lateAfterSeconds: 3 * EVALUATION_SECONDS,
};
const RULES = 'rules/dhalion-alerts-fast.yml';
const ROUTE = 'rules/alertmanager-fast.yml';
const header = (source: string): string =>
  `# For trying Dhalion quickly, with evaluation_interval: ${EVALUATION_SECONDS}s: see README.md. Of ${source}, with other waiting times.\n` +
  '# Made by: npx tap --snapshot test/rules/fast-rules.test.ts\n';

async function isMade(file: string, text: string): Promise<boolean> {
  if (process.env['TAP_SNAPSHOT'] === '1') await writeFile(file, text);
  return (await readFile(file, 'utf8')) === text;
}

void t.test('the fast rules are the shipped ones in seconds', async (t) => {
  const shipped = await readFile('rules/dhalion-alerts.yml', 'utf8');
  t.ok(
    await isMade(
      RULES,
      header('dhalion-alerts.yml') +
        shortenRules(shipped, WAITS).replace('the default evaluation_interval of 5m', 'evaluation_interval'),
    ),
  );
  const { groups } = parse(await readFile(RULES, 'utf8')) as {
    groups: { name: string; interval: string; rules: { alert: string; for: string; expr: string }[] }[];
  };
  const [diagnoses] = groups;
  t.equal(diagnoses?.interval, WAITS.interval);
  t.strictSame(
    diagnoses?.rules.map(({ for: wait }) => wait),
    ['15s', '2m', '15s', '15s'],
  );
  const late = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === 'DhalionEvaluationLate');
  t.match(late?.expr, '> 45');
  const result = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', RULES]);
  t.match(result, { code: 0, output: /SUCCESS/ });
});

void t.test('the fast route is the shipped one in seconds', async (t) => {
  const shipped = await readFile('rules/alertmanager-example.yml', 'utf8');
  const text = shortenRoute(shipped, { groupWait: '1s', repeatInterval: '10s' }).replace('interval (5m)', 'interval');
  t.ok(await isMade(ROUTE, header('alertmanager-example.yml') + text));
  t.match(parse(await readFile(ROUTE, 'utf8')), {
    route: { routes: [{ receiver: 'dhalion', group_wait: '1s', group_interval: '10s', repeat_interval: '10s' }] },
  });
  t.match(await runTool('amtool', ['check-config', ROUTE]), { code: 0, output: /SUCCESS/ });
});

void t.test('the configuration that goes with them is one', async (t) => {
  const readme = await readFile('rules/README.md', 'utf8');
  const [, text = ''] = /^```yaml\n(evaluation_interval: 15s\n.*?)^```$/ms.exec(readme) ?? [];
  const whole = `prometheus: {url: "http://127.0.0.1:9090"}\n${text}topologies: [{discover: ".*", engine: flink}]\n`;
  const parsed = parseConfiguration(whole, { builtInEngines: BUILT_IN_ENGINES });
  t.match('configuration' in parsed && parsed.configuration, {
    evaluationIntervalMs: 1000 * EVALUATION_SECONDS,
    windowMs: 60_000,
  });
});
