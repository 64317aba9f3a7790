// Reads and parses a configuration file from disk; every fault of it in one error.
import { accessSync, constants } from 'node:fs';
import { renderFaults } from '../grammar/config-fault.js';
import type { Configuration } from '../config/configuration.js';
import { parseConfiguration } from '../config/parse-configuration.js';
import { parseHttpConfig } from '../config/parse-http-config.js';
import { DhalionError, describeError } from '../errors.js';
import { MAX_CONFIGURATION_BYTES, MAX_SECRET_BYTES, problemOfFile, readRegularFile } from '../regular-file.js';
import { PLAIN_HTTP, type HttpConfig } from '../outbound/http-config.js';
import { BUILT_IN_ENGINES } from '../sensors/engines/built-in-engines.js';

/** Rejects with `DhalionError` config_unreadable, or config_invalid with a line for every fault. */
export async function loadConfiguration(file: string): Promise<Configuration> {
  const text = await readNamed(file, 'the configuration');
  const result = parseConfiguration(text, {
    builtInEngines: BUILT_IN_ENGINES,
    fileExists: isReadable,
  });
  if ('configuration' in result) return result.configuration;
  throw new DhalionError('config_invalid', renderFaults(result, file).join('\n'));
}

/** Of `--http.config.file`, null: not given. Rejects as `loadConfiguration` does. */
export async function loadHttpConfig(file: string | null): Promise<HttpConfig> {
  if (file === null) return PLAIN_HTTP;
  const result = parseHttpConfig(await readNamed(file, 'the HTTP configuration'), isReadable);
  if ('http' in result) return result.http;
  throw new DhalionError('config_invalid', renderFaults(result, file).join('\n'));
}

/** Rejects with `DhalionError` config_unreadable. @param name what it is, for the message */
export function readNamed(file: string, name: string): Promise<string> {
  return readConfiguration(file).catch((cause: unknown) => {
    throw new DhalionError('config_unreadable', `${name} ${file} ${describeError(cause)}`);
  });
}

/** Whether a secret or certificate file can be read, as far as that shows without opening it. */
export function isReadable(path: string): boolean {
  // Why it cannot be read is said when it is read.
  return problemOfFile(path, MAX_SECRET_BYTES) === null && isPermitted(path);
}

/** The text of a configuration; rejects with `DhalionError('file_unreadable')`, to be read after the file's name. */
export async function readConfiguration(file: string): Promise<string> {
  return (await readRegularFile(file, MAX_CONFIGURATION_BYTES)).toString('utf8');
}

function isPermitted(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
