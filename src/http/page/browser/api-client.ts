// Asks the service, and gives it orders. What is refused is an error whose message is fit to be shown.
import type { HistoryRange } from '../../../model/operator-history.js';
import type { Answers, History, PauseForm } from './api-types.js';

/** A service that does not answer by then is told of, rather than waited for. */
const TIMEOUT_MS = 10_000;
export const SHOWN_ACTIONS = 50;
const READ_DECISIONS = 200;
const NOTHING = { topologies: [], actions: [], blacklist: [], pauses: [], decisions: [] } as const;
/** The header Date has whole seconds: a clock that is no further off is right. */
const TOLERATED_SKEW_MS = 2000;

/** What is asked for by itself. */
export type Part = Exclude<keyof Answers, 'readiness' | 'atMs'>;

const PATHS: Readonly<Record<Part, string>> = {
  topologies: 'api/v1/topologies',
  actions: `api/v1/actions?limit=${SHOWN_ACTIONS}`,
  blacklist: 'api/v1/blacklist',
  pauses: 'api/v1/pauses',
  decisions: `api/v1/decisions?limit=${READ_DECISIONS}`,
};
export const PARTS = Object.keys(PATHS) as readonly Part[];

/** These parts, the others as they were; how the service itself is, each time. */
export async function askFor(parts: readonly Part[], before: Answers | null): Promise<Answers> {
  const [told, ...asked] = await Promise.all([
    askReadiness(),
    ...parts.map(async (part): Promise<[Part, unknown]> => [part, await ask(PATHS[part])]),
  ]);
  return { ...NOTHING, ...before, ...(Object.fromEntries(asked) as Partial<Answers>), ...told };
}

/** @param range null: the usual one */
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

/** @param things of which list the one with this id is taken: `pauses`, `blacklist` or `actions` */
export async function remove(things: 'pauses' | 'blacklist' | 'actions', id: string): Promise<void> {
  await send(`api/v1/${things}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** `data` of the envelope: what the service's own schemas describe is not checked once more. */
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

/** In the words of the envelope, where it is one. */
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
  return `The answer is ${response.status} ${response.statusText}`.trim();
}

function serverTimeOf(response: Response): number {
  const nowMs = Date.now();
  const toldMs = Date.parse(response.headers.get('date') ?? '');
  return Math.abs(toldMs - nowMs) > TOLERATED_SKEW_MS ? toldMs : nowMs;
}
