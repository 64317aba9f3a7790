// EDGE: asks the JobManager how long it can delay the rescale of an action, and why the rescale is not done. rescale-times.ts has the
// rules.
import type { Action } from '../../model/action.js';
import { rescaleTimesOf, rescaleWaitOf } from '../rescale-times.js';
import type { EngineWait, HoldUp, HoldUpParts, HoldUpReader } from '../webhook-type.js';
import type { RequestLimits } from '../attempt-requests.js';
import { createFlinkClient, type FlinkClient } from './flink-client.js';
import { flinkOrderOf, type FlinkOrder } from './flink-order.js';
import type { FlinkWebhookSettings } from './flink-settings.js';
import {
  isAtLeast,
  parseCheckpointInterval,
  parseFlinkVersion,
  parseOptions,
  parseRescaleConfig,
  type RescaleConfig,
} from './rescale-answers.js';
import { lastRescaleOf, quoteRescale } from './rescale-history.js';

/** For each request. Judging goes on without an answer. */
const MAX_TIMEOUT_MS = 3000;
const NOTHING: HoldUp = { words: null, wait: null };

export function createFlinkHoldUpReader({ timeoutMs }: FlinkWebhookSettings, { http }: HoldUpParts): HoldUpReader {
  return async (action, signal) => {
    const order = flinkOrderOf(action);
    if ('failure' in order || !isOfThisType(action)) return NOTHING;
    const flink = createFlinkClient({ url: action.request.url, http });
    const limits = { timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS), signal };
    const overview = await flink.overview(limits);
    const version = overview.status === 200 ? parseFlinkVersion(overview.body) : null;
    if (version === null || !isAtLeast(version, [2, 0])) return NOTHING;
    const config = isAtLeast(version, [2, 3]) ? await configOf(flink, order, limits) : null;
    if (config === null) return { words: null, wait: await waitByCheckpoints(flink, order, limits) };
    const wait = rescaleWaitOf(config.times);
    const over = config.historySize > 0 ? await quoteOf(flink, order, limits) : null;
    // A finished rescale waits for nothing.
    return over === null ? { words: null, wait } : { words: over.words, wait: { ...wait, words: null } };
  };
}

/** The webhook of this name may have had another type when the action was written. */
function isOfThisType({ request }: Action): boolean {
  return request.method === 'PUT';
}

/** For people only: the wait is known without it. */
async function quoteOf(
  flink: FlinkClient,
  { jobId, vertices }: FlinkOrder,
  limits: RequestLimits,
): Promise<ReturnType<typeof quoteRescale>> {
  try {
    const history = await flink.rescaleHistory(jobId, limits);
    const last = history.status === 200 ? lastRescaleOf(history.body) : null;
    if (last === null) return null;
    const { status, body } = await flink.rescaleDetails(jobId, last, limits);
    return status === 200 ? quoteRescale(body, vertices) : null;
  } catch {
    return null;
  }
}

async function configOf(
  flink: FlinkClient,
  { jobId }: FlinkOrder,
  limits: RequestLimits,
): Promise<RescaleConfig | null> {
  const { status, body } = await flink.rescaleConfig(jobId, limits);
  return status === 200 ? parseRescaleConfig(body) : null;
}

/** From the job's checkpoint interval and the JobManager's options. null: not known. */
async function waitByCheckpoints(
  flink: FlinkClient,
  { jobId }: FlinkOrder,
  limits: RequestLimits,
): Promise<EngineWait | null> {
  const [checkpoints, configured] = await Promise.all([
    flink.checkpointConfig(jobId, limits),
    flink.configuration(limits),
  ]);
  const options = configured.status === 200 ? parseOptions(configured.body) : null;
  // Without the options, any of them may be set.
  const times = options && rescaleTimesOf((key) => options.get(key), parseCheckpointInterval(checkpoints));
  return times && rescaleWaitOf(times);
}
