// The figures of many runs as Markdown: a table an engine, a row a scenario, a column a policy; and where this project's policy
// asks for more, or suspends the input for longer, than another.
import type { RunFigures } from './account.js';
import {
  DECISION_SCENARIO_NAMES,
  DECISION_SCENARIOS,
  KIND_NAMES,
  KINDS,
  type DecisionScenarioName,
  type KindName,
} from './decision-scenarios.js';
import { mean } from './peer.js';
import { POLICIES, POLICY_NAMES, type PolicyName } from './policies.js';

export interface Run {
  readonly kind: KindName;
  readonly scenario: DecisionScenarioName;
  readonly policy: PolicyName;
  readonly seed: number;
  readonly figures: RunFigures;
}

export const KIND_TITLES: Readonly<Record<KindName, string>> = {
  'flink-kafka': 'Flink, a source with a backlog (Kafka)',
  'flink-push': 'Flink, a source that is pushed to',
  'heron-busy': 'Heron with busy and backlog',
  heron: 'Heron as built in: neither',
};

/** As many actions as the best of the others that is not suspended longer may be exceeded by. */
const MOST_OVER_BEST = 1.3;

type Figures = Pick<Run, 'figures'>;

/** Mean over runs, e.g. over seeds; null: there are none. */
export function meanOf(runs: readonly Figures[]): RunFigures | null {
  if (runs.length === 0) return null;
  const of = (value: (figures: RunFigures) => number): number => mean(runs.map(({ figures }) => value(figures)));
  return {
    actions: of(({ actions }) => actions),
    lastActionMinutes: of(({ lastActionMinutes }) => lastActionMinutes),
    suspendedShare: of(({ suspendedShare }) => suspendedShare),
    cost: of(({ cost }) => cost),
    processedShare: of(({ processedShare }) => processedShare),
    backlogMinutes: of(({ backlogMinutes }) => backlogMinutes),
  };
}

/** A section an engine that there are runs of. */
export function renderTables(runs: readonly Run[]): string {
  return KIND_NAMES.filter((kind) => runs.some((run) => run.kind === kind))
    .map((kind) =>
      renderKind(
        kind,
        runs.filter((run) => run.kind === kind),
      ),
    )
    .join('\n');
}

function renderKind(kind: KindName, runs: readonly Run[]): string {
  const policies = POLICY_NAMES.filter((policy) => runs.some((run) => run.policy === policy));
  const scenarios = DECISION_SCENARIO_NAMES.filter((name) => runs.some(({ scenario }) => scenario === name));
  const cells = (of: readonly Run[]): string =>
    policies.map((policy) => cellOf(meanOf(of.filter((run) => run.policy === policy)), kind)).join(' | ');
  const rows = scenarios.map(
    (name) => `| ${DECISION_SCENARIOS[name].title} | ${cells(runs.filter(({ scenario }) => scenario === name))} |`,
  );
  const faults = scenarios.flatMap((name) => shortfallsOf(runs.filter(({ scenario }) => scenario === name)));
  return [
    `### ${KIND_TITLES[kind]}`,
    '',
    `| scenario | ${policies.map((policy) => POLICIES[policy]).join(' | ')} |`,
    `| --- | ${policies.map(() => '---').join(' | ')} |`,
    ...rows,
    `| **mean** | ${cells(runs)} |`,
    '',
    ...(faults.length === 0 ? ['Nowhere behind.'] : ['Behind in:', '', ...faults]),
    '',
  ].join('\n');
}

/** actions · minute of the last · % suspended · cost · minutes of backlog, or % processed */
function cellOf(figures: RunFigures | null, kind: KindName): string {
  if (figures === null) return '–';
  const { actions, lastActionMinutes, suspendedShare, cost, processedShare, backlogMinutes } = figures;
  const left = KINDS[kind].source === 'kafka' ? `${backlogMinutes.toFixed(0)}m` : percent(processedShare, 0);
  return [short(actions), lastActionMinutes.toFixed(0), percent(suspendedShare), cost.toFixed(2), left].join(' · ');
}

/** Of one scenario: who asks for less without being suspended longer, and who is suspended for less time. */
export function shortfallsOf(runs: readonly Run[]): readonly string[] {
  const [first] = runs;
  const own = meanOf(runs.filter(({ policy }) => policy === 'plan'));
  if (first === undefined || own === null) return [];
  const others = POLICY_NAMES.filter((policy) => policy !== 'plan').flatMap((policy) => {
    const figures = meanOf(runs.filter((run) => run.policy === policy));
    return figures === null ? [] : [{ policy, ...figures }];
  });
  const rivals = others.filter(({ suspendedShare }) => suspendedShare <= own.suspendedShare);
  const fewer = rivals.filter(({ actions }) => own.actions > MOST_OVER_BEST * actions);
  if (rivals.length === 0) return [];
  const said = (policy: PolicyName, figures: RunFigures): string =>
    `${POLICIES[policy]} ${percent(figures.suspendedShare)} with ${short(figures.actions)} at ${figures.cost.toFixed(2)}`;
  const list = rivals.map(({ policy, ...figures }) => said(policy, figures)).join('; ');
  const actions = fewer.length > 0 ? ' (and more actions)' : '';
  const { title } = DECISION_SCENARIOS[first.scenario];
  return [`- ${title}: suspended no less${actions}, ${said('plan', own)}, than ${list}`];
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** At most one decimal, none where it is 0. */
function short(value: number): string {
  return String(Math.round(10 * value) / 10);
}
