// Why the change of a completed action is not visible yet, and how long it may take, as the called system reports it. The words are for
// people and decide nothing; a wait postpones the judgement, for a bounded time.
import { bulkhead } from 'cockatiel';
import type { Action } from '../model/action.js';
import { changesParallelism } from '../model/resolver.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { HoldUp, HoldUpReader } from '../webhooks/webhook-type.js';
import { LONGEST_ENGINE_WAIT_MS, mayWait } from '../policy/engine-wait.js';
import { webhookTypeOf, type WebhookSettings } from '../webhooks/webhook-types.js';

export interface HoldUps {
  /** By action id; without the actions that have no report now. Never rejects. */
  explain(actions: readonly Action[], signal: AbortSignal): Promise<ReadonlyMap<string, HoldUp>>;
}

const MAX_PARALLEL_READS = 32;
/** Of all reads together; what was not asked by then is asked at the next look. */
const TIMEOUT_MS = 5000;

/** @param https by webhook name */
export function createHoldUps(
  webhooks: ReadonlyMap<string, WebhookSettings>,
  https: ReadonlyMap<string, Pick<HttpClient, 'call'>>,
  timeoutMs = TIMEOUT_MS,
): HoldUps {
  const readers = new Map<string, HoldUpReader>();
  for (const [name, webhook] of webhooks) {
    const http = https.get(name);
    const reader = http && webhookTypeOf(webhook).createHoldUpReader?.(webhook, { http });
    if (reader !== undefined) readers.set(name, reader);
  }
  return {
    async explain(actions, signal) {
      const due = actions.filter(isAwaited).flatMap((action) => {
        const reader = readers.get(action.webhook);
        return reader === undefined ? [] : [{ action, reader }];
      });
      const told = new Map<string, HoldUp>();
      if (due.length === 0) return told;
      const timeUp = new AbortController();
      const timer = setTimeout(() => {
        timeUp.abort();
      }, timeoutMs);
      const inTime = AbortSignal.any([signal, timeUp.signal]);
      const lanes = bulkhead(MAX_PARALLEL_READS, Infinity);
      const read = async (action: Action, reader: HoldUpReader): Promise<void> => {
        if (!inTime.aborted) told.set(action.id, await reader(action, inTime));
      };
      try {
        await Promise.all(
          // What cannot be asked explains nothing: what was told last is kept.
          due.map(({ action, reader }) => lanes.execute(() => read(action, reader)).catch(() => undefined)),
        );
      } finally {
        clearTimeout(timer);
      }
      return told;
    },
  };
}

/** What the action remembers of it: a wait that is not told now stays as it was. */
export function withWait(action: Action, told: HoldUp | null): Action {
  const wait = told?.wait ?? null;
  if (wait === null) return action;
  const engineWaitMs = Math.min(wait.longestMs, LONGEST_ENGINE_WAIT_MS);
  return { ...action, settling: { ...action.settling, engineWaitMs } };
}

/** In words; null: nothing is known to hold it up, or it no longer waits. Without a report the last words stay. */
export function wordsOf(action: Action, told: HoldUp | null, nowMs: number): string | null {
  if (action.settling.seenAtMs !== null) return null;
  if (told === null) return action.settling.heldUpBy;
  const waiting = mayWait(action, nowMs) ? (told.wait?.words ?? null) : null;
  const words = [told.words, waiting].filter((one) => one !== null);
  return words.length === 0 ? null : words.join('; ');
}

/** Whether its effect was not seen up to the last look. */
function isAwaited({ state, dryRun, resolver, settling }: Action): boolean {
  return state === 'completed' && !dryRun && changesParallelism(resolver) && settling.seenAtMs === null;
}
