// The closed lists of names around an alert's arrival. The alert itself, as it is remembered, is in the action log.

export const ALERT_STATUSES = ['firing', 'resolved'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/**
 * Why an alert in a notification is not taken up: it lacks one of our labels; has them under a name that is not to be acted
 * on (`alerts.alertname`), as what copies the labels of others' alerts does; names a diagnosis that does not exist; cannot be
 * read; or was cut off by the sender (`max_alerts`) and never arrived.
 */
export const ALERT_IGNORE_REASONS = [
  'not_ours',
  'other_alertname',
  'unknown_diagnosis',
  'malformed',
  'truncated',
] as const;
export type AlertIgnoreReason = (typeof ALERT_IGNORE_REASONS)[number];
