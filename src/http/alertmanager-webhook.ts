// Reads an Alertmanager webhook notification (version 4, or Grafana's dialect) and returns its alerts for Dhalion. Pure.
// The schema is open: an envelope needs only `alerts`, an alert only its status and labels. The group's own status, receiver and
// labels are ignored.
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { FromSchema } from 'json-schema-to-ts';
import type { IncomingAlert } from '../action-log/log-entries.js';
import { ALERT_STATUSES, type AlertIgnoreReason } from '../model/alert.js';
import { DIAGNOSES, isDiagnosisName } from '../model/diagnosis.js';
import type { LabelPattern } from '../config/label-pattern.js';
import { shortenName } from '../shorten-name.js';
import { STORABLE_TEXT_PATTERN } from './storable-text.js';

export const alertmanagerWebhookSchema = {
  type: 'object',
  required: ['alerts'],
  properties: {
    alerts: { type: 'array', description: 'Each is handled separately; an unreadable one is ignored.' },
    truncatedAlerts: {
      description: 'Number of alerts that `max_alerts` cut off: a whole number; at most 1,000,000 are counted.',
    },
  },
  additionalProperties: true,
} as const;

// Text that cannot be stored would be sent again for ever if it were refused. No length limit: a plan of Flink SQL is a name, too.
const NAME = { type: 'string', pattern: STORABLE_TEXT_PATTERN } as const;

export const webhookAlertSchema = {
  type: 'object',
  required: ['status', 'labels'],
  properties: {
    status: { enum: ALERT_STATUSES },
    labels: {
      type: 'object',
      properties: { alertname: { type: 'string' }, topology: NAME, operator: NAME, diagnosis: NAME },
      additionalProperties: true,
    },
    fingerprint: { type: ['string', 'null'], maxLength: 128, pattern: STORABLE_TEXT_PATTERN },
    startsAt: { type: ['string', 'null'], maxLength: 64, format: 'date-time' },
  },
  additionalProperties: true,
} as const;

/** For descriptions of the API: the envelope, and the shape of an accepted alert. */
export const alertNotificationSchema = {
  ...alertmanagerWebhookSchema,
  description: 'A notification of Alertmanager or Grafana. Other keys are ignored.',
  properties: {
    ...alertmanagerWebhookSchema.properties,
    alerts: {
      ...alertmanagerWebhookSchema.properties.alerts,
      items: { anyOf: [webhookAlertSchema, { description: 'Anything else is ignored and counted.' }] },
    },
  },
} as const;

/** An ignored alert, for the log. */
export interface IgnoredAlert {
  readonly reason: AlertIgnoreReason;
  /** Its name, shortened; empty if it has none. */
  readonly alertname: string;
  /** In words. */
  readonly because: string;
}

export type ParsedWebhook =
  | {
      readonly kind: 'notification';
      readonly alerts: readonly IncomingAlert[];
      /** Number of ignored alerts; `truncated` ones never arrived. */
      readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
      /** An example of each reason and name, at most `MAX_EXAMPLES`. */
      readonly examples: readonly IgnoredAlert[];
    }
  | { readonly kind: 'fault'; readonly because: string };

const ajv = new Ajv({ strict: true });
formats.default(ajv, ['date-time']);
const isEnvelope = ajv.compile<FromSchema<typeof alertmanagerWebhookSchema>>(alertmanagerWebhookSchema);
const isAlert = ajv.compile<FromSchema<typeof webhookAlertSchema>>(webhookAlertSchema);

const MAX_EXAMPLES = 100;
const MAX_SHOWN_NAME = 100;
/** The sender's number cannot be checked. Counters lose precision above 2^53, which takes nine thousand million such claims. */
const MAX_TRUNCATED = 1_000_000;

/**
 * A fault only if the body is not an envelope.
 * @param alertname matches the names of alerts to act on
 */
export function parseAlertmanagerWebhook(body: unknown, alertname: LabelPattern): ParsedWebhook {
  if (!isEnvelope(body)) {
    return { kind: 'fault', because: ajv.errorsText(isEnvelope.errors, { dataVar: 'notification' }) };
  }
  const alerts: IncomingAlert[] = [];
  const ignored = new Map<AlertIgnoreReason, number>();
  const examples = new Map<string, IgnoredAlert>();
  for (const candidate of body.alerts) {
    const alert = parseAlert(candidate, alertname);
    if (typeof alert !== 'string') {
      alerts.push(alert);
      continue;
    }
    ignored.set(alert, (ignored.get(alert) ?? 0) + 1);
    if (examples.size >= MAX_EXAMPLES) continue;
    const name = shortenName(nameOf(candidate), MAX_SHOWN_NAME);
    const key = `${alert} ${name}`;
    if (!examples.has(key)) examples.set(key, { reason: alert, alertname: name, because: inWords(alert, candidate) });
  }
  const { truncatedAlerts } = body;
  if (isCount(truncatedAlerts)) ignored.set('truncated', Math.min(truncatedAlerts, MAX_TRUNCATED));
  return { kind: 'notification', alerts, ignored, examples: [...examples.values()] };
}

/** The alert, or why it is ignored. */
function parseAlert(candidate: unknown, alertname: LabelPattern): IncomingAlert | AlertIgnoreReason {
  if (!isAlert(candidate)) return 'malformed';
  const { status, labels, fingerprint, startsAt } = candidate;
  const { topology, operator, diagnosis } = labels;
  // In Prometheus an empty label equals an absent one.
  if (!isGiven(topology) || !isGiven(operator) || !isGiven(diagnosis)) return 'not_ours';
  if (!alertname.test(labels.alertname ?? '')) return 'other_alertname';
  if (!isDiagnosisName(diagnosis)) return 'unknown_diagnosis';
  return { status, topology, operator, diagnosis, fingerprint: fingerprint ?? null, startsAt: startsAt ?? null };
}

/** Empty if it has no readable name. */
function nameOf(candidate: unknown): string {
  const { labels } = (candidate ?? {}) as { readonly labels?: { readonly alertname?: unknown } | null };
  const name = labels?.alertname;
  return typeof name === 'string' ? name : '';
}

/** @param candidate ignored for this reason */
function inWords(reason: AlertIgnoreReason, candidate: unknown): string {
  switch (reason) {
    case 'not_ours':
      return 'a label is missing: topology, operator or diagnosis';
    case 'other_alertname':
      return 'its name does not match alerts.alertname of the configuration';
    case 'unknown_diagnosis':
      return `its label diagnosis is not one of ${DIAGNOSES.join(', ')}`;
    case 'malformed':
      isAlert(candidate);
      return ajv.errorsText(isAlert.errors?.map(withoutPattern), { dataVar: 'alert' });
    case 'truncated':
      return 'it never arrived';
  }
}

function withoutPattern(error: ErrorObject): ErrorObject {
  return error.keyword === 'pattern'
    ? { ...error, message: 'contains NUL or half a surrogate pair, which cannot be stored' }
    : error;
}

function isGiven(label: string | undefined): label is string {
  return label !== undefined && label !== '';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
