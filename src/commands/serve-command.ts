// `dhalion serve`: runs the service until it is asked to end.
import { resolve } from 'node:path';
import { sqliteFileOf } from '../action-log/sqlite-dialect.js';
import type { Clock } from '../clock.js';
import type { Configuration } from '../config/configuration.js';
import { parseListenAddress } from '../http/listen-address.js';
import type { Logger } from '../logger.js';
import { VERSION } from '../version.js';
import { loadConfiguration } from './load-configuration.js';
import { startService, type Service, type ServiceOptions } from './start-service.js';

export interface ServeOptions {
  readonly configFile: string;
  /** `host:port`. */
  readonly listenAddress: string;
  readonly allowUnauthenticated: boolean;
  /** TLS and credentials; null: plain HTTP without authentication. */
  readonly webConfigFile: string | null;
  readonly maxBodyBytes: number;
  /** Folder of an embedded action log; replaces the configuration's storage.path or postgres_url_file. */
  readonly storagePath: string | null;
  /** Waits, instead of ending, while another process uses the log's folder. */
  readonly waitForStorage: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Log lines that could not be written. */
  readonly logLinesLost: () => number;
  readonly nodeVersion: string;
  readonly pid: number;
  readonly revision: string;
  /** Receives the function to call when the configuration is to be read again. */
  readonly onReloadRequest: (reload: () => void) => void;
  /** Aborts when the service is to end. */
  readonly signal: AbortSignal;
}

/** Resolves after a graceful end; rejects with the `DhalionError` of a failed start. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const { logger, signal, storagePath } = options;
  const listenAddress = parseListenAddress(options.listenAddress);
  const load = async (): Promise<Configuration> => {
    const loaded = await loadConfiguration(options.configFile);
    if (storagePath === null) return loaded;
    return { ...loaded, storage: { ...loaded.storage, path: storagePath, postgresUrlFile: null } };
  };
  const configuration = await load();
  const { waitForStorage, ...rest } = options;
  const starting = { ...rest, configuration, loadConfiguration: load, listenAddress };
  const service = waitForStorage ? await startOnceFree(starting, signal) : await startService(starting);
  if (service === null) return;
  options.onReloadRequest(() => {
    // The fault is logged where it is found; the old configuration remains in use.
    service.reload().catch(() => undefined);
  });
  logger.info(
    {
      version: VERSION,
      config: resolve(options.configFile),
      storage: storageOf(configuration),
      url: service.url,
      topologies: configuration.topologies.length,
      discoveries: configuration.discoveries.length,
      evaluation_interval_seconds: configuration.evaluationIntervalMs / 1000,
    },
    'listening',
  );
  await untilAborted(signal);
  logger.info({}, 'stopping');
  await service.stop();
  logger.info({}, 'stopped');
}

/** null: aborted while another process used the log's folder. */
async function startOnceFree(options: ServiceOptions, signal: AbortSignal): Promise<Service | null> {
  const { logger } = options;
  const onWait = (holder: string): void => {
    logger.info({ holder }, 'waiting: another process uses the folder of the action log');
  };
  try {
    return await startService({ ...options, waitForStorage: { signal, onWait } });
  } catch (error) {
    if (!signal.aborted) throw error;
    logger.info({}, 'stopped');
    return null;
  }
}

/** The URL of a database contains a password. */
function storageOf({ storage }: Configuration): string {
  return storage.postgresUrlFile === null ? sqliteFileOf(storage.path) : 'postgres';
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener('abort', () => {
      settle();
    });
  });
}
