// The closed lists of names for the intake of alerts. The alert itself, as stored, is in the action log.

export const ALERT_STATUSES = ['firing', 'resolved'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/**
 * Why an alert of a notification is ignored: it lacks one of our labels; its name does not match `alerts.alertname` (rules that
 * copy the labels of other alerts produce such alerts); it names an unknown diagnosis; it cannot be parsed; or the sender cut it
 * off (`max_alerts`), so it never arrived.
 */
export const ALERT_IGNORE_REASONS = [
  'not_ours',
  'other_alertname',
  'unknown_diagnosis',
  'malformed',
  'truncated',
] as const;
export type AlertIgnoreReason = (typeof ALERT_IGNORE_REASONS)[number];
