// Finds faults of a webhook's templates without an action, when the configuration is checked.
import { DhalionError } from '../../errors.js';
import { UNKNOWN_OPERATOR_REASON } from '../../model/action.js';
import { renderRequest, type RequestSettings } from './render-request.js';
import { webhookBodyOf, type LabelledOperator, type WebhookFacts } from '../webhook-body.js';

export interface TemplateFault {
  readonly field: 'url' | 'body';
  readonly message: string;
}

/**
 * Renders a webhook's templates once with all values and once with null for each value that can be null. Labels depend on the
 * engine's series, so every label name counts as present.
 */
export function templateFaultsOf(webhook: RequestSettings): readonly TemplateFault[] {
  const plain = { ...webhook, url: 'http://localhost/', body: null };
  const candidates = [
    { field: 'url', settings: { ...plain, url: webhook.url } },
    { field: 'body', settings: { ...plain, body: webhook.body } },
  ] as const;
  return candidates.flatMap(({ field, settings }) => {
    const message = firstFaultOf(settings);
    return message === null ? [] : [{ field, message }];
  });
}

function firstFaultOf(webhook: RequestSettings): string | null {
  try {
    for (const facts of SAMPLES) renderRequest(webhook, webhookBodyOf(facts));
    return null;
  } catch (error) {
    if (error instanceof DhalionError) return error.message;
    throw error;
  }
}

/** Has a value for every name. */
const ANY_LABEL = new Proxy<Record<string, string>>(
  {},
  {
    get: (_target, key) => (typeof key === 'string' ? 'label' : undefined),
    getOwnPropertyDescriptor: () => ({ value: 'label', configurable: true, enumerable: true }),
  },
);

const FULL_OPERATOR: LabelledOperator = {
  operator: 'operator',
  diagnosis: 'overprovisioning',
  currentParallelism: 2,
  desiredParallelism: 4,
  operatorInstances: ['0'],
  reason: {
    suspendedRatio: 0.5,
    pendingPackets: 1,
    processingRate: 1,
    busiestRate: 1,
    offeredRatio: 1,
    expectedBusy: 1,
    neededInstances: 1,
    effectiveBusy: 1,
    fullBusy: 1,
  },
  labels: ANY_LABEL,
};

const EMPTY_OPERATOR: LabelledOperator = {
  ...FULL_OPERATOR,
  operatorInstances: [],
  reason: UNKNOWN_OPERATOR_REASON,
};

const FULL_SAMPLE: WebhookFacts = {
  id: '00000000-0000-4000-8000-000000000000',
  topology: 'topology',
  resolver: 'revert',
  operators: [FULL_OPERATOR, FULL_OPERATOR],
  reverts: '00000000-0000-4000-8000-000000000001',
  claimedAtMs: 0,
  expiresAtMs: 0,
};

/** With two operators, and with one. */
const SAMPLES: readonly WebhookFacts[] = [FULL_SAMPLE, { ...FULL_SAMPLE, operators: [EMPTY_OPERATOR], reverts: null }];
