// `dhalion serve`: runs the service until it is told to stop.
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
  /** TLS and credentials; null: plain HTTP, and nobody is asked. */
  readonly webConfigFile: string | null;
  readonly maxBodyBytes: number;
  /** Folder of an embedded action log, instead of the configuration's storage.path or postgres_url_file. */
  readonly storagePath: string | null;
  /** Waits while another process has the folder of the log, instead of ending. */
  readonly waitForStorage: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Log lines that could not be written. */
  readonly logLinesLost: () => number;
  readonly nodeVersion: string;
  readonly pid: number;
  readonly revision: string;
  /** Told what to do whenever the configuration is to be read again. */
  readonly onReloadRequest: (reload: () => void) => void;
  /** Aborts when the service is to end. */
  readonly signal: AbortSignal;
}

/** Resolves when the service has ended gracefully; rejects with the `DhalionError` that kept it from starting. */
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
    // What is wrong with it is logged where it is noticed; the old configuration stays.
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

/** null: told to stop while another process had the folder of the log. */
async function startOnceFree(options: ServiceOptions, signal: AbortSignal): Promise<Service | null> {
  const { logger } = options;
  const onWait = (holder: string): void => {
    logger.info({ holder }, 'waiting for the folder of the action log, which is in use');
  };
  try {
    return await startService({ ...options, waitForStorage: { signal, onWait } });
  } catch (error) {
    if (!signal.aborted) throw error;
    logger.info({}, 'stopped');
    return null;
  }
}

/** The URL of a database holds a password. */
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
