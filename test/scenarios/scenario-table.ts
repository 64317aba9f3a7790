// The scenarios that the control law was designed on, with the result that each must have. The numbers are those of the
// simulation that the law comes from, with a margin for other noise.
import type { Test } from 'tap';
import type { Action } from '../../src/model/action.js';
import { playScenario, type ScenarioResult } from './play-scenario.js';
import { SCENARIOS, type Kind, type Scenario, type ScenarioName } from './scenario.js';

const FLINK_KAFKA: Kind = { engine: 'flink', source: 'kafka' };
const FLINK_PUSH: Kind = { engine: 'flink', source: 'push' };
const HERON_KAFKA: Kind = { engine: 'heron', source: 'kafka', hasMoreSensors: true };
/** As built in: the backlog is not reported, so catching up after a restart looks like harm. */
const HERON_KAFKA_BUILT_IN: Kind = { engine: 'heron', source: 'kafka' };
const HERON_PUSH: Kind = { engine: 'heron', source: 'push' };

type Range = readonly [least: number, most: number];
const NONE: Range = [0, 0];
const ONE: Range = [1, 1];

interface Expected {
  readonly ups?: Range;
  readonly downs?: Range;
  /** Includes rebalances. */
  readonly restarts?: Range;
  readonly reverts?: Range;
  /** Total parallelism at the end over the total needed, without faults. */
  readonly final: Range;
  /** Push sources: least share of the offered records that is taken in; default 0.9. */
  readonly processed?: number;
  /** Operators that may be acted on; default all. */
  readonly operators?: readonly string[];
}

type Row = readonly [ScenarioName, Kind, hours: number, title: string, Expected];

const TABLE: readonly Row[] = [
  ['a', FLINK_KAFKA, 3, 'in one action, from one instance each', { ups: ONE, final: [1, 1.25] }],
  ['a', FLINK_PUSH, 2, 'in two: what is only inferred is capped', { ups: [1, 2], final: [1, 1.3] }],
  ['a', HERON_KAFKA, 3, 'in one action, from one instance each', { ups: ONE, final: [1, 1.25] }],
  ['a', HERON_PUSH, 2, 'in two: what is only inferred is capped', { ups: [1, 3], final: [1, 1.3] }],
  ["a'", FLINK_KAFKA, 3, 'uneven keys are not slow instances', { ups: [1, 2], final: [1, 1.3] }],
  ["a'", HERON_PUSH, 2, 'uneven keys are not slow instances', { ups: [1, 3], final: [1, 1.3] }],
  ['b1', FLINK_KAFKA, 2, 'of two branches the small one grows', { ups: ONE, final: [1, 1.3], operators: ['a'] }],
  ['b2', FLINK_PUSH, 2, 'not the branches grow, the join does', { ups: ONE, final: [1, 1.3], operators: ['join'] }],
  ['c', FLINK_KAFKA, 4, 'one action a step', { ups: [1, 2], downs: [1, 2], final: [1, 1.5] }],
  ['c', HERON_PUSH, 4, 'without busy a fifth at a time', { ups: [1, 3], downs: [3, 6], final: [1, 1.5] }],
  ['d', FLINK_PUSH, 4, 'the crest of the wave is kept', { ups: [1, 3], downs: [0, 2], final: [1, 2.2] }],
  ['e', FLINK_KAFKA, 6, 'capacity is given back, and none of it again', { downs: [1, 2], final: [1.1, 1.4] }],
  ['e', HERON_KAFKA, 4, 'capacity is given back, and none of it again', { downs: [1, 2], final: [1.1, 1.4] }],
  ['e', HERON_PUSH, 4, 'capacity is given back, a fifth at a time', { downs: [2, 5], final: [1, 1.5] }],
  [
    'e',
    HERON_KAFKA_BUILT_IN,
    4,
    'catching up, of which nothing tells here, may look like too little once',
    { ups: [0, 1], downs: [2, 5], reverts: [0, 2], final: [1, 2] },
  ],
  ['f1', FLINK_KAFKA, 2, 'a slow instance is restarted', { restarts: ONE, final: [1.25, 1.25] }],
  ['f1', HERON_PUSH, 2, 'a slow instance is restarted', { restarts: ONE, final: [1.25, 1.25] }],
  ['f2', FLINK_KAFKA, 2, 'what a restart does not cure, more do', { ups: [1, 2], restarts: ONE, final: [1.9, 2.4] }],
  ['f3', FLINK_KAFKA, 2, 'a hot key is spread', { restarts: ONE, final: [1.25, 1.25] }],
  ['f4', FLINK_PUSH, 2, 'a key that cannot be spread', { ups: [1, 3], restarts: [1, 2], final: [1.9, 3.1] }],
  ['f5', FLINK_KAFKA, 2, 'uneven keys are not slow instances', { ups: [1, 2], final: [1, 1.35] }],
  ['g', FLINK_KAFKA, 3, 'a source grows by itself', { ups: ONE, final: [1, 1.5] }],
  ['h', FLINK_KAFKA, 4, 'noise and missing looks delay nothing', { downs: [1, 2], final: [1.1, 1.5] }],
  ['i', FLINK_KAFKA, 4, 'all stages at once', { ups: ONE, final: [1, 1.3] }],
  ['i', FLINK_PUSH, 2, 'all stages at once', { ups: [1, 2], final: [1, 1.3] }],
];

/** Scenarios of more hours than this are for `npm run test:long`. */
const SHORT_HOURS = 2;

export async function checkScenarios(t: Test, length: 'short' | 'long'): Promise<void> {
  const rows = TABLE.filter(([, , hours]) => hours <= SHORT_HOURS === (length === 'short'));
  for (const row of rows) await checkScenario(t, row);
}

async function checkScenario(t: Test, [name, kind, hours, title, expected]: Row): Promise<void> {
  const scenario: Scenario = { ...SCENARIOS[name], hours };
  const { title: what } = scenario;
  const sensors = kind.hasMoreSensors === true ? ' with busy and backlog' : '';
  await t.test(`${name}, ${kind.engine} and ${kind.source}${sensors}: ${what}: ${title}`, async (t) => {
    const result = await playScenario(scenario, kind);
    const { ups, downs, restarts, reverts } = result;
    within(t, 'scale-ups', ups, expected.ups ?? NONE);
    within(t, 'scale-downs', downs, expected.downs ?? NONE);
    within(t, 'restarts and rebalances', restarts, expected.restarts ?? NONE);
    within(t, 'reverts', reverts, expected.reverts ?? NONE);
    within(t, 'final over needed', sum(result.finalParallelism) / sum(result.needed), expected.final);
    if (kind.source === 'push') within(t, 'processed', result.processedShare, [expected.processed ?? 0.9, 1]);
    else within(t, 'minutes of backlog', result.backlogMinutes, [0, 0.5]);
    const acted = new Set(result.actions.flatMap(({ operators }) => operators.map(({ operator }) => operator)));
    if (expected.operators !== undefined) t.same([...acted], expected.operators);
    t.same(orphans(result.actions), [], 'harm is undone');
    t.comment(summaryOf(result));
  });
}

function within(t: Test, what: string, found: number, [least, most]: Range): void {
  t.ok(found >= least - 1e-9 && found <= most + 1e-9, `${what}: ${found} is within ${least} to ${most}`);
}

function orphans(actions: readonly Action[]): readonly string[] {
  const harmful = actions.filter(({ outcome }) => outcome === 'harmful');
  return harmful.filter(({ id }) => !actions.some(({ reverts }) => reverts === id)).map(({ id }) => id);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function summaryOf({ finalParallelism, needed, cost, suspendedShare, lastActionMinutes }: ScenarioResult): string {
  const ends = `${finalParallelism.join('/')} of ${needed.join('/')} needed`;
  const suspended = (100 * suspendedShare).toFixed(0);
  return `${ends}, cost ${cost.toFixed(2)}, ${suspended} % suspended, last action at ${lastActionMinutes.toFixed(0)} min`;
}
