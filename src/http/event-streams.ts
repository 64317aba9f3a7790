// The open answers of GET /api/v1/events (server-sent events). Each event reports the kinds of what changed; the other paths have
// the new state.
import type { Response } from 'express';
import type { Change } from '../model/change.js';

export interface EventStreamLimits {
  /** A browser opens one per visible page. */
  readonly maxStreams: number;
  /** Changes within this time are sent together. */
  readonly gatherMs: number;
  /** Time between comments that keep proxies and idle limits from closing a stream. */
  readonly heartbeatMs: number;
  /** Unread bytes after which a stream is closed. */
  readonly maxUnreadBytes: number;
}

const DEFAULT_LIMITS: EventStreamLimits = {
  maxStreams: 256,
  gatherMs: 100,
  heartbeatMs: 15_000,
  maxUnreadBytes: 64 * 1024,
};
/** A browser's delay before it reconnects. */
const RETRY_MS = 2000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Otherwise nginx holds events until its buffer is full.
  'X-Accel-Buffering': 'no',
} as const;

export class EventStreams {
  readonly #limits: EventStreamLimits;
  readonly #open = new Set<Response>();
  readonly #gathered = new Set<Change>();
  #gathering: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(limits: Partial<EventStreamLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Resolves false, with nothing sent, if there are too many streams or the service is ending. */
  add(response: Response): boolean {
    if (this.#isClosed || this.#open.size >= this.#limits.maxStreams) return false;
    response.status(200).set(HEADERS);
    this.#open.add(response);
    response.on('close', () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#rest();
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#heartbeat ??= setInterval(() => {
      this.#send(': still here\n\n');
    }, this.#limits.heartbeatMs);
    return true;
  }

  /** The headers of a stream's answer. */
  describe(response: Response): void {
    response.status(200).set(HEADERS).end();
  }

  announce(change: Change): void {
    if (this.#isClosed || this.#open.size === 0) return;
    this.#gathered.add(change);
    this.#gathering ??= setTimeout(() => {
      const changed = [...this.#gathered];
      this.#rest();
      this.#send(`event: change\ndata: ${JSON.stringify({ changed })}\n\n`);
    }, this.#limits.gatherMs);
  }

  /** Ends all streams and refuses new ones. */
  close(): void {
    this.#isClosed = true;
    // An unread one stays until the server closes its connection: nothing must be written to it any more.
    for (const response of this.#open) response.end();
    this.#open.clear();
    this.#rest();
  }

  #send(text: string): void {
    for (const response of this.#open) {
      if (response.writableLength > this.#limits.maxUnreadBytes) response.destroy();
      else response.write(text);
    }
  }

  #rest(): void {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    this.#gathered.clear();
    if (this.#open.size > 0 || this.#heartbeat === null) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }
}
