// How long the event loop waits, and how much memory is used, while notifications of the largest size are posted: many resolved
// alerts, and many objects that are no alerts, once and several at a time. The sender is a thread of its own.
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/clock.js';
import { DEFAULT_MAX_BODY_BYTES } from '../../src/http/json-body.js';
import { inBenchFolder, startBenchService } from './bench-service.js';

export interface MassNotificationBench {
  readonly what: string;
  /** Of each, MiB. */
  readonly mib: number;
  /** The last of each notification. */
  readonly statuses: readonly number[];
  readonly seconds: number;
  /** Longest time for which the event loop did nothing else. */
  readonly longestBlockMs: number;
  /** Above what was resident before, MiB. */
  readonly peakMib: number;
}

/** What waits for too long is answered with 503, and sent again, as Alertmanager does. */
const MAX_TRIES = 20;
const PAUSE_MS = 10;

/** @param bytes of each body */
export function benchMassNotifications(bytes = DEFAULT_MAX_BODY_BYTES): Promise<MassNotificationBench[]> {
  return inBenchFolder('mass-bench-', async (folder) => {
    const service = await startBenchService(folder, configurationText(join(folder, 'data')));
    try {
      const benches: MassNotificationBench[] = [];
      const cases = [
        { what: 'resolved alerts', item: RESOLVED, count: 1 },
        { what: 'resolved alerts', item: RESOLVED, count: 8 },
        { what: '`{}`', item: '{}', count: 1 },
        { what: '`{}`', item: '{}', count: 8 },
      ];
      for (const { what, item, count } of cases) {
        benches.push({
          what: `${count} × ${what}`,
          mib: bytes / 2 ** 20,
          ...(await watched(() => post(service.url, item, bytes, count))),
        });
      }
      return benches;
    } finally {
      await service.stop();
    }
  });
}

/** `#` becomes a number, so that each is of an operator of its own. */
const RESOLVED =
  '{"status":"resolved","labels":{"alertname":"DhalionX","topology":"any","operator":"operator-#","diagnosis":"underprovisioning"}}';

/** Nobody is at the addresses: nothing but the intake is at work. */
function configurationText(dataFolder: string): string {
  return [
    'prometheus: {url: "http://127.0.0.1:9"}',
    'evaluation_interval: 1h',
    `storage: {path: ${JSON.stringify(dataFolder)}}`,
    'webhooks: {scaler: {url: "http://127.0.0.1:9/scale"}}',
    'topologies: [{name: any, engine: flink, webhook: scaler, policy: {mode: observe}}]',
    '',
  ].join('\n');
}

async function watched(work: () => Promise<number[]>): Promise<Omit<MassNotificationBench, 'what' | 'mib'>> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = new AbortController();
  const sample = async (): Promise<void> => {
    while (!sampling.signal.aborted) {
      peak = Math.max(peak, process.memoryUsage.rss());
      await systemClock.sleep(PAUSE_MS, sampling.signal);
    }
  };
  const sampled = sample();
  const delay = monitorEventLoopDelay({ resolution: PAUSE_MS });
  delay.enable();
  const startedAt = performance.now();
  const statuses = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  // The delay of the last step is known at the next.
  await systemClock.sleep(2 * PAUSE_MS);
  delay.disable();
  sampling.abort();
  await sampled;
  return { statuses, seconds, longestBlockMs: delay.max / 1e6 - PAUSE_MS, peakMib: (peak - before) / 2 ** 20 };
}

/** Resolves with the statuses of `count` posts at once, of one body made of as many items as fit. */
function post(url: string, item: string, bytes: number, count: number): Promise<number[]> {
  const sender = new Worker(SENDER, { eval: true, execArgv: [], workerData: { url, item, bytes, count } });
  return new Promise((resolve, reject) => {
    sender.once('message', resolve).once('error', reject);
  });
}

const SENDER = `
const { parentPort, workerData: { url, item, bytes, count } } = require('node:worker_threads');
const items = [];
for (let size = 14, index = 0; ; index += 1) {
  const text = item.replace('#', String(index));
  size += text.length + 1;
  if (size > bytes) break;
  items.push(text);
}
const body = Buffer.from('{"alerts":[' + items.join(',') + ']}');
const headers = { 'content-type': 'application/json' };
const postOnce = async () => {
  try {
    const answer = await fetch(url + '/api/v1/alerts', { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // Refused before its body was read, which a sender may see as a lost connection.
    return 503;
  }
};
const post = async () => {
  for (let tries = 1; ; tries += 1) {
    const status = await postOnce();
    if (status !== 503 || tries === ${MAX_TRIES}) return status;
  }
};
Promise.all(Array.from({ length: count }, post)).then((statuses) => parentPort.postMessage(statuses));
`;
