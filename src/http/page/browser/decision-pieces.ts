// Renders the last decision on a diagnosis in words: the action and its result, or why there is none, and what a person can do.
import type { HoldReason } from '../../../model/decision.js';
import { describeEnd } from './action-pieces.js';
import type { Action, Decision, Operator, Topology } from './api-types.js';
import { describeLimit, type HoldWords } from './limit-words.js';
import { element, type ElementNode } from './page-node.js';
import { renderTime } from './pieces.js';
import { GENTLE_RESOLVERS, HOLDS, RESOLVER_WORDS } from './words.js';

export interface DecisionInput {
  readonly operator: Operator;
  readonly topology: Topology;
  /** Actions of the topology, newest first. */
  readonly actions: readonly Action[];
  readonly nowMs: number;
}

const AFTER_A_FAILURE =
  'The next notification is decided again. A call that was refused for good is not repeated before retry_refused_after, unless the webhook or the plan changes.';

export function renderNoDecision(resolvers: Topology['resolvers']): ElementNode[] {
  if (resolvers.length === 0) {
    return [
      element('p', {}, 'No webhook is configured for this topology, so Dhalion only recommends.'),
      element('p', { class: 'remedy' }, 'To have Dhalion act, add a webhook to the configuration.'),
    ];
  }
  return [
    element('p', {}, 'No alert has arrived, so there is no action.'),
    element(
      'p',
      { class: 'remedy' },
      'The alert may still be waiting (its rule’s “for”). Otherwise check Alertmanager for the alert, for silences and for the route to Dhalion.',
    ),
  ];
}

export function renderDecision(decision: Decision, input: DecisionInput): ElementNode[] {
  const { at, decision: verdict, reason } = decision;
  const { actions, nowMs } = input;
  const { open_action: open, resolvers } = input.topology;
  const resolverWords = describeResolver(decision, resolvers);
  if (verdict === 'act' || reason === null) return renderActing(decision, resolverWords, input);
  // Decided while an action was open: the end of that action has come.
  const isStale = reason === 'action_in_flight' && open === null;
  const { means, remedy } = isStale ? overSince(actions[0]) : wordsOfHold(decision, reason, input);
  return [
    element(
      'p',
      { 'data-decision': verdict, 'data-reason': reason },
      `Held${resolverWords} `,
      renderTime(at, nowMs),
      ': ',
      element('code', {}, reason),
      '. ',
      means,
    ),
    element('p', { class: 'remedy' }, remedy),
  ];
}

function renderActing(
  { at, decision, action_id: actionId }: Decision,
  resolverWords: string,
  { topology: { open_action: open }, actions, nowMs }: DecisionInput,
): ElementNode[] {
  const isOpen = actionId !== null && actionId === open?.id;
  const together = isOpen && open.operators.length > 1 ? ', as a part of the open action' : '';
  const action = actions.find(({ id }) => id === actionId);
  const end = action === undefined ? null : describeEnd(action);
  return [
    element(
      'p',
      { 'data-decision': decision },
      `Acted${resolverWords} `,
      renderTime(at, nowMs),
      `${together}${end === null ? '' : `: ${end}`}.`,
    ),
    ...(action?.outcome === 'failed' ? [element('p', { class: 'remedy' }, AFTER_A_FAILURE)] : []),
  ];
}

function wordsOfHold(decision: Decision, reason: HoldReason, { operator, topology }: DecisionInput): HoldWords {
  if (reason === 'at_limit') return describeLimit(decision, operator, topology);
  return { means: describeHold(decision, reason), remedy: HOLDS[reason].remedy };
}

/** `Required measurements are missing or incomplete: a window of 5 min is not full of split yet, or has a gap.` */
export function describeHold({ unknown_because: unknown }: Decision, reason: HoldReason): string {
  const { means } = HOLDS[reason];
  return unknown === null ? means : `${means.replace(/\.$/, '')}: ${unknown}.`;
}

/** The end of the action that was open. */
function overSince(newest: Action | undefined): HoldWords {
  const end = newest === undefined ? null : describeEnd(newest);
  const means = `An action was open then; it has ended${end === null ? '' : `: ${end}`}.`;
  return { means, remedy: newest?.outcome === 'failed' ? AFTER_A_FAILURE : 'The next notification is decided again.' };
}

function describeResolver({ diagnosis, resolver }: Decision, resolvers: Topology['resolvers']): string {
  if (resolver === null) return '';
  const gentle = GENTLE_RESOLVERS[diagnosis];
  const isSecondBest = resolver === 'scale_up' && gentle !== undefined && !resolvers.includes(gentle);
  return ` (${RESOLVER_WORDS[resolver]}${isSecondBest ? `, no webhook for ${RESOLVER_WORDS[gentle]}` : ''})`;
}
