// The shipped recording rules equal the engines' data, and record what their expressions define.
// `npx tap --snapshot test/rules/recording-rules.test.ts` writes them again.
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { runTool } from '../support/real-parts.js';
import { renderRecordingRules } from './render-recording-rules.js';

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly { readonly record: string; readonly expr: string }[] }[];
}

const INTERVAL = '30s';
const RECORDING_ENGINES = ['flink', 'heron'] as const;
/** What Flink's REST API calls a job and a vertex, and the attempt of a subtask. */
const CALL_LABELS = { flink: ['job_id', 'task_id', 'task_attempt_id'], heron: [] } as const;

function fileOf(engine: string): string {
  return `rules/recording-${engine}.yml`;
}

for (const name of RECORDING_ENGINES) {
  void t.test(`${fileOf(name)} is made from the engine's data`, async (t) => {
    const text = renderRecordingRules(name, BUILT_IN_ENGINES[name], INTERVAL, CALL_LABELS[name]);
    if (process.env['TAP_SNAPSHOT'] === '1') await writeFile(fileOf(name), text);
    t.equal(await readFile(fileOf(name), 'utf8'), text);
  });

  void t.test(`${fileOf(name)} passes promtool's lint`, async (t) => {
    const result = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', fileOf(name)]);
    t.match(result, { code: 0, output: /SUCCESS/ });
  });

  void t.test(`${fileOf(name)} records what the engine reports`, async (t) => {
    const result = await runTool('promtool', ['test', 'rules', `test/rules/recording-${name}.test.yml`]);
    t.equal(result.code, 0, result.output);
  });
}

void t.test('every series that the engine `recorded` reads is recorded', async (t) => {
  const { sensors, sources } = BUILT_IN_ENGINES.recorded;
  const read = new Set([...Object.values(sensors), sources].join(' ').match(/dhalion:\w+:\w+/g));
  const flink = await recordsOf('flink');
  // Flink has no such sensor, and an engine that reports victims is not asked for it.
  t.same(
    [...read].filter((series) => !flink.has(series)),
    ['dhalion:instance_topology_suspended:current'],
  );
  const heron = await recordsOf('heron');
  t.same(
    [...read].filter((series) => !heron.has(series)),
    [
      'dhalion:instance_busy:current',
      'dhalion:instance_idle:current',
      'dhalion:instance_source_backlog:current',
      'dhalion:instance_source_partitions:current',
    ],
    'what Heron has no sensor for',
  );
});

async function recordsOf(engine: string): Promise<Set<string>> {
  const { groups } = parse(await readFile(fileOf(engine), 'utf8')) as RuleFile;
  return new Set(groups.flatMap(({ rules }) => rules.map((rule) => rule.record)));
}

void t.test("an engine's own matchers are kept, and labels that have the right name are left alone", (t) => {
  const engine = { ...BUILT_IN_ENGINES.recorded, matchers: 'cluster="prod", ', sources: null };
  const { groups } = parse(renderRecordingRules('own', engine, '1m')) as RuleFile;
  const [backpressure] = groups[0]?.rules ?? [];
  t.match(backpressure?.expr, /\(dhalion:instance_backpressure:current\{cluster="prod", topology!=""\}\)/);
  t.notMatch(backpressure?.expr, /label_replace/);
  t.end();
});
