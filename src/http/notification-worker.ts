// The thread that reads large notifications: what of them is ours goes back in pieces of text, since text costs the thread that
// gets it next to nothing, and each piece can be taken in by itself. Started by read-notification.ts.
import { parentPort } from 'node:worker_threads';
import { createLabelPattern } from '../config/label-pattern.js';
import type { AlertIgnoreReason } from '../model/alert.js';
import { parseAlertmanagerWebhook, type IgnoredAlert } from './alertmanager-webhook.js';
import { parseJsonBytes } from './parse-json-bytes.js';

/** What the thread is given, one at a time. */
export interface NotificationTask {
  readonly bytes: Uint8Array;
  /** Source of the pattern that matches the names of alerts to act on. */
  readonly alertname: string;
  readonly alertsPerPiece: number;
}

/** What it answers. */
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
