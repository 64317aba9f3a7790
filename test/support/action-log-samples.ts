// Sample entries of an action log, with every field set; tests state only what matters to them.
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { IncomingAlert, LoggedDecision } from '../../src/action-log/log-entries.js';
import { NOT_SETTLED, type Action, type ActionOperator, type Refusal } from '../../src/model/action.js';
import { anyString } from './any-string.js';
import { changedAction, type ActionChanges } from './actions.js';
import type { BlacklistRemoval } from '../../src/model/blacklist.js';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import type { Pause } from '../../src/model/pause.js';
import { ACTION_KINDS } from '../../src/model/resolver.js';
import type { Evidence } from '../../src/model/decision.js';
import { NO_SYMPTOMS } from './evaluations.js';

/** A fixed point in time, at which samples happen by default. */
export const AT_MS = 1_750_000_000_000;

export function sampleAlert(overrides: Partial<IncomingAlert> = {}): IncomingAlert {
  return {
    status: 'firing',
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'underprovisioning',
    fingerprint: '5ef77f1f8a3ecfd1',
    startsAt: '2025-06-15T15:06:40.123456789Z',
    ...overrides,
  };
}

export function sampleAction(overrides: ActionChanges = {}): Action {
  const action: Action = {
    id: randomUUID(),
    topology: 'wordcount',
    resolver: 'scale_up',
    operators: [
      {
        operator: 'split',
        diagnosis: 'underprovisioning',
        currentParallelism: 2,
        desiredParallelism: 4,
        operatorInstances: [],
        reason: {
          suspendedRatio: 0.5,
          pendingPackets: 812.5,
          processingRate: 1034.2,
          busiestRate: null,
          offeredRatio: null,
          expectedBusy: null,
          neededInstances: null,
          effectiveBusy: null,
          fullBusy: null,
        },
      },
    ],
    state: 'claimed',
    outcome: null,
    blamed: null,
    reverts: null,
    revertedBy: null,
    reason: { sourceBacklog: null, offeredRate: 2068.4, servedRate: null, missingSensors: [] },
    dryRun: false,
    claimedAtMs: AT_MS,
    expiresAtMs: AT_MS + 300_000,
    completedAtMs: null,
    judgedAtMs: null,
    attempts: 0,
    failure: null,
    refusal: null,
    webhook: 'scaler',
    request: { url: 'http://127.0.0.1:8080/scale', method: 'POST', contentType: 'application/json', body: '{"p":4}' },
    settling: NOT_SETTLED,
  };
  return changedAction(action, overrides);
}

export function sampleEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    evaluatedAtMs: AT_MS - 1000,
    isOperatorKnown: true,
    backpressure: 'yes',
    parallelism: 2,
    recommendedParallelism: 4,
    suspendedRatio: 0.5,
    symptoms: NO_SYMPTOMS,
    diagnoses: ['underprovisioning'],
    missingSensors: [],
    unknownBecause: null,
    ...overrides,
  };
}

/** The decisions to act that go with `action`, one for each operator. */
export function actDecisions(action: Action, ...alertIds: readonly (number | null | undefined)[]): LoggedDecision[] {
  return action.operators.map(({ operator, diagnosis, currentParallelism }, index) => ({
    atMs: action.claimedAtMs,
    topology: action.topology,
    operator,
    diagnosis,
    resolver: action.resolver,
    decision: 'act',
    reason: null,
    actionId: action.id,
    alertId: alertIds[index] ?? null,
    evidence: sampleEvidence({ parallelism: currentParallelism }),
  }));
}

export function holdDecision(overrides: Partial<LoggedDecision> = {}): LoggedDecision {
  return {
    atMs: AT_MS,
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
    decision: 'hold',
    reason: 'cooldown',
    actionId: null,
    alertId: null,
    evidence: null,
    ...overrides,
  };
}

/** A pause in force for an hour. */
export function samplePause(overrides: Partial<Pause> = {}): Pause {
  return {
    id: randomUUID(),
    topology: 'wordcount',
    resolver: 'scale_down',
    reason: 'load test',
    createdAtMs: AT_MS,
    expiresAtMs: AT_MS + 3_600_000,
    ...overrides,
  };
}

/** A removal for the pair of `sampleAction`. */
export function sampleRemoval(overrides: Partial<BlacklistRemoval> = {}): BlacklistRemoval {
  return {
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
    atMs: AT_MS,
    ...overrides,
  };
}

const timeMs = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
const timeMsOrNull = fc.option(timeMs);
// JSON has no −0.
const measured = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0));
/** Any Unicode except the one character that databases do not keep. */
const text = anyString().map((value) => value.replaceAll('\0', '0'));

/** Without fast-check's objects that have no prototype: values read back have one. */
function plainRecord<Value>(fields: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> }): fc.Arbitrary<Value> {
  return fc.record(fields, { noNullPrototype: true });
}

const anyRefusal = plainRecord<Refusal>({
  webhookMark: text,
  limits: fc.dictionary(text, fc.integer({ min: 1, max: 1000 }), { noNullPrototype: true }),
});

const anyOperator = plainRecord<ActionOperator>({
  operator: text,
  diagnosis: fc.constantFrom(...DIAGNOSES),
  currentParallelism: fc.nat(),
  desiredParallelism: fc.nat(),
  operatorInstances: fc.array(anyString()),
  reason: plainRecord({
    suspendedRatio: measured,
    pendingPackets: measured,
    processingRate: measured,
    busiestRate: measured,
    offeredRatio: measured,
    expectedBusy: measured,
    neededInstances: measured,
    effectiveBusy: measured,
    fullBusy: measured,
  }),
});

const anyOperators: fc.Arbitrary<Action['operators']> = fc
  .tuple(anyOperator, fc.array(anyOperator, { maxLength: 3 }))
  .map(([first, others]) => [first, ...others]);

/** Any freshly claimed action with no attempt. */
export const arbitraryClaim: fc.Arbitrary<Action> = plainRecord({
  // New in each run, since a shrunk example is claimed in the same log.
  id: fc.constant(null).map(() => randomUUID()),
  topology: text,
  resolver: fc.constantFrom(...ACTION_KINDS),
  operators: anyOperators,
  state: fc.constant('claimed' as const),
  outcome: fc.constant(null),
  blamed: fc.option(fc.array(text)),
  // A reverted action would have to exist.
  reverts: fc.constant(null),
  revertedBy: fc.option(fc.uuid()),
  reason: plainRecord({
    sourceBacklog: measured,
    offeredRate: measured,
    servedRate: measured,
    missingSensors: fc.array(anyString()),
  }),
  dryRun: fc.constant(false),
  claimedAtMs: timeMs,
  expiresAtMs: timeMs,
  completedAtMs: timeMsOrNull,
  judgedAtMs: timeMsOrNull,
  attempts: fc.nat(),
  failure: fc.option(text),
  refusal: fc.option(anyRefusal),
  webhook: text,
  // The body is bytes to repeat exactly, U+0000 included.
  request: plainRecord({
    url: fc.webUrl(),
    method: fc.string(),
    contentType: text,
    body: anyString(),
  }),
  settling: plainRecord({
    missedAtMs: timeMsOrNull,
    granted: fc.option(fc.dictionary(fc.string(), fc.nat(), { noNullPrototype: true })),
    gapSeenAtMs: timeMsOrNull,
    seenAtMs: timeMsOrNull,
    firstSeenAtMs: timeMsOrNull,
    backlogNormalAtMs: timeMsOrNull,
    changeSeenAtMs: timeMsOrNull,
    engineWaitMs: fc.option(fc.nat()),
    heldUpBy: fc.option(text),
  }),
});
