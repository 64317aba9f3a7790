// The HTTP interface on a free loopback port, in front of a service that the test supplies.
import type { Test } from 'tap';
import type { IncomingAlert } from '../../src/action-log/log-entries.js';
import { systemClock } from '../../src/clock.js';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import { createApp, type AppOptions } from '../../src/http/create-app.js';
import { EventStreams, type EventStreamLimits } from '../../src/http/event-streams.js';
import { startHttpServer, type HttpServer, type ServerLimits } from '../../src/http/http-server.js';
import { openWebConfig } from '../../src/http/live-web-config.js';
import { createPasswordCheck, type PasswordCheck } from '../../src/http/password-check.js';
import { createPasswordThread } from '../../src/http/password-thread.js';
import { createNotificationReader } from '../../src/http/read-notification.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import type { ServiceView } from '../../src/http/service-view.js';
import { createLogger } from '../../src/logger.js';
import type { AlertCounts } from '../../src/metrics/service-metrics.js';
import { scrapeOf } from './scrapes.js';

/** Id of every added pause, unless a test uses its own. */
export const PAUSE_ID = '0d9a3c1e-1b2c-4d3e-8f4a-5b6c7d8e9f00';

export interface TestService {
  readonly url: string;
  readonly app: ReturnType<typeof createApp>;
  readonly server: HttpServer;
  readonly streams: EventStreams;
  readonly accepted: IncomingAlert[];
  readonly recorded: AlertCounts[];
  /** Statuses of refused notifications. */
  readonly refused: number[];
  readonly logLines: Record<string, unknown>[];
}

export interface Overrides {
  readonly service?: Partial<ServiceView>;
  readonly app?: Partial<Pick<AppOptions, 'version' | 'maxBodyBytes' | 'access'>>;
  readonly limits?: Partial<ServerLimits>;
  readonly webConfigFile?: string;
  readonly streams?: Partial<EventStreamLimits>;
  /** Default: the real check. */
  readonly passwords?: Pick<PasswordCheck, 'check'>;
}

export async function startTestService(t: Test, overrides: Overrides = {}): Promise<TestService> {
  const accepted: IncomingAlert[] = [];
  const recorded: AlertCounts[] = [];
  const refused: number[] = [];
  const logLines: Record<string, unknown>[] = [];
  const alertNames = createLabelPattern('Dhalion.+');
  const service: ServiceView = {
    alertNames: () => alertNames,
    acceptAlerts: (alerts) => {
      accepted.push(...alerts);
      return Promise.resolve();
    },
    topologies: () => Promise.resolve([]),
    topology: () => Promise.resolve(null),
    knowsTopology: async (name) => (await service.topology(name)) !== null,
    forgetInstances: () => Promise.resolve([]),
    history: () => Promise.resolve(null),
    actions: () => Promise.resolve([]),
    action: () => Promise.resolve(null),
    cancelAction: () => Promise.resolve('unknown'),
    decisions: () => Promise.resolve([]),
    blacklist: () => Promise.resolve([]),
    removeBlacklistEntry: () => Promise.resolve(false),
    pauses: () => Promise.resolve([]),
    addPause: ({ durationMs, ...request }) =>
      Promise.resolve({ ...request, id: PAUSE_ID, createdAtMs: 0, expiresAtMs: durationMs }),
    endPause: () => Promise.resolve(false),
    reload: () => Promise.resolve(),
    problems: () => [],
    warnings: () => [],
    onChange: () => undefined,
    metricsText: () => Promise.resolve(scrapeOf('# HELP x y\n# TYPE x gauge\nx 1\n')),
    ...overrides.service,
  };
  const logger = createLogger(
    { level: 'debug', format: 'json' },
    { write: (line) => logLines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const recordAlerts = (counts: AlertCounts): void => {
    recorded.push(counts);
  };
  const recordRefusal = (status: number): void => {
    refused.push(status);
  };
  const webConfig = overrides.webConfigFile === undefined ? undefined : openWebConfig(overrides.webConfigFile, logger);
  const thread = createPasswordThread();
  t.teardown(() => thread.close());
  const compare = (password: string, hash: string): Promise<boolean> => thread.compare(password, hash);
  const passwords = overrides.passwords ?? createPasswordCheck({ clock: systemClock, compare });
  const streams = new EventStreams(overrides.streams);
  const notifications = createNotificationReader();
  t.teardown(() => notifications.close());
  const app = createApp({
    service,
    streams,
    notifications,
    recordAlerts,
    recordRefusal,
    logger,
    version: '1.2.3',
    ...(webConfig === undefined ? {} : { access: { webConfig, passwords } }),
    ...overrides.app,
  });
  const server = await startHttpServer({
    app,
    address: parseListenAddress('127.0.0.1:0'),
    allowUnauthenticated: false,
    ...(webConfig === undefined ? {} : { webConfig }),
    limits: { closeTimeoutMs: 200, ...overrides.limits },
  });
  t.teardown(() => {
    streams.close();
    return server.close();
  });
  return { url: server.url, app, server, streams, accepted, recorded, refused, logLines };
}

/** Posts a notification; a body that is not a string or bytes is sent as JSON. */
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
