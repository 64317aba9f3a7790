// A whole service, from a configuration's text, for a benchmark to ask.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { startService, type Service } from '../../src/commands/start-service.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import { SILENT_LOGGER } from './silent-logger.js';

/** Below the working directory and not in /tmp, which may be in memory. */
const PARENT_FOLDER = '.tap';

/** Resolves with what `work` resolves with; the folder is removed afterwards. */
export async function inBenchFolder<Result>(
  prefix: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(PARENT_FOLDER, { recursive: true });
  const folder = await mkdtemp(resolve(PARENT_FOLDER, prefix));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** On a free port of loopback; the configuration is written into the folder. */
export async function startBenchService(folder: string, configurationText: string): Promise<Service> {
  const file = join(folder, 'dhalion.yml');
  await writeFile(file, configurationText);
  return startService({
    configuration: await loadConfiguration(file),
    listenAddress: parseListenAddress('127.0.0.1:0'),
    allowUnauthenticated: false,
    clock: systemClock,
    logger: SILENT_LOGGER,
    nodeVersion: process.version,
    revision: 'bench',
  });
}
