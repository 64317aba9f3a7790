// Parses the text of a configuration file into a Configuration or all of its faults. Reads no file itself.
import { buildConfiguration } from './build-configuration.js';
import type { BuiltInEngines, Check, CheckContext } from './check-context.js';
import type { Configuration } from './configuration.js';
import type { ConfigurationFile } from './config-schema.js';
import { showFaults, type Faults } from '../grammar/config-fault.js';
import { rootPart } from '../grammar/document-part.js';
import { findEngineFaults } from './engine-checks.js';
import { findExcludedPeriodFaults } from './excluded-period-checks.js';
import { findLinkFaults, findPrometheusFaults, findStorageFaults } from './prometheus-checks.js';
import { findAlertFaults } from './pattern-checks.js';
import { findPlanFaults } from './plan-checks.js';
import { findPolicyFaults } from './policy-checks.js';
import { findSchemaFaults } from './schema-faults.js';
import { findTopologyFaults } from './topology-checks.js';
import { findVariables } from './variable-checks.js';
import { findWebhookFaults } from './webhook-checks.js';
import { parseYaml } from './yaml-source.js';

export interface ParseOptions {
  /** Engines that need no entry; an entry of the same name changes single keys. */
  readonly builtInEngines: BuiltInEngines;
  /** Whether a secret or certificate file can be read; absent: files are not checked. */
  readonly fileExists?: (path: string) => boolean;
  /** Message for a file that cannot be read; default: it must be a regular file that can be read. */
  readonly unusableFile?: string;
}

export type ParseResult = { readonly configuration: Configuration } | Faults;

const CHECKS: readonly Check[] = [
  findPrometheusFaults,
  findLinkFaults,
  findStorageFaults,
  findWebhookFaults,
  findEngineFaults,
  findTopologyFaults,
  findAlertFaults,
  findPolicyFaults,
  findPlanFaults,
  findExcludedPeriodFaults,
];

/** Runs in time linear in the text. Without a configuration there is at least one fault. */
export function parseConfiguration(text: string, options: ParseOptions): ParseResult {
  const { builtInEngines, fileExists, unusableFile } = options;
  const source = parseYaml(text);
  if (!('value' in source)) return showFaults(source.faults);
  const context: CheckContext = {
    root: rootPart(source.value),
    builtInEngines,
    fileExists: fileExists ?? (() => true),
    ...(unusableFile === undefined ? {} : { unusableFile }),
  };
  const unlocated = [...findSchemaFaults(source.value), ...CHECKS.flatMap((check) => check(context))];
  const told = new Set(unlocated.map(({ path }) => JSON.stringify(path)));
  const variables = findVariables(context.root).filter(({ path }) => !told.has(JSON.stringify(path)));
  const faults = [...source.faults, ...[...unlocated, ...variables].map((fault) => source.locate(fault))];
  if (faults.length > 0) return showFaults(faults);
  return { configuration: buildConfiguration(source.value as ConfigurationFile, builtInEngines) };
}
