// One action from its claim to its judgement, as the action log remembers it.
import type { Outcome } from './outcome.js';
import type { ActionKind, PlannedOperator } from './resolver.js';

/** claimed: logged, its call due or under way · completed: the call's fate is known, settling · judged: over. */
export const ACTION_STATES = ['claimed', 'completed', 'judged'] as const;
export type ActionState = (typeof ACTION_STATES)[number];

/** What was known about one operator of an action; null: unknown. */
export interface OperatorReason {
  readonly suspendedRatio: number | null;
  /** Mean per instance. */
  readonly pendingPackets: number | null;
  /** Records/s of the whole operator. */
  readonly processingRate: number | null;
  /** Records/s of its busiest instance. */
  readonly busiestRate: number | null;
  /** Offered over served load at this operator. */
  readonly offeredRatio: number | null;
  /** How busy its busiest instance will be at the desired parallelism, under the offered load. */
  readonly expectedBusy: number | null;
  /** The offered load as a number of instances' worth of work. */
  readonly neededInstances: number | null;
  /** How busy its busiest instance was, relative to full. */
  readonly effectiveBusy: number | null;
  /** The busy ratio at which it was full. */
  readonly fullBusy: number | null;
}

/** An operator about which nothing is known. */
export const UNKNOWN_OPERATOR_REASON: OperatorReason = {
  suspendedRatio: null,
  pendingPackets: null,
  processingRate: null,
  busiestRate: null,
  offeredRatio: null,
  expectedBusy: null,
  neededInstances: null,
  effectiveBusy: null,
  fullBusy: null,
};

/** What an action asks of one operator, and why. */
export interface ActionOperator extends PlannedOperator {
  readonly reason: OperatorReason;
}

/** Why an action on the topology was taken; its outcome is compared with these values. */
export interface ActionReason {
  /** Records waiting outside the topology's sources, summed; null where none is known. */
  readonly sourceBacklog: number | null;
  /** Records/s offered to the sources, without the share that catches up; null: unknown. */
  readonly offeredRate: number | null;
  /** Records/s that the sources served; null: unknown. */
  readonly servedRate: number | null;
  /** Sensors of the topology that were already missing, as `operator/sensor`; judging does not wait for them. */
  readonly missingSensors: readonly string[];
}

/** What has been seen since the call. It is stored, so that judging continues after a restart of the service. */
export interface Settling {
  /** When sensors were first seen missing after the call (the engine restarting); null: not seen. */
  readonly gapSeenAtMs: number | null;
  /** When the parallelism asked for was first seen with all sensors reporting; null: not yet, or not since the last gap. */
  readonly seenAtMs: number | null;
  /** The same, whatever gaps came later; null: never. */
  readonly firstSeenAtMs: number | null;
  /** When the previous look found nothing, after `seenAtMs`; null: it found everything. */
  readonly missedAtMs: number | null;
  /** scale_up only: the parallelism of operators that got less than was asked for; null: none did. */
  readonly granted: Readonly<Record<string, number>> | null;
  /** When the source backlogs were first seen back to normal after that; null: not yet. */
  readonly backlogNormalAtMs: number | null;
  /** Since when another parallelism than before the call is seen, whatever it is; null: as before, as far as seen. */
  readonly changeSeenAtMs: number | null;
  /** How long from the call's success the engine may leave it undone, by its own word, ms; null: it is not known. */
  readonly engineWaitMs: number | null;
  /** Why the change is not visible yet, as the called system reports it; null: it is visible, or there is no report. */
  readonly heldUpBy: string | null;
}

export const NOT_SETTLED: Settling = {
  gapSeenAtMs: null,
  seenAtMs: null,
  firstSeenAtMs: null,
  missedAtMs: null,
  granted: null,
  backlogNormalAtMs: null,
  changeSeenAtMs: null,
  engineWaitMs: null,
  heldUpBy: null,
};

/** How a call was refused for good. */
export interface Refusal {
  /** Fingerprint of the webhook at the time; another webhook may accept the call. */
  readonly webhookMark: string;
  /** By operator, the most that the refusal says it can have; no entry: the refusal names no limit. */
  readonly limits: Readonly<Record<string, number>>;
}

export interface Action {
  /** UUID; also the idempotency key of its call. */
  readonly id: string;
  readonly topology: string;
  readonly resolver: ActionKind;
  /** All operators that one call changes, the most urgent first; each operator once. */
  readonly operators: readonly [ActionOperator, ...ActionOperator[]];
  readonly state: ActionState;
  readonly outcome: Outcome | null;
  /** Names of the operators that a negative outcome counts against; null: all of them. */
  readonly blamed: readonly string[] | null;
  /** Id of the action this one undoes, and of the one that undid this. */
  readonly reverts: string | null;
  readonly revertedBy: string | null;
  readonly reason: ActionReason;
  readonly dryRun: boolean;
  readonly claimedAtMs: number;
  readonly expiresAtMs: number;
  readonly completedAtMs: number | null;
  readonly judgedAtMs: number | null;
  /** Calls sent so far. */
  readonly attempts: number;
  /** How the last call failed, in words; null: nothing was sent, or nothing failed. */
  readonly failure: string | null;
  /** null: not refused for good. */
  readonly refusal: Refusal | null;
  /** Name of the configured webhook, and the exact bytes to send: a repetition sends the same. */
  readonly webhook: string;
  readonly request: ActionRequest;
  readonly settling: Settling;
}

/** What the action asks of the operator; undefined: nothing. */
export function operatorIn(action: Pick<Action, 'operators'>, name: string): ActionOperator | undefined {
  return action.operators.find(({ operator }) => operator === name);
}

/** Whether a negative outcome of the action counts against this operator. */
export function isBlamed({ blamed }: Pick<Action, 'blamed'>, { operator }: Pick<PlannedOperator, 'operator'>): boolean {
  return blamed === null || blamed.includes(operator);
}

/** Maps all operators of an action; at least one remains. */
export function mapOperators<One, Other>(
  [first, ...others]: readonly [One, ...One[]],
  make: (one: One) => Other,
): readonly [Other, ...Other[]] {
  return [make(first), ...others.map(make)];
}

/** A rendered call. The URL holds no secrets; credentials and signature are added when it is sent. */
export interface ActionRequest {
  readonly url: string;
  readonly method: string;
  readonly contentType: string;
  readonly body: string;
}
