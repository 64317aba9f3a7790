// A complete webhook and an action for it, for each test to vary.
import type { FlinkOperatorWebhookSettings } from '../../src/webhooks/flink-operator/flink-operator-settings.js';
import type { FlinkWebhookSettings } from '../../src/webhooks/flink/flink-settings.js';
import type { GenericWebhookSettings } from '../../src/webhooks/generic/generic-settings.js';
import { mapOperators, NOT_SETTLED, type Action, type OperatorReason } from '../../src/model/action.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import type { LabelledOperator, WebhookFacts } from '../../src/webhooks/webhook-body.js';

export const CLAIMED_AT_MS = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

export function sampleWebhook(more: Partial<GenericWebhookSettings> = {}): GenericWebhookSettings {
  return {
    name: 'scaler',
    type: 'generic',
    url: 'http://127.0.0.1:8080/scale',
    method: 'POST',
    headers: {},
    body: null,
    timeoutMs: 10_000,
    maxAttempts: 5,
    expiresAfterMs: 300_000,
    signingSecretFile: null,
    http: PLAIN_HTTP,
    ...more,
  };
}

/** @param url the JobManager's */
export function sampleFlinkWebhook(url: string, more: Partial<FlinkWebhookSettings> = {}): FlinkWebhookSettings {
  const { name, timeoutMs, maxAttempts, expiresAfterMs, http } = sampleWebhook();
  return { name, type: 'flink', url, timeoutMs, maxAttempts, expiresAfterMs, http, ...more };
}

/** @param url the API server's */
export function sampleFlinkOperatorWebhook(
  url: string,
  more: Partial<FlinkOperatorWebhookSettings> = {},
): FlinkOperatorWebhookSettings {
  const { name, timeoutMs, maxAttempts, expiresAfterMs, http } = sampleWebhook();
  const place = { resource: 'flinkdeployments', namespaceLabel: 'namespace', nameLabel: 'app' } as const;
  return { name, type: 'flink_operator', url, timeoutMs, maxAttempts, expiresAfterMs, http, ...place, ...more };
}

/** Fields of an operator change the first one. */
export type FactsChanges = Partial<WebhookFacts> &
  Partial<Omit<LabelledOperator, 'reason'>> & { readonly reason?: Partial<OperatorReason> };

const OPERATOR: LabelledOperator = {
  operator: 'split',
  diagnosis: 'underprovisioning',
  currentParallelism: 2,
  desiredParallelism: 4,
  operatorInstances: [],
  labels: { job_id: 'a1', task_id: 'b2' },
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
};

export function sampledOperator(more: Partial<LabelledOperator> = {}): LabelledOperator {
  return { ...OPERATOR, ...more };
}

export function sampleFacts(more: FactsChanges = {}): WebhookFacts {
  const { id, topology, resolver, reverts, claimedAtMs, expiresAtMs, operators, reason, ...ofFirst } = more;
  const [first, ...others] = operators ?? [OPERATOR];
  return {
    id: id ?? '0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10',
    topology: topology ?? 'wordcount',
    resolver: resolver ?? 'scale_up',
    operators: [{ ...first, ...ofFirst, reason: { ...first.reason, ...reason } }, ...others],
    reverts: reverts ?? null,
    claimedAtMs: claimedAtMs ?? CLAIMED_AT_MS,
    expiresAtMs: expiresAtMs ?? CLAIMED_AT_MS + 300_000,
  };
}

export function sampleAction(more: Partial<Action> = {}): Action {
  const facts = sampleFacts();
  return {
    ...facts,
    operators: mapOperators(facts.operators, ({ labels: _labels, ...asked }) => asked),
    reason: { sourceBacklog: null, offeredRate: null, servedRate: null, missingSensors: [] },
    state: 'claimed',
    outcome: null,
    blamed: null,
    revertedBy: null,
    dryRun: false,
    completedAtMs: null,
    judgedAtMs: null,
    attempts: 0,
    failure: null,
    refusal: null,
    webhook: 'scaler',
    request: {
      url: 'http://127.0.0.1:8080/scale',
      method: 'POST',
      contentType: 'application/json',
      body: '{"desired_parallelism":4}',
    },
    settling: NOT_SETTLED,
    ...more,
  };
}
