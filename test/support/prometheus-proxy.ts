// A proxy in front of a real Prometheus that passes everything on, except that a test can make answers partial, as from
// Thanos or Mimir with a store missing.
import type { AddressInfo } from 'node:net';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface PrometheusProxy {
  readonly url: string;
  /** From now on, answers to matching queries carry a warning; null: none do. */
  makePartial(queries: RegExp | null): void;
  /** From now on, its answers claim a time that is this far ahead; Prometheus itself is unchanged. */
  setClock(aheadMs: number): void;
}

const WARNING = 'fetch series from store-2: connection refused';

export async function prometheusProxy(t: Test, prometheusUrl: string): Promise<PrometheusProxy> {
  let partial: RegExp | null = null;
  let aheadMs = 0;
  const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const query = new URLSearchParams(body).get('query') ?? '';
    const answer = await fetch(`${prometheusUrl}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: request.method === 'POST' ? body : null,
    });
    const content = (await answer.json()) as Record<string, unknown>;
    const isPartial = partial?.test(query) === true;
    response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isPartial ? { ...content, warnings: [WARNING] } : content));
  };
  const server = createServer((request, response) => {
    // If Prometheus does not answer, neither does the proxy.
    passOn(request, response).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    makePartial: (queries) => {
      partial = queries;
    },
    setClock: (byMs) => {
      aheadMs = byMs;
    },
  };
}
