// One attempt at a webhook of type flink_operator: reads the resource, changes the keys of the action's vertices in one merge patch. Where
// somebody else was faster, it reads once more. The body in the action log is the document a generic webhook is sent; who reads it here is Dhalion itself.
import type { Action, ActionRequest } from '../../model/action.js';
import type { HttpAnswer } from '../../outbound/http-client.js';
import { retryAfterMsOf } from '../../outbound/retry-after.js';
import { classifyStatus } from '../answer-classification.js';
import { describeOtherAnswer, final, retry } from '../attempt-results.js';
import { sayWhatIsKept } from '../kept-parallelism.js';
import { onlyTargetOf } from '../only-target.js';
import { isDnsLabel, quoteLabel } from '../dns-label.js';
import type { WebhookBody } from '../webhook-body.js';
import type { AttemptResult, CallParts, WebhookCall } from '../webhook-call.js';
import type { FlinkOperatorWebhookSettings } from './flink-operator-settings.js';
import { parseFlinkResource, type FlinkResource } from './flink-resource.js';
import { createKubernetesClient, MERGE_PATCH_TYPE, type RequestLimits } from './kubernetes-client.js';
import { operatorOrderOf, type OperatorOrder, type VertexOrder } from './operator-order.js';
import { hasOverride, planOverrides, type FoundResource } from './parallelism-overrides.js';
import { describePlace, kindOf, placeInUrl, placeOf, urlOfPlace, type ResourcePlace } from './resource-place.js';
import { describeStatusAnswer } from './status-answer.js';

/**
 * What is wanted, and of which resource. Not the patch: others may change the resource until an attempt is made, so each attempt reads it
 * anew.
 * @throws DhalionError config_invalid if the labels of the operators lead to no resource, or not to one
 */
export function renderFlinkOperatorRequest(webhook: FlinkOperatorWebhookSettings, body: WebhookBody): ActionRequest {
  const url = urlOfPlace(webhook.url, onePlaceOf(webhook, body));
  return { url, method: 'PATCH', contentType: MERGE_PATCH_TYPE, body: JSON.stringify(body) };
}

function onePlaceOf(webhook: FlinkOperatorWebhookSettings, body: WebhookBody): ResourcePlace {
  return onlyTargetOf(body, {
    subject: `webhook ${webhook.name}`,
    kind: 'resources',
    find: (labels) => {
      const place = placeOf(webhook, labels);
      return 'failure' in place ? place : { target: place };
    },
    describe: describePlace,
  });
}

interface OperatorCallParts extends CallParts {
  readonly webhook: FlinkOperatorWebhookSettings;
}

export function createFlinkOperatorCall(webhook: FlinkOperatorWebhookSettings, callParts: CallParts): WebhookCall {
  const parts = { ...callParts, webhook };
  return async (action, signal) => {
    const order = operatorOrderOf(action);
    if ('failure' in order) return final(order.failure);
    const place = placeInUrl(action.request.url);
    if (place === null) return final('the request written with the action is not one for a Kubernetes API server');
    const change = beginChange(parts, action, { order, place, api: place.api }, signal);
    const first = await change();
    // The operator itself writes the status often: one who was faster is no reason to wait.
    return first === 'conflict' ? lastResultOf(await change(), place) : first;
  };
}

function lastResultOf(result: AttemptResult | 'conflict', place: ResourcePlace): AttemptResult {
  const failure = `somebody else changed ${describePlace(place)} between reading and writing, twice (Kubernetes answered 409)`;
  return result === 'conflict' ? retry(failure, null) : result;
}

interface Target {
  readonly order: OperatorOrder;
  readonly place: ResourcePlace;
  readonly api: string;
}

/** Reads and writes once; both, and their repetition, share one attempt's time. */
function beginChange(
  parts: OperatorCallParts,
  action: Action,
  { order, place, api }: Target,
  signal: AbortSignal,
): () => Promise<AttemptResult | 'conflict'> {
  const { webhook, http, clock, userAgent } = parts;
  const deadlineMs = clock.elapsed() + webhook.timeoutMs;
  const headers = { 'user-agent': userAgent, 'idempotency-key': `"${action.id}"` };
  const kubernetes = createKubernetesClient({ http, headers });
  const inTime = (): RequestLimits => ({ timeoutMs: Math.max(1, deadlineMs - clock.elapsed()), signal });
  const refused = (answer: HttpAnswer, verb: 'get' | 'patch', of: ResourcePlace): AttemptResult => {
    const failure = describeStatusAnswer(answer, { verb, place: of });
    const isOver = classifyStatus(answer.status) === 'final';
    return isOver ? final(failure) : retry(failure, retryAfterMsOf(answer, clock.now()));
  };

  async function find(
    at: ResourcePlace,
  ): Promise<{ readonly found: FlinkResource } | { readonly ended: AttemptResult }> {
    const answer = await kubernetes.read(urlOfPlace(api, at), inTime());
    if (classifyStatus(answer.status) !== 'success') return { ended: refused(answer, 'get', at) };
    const found = parseFlinkResource(answer.body, at);
    return found === null ? { ended: final(notTheResource(answer, at)) } : { found };
  }

  async function findAll(): Promise<FoundResource | { readonly ended: AttemptResult }> {
    const own = await find(place);
    if ('ended' in own) return own;
    if (place.resource !== 'flinksessionjobs') return { place, found: own.found, cluster: null };
    const { sessionCluster } = own.found;
    // It is written by whoever may write the resource, and becomes a part of a path.
    if (sessionCluster === null || !isDnsLabel(sessionCluster)) {
      const named = sessionCluster === null ? '' : `: ${quoteLabel(sessionCluster)}`;
      return { ended: final(`${describePlace(place)} names no session cluster (spec.deploymentName)${named}`) };
    }
    const at = { resource: 'flinkdeployments', namespace: place.namespace, name: sessionCluster } as const;
    const cluster = await find(at);
    return 'ended' in cluster ? cluster : { place, found: own.found, cluster: { place: at, found: cluster.found } };
  }

  return async () => {
    const target = await findAll();
    if ('ended' in target) return target.ended;
    const plan = planOverrides(target, order);
    if ('failure' in plan) return final(plan.failure, plan.limits);
    if (clock.now() >= action.expiresAtMs) return retry('it expired before it could be written', null);
    for (const { override, ...vertex } of plan.kept) {
      const kept = { what: 'the override in the resource', found: { override }, isAllKept: plan.patch === null };
      sayWhatIsKept(parts, action, { ...vertex, ...kept });
    }
    if (plan.patch === null) return { result: 'success' };
    const answer = await kubernetes.patch(action.request.url, plan.patch, inTime());
    if (answer.status === 409) return 'conflict';
    return classifyStatus(answer.status) === 'success'
      ? writtenResultOf(answer, place, plan.written)
      : refused(answer, 'patch', place);
  };
}

/** What a schema does not know, or an admission webhook does not like, may be dropped from what is answered with 200. */
function writtenResultOf(answer: HttpAnswer, place: ResourcePlace, vertices: readonly VertexOrder[]): AttemptResult {
  const written = parseFlinkResource(answer.body, place);
  if (written === null) return final(notTheResource(answer, place));
  const dropped = vertices.filter((vertex) => !hasOverride(written.config, vertex));
  if (dropped.length === 0) return { result: 'success' };
  const names = dropped.map(({ operator }) => operator).join(', ');
  return final(`the API server took the change of ${describePlace(place)}, but not what it says of ${names}`);
}

function notTheResource(answer: HttpAnswer, place: ResourcePlace): string {
  return describeOtherAnswer(answer, `a ${kindOf(place)}`, "is url a Kubernetes API server's?");
}
