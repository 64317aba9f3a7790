// One attempt at a webhook of type flink: reads the job's resource requirements, changes the vertices of the action's operators, and
// writes all vertices back at once: the job restarts once. The body in the action log is the document for a generic webhook.
import type { FlinkWebhookSettings } from './flink-settings.js';
import { refusalOf } from './refusal.js';
import { parseObject } from '../../outbound/json-object.js';
import {
  parseResourceRequirements,
  slotsWanted,
  upperBoundOf,
  withUpperBounds,
  type ResourceRequirements,
} from './resource-requirements.js';
import type { Action, ActionRequest, Refusal } from '../../model/action.js';
import type { HttpAnswer } from '../../outbound/http-client.js';
import { beginRequests } from '../attempt-requests.js';
import { describeOtherAnswer, final, isSuccess, refused, retry } from '../attempt-results.js';
import { isKept, sayWhatIsKept } from '../kept-parallelism.js';
import { onlyTargetOf } from '../only-target.js';
import { createFlinkClient, JSON_TYPE } from './flink-client.js';
import { flinkOrderOf, type FlinkOrder, type FlinkVertexOrder } from './flink-order.js';
import { flinkUrlOf } from './flink-url.js';
import type { WebhookBody } from '../webhook-body.js';
import type { AttemptResult, CallParts, WebhookCall } from '../webhook-call.js';

/** The share of an attempt's time for the slots, which only a warning needs. */
const SLOTS_SHARE = 0.25;
const QUESTION = 'is url the REST API of a Flink JobManager?';

/**
 * The desired state and its JobManager. The requirements to write are not in it: others may change other vertices before an attempt,
 * so each attempt reads the requirements again.
 * @throws DhalionError config_invalid if the labels of the operators lead to no allowed JobManager, or to several
 */
export function renderFlinkRequest(webhook: FlinkWebhookSettings, body: WebhookBody): ActionRequest {
  return { url: jobManagerOf(webhook, body), method: 'PUT', contentType: JSON_TYPE, body: JSON.stringify(body) };
}

function jobManagerOf(webhook: FlinkWebhookSettings, body: WebhookBody): string {
  return onlyTargetOf(body, {
    subject: `webhook ${webhook.name}: url`,
    kind: 'JobManagers',
    find: (labels) => {
      const built = flinkUrlOf(webhook, labels);
      return 'url' in built ? { target: built.url } : built;
    },
    describe: (url) => url,
  });
}

interface FlinkCallParts extends CallParts {
  readonly webhook: FlinkWebhookSettings;
}

export function createFlinkCall(webhook: FlinkWebhookSettings, callParts: CallParts): WebhookCall {
  const parts = { ...callParts, webhook };
  return async (action, signal) => {
    const order = flinkOrderOf(action);
    if ('failure' in order) return final(order.failure);
    const attempt = beginAttempt(parts, action, order, signal);
    // Before the read: nothing may come between read and write, and a refusal ends the attempt.
    const slots = await attempt.slots();
    const answer = await attempt.read();
    if (!isSuccess(answer)) return attempt.refused(answer);
    const before = parseResourceRequirements(answer.body);
    if (before === null) return final(describeOtherAnswer(answer, 'resource requirements', QUESTION));
    const after = withUpperBounds(before, order.vertices);
    if ('missing' in after) return final(`job ${order.jobId} has no vertex ${after.missing} (label task_id)`);
    if (parts.clock.now() >= action.expiresAtMs) return retry('expired before the write', null);
    const kept = keptBounds(order.vertices, before);
    const isAllKept = kept.length === order.vertices.length;
    for (const { upperBound, ...vertex } of kept) {
      const found = { upper_bound: upperBound };
      sayWhatIsKept(parts, action, { ...vertex, what: 'the upper bound in Flink', found, isAllKept });
    }
    if (isAllKept) return { result: 'success' };
    warnOfSlots(parts, action, { before, after: after.requirements, slots });
    const written = await attempt.write(after.requirements);
    return isSuccess(written) ? { result: 'success' } : attempt.refused(written);
  };
}

interface Attempt {
  read(): Promise<HttpAnswer>;
  write(requirements: ResourceRequirements): Promise<HttpAnswer>;
  /** null: not known, or not needed. */
  slots(): Promise<Slots | null>;
  refused(answer: HttpAnswer): AttemptResult;
}

interface Slots {
  readonly total: number;
  readonly free: number;
}

/** The requests of one attempt share its time. */
function beginAttempt(parts: FlinkCallParts, action: Action, order: FlinkOrder, signal: AbortSignal): Attempt {
  const { webhook, http, clock } = parts;
  const { headers, inTime } = beginRequests(parts, action, signal);
  const flink = createFlinkClient({ url: action.request.url, http, headers });
  return {
    read: () => flink.requirements(order.jobId, inTime()),
    write: (requirements) => flink.setRequirements(order.jobId, requirements, inTime()),
    async slots() {
      if (order.vertices.every(({ from, to }) => to <= from)) return null;
      try {
        const timeoutMs = Math.max(1, SLOTS_SHARE * webhook.timeoutMs);
        return parseSlots((await flink.overview({ timeoutMs, signal })).body);
      } catch {
        // Only a warning needs the slots.
        return null;
      }
    },
    refused(answer) {
      const { isFinal, failure, limits } = refusalOf(answer);
      return isFinal ? final(failure, limitsOf(order, limits)) : refused(answer, failure, clock.now());
    },
  };
}

function parseSlots(body: string): Slots | null {
  const overview = parseObject(body);
  const [total, free] = [overview?.['slots-total'], overview?.['slots-available']];
  return typeof total === 'number' && typeof free === 'number' ? { total, free } : null;
}

/** Flink accepts a request for more slots than it has, and runs with fewer. Its answer does not show that. */
function warnOfSlots(
  { logger, webhook }: FlinkCallParts,
  action: Action,
  facts: { before: ResourceRequirements; after: ResourceRequirements; slots: Slots | null },
): void {
  const { before, after, slots } = facts;
  const wanted = slotsWanted(after);
  if (slots === null || (wanted <= slots.total && wanted - slotsWanted(before) <= slots.free)) return;
  logger.warn(
    {
      webhook: webhook.name,
      topology: action.topology,
      action: action.id,
      slots_wanted: wanted,
      slots_total: slots.total,
      slots_free: slots.free,
    },
    'Flink has too few slots: the job will not reach the desired parallelism until there are more',
  );
}

/** The vertices whose bound is kept: already above the target of a scale-up, or below that of a scale-down. */
function keptBounds(vertices: readonly FlinkVertexOrder[], before: ResourceRequirements): readonly KeptBound[] {
  return vertices.flatMap((vertex): KeptBound[] => {
    const upperBound = upperBoundOf(before, vertex.vertexId);
    return isKept(upperBound, vertex) ? [{ ...vertex, upperBound }] : [];
  });
}

interface KeptBound extends FlinkVertexOrder {
  readonly upperBound: number;
}

/** By operator; limits of vertices outside of this action are left out. */
function limitsOf({ vertices }: FlinkOrder, limits: ReadonlyMap<string, number>): Refusal['limits'] {
  return Object.fromEntries(
    vertices.flatMap(({ operator, vertexId }) => {
      const most = limits.get(vertexId);
      return most === undefined ? [] : [[operator, most]];
    }),
  );
}
