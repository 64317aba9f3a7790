// Keeps what Flink's REST API answers while a rescale waits and after it, as fixtures for tests of the webhook `flink`: a file an
// answer, <moment>-<what was asked>.json.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../src/clock.js';
import { parallelismsOf } from './flink-rest.js';

/** What is asked at each moment, by the name of its file. */
const QUESTIONS = {
  overview: '/overview',
  'jobs-overview': '/jobs/overview',
  job: '/jobs/:id',
  requirements: '/jobs/:id/resource-requirements',
  checkpoints: '/jobs/:id/checkpoints',
  'checkpoints-config': '/jobs/:id/checkpoints/config',
  'rescales-config': '/jobs/:id/rescales/config',
  'rescales-history': '/jobs/:id/rescales/history',
  'rescales-overview': '/jobs/:id/rescales/overview',
  'rescales-summary': '/jobs/:id/rescales/summary',
} as const;
/** A JobManager answers out of a cache for 3 s. */
const CACHED_MS = 4000;
const LOOK_EVERY_MS = 500;
const MAX_WAIT_MS = 5 * 60_000;

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
  readonly asked: string;
  /** What was sent with it. */
  readonly sent?: unknown;
  /** Since requirements were last changed; null: they were not. */
  readonly seconds_after_put: number | null;
  readonly status: number;
  readonly body: unknown;
}

type Requirements = Record<string, { parallelism: { lowerBound: number; upperBound: number } }>;

/**
 * Five moments: `before` anything is asked for; `waiting`, soon after split was asked to have another instance; `applied`, when
 * it has; `short`, when it has as many as there are slots, and more were asked for; and `refused`, when still more were asked for
 * as long ago as a rescale waits at most.
 */
export async function recordRescales(recording: RestRecording): Promise<void> {
  const { restUrl, jobId, slots, clock, signal, say } = recording;
  const { ask, askAll, putNow } = await asking(recording);
  const longestMs = await longestDelayMs(restUrl, jobId);
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    const startedAtMs = clock.now();
    while (!(await isSo())) {
      if (clock.now() > startedAtMs + MAX_WAIT_MS || signal.aborted) throw new Error(`not seen: ${what}`);
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    say(`${what} after ${Math.round((clock.now() - startedAtMs) / 1000)} s`);
    await clock.sleep(CACHED_MS, signal);
  };
  const rescale = async (moment: string, instances: number): Promise<void> => {
    const { vertices } = (await get(restUrl, `/jobs/${jobId}`)) as { vertices: { id: string; name: string }[] };
    const split = vertices.find(({ name }) => name === 'split')?.id ?? 'split';
    const before = (await get(restUrl, `/jobs/${jobId}/resource-requirements`)) as Requirements;
    putNow();
    const sent = { ...before, [split]: { parallelism: { lowerBound: 1, upperBound: instances } } };
    await ask(`${moment}-put`, QUESTIONS.requirements, sent);
  };
  const splitIs = (instances: number) => async (): Promise<boolean> =>
    (await parallelismsOf(restUrl))?.get('split') === instances;
  const newestId = async (): Promise<string> => {
    const [newest] = (await get(restUrl, `/jobs/${jobId}/rescales/history`)) as { readonly rescaleUuid: string }[];
    return newest?.rescaleUuid ?? '';
  };

  // A rescale that is asked for right after a checkpoint has to wait for the next.
  await until('a first checkpoint', async () => {
    const { counts } = (await get(restUrl, `/jobs/${jobId}/checkpoints`)) as { counts: { completed: number } };
    return counts.completed > 0;
  });
  await askAll('before');
  await rescale('waiting', 2);
  await clock.sleep(CACHED_MS, signal);
  await askAll('waiting');
  await until('split with 2', splitIs(2));
  await askAll('applied');
  await ask('applied-rescales-details', `/jobs/:id/rescales/details/${await newestId()}`);
  await rescale('short', slots + 4);
  await until(`split with ${slots} of ${slots + 4}`, splitIs(slots));
  await askAll('short');
  await ask('short-rescales-details', `/jobs/:id/rescales/details/${await newestId()}`);
  await rescale('refused', slots + 8);
  await clock.sleep(longestMs + CACHED_MS, signal);
  await askAll('refused');
  await ask('refused-rescales-details', `/jobs/:id/rescales/details/${await newestId()}`);
}

async function longestDelayMs(restUrl: string, jobId: string): Promise<number> {
  const config = (await get(restUrl, `/jobs/${jobId}/rescales/config`)) as Readonly<Record<string, number>>;
  const delayMs = config['maximumDelayForTriggeringRescaleInMillis'];
  if (delayMs === undefined) throw new Error('Flink says how long a rescale waits from 2.3 on; this is older');
  return delayMs;
}

/** One moment, of a cluster that keeps no history of rescales. */
export async function recordUnkept(recording: RestRecording): Promise<void> {
  const { ask } = await asking(recording);
  for (const name of ['rescales-config', 'rescales-history', 'rescales-overview', 'rescales-summary'] as const) {
    await ask(`unkept-${name}`, QUESTIONS[name]);
  }
}

interface Asking {
  readonly ask: (name: string, path: string, sent?: unknown) => Promise<void>;
  readonly askAll: (moment: string) => Promise<void>;
  /** From now on, times are told since now. */
  readonly putNow: () => void;
}

async function asking({ restUrl, jobId, folder, clock, say }: RestRecording): Promise<Asking> {
  await mkdir(folder, { recursive: true });
  let putAtMs: number | null = null;
  const ask = async (name: string, path: string, sent?: unknown): Promise<void> => {
    const method = sent === undefined ? 'GET' : 'PUT';
    const answer = await fetch(`${restUrl}${path.replace(':id', jobId)}`, {
      method,
      ...(sent === undefined ? {} : { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(30_000),
    });
    const recorded: RecordedRestAnswer = {
      asked: `${method} ${path}`,
      ...(sent === undefined ? {} : { sent }),
      seconds_after_put: putAtMs === null ? null : Math.round((clock.now() - putAtMs) / 100) / 10,
      status: answer.status,
      body: await answer.json(),
    };
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(recorded, null, 2)}\n`);
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
  };
}

async function get(restUrl: string, path: string): Promise<unknown> {
  return (await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(30_000) })).json();
}
