// Prints the results of scenarios, one line each. Arguments: names of scenarios (none: all), flink-kafka, flink-push,
// heron-kafka, heron-kafka-more (with busy and backlog), heron-push, and fast or default; `actions` also lists every action.
// node --import=./test/support/load-typescript.mjs test/scenarios/print-table.ts a e flink-kafka
import type { Action } from '../../src/model/action.js';
import { START_MS } from '../support/closed-loop.js';
import { DEFAULT, FAST, playScenario, type ScenarioResult } from './play-scenario.js';
import { SCENARIO_NAMES, SCENARIOS, type Kind, type Scenario } from './scenario.js';

const KINDS: Readonly<Record<string, Kind>> = {
  'flink-kafka': { engine: 'flink', source: 'kafka' },
  'flink-push': { engine: 'flink', source: 'push' },
  'heron-kafka': { engine: 'heron', source: 'kafka' },
  'heron-kafka-more': { engine: 'heron', source: 'kafka', hasMoreSensors: true },
  'heron-push': { engine: 'heron', source: 'push' },
};
const PROFILES = { fast: FAST, default: DEFAULT };

const words = process.argv.slice(2);
const names = SCENARIO_NAMES.filter((name) => words.includes(name));
const kinds = Object.keys(KINDS).filter((kind) => words.includes(kind));
const profile = words.includes('default') ? 'default' : 'fast';

for (const kindName of kinds.length > 0 ? kinds : Object.keys(KINDS)) {
  const kind = KINDS[kindName];
  for (const name of names.length > 0 ? names : SCENARIO_NAMES) {
    if (kind === undefined) continue;
    const startedAt = performance.now();
    const scenario: Scenario = SCENARIOS[name];
    const result = await playScenario(scenario, kind, { profile: PROFILES[profile] });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`| ${name} ${scenario.title} | ${kindName} ${profile} | ${cellOf(result, kind)} | ${seconds} s`);
    if (words.includes('actions')) for (const action of result.actions) say(`    ${lineOf(action)}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** up/down/restart/revert · last action · final (needed) · overshoot · suspended · cost · left behind or processed */
function cellOf(result: ScenarioResult, { source }: Kind): string {
  const { ups, downs, restarts, reverts, lastActionMinutes, finalParallelism, needed, overshoot, cost } = result;
  return [
    [ups, downs, restarts, reverts].join('/'),
    `${lastActionMinutes.toFixed(0)} min`,
    `${finalParallelism.join('/')} (${needed.join('/')})`,
    overshoot.toFixed(1),
    `${(100 * result.suspendedShare).toFixed(0)} %`,
    cost.toFixed(2),
    source === 'kafka' ? `${result.backlogMinutes.toFixed(1)} min` : `${(100 * result.processedShare).toFixed(0)} %`,
  ].join(' · ');
}

function lineOf(action: Action): string {
  const at = (atMs: number | null): string => (atMs === null ? '–' : ((atMs - START_MS) / 60_000).toFixed(2));
  const { operators, resolver, outcome } = action;
  const changes = operators.map(
    ({ operator, currentParallelism, desiredParallelism, reason }) =>
      `${operator} ${currentParallelism} → ${desiredParallelism} (b ${reason.suspendedRatio?.toFixed(2) ?? '–'}, ` +
      `rate ${reason.processingRate?.toFixed(0) ?? '–'})`,
  );
  const over = outcome ?? 'open';
  return `${at(action.claimedAtMs)}–${at(action.judgedAtMs)} ${resolver} ${changes.join(', ')}: ${over}`;
}
