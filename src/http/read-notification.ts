// The bytes of a notification ⇒ batches of the alerts in it that are ours. A large one is read in a thread of its own, one at a
// time: reading 10 MiB takes a second and 300 MiB, if somebody means ill, and the event loop does not wait for that.
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { Worker } from 'node:worker_threads';
import type { IncomingAlert } from '../action-log/action-log.js';
import type { LabelPattern } from '../config/label-pattern.js';
import { DhalionError } from '../errors.js';
import type { AlertIgnoreReason } from '../model/alert.js';
import { parseAlertmanagerWebhook, type IgnoredAlert } from './alertmanager-webhook.js';
import { parseJsonBytes } from './json-body.js';
import type { NotificationReading, NotificationTask } from './notification-worker.js';

/** Up to this size the event loop reads a body itself, in at most some 10 ms. */
export const SMALL_BODY_BYTES = 128 * 1024;
/** A batch is made from its text in a millisecond, and committed in some 20. */
const BATCH_ALERTS = 500;
/** Of the thread: what is read takes up to 30 times the room of its bytes, that of 10 MiB of `[` and `]`. */
const HEAP_PER_BODY = 40;
const LEAST_HEAP_MIB = 64;

export type ReadNotification =
  | {
      readonly kind: 'notification';
      /** In order. Each is made when it is asked for. */
      readonly batches: Iterable<readonly IncomingAlert[]>;
      readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
      readonly examples: readonly IgnoredAlert[];
    }
  | { readonly kind: 'fault' | 'not_json'; readonly because: string };

/**
 * Rejects with `DhalionError` too_many_requests where too many wait already: senders that have given up leave theirs to be read.
 * @param alertname matches the names of alerts to act on
 */
export type NotificationReader = (bytes: Buffer, alertname: LabelPattern) => Promise<ReadNotification>;

/** @param maxWaiting how many large bodies may wait for the one that is read */
export function createNotificationReader(maxWaiting: number): NotificationReader {
  const oneAtATime = bulkhead(1, maxWaiting);
  return async (bytes, alertname) => {
    if (bytes.length <= SMALL_BODY_BYTES) return readHere(bytes, alertname);
    const reading = await oneAtATime.execute(() => readInThread(bytes, alertname)).catch(rethrow);
    if (reading.kind !== 'notification') return reading;
    return { ...reading, batches: batchesOf(reading.pieces), ignored: new Map(reading.ignored) };
  };
}

function rethrow(error: unknown): never {
  if (!(error instanceof BulkheadRejectedError)) throw error;
  throw new DhalionError('too_many_requests', 'too many large notifications are being read already', {
    retryable: true,
  });
}

function readHere(bytes: Buffer, alertname: LabelPattern): ReadNotification {
  const json = parseJsonBytes(bytes);
  if (json.kind === 'fault') return { kind: 'not_json', because: json.because };
  const parsed = parseAlertmanagerWebhook(json.value, alertname);
  return parsed.kind === 'fault' ? parsed : { ...parsed, batches: parsed.alerts.length === 0 ? [] : [parsed.alerts] };
}

function* batchesOf(pieces: readonly string[]): Generator<readonly IncomingAlert[]> {
  for (const piece of pieces) yield JSON.parse(piece) as IncomingAlert[];
}

/** Rejects if the thread ends without an answer, as where it has too little memory. */
function readInThread(bytes: Buffer, alertname: LabelPattern): Promise<NotificationReading> {
  const task: NotificationTask = { bytes, alertname: alertname.source, alertsPerPiece: BATCH_ALERTS };
  const heapMib = LEAST_HEAP_MIB + (HEAP_PER_BODY * bytes.length) / 2 ** 20;
  const worker = new Worker(new URL('./notification-worker.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapMib) },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => {
      reject(new Error('the thread that reads a notification has ended without an answer'));
    });
  });
}
