// One attempt at a webhook of type flink: reads the job's resource requirements, changes the vertices of the action's operators,
// writes all of them back at once: the job restarts once. The body in the action log is the document a generic webhook is sent; who reads it here is Dhalion itself.
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
import { retryAfterMsOf } from '../../outbound/retry-after.js';
import { classifyStatus } from '../answer-classification.js';
import { describeOtherAnswer, final, retry } from '../attempt-results.js';
import { sayWhatIsKept } from '../kept-parallelism.js';
import { onlyTargetOf } from '../only-target.js';
import { createFlinkClient, JSON_TYPE, type RequestLimits } from './flink-client.js';
import { flinkOrderOf, type FlinkOrder, type FlinkVertexOrder } from './flink-order.js';
import { flinkUrlOf } from './flink-url.js';
import type { WebhookBody } from '../webhook-body.js';
import type { AttemptResult, CallParts, WebhookCall } from '../webhook-call.js';

/** Of an attempt's time: what only warns must leave enough for what is wanted. */
const SLOTS_SHARE = 0.25;
const QUESTION = 'is url the REST API of a Flink JobManager?';

/**
 * What is wanted, and of which JobManager. Not the requirements to be written: other vertices may be changed by others until an
 * attempt is made, so each attempt reads them anew.
 * @throws DhalionError config_invalid if the labels of the operators lead to no JobManager that may be asked, or not to one
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
    // First: nothing is to stand between read and write, nor to be heard after a refusal.
    const slots = await attempt.slots();
    const answer = await attempt.read();
    if (classifyStatus(answer.status) !== 'success') return attempt.refused(answer);
    const before = parseResourceRequirements(answer.body);
    if (before === null) return final(describeOtherAnswer(answer, 'resource requirements', QUESTION));
    const after = withUpperBounds(before, order.vertices);
    if ('missing' in after) return final(`job ${order.jobId} has no vertex ${after.missing} (label task_id)`);
    if (parts.clock.now() >= action.expiresAtMs) return retry('it expired before it could be written', null);
    const kept = keptBounds(order.vertices, before, after.requirements);
    const isAllKept = kept.length === order.vertices.length;
    for (const { upperBound, ...vertex } of kept) {
      const found = { upper_bound: upperBound };
      sayWhatIsKept(parts, action, { ...vertex, what: 'the upper bound in Flink', found, isAllKept });
    }
    if (isAllKept) return { result: 'success' };
    warnOfSlots(parts, action, { before, after: after.requirements, slots });
    const written = await attempt.write(after.requirements);
    return classifyStatus(written.status) === 'success' ? { result: 'success' } : attempt.refused(written);
  };
}

interface Attempt {
  read(): Promise<HttpAnswer>;
  write(requirements: ResourceRequirements): Promise<HttpAnswer>;
  /** null: not to be had, or nobody needs to know. */
  slots(): Promise<Slots | null>;
  refused(answer: HttpAnswer): AttemptResult;
}

interface Slots {
  readonly total: number;
  readonly free: number;
}

/** The requests of one attempt share its time. */
function beginAttempt(
  { webhook, http, clock, userAgent }: FlinkCallParts,
  action: Action,
  order: FlinkOrder,
  signal: AbortSignal,
): Attempt {
  const deadlineMs = clock.elapsed() + webhook.timeoutMs;
  const headers = { 'user-agent': userAgent, 'idempotency-key': `"${action.id}"` };
  const flink = createFlinkClient({ url: action.request.url, http, headers });
  const inTime = (): RequestLimits => ({ timeoutMs: Math.max(1, deadlineMs - clock.elapsed()), signal });
  return {
    read: () => flink.requirements(order.jobId, inTime()),
    write: (requirements) => flink.setRequirements(order.jobId, requirements, inTime()),
    async slots() {
      if (order.vertices.every(({ from, to }) => to <= from)) return null;
      try {
        const timeoutMs = Math.max(1, SLOTS_SHARE * webhook.timeoutMs);
        return parseSlots((await flink.overview({ timeoutMs, signal })).body);
      } catch {
        // It is only asked so that a person can be told.
        return null;
      }
    },
    refused(answer) {
      const { isFinal, failure, limits } = refusalOf(answer);
      const isOver = isFinal ?? classifyStatus(answer.status) === 'final';
      return isOver ? final(failure, limitsOf(order, limits)) : retry(failure, retryAfterMsOf(answer, clock.now()));
    },
  };
}

function parseSlots(body: string): Slots | null {
  const overview = parseObject(body);
  const [total, free] = [overview?.['slots-total'], overview?.['slots-available']];
  return typeof total === 'number' && typeof free === 'number' ? { total, free } : null;
}

/** Flink takes a request for more slots than there are, and runs with fewer: nothing in its answer tells. */
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
    'Flink has too few slots for this: the parallelism will not be what is asked for until there are more',
  );
}

/** Of vertices whose bound asks for more, or for less, than is asked for: it stays as it is. */
function keptBounds(
  vertices: readonly FlinkVertexOrder[],
  before: ResourceRequirements,
  after: ResourceRequirements,
): readonly KeptBound[] {
  return vertices.flatMap((vertex): KeptBound[] => {
    const upperBound = upperBoundOf(before, vertex.vertexId);
    const isKept =
      upperBound !== null && upperBound !== vertex.to && upperBound === upperBoundOf(after, vertex.vertexId);
    return isKept ? [{ ...vertex, upperBound }] : [];
  });
}

interface KeptBound extends FlinkVertexOrder {
  readonly upperBound: number;
}

/** By the names that Dhalion has for them; what is said of vertices that were not asked for is not about this action. */
function limitsOf({ vertices }: FlinkOrder, limits: ReadonlyMap<string, number>): Refusal['limits'] {
  return Object.fromEntries(
    vertices.flatMap(({ operator, vertexId }) => {
      const most = limits.get(vertexId);
      return most === undefined ? [] : [[operator, most]];
    }),
  );
}
