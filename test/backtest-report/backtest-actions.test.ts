import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import {
  ALERT_WAITS,
  MAX_ACTIONS,
  MAX_ACTIONS_IN_ALL,
  OVERPROVISIONED_RANGE_MS,
  type ActionsOptions,
  type ActionsSummary,
} from '../../src/backtest-report/backtest-actions.js';
import { BacktestSummarizer, type BacktestSummary } from '../../src/backtest-report/backtest-summary.js';
import { renderSummaryTable } from '../../src/backtest-report/summary-table.js';
import { parseDuration } from '../../src/grammar/duration.js';
import type { DiagnosisName } from '../../src/model/diagnosis.js';
import type { OperatorEvaluation } from '../../src/model/evaluation.js';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';

const FROM_MS = Date.parse('2026-01-31T03:00:00Z');
const MINUTE_MS = 60_000;

interface Step {
  readonly current?: number | null;
  readonly desired?: number | null;
  readonly diagnosis?: DiagnosisName;
  /** Whether it is unknown if the operator is overprovisioned. */
  readonly isUnknown?: boolean;
}

function evaluated(
  name: string,
  { current = 2, desired = current, diagnosis, isUnknown = false }: Step,
): OperatorEvaluation {
  const found = desired !== null && current !== null && desired < current ? 'overprovisioning' : 'underprovisioning';
  const isAsked = diagnosis !== undefined || desired !== current;
  return operatorEvaluation(name, {
    measurement: operatorMeasurement(name, { parallelism: current }),
    recommendedParallelism: desired,
    diagnoses: isAsked ? [{ diagnosis: diagnosis ?? found, operatorInstances: ['3', '5'] }] : [],
    unknownDiagnoses: isUnknown ? ['overprovisioning'] : [],
  });
}

/** A step a minute; undefined: the topology is not there. */
function summaryOf(
  steps: readonly (Readonly<Record<string, Step>> | undefined)[],
  options: ActionsOptions & { readonly stepMs?: number } = {},
): BacktestSummary {
  const { stepMs = MINUTE_MS } = options;
  const range = { fromMs: FROM_MS, toMs: FROM_MS + (steps.length - 1) * stepMs, stepMs };
  const summarizer = new BacktestSummarizer(range, [], options);
  for (const [index, step] of steps.entries()) {
    const operators = Object.entries(step ?? {}).map(([name, one]) => evaluated(name, one));
    const evaluations = step === undefined ? [] : [topologyEvaluation('job', operators)];
    summarizer.add({ atMs: FROM_MS + index * stepMs, evaluations });
  }
  return summarizer.finish();
}

function actionsOf(...given: Parameters<typeof summaryOf>): ActionsSummary {
  const [topology] = summaryOf(...given).topologies;
  if (topology === undefined) throw new Error('no topology');
  return topology.actions;
}

/** `minute: resolver operator 2 → 6 until minute, hours`, a line an action. */
function told({ listed }: ActionsSummary): string[] {
  const minute = (ms: number): number => (ms - FROM_MS) / MINUTE_MS;
  return listed.map(({ atMs, resolver, operators }) => {
    const changes = operators.map(
      ({ operator, currentParallelism: current, desiredParallelism: desired, untilMs, operatorHours }) =>
        `${operator} ${current} → ${desired} until ${minute(untilMs)}, ${operatorHours.toFixed(2)} h`,
    );
    return `${minute(atMs)}: ${resolver} ${changes.join('; ')}`;
  });
}

const times = (count: number, step: Readonly<Record<string, Step>>) => Array.from({ length: count }, () => step);
const UP = { split: { current: 2, desired: 6 } };
const DOWN = { split: { current: 6, desired: 3 } };
const NOTHING = { split: { current: 2 } };

await t.test('an action costs its requested instances for the time of the request', (t) => {
  const actions = actionsOf([...times(19, NOTHING), ...times(30, UP), ...times(5, NOTHING)]);
  t.strictSame(told(actions), ['19: scale_up split 2 → 6 until 48, 2.00 h']);
  t.match(actions, { count: 1, operatorHours: { saved: 0 } });
  t.equal(actions.operatorHours.cost, 2);
  t.end();
});

await t.test('a change during the request changes the cost', (t) => {
  const grown = { split: { current: 2, desired: 8 } };
  const done = { split: { current: 8 } };
  const actions = actionsOf([...times(30, UP), ...times(30, grown), ...times(30, done)]);
  t.strictSame(
    told(actions),
    ['0: scale_up split 2 → 6 until 59, 5.00 h'],
    'one action, with the size of its first step',
  );
  t.end();
});

await t.test('a scale down waits for its alert, and saves from then on', (t) => {
  t.strictSame(told(actionsOf([...times(14, DOWN), NOTHING])), [], 'too brief');
  const actions = actionsOf([...times(34, DOWN), NOTHING]);
  t.strictSame(told(actions), ['14: scale_down split 6 → 3 until 33, -1.00 h']);
  t.match(actions, { operatorHours: { cost: 0, saved: actions.operatorHours.saved } });
  t.equal(actions.operatorHours.saved, 1);
  t.end();
});

await t.test('the alert of a scale down outlives steps at which it is unknown, and no step at which it is not', (t) => {
  const unknown = { split: { current: 6, isUnknown: true } };
  const after = (steps: number, step: Readonly<Record<string, Step>> | undefined) =>
    told(actionsOf([...times(10, DOWN), ...Array.from({ length: steps }, () => step), ...times(10, DOWN)]));
  t.match(after(5, unknown), [/^15: scale_down/], 'the last answer counts for 7 minutes more');
  t.match(after(6, undefined), [/^16: scale_down/], 'also where the topology is not seen');
  t.strictSame(after(8, unknown), [], 'then it begins again');
  t.strictSame(after(8, undefined), []);
  t.strictSame(after(1, { split: { current: 6 } }), []);
  t.end();
});

await t.test('the alert of a scale down begins again after a change of parallelism', (t) => {
  const both = (count: number | null) => ({ ...DOWN, count: { current: count, desired: count } });
  const actions = actionsOf([...times(10, both(2)), ...times(22, both(3))]);
  t.match(told(actions), [/^31: scale_down/], 'seven minutes after the change, and 15 more');
  t.match(
    told(actionsOf([...times(10, both(2)), both(null), ...times(10, both(2))])),
    [/^14:/],
    'unknown is no change',
  );
  const late = actionsOf([...times(9, both(2)), ...times(5, both(null)), ...times(20, both(3))]);
  t.match(told(late), [/^30: scale_down/], 'the range ends with the old parallelism');
  t.end();
});

await t.test('the conclusion of a step holds until the next one', (t) => {
  t.strictSame(told(actionsOf([UP, NOTHING])), ['0: scale_up split 2 → 6 until 0, 0.07 h']);
  t.strictSame(told(actionsOf([UP, NOTHING], { stepMs: 30_000 })), [], 'half a minute is too brief');
  t.strictSame(told(actionsOf([DOWN, DOWN, NOTHING], { stepMs: 5 * MINUTE_MS })), []);
  t.match(told(actionsOf([DOWN, DOWN, DOWN], { stepMs: 5 * MINUTE_MS })), [/^10: scale_down/]);
  t.end();
});

await t.test('operators that are changed together are one action, others are others', (t) => {
  const both = { split: UP.split, count: { current: 1, desired: 3 } };
  const later = { ...both, sink: { current: 1, desired: 2 } };
  t.strictSame(told(actionsOf([both, later])), [
    '0: scale_up split 2 → 6 until 1, 0.13 h; count 1 → 3 until 1, 0.07 h',
    '1: scale_up sink 1 → 2 until 1, 0.02 h',
  ]);
  const opposite = { split: UP.split, count: { current: 4, desired: 2 } };
  t.match(told(actionsOf(times(20, opposite))), [/^0: scale_up split/, /^14: scale_down count/]);
  t.end();
});

await t.test('an action lasts as long as its alert, which fires on for a while', (t) => {
  const held = { split: { current: 2, diagnosis: 'underprovisioning' } } as const;
  t.strictSame(
    told(actionsOf([UP, held, held, UP])),
    ['0: scale_up split 2 → 6 until 3, 0.13 h'],
    'charged where it is asked for',
  );
  t.strictSame(
    told(actionsOf([held, UP], { stepMs: 30_000 })),
    ['0.5: scale_up split 2 → 6 until 0.5, 0.03 h'],
    'what waits is the diagnosis',
  );
  const unknown = { split: { current: null, desired: null } };
  for (const gone of [unknown, undefined, NOTHING]) {
    t.strictSame(told(actionsOf([UP, ...Array.from({ length: 5 }, () => gone), UP])), [
      '0: scale_up split 2 → 6 until 6, 0.13 h',
    ]);
    t.equal(actionsOf([UP, ...Array.from({ length: 6 }, () => gone), UP]).count, 2);
  }
  const needed = { split: { current: 6 } };
  t.match(
    told(actionsOf([...times(10, DOWN), needed, ...times(15, DOWN)])),
    [/^25: scale_down/],
    'the wait of a scale down starts again',
  );
  t.strictSame(told(actionsOf([...times(10, DOWN), needed, ...times(14, DOWN)])), []);
  t.equal(actionsOf([...times(15, DOWN), needed, ...times(15, DOWN)]).count, 2, 'its alert does not fire on');
  t.end();
});

await t.test('a restart costs nothing, and is asked for only where a webhook carries it out', (t) => {
  const slow = { split: { current: 4, diagnosis: 'slow_instances' } } as const;
  const skewed = { split: { current: 4, diagnosis: 'data_skew' } } as const;
  t.strictSame(told(actionsOf([slow, skewed])), []);
  const asked: string[] = [];
  const supports: ActionsOptions['supports'] = (topology, resolver) => {
    asked.push(`${topology} ${resolver}`);
    return true;
  };
  const actions = actionsOf([slow, slow, skewed], { supports });
  t.strictSame(told(actions), [
    '0: restart_instances split 4 → 4 until 1, 0.00 h',
    '2: rebalance split 4 → 4 until 2, 0.00 h',
  ]);
  t.strictSame([...new Set(asked)], ['job restart_instances', 'job rebalance']);
  t.match(actions.listed, [{ operators: [{ because: 'instances 3, 5 stand out' }] }]);
  const escalated = { split: { current: 4, desired: 6, diagnosis: 'slow_instances' } } as const;
  t.match(told(actionsOf([escalated])), [/scale_up split 4 → 6/]);
  const atItsLimit = { split: { current: 4, diagnosis: 'underprovisioning' } } as const;
  t.strictSame(told(actionsOf(times(5, atItsLimit), { supports })), [], 'no larger size is possible');
  t.end();
});

await t.test('the first of very many actions are listed, and all are counted', (t) => {
  const flapping = Array.from({ length: 7 * (MAX_ACTIONS + 7) }, (_, index) => (index % 7 === 0 ? UP : NOTHING));
  const actions = actionsOf(flapping);
  t.equal(actions.count, MAX_ACTIONS + 7);
  t.equal(actions.listed.length, MAX_ACTIONS);
  t.equal(actions.operatorHours.cost.toFixed(6), (((MAX_ACTIONS + 7) * 4) / 60).toFixed(6));
  const topologies = Math.ceil(MAX_ACTIONS_IN_ALL / MAX_ACTIONS) + 3;
  const summarizer = new BacktestSummarizer({ fromMs: 0, toMs: 1e9, stepMs: MINUTE_MS }, []);
  for (const [index, step] of flapping.entries()) {
    const operators = [evaluated('split', step.split)];
    const evaluations = Array.from({ length: topologies }, (_, number) => topologyEvaluation(`${number}`, operators));
    summarizer.add({ atMs: index * MINUTE_MS, evaluations });
  }
  const lists = summarizer.finish().topologies.map(({ actions: { listed } }) => listed.length);
  t.equal(
    lists.reduce((sum, length) => sum + length, 0),
    MAX_ACTIONS_IN_ALL,
  );
  t.end();
});

await t.test('the table says when, what, why and at what cost', (t) => {
  const explain: ActionsOptions['explain'] = ({ measurement }, { topology }) =>
    `${topology} has too little ${measurement.spec.name}`;
  const table = renderSummaryTable(summaryOf([...times(19, NOTHING), ...times(25, UP)], { explain }));
  t.match(
    table,
    [
      'What it would have done:',
      '  job. It would have taken 1 action: 1.7 operator-hours more, 0.0 fewer.',
      '    2026-01-31T03:19:00Z scale up',
      '      split 2 → 6, +1.7 operator-hours until 2026-01-31T03:44:00Z, because job has too little split',
      'An action begins when its alert',
    ].join('\n'),
  );
  const down = renderSummaryTable(summaryOf(times(34, DOWN)));
  t.match(down, '      split 6 → 3, −1.0 operator-hours until 2026-01-31T03:34:00Z\n');
  t.notMatch(renderSummaryTable(summaryOf(times(3, NOTHING))), /would have done/, 'nothing, and no word of it');
  const many = renderSummaryTable(
    summaryOf(Array.from({ length: 210 }, (_, index) => (index % 7 === 0 ? UP : NOTHING))),
  );
  t.equal(many.match(/scale up$/gm)?.length, 20);
  t.match(many, '    10 more actions\n');
  t.end();
});

await t.test('alerts wait as long as the shipped rules have it', (t) => {
  const file = new URL('../../rules/dhalion-alerts.yml', import.meta.url);
  const { groups } = parse(readFileSync(file, 'utf8')) as {
    groups: { name: string; rules: { expr: string; for: string; keep_firing_for?: string }[] }[];
  };
  const rules = groups.find(({ name }) => name === 'dhalion-diagnoses')?.rules ?? [];
  for (const diagnosis of DIAGNOSES) {
    const rule = rules.find(({ expr }) => expr.includes(`diagnosis="${diagnosis}"`));
    const waits = {
      forMs: parseDuration(rule?.for ?? ''),
      keepFiringMs: parseDuration(rule?.keep_firing_for ?? '0s'),
    };
    t.strictSame(waits, ALERT_WAITS[diagnosis], diagnosis);
  }
  const ranges = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/\[(.+?)\]/g)].map(([, range = '']) => parseDuration(range)),
  );
  t.strictSame([...new Set(ranges)], [OVERPROVISIONED_RANGE_MS]);
  t.end();
});
