// The thread that reads large notifications. It returns the alerts for Dhalion as several texts: text is cheap to pass to another
// thread, and each one can be parsed separately. read-notification.ts starts it.
import { parentPort } from 'node:worker_threads';
import { createLabelPattern } from '../config/label-pattern.js';
import type { AlertIgnoreReason } from '../model/alert.js';
import { parseAlertmanagerWebhook, type IgnoredAlert } from './alertmanager-webhook.js';
import { parseJsonBytes } from './parse-json-bytes.js';

/** Input of the thread, one at a time. */
export interface NotificationTask {
  readonly bytes: Uint8Array;
  /** Source of the pattern for the names of alerts to act on. */
  readonly alertname: string;
  readonly alertsPerPiece: number;
}

/** Output of the thread. */
export type NotificationReading =
  | {
      readonly kind: 'notification';
      /** JSON: IncomingAlert[]. */
      readonly pieces: readonly string[];
      readonly ignored: readonly (readonly [AlertIgnoreReason, number])[];
      readonly examples: readonly IgnoredAlert[];
    }
  | { readonly kind: 'fault' | 'not_json'; readonly because: string };

parentPort?.on('message', (task: NotificationTask) => {
  parentPort?.postMessage(read(task));
});

function read({ bytes, alertname, alertsPerPiece }: NotificationTask): NotificationReading {
  const json = parseJsonBytes(bytes);
  if (json.kind === 'fault') return { kind: 'not_json', because: json.because };
  const parsed = parseAlertmanagerWebhook(json.value, createLabelPattern(alertname));
  if (parsed.kind === 'fault') return parsed;
  const pieces: string[] = [];
  for (let start = 0; start < parsed.alerts.length; start += alertsPerPiece) {
    pieces.push(JSON.stringify(parsed.alerts.slice(start, start + alertsPerPiece)));
  }
  return { kind: 'notification', pieces, ignored: [...parsed.ignored], examples: parsed.examples };
}
