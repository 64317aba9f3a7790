// Starts a whole service: action log, health manager, HTTP. Used by `serve`, the demo and tests.
import { createActionLog } from '../action-log/create-action-log.js';
import type { LockWait } from '../action-log/folder-lock.js';
import type { Clock } from '../clock.js';
import type { Configuration } from '../config/configuration.js';
import { HealthManager } from '../health-manager.js';
import type { AccessControl } from '../http/authenticate.js';
import { createApp } from '../http/create-app.js';
import { EventStreams } from '../http/event-streams.js';
import { allowedAddress, startHttpServer, type HttpServerOptions, type Reach } from '../http/http-server.js';
import type { ListenAddress } from '../http/listen-address.js';
import { openWebConfig } from '../http/live-web-config.js';
import { createPasswordCheck } from '../http/password-check.js';
import { createPasswordThread } from '../http/password-thread.js';
import { createNotificationReader, type NotificationReader } from '../http/read-notification.js';
import type { ServiceView } from '../http/service-view.js';
import type { Logger } from '../logger.js';
import { createServiceMetrics, type ServiceMetrics } from '../metrics/service-metrics.js';
import { USER_AGENT, VERSION } from '../version.js';

export interface ServiceOptions {
  readonly configuration: Configuration;
  /** Reads the configuration again, for a reload; default: the configuration never changes. */
  readonly loadConfiguration?: () => Promise<Configuration>;
  readonly listenAddress: ListenAddress;
  readonly allowUnauthenticated: boolean;
  /** TLS and credentials; null: plain HTTP without authentication. */
  readonly webConfigFile?: string | null;
  readonly maxBodyBytes?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Since the process started; default: none. */
  readonly logLinesLost?: () => number;
  readonly nodeVersion: string;
  /** Revision of the source. */
  readonly revision: string;
  readonly onPrometheusRequest?: (status: number | null) => void;
  /** Names this process to others that want the log's folder. */
  readonly pid?: number;
  /** Waits while another process uses the log's folder; default: that is a fault. */
  readonly waitForStorage?: LockWait;
  /** How long, in addition to its calls' timeouts, this replica holds its actions; default 30 s. */
  readonly leaseMs?: number;
  /** Queries Prometheus at the time of `clock` instead of Prometheus' own time: to look at history. */
  readonly keepsOwnTime?: boolean;
}

export interface Service {
  /** Without a trailing slash. */
  readonly url: string;
  /** Rejects with the faults of the new configuration; then the old one remains in use. */
  reload(): Promise<void>;
  /** Stops intake, finishes or parks the call in flight, closes the log. */
  stop(): Promise<void>;
}

/**
 * Rejects with `DhalionError` storage_unavailable or listen_failed, or config_invalid or config_unreadable for the web
 * configuration; then nothing is left running.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const access = accessOf(options);
  try {
    // Before the action log opens: the wait for its folder may be long.
    await allowedAddress(reachOf(options, access));
    return await startWith(options, access);
  } catch (error) {
    await access?.close();
    throw error;
  }
}

async function startWith(options: ServiceOptions, access: ClosableAccess | null): Promise<Service> {
  const { configuration, clock, logger, nodeVersion, revision, onPrometheusRequest, leaseMs } = options;
  const { pid, waitForStorage: wait, maxBodyBytes } = options;
  const log = await createActionLog({ ...configuration.storage, clock, pid, wait });
  const streams = new EventStreams();
  const notifications = createNotificationReader(maxBodyBytes === undefined ? {} : { maxBodyBytes });
  const metrics = createServiceMetrics({ version: VERSION, revision, nodeVersion }, options.logLinesLost);
  const manager = new HealthManager({
    configuration,
    loadConfiguration: options.loadConfiguration ?? (() => Promise.resolve(configuration)),
    log,
    metrics,
    clock,
    logger,
    userAgent: USER_AGENT,
    random: Math.random,
    ...(onPrometheusRequest === undefined ? {} : { onPrometheusRequest }),
    ...(leaseMs === undefined ? {} : { leaseMs }),
    keepsOwnTime: options.keepsOwnTime ?? false,
  });
  try {
    const server = await startHttpServer(
      serverOptionsOf(options, access, { service: manager.service, metrics, streams, notifications }),
    );
    manager.start();
    return {
      url: server.url,
      reload: () => manager.reload(),
      stop: async () => {
        streams.close();
        await access?.close();
        await notifications.close();
        await server.close();
        await manager.stop();
        await log.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

interface ClosableAccess extends AccessControl {
  /** Stops checking passwords and refuses waiting requests. */
  close(): Promise<void>;
}

function accessOf({ webConfigFile = null, clock, logger }: ServiceOptions): ClosableAccess | null {
  if (webConfigFile === null) return null;
  const webConfig = openWebConfig(webConfigFile, logger);
  const thread = createPasswordThread();
  const passwords = createPasswordCheck({ clock, compare: (password, hash) => thread.compare(password, hash) });
  const close = (): Promise<void> => {
    passwords.close();
    return thread.close();
  };
  return { webConfig, passwords, close };
}

function reachOf({ listenAddress, allowUnauthenticated }: ServiceOptions, access: AccessControl | null): Reach {
  const webConfig = access === null ? {} : { webConfig: access.webConfig };
  return { address: listenAddress, allowUnauthenticated, ...webConfig };
}

interface AppParts {
  readonly service: ServiceView;
  readonly metrics: ServiceMetrics;
  readonly streams: EventStreams;
  readonly notifications: NotificationReader;
}

function serverOptionsOf(
  options: ServiceOptions,
  access: AccessControl | null,
  { service, metrics, streams, notifications }: AppParts,
): HttpServerOptions {
  const { maxBodyBytes, clock, logger } = options;
  const app = createApp({
    service,
    streams,
    notifications,
    recordAlerts: (counts) => {
      metrics.recordAlerts(counts, clock.now());
    },
    recordRefusal: (status) => {
      metrics.recordRefusal(status);
    },
    logger,
    version: VERSION,
    ...(access === null ? {} : { access }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
  return { app, ...reachOf(options, access) };
}
