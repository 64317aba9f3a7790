// Whether a call would only be refused again: the same call was refused for good a short while ago, and neither it nor its
// webhook has changed since. The answer comes from the action log, so it survives restarts and other replicas know it.
import type { Clock } from '../clock.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import type { Action, Refusal } from '../model/action.js';
import type { PlannedAction } from '../model/resolver.js';
import { settingsMarkOf, webhookMarkOf } from '../webhooks/webhook-mark.js';
import type { Case } from './alert-context.js';
import { isSameCall, type LabelSensor } from './claim-action.js';
import type { RecalledLog } from './recalled-log.js';
import type { WatchedTopology } from './watched-topology.js';

export interface RefusedCallsParts {
  readonly recalled: Pick<RecalledLog, 'refusedSince'>;
  /** The newest look at the cases' topology; undefined: there was none. */
  readonly watched: WatchedTopology | undefined;
  readonly senseLabels: LabelSensor;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Whether the plan's call was refused. */
export type RefusalCheck = (plan: PlannedAction) => boolean;

/**
 * A check for one topology's cases. Asks Prometheus for labels only if anything was refused. Rejects if the signal aborts
 * meanwhile.
 */
export async function checkRefusals(
  cases: readonly [Case, ...Case[]],
  { recalled, watched, senseLabels, webhooks, clock }: RefusedCallsParts,
  signal: AbortSignal,
): Promise<RefusalCheck> {
  const [{ alert, rules }] = cases;
  const { topology } = alert;
  const sinceMs = clock.now() - rules.settings.retryRefusedAfterMs;
  const refused: Action[] = [];
  for (const { operator, resolver } of cases.map((one) => ({ operator: one.alert.operator, resolver: one.resolver }))) {
    const webhook = webhooks.get(rules.webhooks[resolver] ?? '');
    const recent = recalled.refusedSince(topology, operator, resolver, sinceMs);
    if (webhook !== undefined) refused.push(...(await refusedBySame(recent, webhook)));
  }
  if (refused.length === 0) return () => false;
  const operators = [...new Set(refused.flatMap((action) => action.operators.map(({ operator }) => operator)))];
  const labels = await senseLabels(rules.engine, operators, watched, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  return (plan) => {
    const webhook = webhooks.get(rules.webhooks[plan.resolver] ?? '');
    if (labels === null || webhook === undefined) return false;
    try {
      const change = { ...plan, topology, reverts: null };
      const earlier = refused.filter(({ resolver }) => resolver === plan.resolver);
      return earlier.some((action) => isSameCall(action, change, { webhook, labels }));
    } catch {
      // Preparing the call will report the fault.
      return false;
    }
  };
}

/** The refused actions whose webhook is unchanged, including the contents of its files. */
export async function refusedBySame(refused: readonly Action[], webhook: WebhookSettings): Promise<readonly Action[]> {
  if (refused.length === 0) return [];
  const mark = await webhookMarkOf(webhook);
  return refused.filter((action) => action.webhook === webhook.name && action.refusal?.webhookMark === mark);
}

/**
 * The most that the operator can have by the latest refusal of this webhook, with its present settings, that names a limit;
 * null: none.
 */
export function largestAllowed(refused: readonly Action[], operator: string, webhook: WebhookSettings): number | null {
  if (refused.length === 0) return null;
  const mark = settingsMarkOf(webhook);
  const isBySame = ({ webhook: name, refusal }: Action): boolean =>
    name === webhook.name && refusal?.webhookMark.startsWith(mark) === true;
  const said = refused.filter(isBySame).flatMap(({ refusal }) => limitIn(refusal, operator) ?? []);
  return said[0] ?? null;
}

function limitIn(refusal: Refusal | null, operator: string): number | null {
  // An operator may bear the name of an inherited property, such as `constructor`.
  return refusal !== null && Object.hasOwn(refusal.limits, operator) ? (refusal.limits[operator] ?? null) : null;
}
