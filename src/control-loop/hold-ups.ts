// Why what completed actions asked for is not to be seen yet, as far as what their calls went to tells. For people: nothing is decided by
// it, and nothing waits for it for longer than the readers allow.
import { bulkhead } from 'cockatiel';
import type { Action } from '../model/action.js';
import { changesParallelism } from '../model/resolver.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { HoldUpReader } from '../webhooks/webhook-type.js';
import { webhookTypeOf, type WebhookSettings } from '../webhooks/webhook-types.js';

export interface HoldUps {
  /** By action id, in words; an action that is not in it is not held up, or nobody tells. Never rejects. */
  explain(actions: readonly Action[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

const MAX_PARALLEL_READS = 32;

/** @param https by webhook name */
export function createHoldUps(
  webhooks: ReadonlyMap<string, WebhookSettings>,
  https: ReadonlyMap<string, Pick<HttpClient, 'call'>>,
): HoldUps {
  const readers = new Map<string, HoldUpReader>();
  for (const [name, webhook] of webhooks) {
    const http = https.get(name);
    const reader = http && webhookTypeOf(webhook).createHoldUpReader?.(webhook, { http });
    if (reader !== undefined) readers.set(name, reader);
  }
  return {
    async explain(actions, signal) {
      const lanes = bulkhead(MAX_PARALLEL_READS, Infinity);
      const told = await Promise.all(
        actions.filter(isAwaited).map((action) =>
          // What cannot be asked does not explain anything: the next look asks again.
          lanes
            .execute(async () => [action.id, await readers.get(action.webhook)?.(action, signal)] as const)
            .catch(() => null),
        ),
      );
      return new Map(told.flatMap((one) => (typeof one?.[1] === 'string' ? [[one[0], one[1]] as const] : [])));
    },
  };
}

/** Whether its effect was not seen up to the last look. */
function isAwaited({ state, dryRun, resolver, settling }: Action): boolean {
  return state === 'completed' && !dryRun && changesParallelism(resolver) && settling.seenAtMs === null;
}
