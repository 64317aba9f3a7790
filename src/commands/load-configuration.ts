// Reads and parses a configuration file; the error lists every fault.
import { accessSync, constants } from 'node:fs';
import { renderFaults } from '../grammar/config-fault.js';
import type { Configuration } from '../config/configuration.js';
import { parseConfiguration } from '../config/parse-configuration.js';
import { parseHttpConfig } from '../config/parse-http-config.js';
import { DhalionError, describeError } from '../errors.js';
import { MAX_CONFIGURATION_BYTES, MAX_SECRET_BYTES, problemOfFile, readRegularFile } from '../regular-file.js';
import { PLAIN_HTTP, type HttpConfig } from '../outbound/http-config.js';
import { BUILT_IN_ENGINES } from '../sensors/engines/built-in-engines.js';

/**
 * Rejects with `DhalionError` config_unreadable, or config_invalid with a line per fault.
 * @param fileExists true if a file named by the configuration can be read
 */
export async function loadConfiguration(
  file: string,
  fileExists: (path: string) => boolean = isReadable,
): Promise<Configuration> {
  const text = await readNamed(file, 'the configuration');
  const result = parseConfiguration(text, {
    builtInEngines: BUILT_IN_ENGINES,
    fileExists,
  });
  if ('configuration' in result) return result.configuration;
  throw new DhalionError('config_invalid', renderFaults(result, file).join('\n'));
}

/** Reads the file of `--http.config.file`; null: not given. Rejects as `loadConfiguration` does. */
export async function loadHttpConfig(file: string | null): Promise<HttpConfig> {
  if (file === null) return PLAIN_HTTP;
  const result = parseHttpConfig(await readNamed(file, 'the HTTP configuration'), isReadable);
  if ('http' in result) return result.http;
  throw new DhalionError('config_invalid', renderFaults(result, file).join('\n'));
}

/** Rejects with `DhalionError` config_unreadable. @param name what the file is, for the message */
export function readNamed(file: string, name: string): Promise<string> {
  return readConfiguration(file).catch((cause: unknown) => {
    throw new DhalionError('config_unreadable', `${name} ${file} ${describeError(cause)}`);
  });
}

/** True if a secret or certificate file appears to be readable, without opening it. */
export function isReadable(path: string): boolean {
  // The reason is reported when the file is read.
  return problemOfFile(path, MAX_SECRET_BYTES) === null && isPermitted(path);
}

/** The text of a configuration. Rejects with `DhalionError('file_unreadable')`, to be printed after the file's name. */
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
