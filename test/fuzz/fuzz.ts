// Sends mutated bodies to every writing operation of the real service, as described in its own OpenAPI document, most of them to
// the intake of notifications, over kept-alive connections. Checks that it answers each of them, does not grow, and makes no call
// for an unknown topology. It knows one topology, which needs more instances.
import fc from 'fast-check';
import { Agent, request } from 'node:http';
import { freePort } from '../../src/real-parts/child-program.js';
import { startFleet, type SimulatedFleet } from '../crash/simulated-fleet.js';
import type { OpenApiDocument } from '../support/openapi.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { findViolations, readLogAtRest, type LogRows } from '../support/log-audit.js';
import { growthOf, memoryFigures, watchMemory, type WatchedMemory } from './watch-memory.js';
import { fuzzedRequests, type FuzzedRequest } from './fuzzed-operations.js';

export interface FuzzOptions {
  readonly bodies: number;
  readonly seed: number;
  /** Ends before all bodies are posted if it takes longer. */
  readonly maxDurationMs: number;
  readonly onProgress?: (posted: number) => void;
}

export interface FuzzReport {
  /** Sentences; none: all is well. */
  readonly violations: readonly string[];
  /** In the order of a table. */
  readonly figures: readonly (readonly [string, number | string])[];
}

interface Tally {
  posted: number;
  bytes: number;
  /** Alerts that the service says it has accepted. */
  accepted: number;
  readonly statuses: Map<number, number>;
  /** Answered, by method and path as documented. */
  readonly operations: Map<string, number>;
  readonly violations: string[];
}

const TOPOLOGY = 'wordcount';
const CONNECTIONS = 16;
const CHUNK = 500;
const ANSWER_TIMEOUT_MS = 30_000;
/** With fewer, the service is still warming up when a fifth is over, and seldom collects its garbage in the last tenths. */
const FEWEST_TO_COMPARE_MEMORY = 50_000;
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const startedAtMs = Date.now();
  const fleet = await startFleet({
    topologies: [TOPOLOGY],
    load: 600,
    // Once it has been acted on, nobody looks at it for each of the bodies.
    policy: { cooldown: '1h' },
    delayMs: () => 0,
    isRefused: () => false,
  });
  let service: ServedDhalion | null = null;
  try {
    service = spawnDhalion({ configFile: fleet.configFile, port: await freePort(), logLevel: 'error' });
    await service.ready();
    const tally: Tally = {
      posted: 0,
      bytes: 0,
      accepted: 0,
      statuses: new Map(),
      operations: new Map(),
      violations: [],
    };
    const postingSinceMs = Date.now();
    const timeShare = (): number => (Date.now() - postingSinceMs) / options.maxDurationMs;
    const memory = watchMemory(service.url, () => Math.max(tally.posted / options.bodies, timeShare()));
    await postAll(service.url, options, tally);
    const postingMs = Date.now() - postingSinceMs;
    const log = await readLogAtRest(fleet.storage);
    const samples = await memory.stop();
    await service.end('SIGTERM');
    const violations = [
      ...tally.violations,
      ...findViolations(log, fleet.calls),
      ...violationsOf(tally, fleet, log),
      ...(tally.posted < FEWEST_TO_COMPARE_MEMORY ? [] : growthOf(samples)),
    ];
    const seconds = (Date.now() - startedAtMs) / 1000;
    return { violations, figures: figuresOf(options, { tally, fleet, log, samples, postingMs, seconds }) };
  } finally {
    await service?.end();
    await fleet.stop();
  }
}

async function postAll(url: string, options: FuzzOptions, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const deadlineMs = Date.now() + options.maxDurationMs;
  const next = requests(options, fuzzedRequests(await documentOf(url)));
  const postOnAndOn = async (): Promise<void> => {
    for (let one = next(); one !== null && Date.now() < deadlineMs; one = next()) {
      await postOne(url, agent, one, tally);
      if (tally.posted % 10_000 === 0) options.onProgress?.(tally.posted);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, postOnAndOn));
  agent.destroy();
}

async function documentOf(url: string): Promise<OpenApiDocument> {
  return (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as OpenApiDocument;
}

/** One after the other, the same for the same seed; null: no more. */
function requests({ bodies, seed }: FuzzOptions, arbitrary: fc.Arbitrary<FuzzedRequest>): () => FuzzedRequest | null {
  let chunk: FuzzedRequest[] = [];
  let given = 0;
  return () => {
    if (given === bodies) return null;
    if (chunk.length === 0) chunk = fc.sample(arbitrary, { numRuns: CHUNK, seed: seed + given });
    given += 1;
    return chunk.pop() ?? null;
  };
}

async function postOne(url: string, agent: Agent, one: FuzzedRequest, tally: Tally): Promise<void> {
  const outcome = await post(url, agent, one).catch((error: unknown) => String(error));
  tally.posted += 1;
  tally.bytes += one.body.length;
  if (typeof outcome !== 'string' && (outcome.status < 500 || outcome.status === 503)) {
    tally.statuses.set(outcome.status, (tally.statuses.get(outcome.status) ?? 0) + 1);
    tally.operations.set(one.operation, (tally.operations.get(one.operation) ?? 0) + 1);
    if (outcome.status === 202) tally.accepted += acceptedIn(outcome.text);
    return;
  }
  const what = typeof outcome === 'string' ? outcome : `${outcome.status} ${outcome.text}`;
  const body = one.body.subarray(0, 300).toString('latin1');
  tally.violations.push(`${what}, for ${one.body.length} bytes ${JSON.stringify({ ...one, body })}`);
}

function acceptedIn(answer: string): number {
  return (JSON.parse(answer) as { data: { accepted: number } }).data.accepted;
}

function post(url: string, agent: Agent, one: FuzzedRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { ...one.headers, 'content-length': one.body.length };
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const sent = request(`${url}${one.path}`, { method: one.method, agent, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject).end(one.body);
  });
}

function violationsOf({ accepted }: Tally, fleet: SimulatedFleet, { alerts }: LogRows): string[] {
  const strangers = fleet.calls.filter(({ topology }) => topology !== TOPOLOGY);
  return [
    ...strangers.map(({ topology }) => `a call for the topology ${JSON.stringify(topology)}`),
    ...(accepted === alerts.length ? [] : [`${accepted} alerts were said to be accepted, ${alerts.length} are there`]),
  ];
}

function figuresOf(
  options: FuzzOptions,
  seen: {
    readonly tally: Tally;
    readonly fleet: SimulatedFleet;
    readonly log: LogRows;
    readonly samples: WatchedMemory;
    readonly postingMs: number;
    readonly seconds: number;
  },
): FuzzReport['figures'] {
  const { tally, fleet, log, samples, postingMs, seconds } = seen;
  const statuses = [...tally.statuses].sort(([one], [other]) => one - other);
  return [
    ['seed', options.seed],
    ['bodies posted', tally.posted],
    ['… a second', Math.round((1000 * tally.posted) / postingMs)],
    ['… MiB', Math.round(tally.bytes / 2 ** 20)],
    ...[...tally.operations].sort(([one], [other]) => (one < other ? -1 : 1)),
    ...statuses.map(([status, count]) => [`answered ${status}`, count] as const),
    ['alerts accepted', tally.accepted],
    ['decisions', log.decisions.length],
    ['actions on the known topology', log.actions.length],
    ['calls', fleet.calls.length],
    ...memoryFigures(samples),
    ['duration, s', Math.round(seconds)],
  ];
}
