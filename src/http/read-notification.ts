// Parses a notification into batches of the alerts for Dhalion. Large ones are parsed in a thread, one at a time: 10 MiB take a
// second and, in a hostile case, 300 MiB of memory, and must not block the event loop.
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import type { IncomingAlert } from '../action-log/log-entries.js';
import type { LabelPattern } from '../config/label-pattern.js';
import { DhalionError } from '../errors.js';
import type { AlertIgnoreReason } from '../model/alert.js';
import { parseAlertmanagerWebhook, type IgnoredAlert } from './alertmanager-webhook.js';
import { DEFAULT_MAX_BODY_BYTES } from './json-body.js';
import { createKeptThread } from './kept-thread.js';
import type { NotificationReading, NotificationTask } from './notification-worker.js';
import { parseJsonBytes } from './parse-json-bytes.js';

/** Up to this size the event loop parses a body itself, in at most about 10 ms. */
export const SMALL_BODY_BYTES = 128 * 1024;
/** Parsing a batch takes a millisecond, committing it about 20. */
const BATCH_ALERTS = 500;
/** Of the thread: parsed JSON takes up to 30 times its bytes, for example 10 MiB of `[` and `]`. */
const HEAP_PER_BODY = 40;
const LEAST_HEAP_MIB = 64;
/** Large notifications that may wait. */
const MAX_WAITING = 4;

export type ReadNotification =
  | {
      readonly kind: 'notification';
      /** In order. Each batch is parsed when the caller takes it. */
      readonly batches: Iterable<readonly IncomingAlert[]>;
      readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
      readonly examples: readonly IgnoredAlert[];
    }
  | { readonly kind: 'fault' | 'not_json'; readonly because: string }
  /** Its sender had gone before its turn came. */
  | { readonly kind: 'given_up' };

export interface NotificationReader {
  /**
   * Rejects with `DhalionError` too_many_requests if too many wait already, and with service_ending after `close`.
   * @param alertname matches the names of alerts to act on
   * @param givenUp aborted when nobody waits for the answer any more; a notification that is being parsed is parsed to its end
   */
  read(bytes: Buffer, alertname: LabelPattern, givenUp: AbortSignal): Promise<ReadNotification>;
  /** Stops reading large notifications and ends the thread, at the latest after its current parse: JSON.parse cannot be interrupted. */
  close(): Promise<void>;
}

export interface NotificationReaderOptions {
  readonly maxWaiting?: number;
  /** The thread's memory is limited to 64 MiB and 40 times this. */
  readonly maxBodyBytes?: number;
}

export function createNotificationReader(options: NotificationReaderOptions = {}): NotificationReader {
  const { maxWaiting = MAX_WAITING, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const oneAtATime = bulkhead(1, maxWaiting);
  const maxHeapMib = Math.ceil(LEAST_HEAP_MIB + (HEAP_PER_BODY * maxBodyBytes) / 2 ** 20);
  const entry = new URL('./notification-worker.js', import.meta.url);
  const thread = createKeptThread<NotificationTask, NotificationReading>(entry, { maxHeapMib });
  let isClosed = false;
  const readInThread = async (task: NotificationTask): Promise<NotificationReading> => {
    try {
      return await thread.run(task);
    } catch (error) {
      throw isClosed ? ending() : error;
    }
  };
  return {
    read: async (bytes, alertname, givenUp) => {
      if (bytes.length <= SMALL_BODY_BYTES) return readHere(bytes, alertname);
      const task = { bytes, alertname: alertname.source, alertsPerPiece: BATCH_ALERTS };
      const readInTurn = async (): Promise<NotificationReading | { readonly kind: 'given_up' }> => {
        if (isClosed) throw ending();
        return givenUp.aborted ? { kind: 'given_up' } : readInThread(task);
      };
      const reading = await oneAtATime.execute(readInTurn).catch(rethrow);
      if (reading.kind !== 'notification') return reading;
      return { ...reading, batches: batchesOf(reading.pieces), ignored: new Map(reading.ignored) };
    },
    close: async () => {
      isClosed = true;
      await thread.close();
    },
  };
}

function ending(): DhalionError {
  return new DhalionError('service_ending', 'the service is ending, send it again', { retryable: true });
}

function rethrow(error: unknown): never {
  if (!(error instanceof BulkheadRejectedError)) throw error;
  throw new DhalionError('too_many_requests', 'too many large notifications at once', {
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
