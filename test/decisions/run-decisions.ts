// npm run decisions: plays every policy in every scenario and prints the table. Arguments: names of scenarios, engines and
// policies (none: all); --seeds=5; --results=FILE keeps each run, a line each, and plays none that is in it; --write puts the table
// into README.md next to this file, and --only-write does that without playing anything.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { DECISION_SCENARIO_NAMES, DECISION_SCENARIOS, KIND_NAMES, KINDS } from './decision-scenarios.js';
import { renderTables, type Run } from './decision-table.js';
import { canPlay, play, POLICY_NAMES } from './policies.js';

const README = new URL('README.md', import.meta.url);
const BEGIN = '<!-- BEGIN DECISIONS -->';
const END = '<!-- END DECISIONS -->';

const words = process.argv.slice(2);
const option = (name: string): string | undefined =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const chosen = <Name extends string>(names: readonly Name[]): readonly Name[] => {
  const named = names.filter((name) => words.includes(name));
  return named.length > 0 ? named : names;
};

const seeds = Number(option('seeds') ?? 5);
const results = option('results');
const runs = await earlierRuns();
if (!words.includes('--only-write')) await playAll();
const counted = `Means of ${seeds} seeds.`;
const table = `${counted}\n\n${renderTables(runs)}`;
process.stdout.write(table);
if (words.includes('--write') || words.includes('--only-write')) await writeTable();

/** Seeds first: what is stopped early has fewer of them, not fewer scenarios. */
async function playAll(): Promise<void> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const kind of chosen(KIND_NAMES)) {
      for (const scenario of chosen(DECISION_SCENARIO_NAMES)) {
        for (const policy of chosen(POLICY_NAMES)) {
          if (!canPlay(policy, KINDS[kind])) continue;
          const what = { kind, scenario, policy, seed };
          if (runs.some((run) => isSame(run, what))) continue;
          const figures = await play(policy, DECISION_SCENARIOS[scenario], KINDS[kind], seed);
          runs.push({ ...what, figures });
          if (results !== undefined) await appendFile(results, `${JSON.stringify({ ...what, figures })}\n`);
        }
      }
    }
  }
}

function isSame(run: Run, what: Omit<Run, 'figures'>): boolean {
  const { kind, scenario, policy, seed } = what;
  return run.kind === kind && run.scenario === scenario && run.policy === policy && run.seed === seed;
}

async function earlierRuns(): Promise<Run[]> {
  if (results === undefined) return [];
  const text = await readFile(results, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Run)
    .filter(({ seed }) => seed <= seeds);
}

async function writeTable(): Promise<void> {
  const text = await readFile(README, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  const written = `${before}${BEGIN}\n\n${table}\n${END}${after}`;
  await writeFile(README, await format(written, { parser: 'markdown', printWidth: 120 }));
}
