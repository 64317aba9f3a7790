// EDGE: reads the resource of an action to find why the change is not visible yet.
import { DhalionError } from '../../errors.js';
import type { HoldUpReader, HoldUpParts } from '../webhook-type.js';
import type { FlinkOperatorWebhookSettings } from './flink-operator-settings.js';
import { parseFlinkResource } from './flink-resource.js';
import { describeHoldUp } from './resource-hold-up.js';
import { createKubernetesClient } from './kubernetes-client.js';
import { flinkOperatorOrderOf } from './flink-operator-order.js';
import { rescaleWaitIn } from './rescale-wait.js';
import { placeInUrl } from './resource-place.js';
import { describeStatusAnswer } from './status-answer.js';

/** Judging goes on without an answer. */
const MAX_TIMEOUT_MS = 3000;

export function createFlinkOperatorHoldUpReader(
  { timeoutMs }: FlinkOperatorWebhookSettings,
  { http }: HoldUpParts,
): HoldUpReader {
  const kubernetes = createKubernetesClient({ http });
  return async (action, signal) => {
    const [place, order] = [placeInUrl(action.request.url), flinkOperatorOrderOf(action)];
    if (place === null || 'failure' in order) return { words: null, wait: null };
    const limits = { timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS), signal };
    const answer = await kubernetes.read(action.request.url, limits);
    const found = answer.status === 200 ? parseFlinkResource(answer.body, place) : null;
    if (found === null) throw new DhalionError('flink_rejected', describeStatusAnswer(answer, { verb: 'get', place }));
    return { words: describeHoldUp(place, found, order), wait: rescaleWaitIn(found) };
  };
}
