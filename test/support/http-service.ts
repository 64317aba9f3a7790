// The HTTP interface on a free loopback port, in front of a service that a test fills in.
import type { Test } from 'tap';
import type { IncomingAlert } from '../../src/action-log/action-log.js';
import { createApp, type AppOptions } from '../../src/http/create-app.js';
import { startHttpServer, type HttpServer, type ServerLimits } from '../../src/http/http-server.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import type { ServiceView } from '../../src/http/service-view.js';
import { createLogger } from '../../src/logger.js';
import type { AlertCounts } from '../../src/metrics/service-metrics.js';

export interface TestService {
  readonly url: string;
  readonly server: HttpServer;
  readonly accepted: IncomingAlert[];
  readonly recorded: AlertCounts[];
  readonly logLines: Record<string, unknown>[];
}

export interface Overrides {
  readonly service?: Partial<ServiceView>;
  readonly app?: Partial<Pick<AppOptions, 'version' | 'maxBodyBytes'>>;
  readonly limits?: Partial<ServerLimits>;
}

export async function startTestService(t: Test, overrides: Overrides = {}): Promise<TestService> {
  const accepted: IncomingAlert[] = [];
  const recorded: AlertCounts[] = [];
  const logLines: Record<string, unknown>[] = [];
  const service: ServiceView = {
    acceptAlerts: (alerts) => {
      accepted.push(...alerts);
      return Promise.resolve();
    },
    topologies: () => Promise.resolve([]),
    topology: () => Promise.resolve(null),
    actions: () => Promise.resolve([]),
    decisions: () => Promise.resolve([]),
    problems: () => [],
    metricsText: () => Promise.resolve('# HELP x y\n# TYPE x gauge\nx 1\n'),
    ...overrides.service,
  };
  const logger = createLogger(
    { level: 'debug', format: 'json' },
    { write: (line) => logLines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const recordAlerts = (counts: AlertCounts): void => {
    recorded.push(counts);
  };
  const server = await startHttpServer({
    app: createApp({ service, recordAlerts, logger, version: '1.2.3', ...overrides.app }),
    address: parseListenAddress('127.0.0.1:0'),
    allowUnauthenticated: false,
    limits: { closeTimeoutMs: 200, ...overrides.limits },
  });
  t.teardown(() => server.close());
  return { url: server.url, server, accepted, recorded, logLines };
}

/** Posts a notification; a body that is no string or bytes is sent as JSON. */
export async function postAlerts(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: unknown; response: Response }> {
  const response = await fetch(`${url}/api/v1/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json(), response };
}
