// A proxy in front of a real Prometheus that passes everything on until the test closes it. Then it accepts requests without an answer,
// which stops the service at its query.
import { once } from 'node:events';
import { Agent, createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface PrometheusGate {
  readonly url: string;
  /** From now on, leaves requests hanging while `mustHold` returns true. Resolves at the first. */
  holdWhile(mustHold: () => boolean): Promise<void>;
  /** Passes on all later requests again. */
  open(): void;
}

export async function prometheusGate(t: Test, prometheusUrl: string): Promise<PrometheusGate> {
  const agent = new Agent({ keepAlive: true });
  let mustHold = (): boolean => false;
  let onHeld = (): void => undefined;
  const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (mustHold()) {
      onHeld();
      return;
    }
    const { method, headers } = request;
    const asked = ask(`${prometheusUrl}${request.url ?? ''}`, { agent, method, headers });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    // Passed on unchanged, compressed or not.
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    await pipeline(answer, response);
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
    agent.destroy();
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
