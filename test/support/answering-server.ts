// A real HTTP(S) server on loopback that answers as the test says and records its requests.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https, { type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface AnsweringServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Connections accepted so far. */
  connections(): number;
  /** Resolves when a connection has been closed since the start or the last call of this. */
  connectionClosed(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

export interface ListenOptions {
  /** Of loopback. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Listens on 127.0.0.1, or the given address, until the test ends; with `tls` it speaks HTTPS. */
export async function answeringServer(
  t: Test,
  answer: Answer,
  tls?: ServerOptions,
  { host, port: wanted }: ListenOptions = { host: '127.0.0.1', port: 0 },
): Promise<AnsweringServer> {
  const requests: SeenRequest[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void buffer(request).then((body) => {
      const seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: body.toString('utf8'),
      };
      requests.push(seen);
      answer(response, seen);
    });
  };
  const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest);
  // It never closes an idle connection; the client has to.
  server.keepAliveTimeout = 0;
  let accepted = 0;
  let closed = 0;
  let onClose: (() => void) | null = null;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: NodeJS.EventEmitter) => {
    accepted += 1;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      closed += 1;
      onClose?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    requests,
    connections: () => accepted,
    connectionClosed: () =>
      new Promise((resolve) => {
        const take = (): void => {
          closed -= 1;
          onClose = null;
          resolve();
        };
        if (closed > 0) take();
        else onClose = take;
      }),
  };
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
