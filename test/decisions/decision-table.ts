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

const PEER_NAMES = POLICY_NAMES.filter((policy) => policy !== 'plan' && policy !== 'predecessor');

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
  const comparisons = scenarios
    .map((name) => comparePeers(runs.filter(({ scenario }) => scenario === name)))
    .filter((one) => one !== null);
  return [
    `### ${KIND_TITLES[kind]}`,
    '',
    `| scenario | ${policies.map((policy) => POLICIES[policy]).join(' | ')} |`,
    `| --- | ${policies.map(() => '---').join(' | ')} |`,
    ...rows,
    `| **mean** | ${cells(runs)} |`,
    '',
    ...renderComparisons(comparisons),
  ].join('\n');
}

/** actions · minute of the last · % suspended · cost · minutes of backlog, or % processed */
function cellOf(figures: RunFigures | null, kind: KindName): string {
  if (figures === null) return '–';
  const { actions, lastActionMinutes, suspendedShare, cost, processedShare, backlogMinutes } = figures;
  const left = KINDS[kind].source === 'kafka' ? `${backlogMinutes.toFixed(0)}m` : percent(processedShare, 0);
  return [short(actions), lastActionMinutes.toFixed(0), percent(suspendedShare), cost.toFixed(2), left].join(' · ');
}

export interface Comparison {
  readonly scenario: DecisionScenarioName;
  /** Those that were suspended no longer, to a tenth of a percent. */
  readonly rivals: readonly { readonly policy: PolicyName; readonly figures: RunFigures }[];
  readonly own: RunFigures;
  /** More actions than 1.3 × those of the rival that has the fewest. */
  readonly hasMoreActions: boolean;
}

/** Of the runs of one scenario; null: there is nothing to compare. The predecessor does not count as a peer. */
export function comparePeers(runs: readonly Run[]): Comparison | null {
  const [first] = runs;
  const own = meanOf(runs.filter(({ policy }) => policy === 'plan'));
  if (first === undefined || own === null) return null;
  const rivals = PEER_NAMES.flatMap((policy) => {
    const figures = meanOf(runs.filter((run) => run.policy === policy));
    return figures !== null && inTenths(figures) <= inTenths(own) ? [{ policy, figures }] : [];
  });
  const fewest = Math.min(...rivals.map(({ figures }) => figures.actions));
  return { scenario: first.scenario, rivals, own, hasMoreActions: own.actions > MOST_OVER_BEST * fewest };
}

function inTenths({ suspendedShare }: RunFigures): number {
  return Math.round(1000 * suspendedShare);
}

function renderComparisons(comparisons: readonly Comparison[]): readonly string[] {
  if (comparisons.length === 0) return [];
  const ahead = comparisons.filter(({ rivals }) => rivals.length === 0);
  const few = comparisons.filter(({ hasMoreActions }) => !hasMoreActions);
  const of = `of ${comparisons.length} scenarios`;
  return [
    `Suspended for less time than every peer: ${ahead.length} ${of}. No more actions than ${MOST_OVER_BEST} × the fewest of those ` +
      `that are suspended no longer: ${few.length} ${of}.`,
    '',
    ...comparisons.filter(({ rivals }) => rivals.length > 0).map(renderBehind),
    '',
  ];
}

function renderBehind({ scenario, own, rivals, hasMoreActions }: Comparison): string {
  const list = rivals.map(({ policy, figures }) => `${POLICIES[policy]} ${inWords(figures)}`).join('; ');
  const actions = hasMoreActions ? ', **more actions**' : '';
  return `- ${DECISION_SCENARIOS[scenario].title}${actions}: ${inWords(own)}. Suspended no longer: ${list}`;
}

function inWords({ suspendedShare, actions, cost }: RunFigures): string {
  return `${percent(suspendedShare)}, ${short(actions)} at ${cost.toFixed(2)}`;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** At most one decimal, none where it is 0. */
function short(value: number): string {
  return String(Math.round(10 * value) / 10);
}
