// Finds the faults of a webhook's templates before there is an action, for the check of a configuration.
import { DhalionError } from '../../errors.js';
import { UNKNOWN_OPERATOR_REASON } from '../../model/action.js';
import { renderRequest, type RequestSettings } from './render-request.js';
import { webhookBodyOf, type LabelledOperator, type WebhookFacts } from '../webhook-body.js';

/** A fault of a webhook's template, found without an action. */
export interface TemplateFault {
  readonly field: 'url' | 'body';
  readonly message: string;
}

/**
 * The faults of a webhook's templates, for the check of a configuration: rendered once with every value given and once with
 * all that may be null as null. Labels depend on the engine's series: any name is taken to exist.
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

/** Has every name a template may ask for. */
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

/** Of two operators, and of one. */
const SAMPLES: readonly WebhookFacts[] = [FULL_SAMPLE, { ...FULL_SAMPLE, operators: [EMPTY_OPERATOR], reverts: null }];
