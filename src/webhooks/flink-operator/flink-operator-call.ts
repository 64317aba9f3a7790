// One attempt at a webhook of type flink_operator: reads the resource and changes the keys of the action's vertices in one merge patch.
// After a conflict it reads once more. The body in the action log is the document for a generic webhook.
import type { Action, ActionRequest } from '../../model/action.js';
import type { HttpAnswer } from '../../outbound/http-client.js';
import { beginRequests } from '../attempt-requests.js';
import { describeOtherAnswer, final, isSuccess, refused, retry } from '../attempt-results.js';
import { sayWhatIsKept } from '../kept-parallelism.js';
import { onlyTargetOf } from '../only-target.js';
import { isDnsLabel, quoteLabel } from '../dns-label.js';
import type { WebhookBody } from '../webhook-body.js';
import type { AttemptResult, CallParts, WebhookCall } from '../webhook-call.js';
import type { FlinkOperatorWebhookSettings } from './flink-operator-settings.js';
import { parseFlinkResource, type FlinkResource } from './flink-resource.js';
import { createKubernetesClient, MERGE_PATCH_TYPE } from './kubernetes-client.js';
import { flinkOperatorOrderOf, type FlinkOperatorOrder, type VertexOrder } from './flink-operator-order.js';
import { hasOverride, planOverrides, type FoundResource } from './parallelism-overrides.js';
import { describePlace, kindOf, placeInUrl, placeOf, urlOfPlace, type ResourcePlace } from './resource-place.js';
import { describeStatusAnswer } from './status-answer.js';

/**
 * The desired state and its resource. The patch is not in it: others may change the resource before an attempt, so each attempt reads
 * it again.
 * @throws DhalionError config_invalid if the labels of the operators lead to no resource, or to several
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
    const order = flinkOperatorOrderOf(action);
    if ('failure' in order) return final(order.failure);
    const place = placeInUrl(action.request.url);
    if (place === null) return final('the request in the action log is not for a Kubernetes API server');
    const change = beginChange(parts, action, { order, place, api: place.api }, signal);
    const first = await change();
    // The operator often writes the status: one conflict is no reason to wait.
    return first === 'conflict' ? lastResultOf(await change(), place) : first;
  };
}

function lastResultOf(result: AttemptResult | 'conflict', place: ResourcePlace): AttemptResult {
  const failure = `${describePlace(place)} was changed between read and write, twice (Kubernetes answered 409)`;
  return result === 'conflict' ? retry(failure, null) : result;
}

interface Target {
  readonly order: FlinkOperatorOrder;
  readonly place: ResourcePlace;
  readonly api: string;
}

/** Reads and writes once. Both, and their repetition, share the time of one attempt. */
function beginChange(
  parts: OperatorCallParts,
  action: Action,
  { order, place, api }: Target,
  signal: AbortSignal,
): () => Promise<AttemptResult | 'conflict'> {
  const { http, clock } = parts;
  const { headers, inTime } = beginRequests(parts, action, signal);
  const kubernetes = createKubernetesClient({ http, headers });
  const failed = (answer: HttpAnswer, verb: 'get' | 'patch', of: ResourcePlace): AttemptResult =>
    refused(answer, describeStatusAnswer(answer, { verb, place: of }), clock.now());

  async function find(
    at: ResourcePlace,
  ): Promise<{ readonly found: FlinkResource } | { readonly ended: AttemptResult }> {
    const answer = await kubernetes.read(urlOfPlace(api, at), inTime());
    if (!isSuccess(answer)) return { ended: failed(answer, 'get', at) };
    const found = parseFlinkResource(answer.body, at);
    return found === null ? { ended: final(notTheResource(answer, at)) } : { found };
  }

  async function findAll(): Promise<FoundResource | { readonly ended: AttemptResult }> {
    const own = await find(place);
    if ('ended' in own) return own;
    if (place.resource !== 'flinksessionjobs') return { place, found: own.found, cluster: null };
    const { sessionCluster } = own.found;
    // Untrusted: every writer of the resource chooses it, and it becomes a part of a path.
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
    if (clock.now() >= action.expiresAtMs) return retry('expired before the write', null);
    for (const { override, ...vertex } of plan.kept) {
      const kept = { what: 'the override in the resource', found: { override }, isAllKept: plan.patch === null };
      sayWhatIsKept(parts, action, { ...vertex, ...kept });
    }
    if (plan.patch === null) return { result: 'success' };
    const answer = await kubernetes.patch(action.request.url, plan.patch, inTime());
    if (answer.status === 409) return 'conflict';
    return isSuccess(answer) ? writtenResultOf(answer, place, plan.written) : failed(answer, 'patch', place);
  };
}

/** The API server may answer 200 and drop fields that are not in the schema, or that an admission webhook removes. */
function writtenResultOf(answer: HttpAnswer, place: ResourcePlace, vertices: readonly VertexOrder[]): AttemptResult {
  const written = parseFlinkResource(answer.body, place);
  if (written === null) return final(notTheResource(answer, place));
  const dropped = vertices.filter((vertex) => !hasOverride(written.config, vertex));
  if (dropped.length === 0) return { result: 'success' };
  const names = dropped.map(({ operator }) => operator).join(', ');
  return final(
    `the API server accepted the change of ${describePlace(place)}, but dropped the parallelism of ${names}`,
  );
}

function notTheResource(answer: HttpAnswer, place: ResourcePlace): string {
  return describeOtherAnswer(answer, `a ${kindOf(place)}`, "is url a Kubernetes API server's?");
}
