// Alertmanager's webhook notification (version 4, and Grafana's dialect of it) ⇒ the alerts in it that are ours. Pure.
// The schema is open: of an envelope only `alerts` is needed, of an alert only its status and labels; the group's own
// status, receiver and labels are never looked at.
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
    alerts: { type: 'array', description: 'Each is judged by itself; one that cannot be read is ignored.' },
    truncatedAlerts: {
      description: 'How many alerts `max_alerts` cut off: a whole number, of which at most 1,000,000 are counted.',
    },
  },
  additionalProperties: true,
} as const;

// What could not be stored would be sent again for ever if it were refused. However long: a plan of Flink's SQL is a name, too.
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

/** For descriptions of the API: the envelope with what an alert must be to be taken up. */
export const alertNotificationSchema = {
  ...alertmanagerWebhookSchema,
  description: 'A notification of Alertmanager or Grafana. Keys that are not listed are not looked at.',
  properties: {
    ...alertmanagerWebhookSchema.properties,
    alerts: {
      ...alertmanagerWebhookSchema.properties.alerts,
      items: { anyOf: [webhookAlertSchema, { description: 'Anything else is ignored and counted.' }] },
    },
  },
} as const;

/** An alert that is not taken up, for the log. */
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
      /** How many alerts were not taken up; `truncated` ones never arrived. */
      readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
      /** One of each reason and name among those, at most `MAX_EXAMPLES`. */
      readonly examples: readonly IgnoredAlert[];
    }
  | { readonly kind: 'fault'; readonly because: string };

const ajv = new Ajv({ strict: true });
formats.default(ajv, ['date-time']);
const isEnvelope = ajv.compile<FromSchema<typeof alertmanagerWebhookSchema>>(alertmanagerWebhookSchema);
const isAlert = ajv.compile<FromSchema<typeof webhookAlertSchema>>(webhookAlertSchema);

const MAX_EXAMPLES = 100;
const MAX_SHOWN_NAME = 100;
/** Nobody can check the sender's number. Counters lose their ones above 2^53, which takes nine thousand million such claims. */
const MAX_TRUNCATED = 1_000_000;

/**
 * A fault only if the body is no such envelope.
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
  // To Prometheus an empty label is none.
  if (!isGiven(topology) || !isGiven(operator) || !isGiven(diagnosis)) return 'not_ours';
  if (!alertname.test(labels.alertname ?? '')) return 'other_alertname';
  if (!isDiagnosisName(diagnosis)) return 'unknown_diagnosis';
  return { status, topology, operator, diagnosis, fingerprint: fingerprint ?? null, startsAt: startsAt ?? null };
}

/** Empty if it has none that can be read. */
function nameOf(candidate: unknown): string {
  const { labels } = (candidate ?? {}) as { readonly labels?: { readonly alertname?: unknown } | null };
  const name = labels?.alertname;
  return typeof name === 'string' ? name : '';
}

/** @param candidate ignored for this reason */
function inWords(reason: AlertIgnoreReason, candidate: unknown): string {
  switch (reason) {
    case 'not_ours':
      return 'it lacks one of the labels topology, operator and diagnosis';
    case 'other_alertname':
      return 'alerts.alertname of the configuration does not match its name';
    case 'unknown_diagnosis':
      return `its label diagnosis is none of ${DIAGNOSES.join(', ')}`;
    case 'malformed':
      isAlert(candidate);
      return ajv.errorsText(isAlert.errors?.map(withoutPattern), { dataVar: 'alert' });
    case 'truncated':
      return 'it never arrived';
  }
}

function withoutPattern(error: ErrorObject): ErrorObject {
  return error.keyword === 'pattern'
    ? { ...error, message: 'holds NUL or half a character, which no storage keeps' }
    : error;
}

function isGiven(label: string | undefined): label is string {
  return label !== undefined && label !== '';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
