// A server that speaks Flink's REST API as recorded from the real one: fixtures/flink-rest/. Flink 1.20.1, stacks shortened; of rescales
// and checkpoints 2.3.0. Two are written after Flink's sources, and say so.
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Test } from 'tap';
import {
  answerJson,
  answeringServer,
  type Answer,
  type AnsweringServer,
  type ListenOptions,
  type SeenRequest,
} from './answering-server.js';

export const JOB_ID = '18777a606b3f2fba8c7ec6e09d82d26a';
/** The recorded job: `Source: numbers (all)` → `split: a-b` → `count` → `out: Writer`. */
export const VERTEX_IDS = {
  source: 'bc764cd8ddf7a0cff126f51c16239658',
  split: '0a448493b4782967b150582570326227',
  count: 'ea632d67b7d595e5b851708ae9ad79d6',
  out: '6d2677a0ecc3fd8df0b72ec675edf8f4',
} as const;

/** The last one in the recorded history: split was to have 16 instead of 2, and got 12, as many as there were slots. */
export const LAST_RESCALE = 'b16d993f7ec19f2a91682ead4952dc54';

export type Requirements = Record<string, { parallelism: { lowerBound: number; upperBound: number } }>;

export interface RecordedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** By file name, without the extension. */
export function recorded(name: string): RecordedAnswer {
  const file = new URL(`../fixtures/flink-rest/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as RecordedAnswer;
}

export function answerRecorded(response: ServerResponse, name: string): void {
  const { status, body } = recorded(name);
  answerJson(response, status, body);
}

export interface FlinkRestServer extends AnsweringServer {
  /** The present requirements of the recorded job; the test may change them. */
  readonly requirements: Requirements;
  /** The Flink that it is; the test may change it. Default: 1.20.1, which tells nothing of rescales. */
  version: string;
  /** What Flink 2.3 tells of a rescale's times, without a history; the test may change it. */
  readonly rescaleConfig: Record<string, unknown>;
  /** Parsed bodies of the PUTs, oldest first. */
  puts(): readonly Requirements[];
}

/**
 * @param instead answers a request and returns true, or returns false to leave it to this server
 * @param ids replacements of the recorded ids
 */
export async function flinkRestServer(
  t: Test,
  instead: (response: ServerResponse, request: SeenRequest) => boolean = () => false,
  ids: Readonly<Record<string, string>> = {},
  listen?: ListenOptions,
): Promise<FlinkRestServer> {
  const jobId = ids[JOB_ID] ?? JOB_ID;
  const heard = (name: string): unknown =>
    JSON.parse(
      Object.entries(ids).reduce(
        (text, [id, other]) => text.replaceAll(id, other),
        JSON.stringify(recorded(name).body),
      ),
    );
  const requirements = heard('requirements') as Requirements;
  const overview = recorded('overview').body as Record<string, unknown>;
  const rescaleConfig: FlinkRestServer['rescaleConfig'] = {
    ...(recorded('rescale-config').body as Record<string, unknown>),
    rescaleHistoryMax: 0,
  };
  const knows = { version: String(overview['flink-version']), rescaleConfig };
  const isNewer = (version: string): boolean => Number.parseFloat(knows.version) >= Number.parseFloat(version);
  const answer: Answer = (response, request) => {
    if (instead(response, request)) return;
    const { method, path, body } = request;
    switch (`${method} ${path}`) {
      case `GET /jobs/${jobId}/resource-requirements`:
        answerJson(response, 200, requirements);
        return;
      case `PUT /jobs/${jobId}/resource-requirements`:
        Object.assign(requirements, JSON.parse(body) as Requirements);
        answerRecorded(response, 'changed');
        return;
      case 'GET /overview':
        answerJson(response, 200, { ...overview, 'flink-version': knows.version });
        return;
      case `GET /jobs/${jobId}/rescales/config`:
        if (isNewer('2.3')) answerJson(response, 200, rescaleConfig);
        else answerRecorded(response, 'no-such-path');
        return;
      case `GET /jobs/${jobId}/rescales/history`:
        if (Number(rescaleConfig['rescaleHistoryMax']) > 0) answerJson(response, 200, heard('rescale-history'));
        else answerRecorded(response, 'no-such-path');
        return;
      case `GET /jobs/${jobId}/rescales/details/${LAST_RESCALE}`:
        answerJson(response, 200, heard('rescale-details'));
        return;
      case `GET /jobs/${jobId}/checkpoints/config`:
        answerRecorded(response, 'checkpoint-config');
        return;
      case 'GET /jobmanager/config':
        answerRecorded(response, 'jobmanager-config');
        return;
      case 'GET /jobs/overview':
        answerJson(response, 200, heard('jobs-overview'));
        return;
      case `GET /jobs/${jobId}`:
        answerJson(response, 200, heard('job'));
        return;
      default:
        answerRecorded(response, /^\/jobs\/[^/]+\/resource-requirements$/.test(path) ? 'job-gone' : 'no-such-path');
    }
  };
  const server = await answeringServer(t, answer, undefined, listen);
  return Object.assign(knows, server, {
    requirements,
    puts: () =>
      server.requests.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(body) as Requirements),
  });
}
