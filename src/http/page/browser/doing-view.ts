// Shows what is being done about a topology, or why nothing is: pauses, the open action, each diagnosis with its last decision.
import { describeAction, renderAsked, verbOf } from './action-pieces.js';
import type { Action, Decision, Pause, Topology } from './api-types.js';
import { describeHold, renderDecision, renderNoDecision } from './decision-pieces.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderName, renderOrder, renderTime } from './pieces.js';
import { formatDuration } from './quantities.js';
import { describeAsked } from './size-words.js';
import {
  backlogGoneInMs,
  concernsOf,
  earlierDecisions,
  isCatchingUp,
  isDiagnosisKnown,
  stalledOf,
  standingOfOperator,
  type Concern,
} from './standing.js';
import { DIAGNOSIS_WORDS, PHASE_WORDS, RESOLVER_WORDS } from './words.js';

export interface DoingInput {
  readonly pauses: readonly Pause[];
  /** Newest first, of this topology or of all. */
  readonly actions: readonly Action[];
  readonly nowMs: number;
}

export function renderDoing(topology: Topology, { pauses, actions, nowMs }: DoingInput): ElementNode {
  const concerns = concernsOf(topology);
  const earlier = earlierDecisions(topology);
  const ofTopology = actions.filter((action) => action.topology === topology.topology);
  return element(
    'div',
    { class: 'doing' },
    element('h4', {}, 'What is being done, and what not'),
    pauses
      .filter((pause) => pause.topology === null || pause.topology === topology.topology)
      .map((pause) => renderPaused(pause, nowMs)),
    topology.open_action !== null && renderOpenAction(topology.open_action, topology.judging, nowMs),
    concerns.map((concern) => renderConcern(concern, topology, { actions: ofTopology, nowMs })),
    concerns.length === 0 && topology.open_action === null && element('p', {}, describeRest(topology)),
    renderStalled(topology),
    earlier.length > 0 &&
      element(
        'details',
        { class: 'earlier' },
        element('summary', {}, `Earlier decisions (${earlier.length})`),
        element(
          'ul',
          {},
          earlier.map((decision) => element('li', {}, renderEarlier(decision, nowMs))),
        ),
      ),
  );
}

/** Why there is nothing to do, if so. */
function describeRest(topology: Topology): string {
  const { evaluated_at: evaluatedAt, operators } = topology;
  if (evaluatedAt === null)
    return 'Not evaluated yet: Prometheus has no series of it, or the first evaluation has not run.';
  if (operators.length === 0) return 'No operator is seen: its series may have ended.';
  if (operators.some((operator) => standingOfOperator(operator) === 'stalled')) return 'Nothing is diagnosed.';
  if (operators.some((operator) => standingOfOperator(operator) === 'unknown')) {
    return 'Nothing is diagnosed, but some data is unknown; meanwhile nothing is scaled down here.';
  }
  if (isCatchingUp(topology)) {
    const goneInMs = backlogGoneInMs(topology);
    const when =
      goneInMs === null ? 'is worked off in time' : `is gone in about ${formatDuration(roundedUp(goneInMs))}`;
    return `There are enough instances: the backlog ${when}.`;
  }
  if (operators.some((operator) => !isDiagnosisKnown(operator, topology))) {
    return 'Nothing is diagnosed so far; each operator below shows what data is missing.';
  }
  return 'Nothing is diagnosed: there is nothing to do.';
}

/** In whole minutes from two minutes on: it is an estimate. */
function roundedUp(ms: number): number {
  return ms < 120_000 ? ms : Math.ceil(ms / 60_000) * 60_000;
}

/** Problems that only a person can solve. */
function renderStalled(topology: Topology): Child {
  const stalled = stalledOf(topology);
  const [first] = stalled;
  if (first === undefined) return false;
  return element(
    'div',
    { class: 'concern', 'data-symptom': 'stalled' },
    element(
      'p',
      {},
      stalled.map(({ operator }, index) => [index > 0 && ', ', renderName(operator)]),
      stalled.length === 1 ? ' has' : ' have',
      ' processed nothing for a whole window, although input waits or is held up.',
    ),
    element(
      'p',
      { class: 'remedy' },
      'More instances would not help: check whether a job restores its state, and whether the systems that ',
      renderName(first.operator),
      ' writes to or queries respond.',
    ),
  );
}

function renderPaused({ id, topology, resolver, reason, expires_at: expiresAt }: Pause, nowMs: number): ElementNode {
  return element(
    'p',
    { key: `pause ${id}`, class: 'remark paused' },
    element('strong', {}, '‖ Paused'),
    topology === null ? ' (everything' : ' (this topology',
    resolver === null ? ')' : `, ${RESOLVER_WORDS[resolver]} only)`,
    ', ends ',
    renderTime(expiresAt, nowMs),
    ': ',
    element('q', { dir: 'auto' }, reason),
  );
}

function renderOpenAction(action: Action, judging: Topology['judging'], nowMs: number): ElementNode {
  return element(
    'div',
    { key: action.id, class: 'open-action', 'data-action': action.id },
    element(
      'p',
      {},
      element('strong', {}, `↻ ${verbOf(action)}`),
      ' of ',
      renderAsked(action),
      ', begun ',
      renderTime(action.claimed_at, nowMs),
    ),
    renderSizes(action),
    judging !== null && renderJudging(action, judging, nowMs),
    action.held_up_by !== null && renderHeldUp(action.held_up_by, action.engine_waits_until, nowMs),
    action.failure !== null && element('p', { class: 'failure', dir: 'auto' }, action.failure),
    renderOrder('cancel', action.id, 'Cancel the action', describeAction(action)),
  );
}

/** `Held up: waiting for a checkpoint, at most until 2026-02-03T04:05:06Z (in 3 min)`. */
function renderHeldUp(words: string, until: string | null, nowMs: number): ElementNode {
  return element(
    'p',
    { class: 'held-up', dir: 'auto', 'data-field': 'held_up_by' },
    `Held up: ${words}`,
    until !== null && Date.parse(until) > nowMs && renderUntil(until, nowMs),
  );
}

function renderUntil(until: string, nowMs: number): ElementNode {
  const field = { 'data-field': 'engine_waits_until', 'data-value': until };
  const toSeconds = until.replace(/\.\d+/, '');
  return element('span', field, `, at most until ${toSeconds} (`, renderTime(until, nowMs), ')');
}

function renderJudging(
  { dry_run: isDryRun }: Action,
  judging: NonNullable<Topology['judging']>,
  nowMs: number,
): ElementNode {
  const { phase, waits_until: until } = judging;
  if (!isDryRun) return element('p', {}, `${PHASE_WORDS[phase]}; `, renderTimeLeft(judging, nowMs));
  return element(
    'p',
    { 'data-field': 'waits_until', 'data-value': until },
    'no call, since its mode is dry_run; ends ',
    renderTime(until, nowMs),
  );
}

/** Why these sizes; nothing if unknown. */
function renderSizes({ operators }: Action): Child {
  const sizes = operators.flatMap((asked) => {
    const words = describeAsked(asked);
    return words === null ? [] : [{ operator: asked.operator, words }];
  });
  if (sizes.length === 0) return false;
  return element(
    'ul',
    { class: 'sizes' },
    sizes.map(({ operator, words }) =>
      element('li', { key: operator, 'data-size-of': operator }, renderName(operator), `: ${words}.`),
    ),
  );
}

function renderTimeLeft(
  { phase, earliest_at: earliest, waits_until: until }: NonNullable<Topology['judging']>,
  nowMs: number,
): Child {
  const untilMs = Date.parse(until);
  if (phase === 'calling' || earliest === null) {
    return element(
      'span',
      { 'data-field': 'waits_until', 'data-value': until },
      untilMs > nowMs ? `repeated for at most ${formatDuration(untilMs - nowMs)} more` : 'its time has run out',
    );
  }
  const leftMs = Date.parse(earliest) - nowMs;
  const words = leftMs < 1000 ? 'judged at the next look' : `judged in ${formatDuration(leftMs)} at the earliest`;
  return [
    element('span', { class: 'time-left', 'data-field': 'earliest_at', 'data-value': earliest }, words),
    element(
      'span',
      { 'data-field': 'waits_until', 'data-value': until },
      untilMs > nowMs ? `, in ${formatDuration(untilMs - nowMs)} at the latest` : ', overdue',
    ),
  ];
}

interface DoneInput {
  /** Decisions of the topology, newest first. */
  readonly actions: readonly Action[];
  readonly nowMs: number;
}

function renderConcern(
  { operator, diagnosis, decision }: Concern,
  topology: Topology,
  { actions, nowMs }: DoneInput,
): ElementNode {
  return element(
    'div',
    {
      key: `${operator.operator} ${diagnosis}`,
      class: 'concern',
      'data-concern': operator.operator,
      'data-diagnosis': diagnosis,
    },
    element(
      'p',
      {},
      renderName(operator.operator),
      ': ',
      element('strong', {}, DIAGNOSIS_WORDS[diagnosis]),
      ' (',
      element('code', {}, diagnosis),
      ').',
    ),
    decision === null
      ? renderNoDecision(topology.resolvers)
      : renderDecision(decision, { operator, topology, actions, nowMs }),
  );
}

function renderEarlier(earlier: Decision, nowMs: number): Child {
  const { at, operator, diagnosis, decision, reason, unknown_because: unknown } = earlier;
  return [
    renderTime(at, nowMs),
    ' ',
    renderName(operator),
    `, ${DIAGNOSIS_WORDS[diagnosis]}: `,
    decision === 'act' || reason === null
      ? 'acted'
      : [
          'held, ',
          element('code', { title: describeHold(earlier, reason) }, reason),
          unknown !== null && `: ${unknown}`,
        ],
  ];
}
