// `dhalion check config FILE`: confirms that a configuration is valid, or prints all its faults.
import type { BuiltInEngines } from '../config/check-context.js';
import { renderFaults } from '../grammar/config-fault.js';
import type { Configuration } from '../config/configuration.js';
import { parseConfiguration } from '../config/parse-configuration.js';
import { summarizeConfiguration } from '../config/summarize-configuration.js';
import { describeError } from '../errors.js';
import type { OnlineFindings } from './check-online.js';

export interface CheckConfigOptions {
  /** As given on the command line. */
  readonly file: string;
  readonly builtInEngines: BuiltInEngines;
  /** Rejects with an error to be printed after the file's name. */
  readFile(path: string): Promise<string>;
  /** True if a secret or certificate file can be read. */
  fileExists(path: string): boolean;
  /** Writes text; the text contains its line ends. */
  readonly write: (text: string) => void;
  /** `--online`: runs each query and reports faults and what the queries find. */
  checkOnline?(configuration: Configuration): Promise<OnlineFindings>;
}

/** Resolves with the exit code: 0 valid; 1 faults or an unreadable file. Prints a line per fault, `FILE:LINE:COL: path: message`. */
export async function checkConfigCommand(options: CheckConfigOptions): Promise<number> {
  const { file, write, builtInEngines } = options;
  let text: string;
  try {
    text = await options.readFile(file);
  } catch (error) {
    // For this command an unreadable file is a fault like any other.
    return report(options, [`${file}: ${describeError(error)}`]);
  }
  const result = parseConfiguration(text, { builtInEngines, fileExists: (path) => options.fileExists(path) });
  if ('faults' in result) {
    return report(options, renderFaults(result, file), result.faults.length + result.more);
  }
  const online = await options.checkOnline?.(result.configuration);
  for (const warning of online?.warnings ?? []) write(`${warning}\n`);
  if (online !== undefined && online.problems.length > 0) return report(options, online.problems);
  write(`SUCCESS: ${file} is a valid configuration\n`);
  const lines = [summarizeConfiguration(result.configuration), ...(online?.seen ?? [])];
  write(`${lines.join('\n').replace(/^/gm, '  ')}\n`);
  return 0;
}

function report({ file, write }: CheckConfigOptions, lines: readonly string[], faults = lines.length): number {
  for (const line of lines) write(`${line}\n`);
  write(`FAILED: ${faults} ${faults === 1 ? 'fault' : 'faults'} in ${file}\n`);
  return 1;
}
