// Alertmanager's webhook notification (version 4, and Grafana's dialect of it) ⇒ the alerts in it that are ours. Pure.
// The schema is open: of an envelope only `alerts` is needed, of an alert only its status and labels; the group's own
// status, receiver and labels are never looked at.
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { FromSchema } from 'json-schema-to-ts';
import type { IncomingAlert } from '../action-log/action-log.js';
import { ALERT_STATUSES, type AlertIgnoreReason } from '../model/alert.js';
import { isDiagnosisName } from '../model/diagnosis.js';
import { STORABLE_TEXT_PATTERN } from './storable-text.js';

export const alertmanagerWebhookSchema = {
  type: 'object',
  required: ['alerts'],
  properties: {
    alerts: { type: 'array', description: 'Each is judged by itself; one that cannot be read is ignored.' },
    truncatedAlerts: { description: 'How many alerts `max_alerts` cut off.' },
  },
  additionalProperties: true,
} as const;

// What could not be stored would be sent again for ever if it were refused.
const NAME = { type: 'string', maxLength: 1024, pattern: STORABLE_TEXT_PATTERN } as const;

export const webhookAlertSchema = {
  type: 'object',
  required: ['status', 'labels'],
  properties: {
    status: { enum: ALERT_STATUSES },
    labels: {
      type: 'object',
      properties: { topology: NAME, operator: NAME, diagnosis: NAME },
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

export type ParsedWebhook =
  | {
      readonly kind: 'notification';
      readonly alerts: readonly IncomingAlert[];
      /** How many alerts were not taken up; `truncated` ones never arrived. */
      readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
    }
  | { readonly kind: 'fault'; readonly because: string };

const ajv = new Ajv({ strict: true });
formats.default(ajv, ['date-time']);
const isEnvelope = ajv.compile<FromSchema<typeof alertmanagerWebhookSchema>>(alertmanagerWebhookSchema);
const isAlert = ajv.compile<FromSchema<typeof webhookAlertSchema>>(webhookAlertSchema);

/** A fault only if the body is no such envelope. */
export function parseAlertmanagerWebhook(body: unknown): ParsedWebhook {
  if (!isEnvelope(body)) {
    return { kind: 'fault', because: ajv.errorsText(isEnvelope.errors, { dataVar: 'notification' }) };
  }
  const alerts: IncomingAlert[] = [];
  const ignored = new Map<AlertIgnoreReason, number>();
  for (const candidate of body.alerts) {
    const alert = parseAlert(candidate);
    if (typeof alert === 'string') ignored.set(alert, (ignored.get(alert) ?? 0) + 1);
    else alerts.push(alert);
  }
  const { truncatedAlerts } = body;
  if (isCount(truncatedAlerts)) ignored.set('truncated', truncatedAlerts);
  return { kind: 'notification', alerts, ignored };
}

/** The alert, or why it is ignored. */
function parseAlert(candidate: unknown): IncomingAlert | AlertIgnoreReason {
  if (!isAlert(candidate)) return 'malformed';
  const { status, labels, fingerprint, startsAt } = candidate;
  const { topology, operator, diagnosis } = labels;
  // To Prometheus an empty label is none.
  if (!isGiven(topology) || !isGiven(operator) || !isGiven(diagnosis)) return 'not_ours';
  if (!isDiagnosisName(diagnosis)) return 'unknown_diagnosis';
  return { status, topology, operator, diagnosis, fingerprint: fingerprint ?? null, startsAt: startsAt ?? null };
}

function isGiven(label: string | undefined): label is string {
  return label !== undefined && label !== '';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
