// A server that speaks Flink's REST API as recorded from the real one (Flink 1.20.1; stacks shortened): fixtures/flink-rest/.
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
        answerRecorded(response, 'overview');
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
  return {
    ...server,
    requirements,
    puts: () =>
      server.requests.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(body) as Requirements),
  };
}
