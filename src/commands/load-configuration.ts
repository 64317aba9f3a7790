// Reads and parses a configuration file from disk; every fault of it in one error.
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { renderFault } from '../config/config-fault.js';
import type { Configuration } from '../config/configuration.js';
import { parseConfiguration } from '../config/parse-configuration.js';
import { DhalionError } from '../errors.js';
import { BUILT_IN_ENGINES } from '../sensors/engines/built-in-engines.js';

/** Rejects with `DhalionError` config_unreadable, or config_invalid with a line for every fault. */
export async function loadConfiguration(file: string): Promise<Configuration> {
  const result = parseConfiguration(await readConfiguration(file), {
    builtInEngines: BUILT_IN_ENGINES,
    fileExists: isReadable,
  });
  if ('configuration' in result) return result.configuration;
  const lines = result.faults.map((fault) => renderFault(fault, file));
  throw new DhalionError('config_invalid', lines.join('\n'));
}

export function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    // Why it cannot be read is said when it is read.
    return false;
  }
}

async function readConfiguration(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new DhalionError('config_unreadable', `cannot read the configuration ${file}`, { cause: error });
  }
}
