// The result of parsing a configuration: its faults, or its meaning.
import { renderFault, type Fault } from '../../src/grammar/config-fault.js';
import type { Configuration } from '../../src/config/configuration.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

export const CONFIG_FIXTURES = new URL('../fixtures/config/', import.meta.url);

const options = { builtInEngines: BUILT_IN_ENGINES, fileExists: (path: string) => !path.includes('/missing') };

export function faultsOf(text: string): readonly Fault[] {
  const result = parseConfiguration(text, options);
  return 'faults' in result ? result.faults : [];
}

/** Throws if there are faults, and names them. */
export function configurationOf(text: string): Configuration {
  const result = parseConfiguration(text, options);
  if ('configuration' in result) return result.configuration;
  throw new Error(result.faults.map((fault) => renderFault(fault, 'test.yml')).join('\n'));
}
