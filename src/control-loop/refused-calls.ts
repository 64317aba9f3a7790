// Whether a call would only be refused again: the same was refused for good a short while ago, and neither it nor its webhook has
// changed since. What is asked is the action log's memory, so that a restart and other replicas know it too.
import type { Clock } from '../clock.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import type { Action, Refusal } from '../model/action.js';
import type { PlannedAction } from '../model/resolver.js';
import { settingsMarkOf, webhookMarkOf } from '../webhooks/webhook-mark.js';
import type { ActionHistory } from './action-history.js';
import type { Case } from './alert-standing.js';
import { isSameCall, type LabelSensor } from './claim-action.js';
import type { TopologyWatch } from './topology-watch.js';

export interface RefusedCallsParts {
  readonly watch: Pick<TopologyWatch, 'find'>;
  readonly history: Pick<ActionHistory, 'refusedSince'>;
  readonly senseLabels: LabelSensor;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Whether what is planned was refused. */
export type RefusalCheck = (plan: PlannedAction) => boolean;

/** Of all that is asked for in one topology. Asks Prometheus for labels only where something was refused at all. Rejects if the signal aborts meanwhile. */
export async function checkRefusals(
  cases: readonly [Case, ...Case[]],
  { watch, history, senseLabels, webhooks, clock }: RefusedCallsParts,
  signal: AbortSignal,
): Promise<RefusalCheck> {
  const [{ alert, rules }] = cases;
  const { topology } = alert;
  const sinceMs = clock.now() - rules.settings.retryRefusedAfterMs;
  const refused: Action[] = [];
  for (const { operator, resolver } of cases.map((one) => ({ operator: one.alert.operator, resolver: one.resolver }))) {
    const webhook = webhooks.get(rules.webhooks[resolver] ?? '');
    const recent = history.refusedSince(topology, operator, resolver, sinceMs);
    if (webhook !== undefined) refused.push(...(await refusedBySame(recent, webhook)));
  }
  if (refused.length === 0) return () => false;
  const operators = [...new Set(refused.flatMap((action) => action.operators.map(({ operator }) => operator)))];
  const labels = await senseLabels(rules.engine, operators, watch.find(topology), signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  return (plan) => {
    const webhook = webhooks.get(rules.webhooks[plan.resolver] ?? '');
    if (labels === null || webhook === undefined) return false;
    try {
      const undertaking = { ...plan, topology, reverts: null };
      const earlier = refused.filter(({ resolver }) => resolver === plan.resolver);
      return earlier.some((action) => isSameCall(action, undertaking, { webhook, labels }));
    } catch {
      // What keeps a call from being prepared is said, with its reason, when it is.
      return false;
    }
  };
}

/** Those of the refused actions whose webhook is what it was, with what its files hold. */
export async function refusedBySame(refused: readonly Action[], webhook: WebhookSettings): Promise<readonly Action[]> {
  if (refused.length === 0) return [];
  const mark = await webhookMarkOf(webhook);
  return refused.filter((action) => action.webhook === webhook.name && action.refusal?.webhookMark === mark);
}

/** Of several refusals by this webhook, with the settings that it has now, the last that says how much the operator can have; null: none. */
export function largestAllowed(refused: readonly Action[], operator: string, webhook: WebhookSettings): number | null {
  if (refused.length === 0) return null;
  const mark = settingsMarkOf(webhook);
  const isBySame = ({ webhook: name, refusal }: Action): boolean =>
    name === webhook.name && refusal?.webhookMark.startsWith(mark) === true;
  const said = refused.filter(isBySame).flatMap(({ refusal }) => limitIn(refusal, operator) ?? []);
  return said[0] ?? null;
}

function limitIn(refusal: Refusal | null, operator: string): number | null {
  // An operator may be called as what every object has.
  return refusal !== null && Object.hasOwn(refusal.limits, operator) ? (refusal.limits[operator] ?? null) : null;
}
