// The receiving end of the scaling webhook for tests: keeps every call, and handles it as the test says for its topology.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Test } from 'tap';
import type { WebhookBody } from '../../src/webhooks/webhook-body.js';
import { answerJson, answeringServer } from './answering-server.js';

export interface ScalingCall {
  readonly body: WebhookBody;
  /** The bytes as received. */
  readonly rawBody: string;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
}

/** @param attempt counts the calls of this topology, from 1 */
export type Handling = (response: ServerResponse, call: ScalingCall, attempt: number) => void;

export interface ScalingEndpoint {
  /** Without a trailing slash; calls go to any path. */
  readonly url: string;
  /** Calls of one topology, or all; oldest first. */
  calls(topology?: string): readonly ScalingCall[];
  /** How to handle the calls of a topology from now on. Default: answer 202, and do nothing. */
  handle(topology: string, handling: Handling): void;
}

export async function scalingEndpoint(t: Test): Promise<ScalingEndpoint> {
  const calls: ScalingCall[] = [];
  const handlings = new Map<string, Handling>();
  const server = await answeringServer(t, (response, { body: rawBody, headers, path }) => {
    const body = JSON.parse(rawBody) as WebhookBody;
    const call = { body, rawBody, headers, path };
    calls.push(call);
    const attempt = calls.filter((other) => other.body.topology === body.topology).length;
    (handlings.get(body.topology) ?? accept)(response, call, attempt);
  });
  return {
    url: server.url,
    calls: (topology) => calls.filter(({ body }) => topology === undefined || body.topology === topology),
    handle: (topology, handling) => {
      handlings.set(topology, handling);
    },
  };
}

export function accept(response: ServerResponse): void {
  answerJson(response, 202, { status: 'success' });
}
