// Client of the service's API, for reading and for orders. A refusal is an error with a message for people.
import type { HistoryRange } from '../../../model/operator-history.js';
import type { Answers, History, PauseForm } from './api-types.js';

/** After this time without an answer, the page reports an error. */
const TIMEOUT_MS = 10_000;
export const SHOWN_ACTIONS = 50;
const READ_DECISIONS = 200;
const NOTHING = { topologies: [], actions: [], blacklist: [], pauses: [], decisions: [] } as const;
/** The header Date has whole seconds, so a difference of less than that is no error. */
const TOLERATED_SKEW_MS = 2000;

/** The parts that are requested separately. */
export type Part = Exclude<keyof Answers, 'readiness' | 'atMs'>;

const PATHS: Readonly<Record<Part, string>> = {
  topologies: 'api/v1/topologies',
  actions: `api/v1/actions?limit=${SHOWN_ACTIONS}`,
  blacklist: 'api/v1/blacklist',
  pauses: 'api/v1/pauses',
  decisions: `api/v1/decisions?limit=${READ_DECISIONS}`,
};
export const PARTS = Object.keys(PATHS) as readonly Part[];

/** Requests these parts and keeps the others; the state of the service is requested each time. */
export async function askFor(parts: readonly Part[], before: Answers | null): Promise<Answers> {
  const [always, ...asked] = await Promise.all([
    askReadiness(),
    ...parts.map(async (part): Promise<[Part, unknown]> => [part, await ask(PATHS[part])]),
  ]);
  return { ...NOTHING, ...before, ...(Object.fromEntries(asked) as Partial<Answers>), ...always };
}

/** @param range null: the default */
export async function askHistory(topology: string, range: HistoryRange | null): Promise<History> {
  const query = range === null ? '' : `?range=${range}`;
  return (await ask(`api/v1/topologies/${encodeURIComponent(topology)}/history${query}`)) as History;
}

export async function addPause({ topology, resolver, duration, reason }: PauseForm): Promise<void> {
  const body = {
    topology,
    resolver: resolver === '' ? null : resolver,
    duration: duration.trim(),
    reason,
  };
  await send('api/v1/pauses', { method: 'POST', body: JSON.stringify(body) });
}

/** @param things the list that contains this id: `pauses`, `blacklist` or `actions` */
export async function remove(things: 'pauses' | 'blacklist' | 'actions', id: string): Promise<void> {
  await send(`api/v1/${things}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** `data` of the envelope. The service's own schemas describe it; it is not checked again. */
async function ask(path: string): Promise<unknown> {
  const response = await send(path, {});
  const { data } = (await response.json()) as { data: unknown };
  return data;
}

async function askReadiness(): Promise<Pick<Answers, 'readiness' | 'atMs'>> {
  const response = await request('-/ready', {});
  const [, ...lines] = (await response.text()).trim().split('\n');
  return { readiness: { isReady: response.ok, lines }, atMs: serverTimeOf(response) };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await request(path, init);
  if (!response.ok) throw new Error(await describeRefusal(response));
  return response;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, {
      ...init,
      headers: init.body === undefined ? {} : { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    throw new Error(isLate ? 'The service does not answer in time.' : 'The service cannot be reached.', {
      cause: error,
    });
  }
}

/** The error of the envelope, if the answer has one. */
async function describeRefusal(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string') {
      return answer.error;
    }
  } catch {
    // A proxy in between answers in whatever form it likes.
  }
  return `The service answered ${response.status} ${response.statusText}`.trim();
}

function serverTimeOf(response: Response): number {
  const nowMs = Date.now();
  const toldMs = Date.parse(response.headers.get('date') ?? '');
  return Math.abs(toldMs - nowMs) > TOLERATED_SKEW_MS ? toldMs : nowMs;
}
