// A proxy in front of a real Prometheus that passes everything on until the test closes it: then requests are accepted but
// not answered, which holds the service at the very point where it asks.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface PrometheusGate {
  readonly url: string;
  /** From now on, leaves requests hanging while `mustHold` returns true. Resolves at the first. */
  holdWhile(mustHold: () => boolean): Promise<void>;
  /** Passes on all later requests again. */
  open(): void;
}

export async function prometheusGate(t: Test, prometheusUrl: string): Promise<PrometheusGate> {
  let mustHold = (): boolean => false;
  let onHeld = (): void => undefined;
  const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (mustHold()) {
      onHeld();
      return;
    }
    const answer = await fetch(`${prometheusUrl}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: request.method === 'POST' ? body : null,
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
  const server = createServer((request, response) => {
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
    holdWhile: (predicate) => {
      mustHold = predicate;
      return new Promise((resolve) => {
        onHeld = resolve;
      });
    },
    open: () => {
      mustHold = () => false;
    },
  };
}
