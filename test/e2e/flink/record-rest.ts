// Keeps what Flink's REST API answers while a rescale waits and after it, and how it refuses, as fixtures for tests of the webhook
// `flink`: a file an answer. Those of a moment are called <moment>-<what was asked>.json.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../src/clock.js';
import { parallelismsOf } from './flink-rest.js';

const CONFIG = '/jobs/{job}/rescales/config';
/** What is asked once, by the name of its file. */
const ONCE = {
  overview: '/overview',
  'checkpoints-config': '/jobs/{job}/checkpoints/config',
  'rescales-config': CONFIG,
} as const;
/** What is asked at each moment. */
const QUESTIONS = {
  'jobs-overview': '/jobs/overview',
  job: '/jobs/{job}',
  requirements: '/jobs/{job}/resource-requirements',
  checkpoints: '/jobs/{job}/checkpoints',
  'rescales-history': '/jobs/{job}/rescales/history',
  'rescales-overview': '/jobs/{job}/rescales/overview',
  'rescales-summary': '/jobs/{job}/rescales/summary',
} as const;
/** A JobManager answers out of a cache for 3 s. */
const CACHED_MS = 4000;
const LOOK_EVERY_MS = 500;
const MAX_WAIT_MS = 5 * 60_000;
const TIMEOUT_MS = 30_000;
const NOWHERE = 'f'.repeat(32);

export interface RestRecording {
  readonly restUrl: string;
  readonly jobId: string;
  readonly folder: string;
  readonly slots: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** The file of one answer. */
export interface RecordedRestAnswer {
  readonly request: string;
  /** The body of the request. */
  readonly sent?: unknown;
  /** Since requirements were last changed; null: they were not. */
  readonly seconds_after_put: number | null;
  readonly status: number;
  readonly body: unknown;
}

type Requirements = Record<string, { parallelism: { lowerBound: number; upperBound: number } }>;

/**
 * Five moments: `before` anything is asked for; `waiting`, soon after split was asked to have another instance; `applied`, when
 * it has; `short`, when it has as many as there are slots, and more were asked for; and `full`, when still more were asked for as
 * long ago as a rescale waits at most.
 */
export async function recordRescales(recording: RestRecording): Promise<void> {
  const { restUrl, jobId, slots, clock, signal } = recording;
  const { ask, askAll, putNow, until } = await asking(recording);
  const longestMs = await longestDelayMs(restUrl, jobId);
  const rescale = async (moment: string, instances: number): Promise<void> => {
    const sent = await withSplit(recording, { lowerBound: 1, upperBound: instances });
    putNow();
    await ask(`${moment}-put`, QUESTIONS.requirements, sent);
  };
  const askDetails = async (moment: string): Promise<void> => {
    const history = (await get(restUrl, `/jobs/${jobId}/rescales/history`)) as { readonly rescaleUuid: string }[];
    await ask(`${moment}-rescales-details`, `/jobs/{job}/rescales/details/${history[0]?.rescaleUuid ?? NOWHERE}`);
  };
  const untilSplitIs = (instances: number): Promise<void> =>
    until(`split with ${instances}`, async () => (await parallelismsOf(restUrl))?.get('split') === instances);

  // A rescale that is asked for right after a checkpoint has to wait for the next.
  await until('a first checkpoint', async () => {
    const { counts } = (await get(restUrl, `/jobs/${jobId}/checkpoints`)) as { counts: { completed: number } };
    return counts.completed > 0;
  });
  for (const [name, path] of Object.entries(ONCE)) await ask(name, path);
  await askAll('before');
  await rescale('waiting', 2);
  await clock.sleep(CACHED_MS, signal);
  await askAll('waiting');
  await untilSplitIs(2);
  await askAll('applied');
  await askDetails('applied');
  await rescale('short', slots + 4);
  await untilSplitIs(slots);
  await askAll('short');
  await askDetails('short');
  await rescale('full', slots + 8);
  await clock.sleep(longestMs + CACHED_MS, signal);
  await askAll('full');
  await askDetails('full');
}

/** How what cannot be done is refused; the job is cancelled for the last of it. */
export async function recordRefusals(recording: RestRecording): Promise<void> {
  const { restUrl, jobId } = recording;
  const { ask, until } = await asking(recording);
  const kept = (await get(restUrl, `/jobs/${jobId}/resource-requirements`)) as Requirements;
  const one = { parallelism: { lowerBound: 1, upperBound: 1 } };
  const put = (name: string, sent: unknown): Promise<void> => ask(name, QUESTIONS.requirements, sent);
  await put('above-max-parallelism', await withSplit(recording, { lowerBound: 1, upperBound: 32_767 }));
  await put('lower-bound-above-upper-bound', await withSplit(recording, { lowerBound: 3, upperBound: 2 }));
  await put('vertex-unknown', { ...kept, [NOWHERE]: one });
  await put('vertex-missing', Object.fromEntries(Object.entries(kept).slice(1)));
  await put('not-as-expected', { split: 2 });
  await ask('no-such-path', '/jobs/{job}/no-such-path');
  await ask('job-gone', `/jobs/${NOWHERE}/resource-requirements`);
  await fetch(`${restUrl}/jobs/${jobId}?mode=cancel`, { method: 'PATCH', signal: AbortSignal.timeout(TIMEOUT_MS) });
  await until('the job cancelled', async () => {
    return ((await get(restUrl, `/jobs/${jobId}`)) as { readonly state: string }).state === 'CANCELED';
  });
  await ask('job-cancelled', QUESTIONS.requirements);
}

/** What is said of rescales where no history of them is kept, or the scheduler makes none. */
export async function recordWithoutRescales(recording: RestRecording, names: string): Promise<void> {
  const { ask } = await asking(recording);
  await ask(`${names}-rescales-config`, CONFIG);
  for (const name of ['rescales-history', 'rescales-overview', 'rescales-summary'] as const) {
    await ask(`${names}-${name}`, QUESTIONS[name]);
  }
  await ask(names, QUESTIONS.requirements);
}

interface Asking {
  readonly ask: (name: string, path: string, sent?: unknown) => Promise<void>;
  readonly askAll: (moment: string) => Promise<void>;
  /** From now on, times are told since now. */
  readonly putNow: () => void;
  readonly until: (what: string, isSo: () => Promise<boolean>) => Promise<void>;
}

async function asking({ restUrl, jobId, folder, clock, signal, say }: RestRecording): Promise<Asking> {
  await mkdir(folder, { recursive: true });
  let putAtMs: number | null = null;
  const ask = async (name: string, path: string, sent?: unknown): Promise<void> => {
    const method = sent === undefined ? 'GET' : 'PUT';
    const answer = await fetch(`${restUrl}${path.replace('{job}', jobId)}`, {
      method,
      ...(sent === undefined ? {} : { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const recorded: RecordedRestAnswer = {
      request: `${method} ${path}`,
      ...(sent === undefined ? {} : { sent }),
      seconds_after_put: putAtMs === null ? null : Math.round((clock.now() - putAtMs) / 100) / 10,
      status: answer.status,
      body: withShortStacks(await answer.json()),
    };
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
  };
  return {
    ask,
    askAll: async (moment) => {
      for (const [name, path] of Object.entries(QUESTIONS)) await ask(`${moment}-${name}`, path);
      say(`kept: ${moment}`);
    },
    putNow: () => {
      putAtMs = clock.now();
    },
    until: async (what, isSo) => {
      const startedAtMs = clock.now();
      while (!(await isSo())) {
        if (clock.now() > startedAtMs + MAX_WAIT_MS || signal.aborted) throw new Error(`not seen: ${what}`);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      say(`${what} after ${Math.round((clock.now() - startedAtMs) / 1000)} s`);
      await clock.sleep(CACHED_MS, signal);
    },
  };
}

/** Of each Java exception the first two lines of its stack. */
function withShortStacks(body: unknown): unknown {
  const { errors } = body as { readonly errors?: readonly string[] };
  if (errors === undefined) return body;
  return { errors: errors.map((error) => error.replace(/((?:\n\tat .*){2})(?:\n\tat .*)+/g, '$1')) };
}

async function longestDelayMs(restUrl: string, jobId: string): Promise<number> {
  const config = (await get(restUrl, `/jobs/${jobId}/rescales/config`)) as Readonly<Record<string, number>>;
  const delayMs = config['maximumDelayForTriggeringRescaleInMillis'];
  if (delayMs === undefined) throw new Error('Flink says how long a rescale waits from 2.3 on; this is older');
  return delayMs;
}

/** The job's requirements, with other bounds for split. */
async function withSplit({ restUrl, jobId }: RestRecording, parallelism: object): Promise<object> {
  const { vertices } = (await get(restUrl, `/jobs/${jobId}`)) as { vertices: { id: string; name: string }[] };
  const split = vertices.find(({ name }) => name === 'split');
  if (split === undefined) throw new Error('the job has no vertex split');
  const requirements = (await get(restUrl, `/jobs/${jobId}/resource-requirements`)) as Requirements;
  return { ...requirements, [split.id]: { parallelism } };
}

async function get(restUrl: string, path: string): Promise<unknown> {
  return (await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })).json();
}
