// Every query that a look with a built-in engine sends, for two topologies and a discovery.
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { planQueries } from '../../src/sensors/sensing-queries.js';

export interface BuiltInQuery {
  readonly engine: string;
  readonly purpose: string;
  readonly promql: string;
}

export function builtInQueries(windowSeconds: number): readonly BuiltInQuery[] {
  return Object.keys(BUILT_IN_ENGINES).flatMap((name) => {
    const yaml = `
prometheus: {url: http://127.0.0.1:9090}
window: ${windowSeconds}s
engines: {${name}: {resolution: 1s}}
topologies: [{name: wordcount, engine: ${name}}, {discover: ".+", engine: ${name}}]
`;
    const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
    if (!('configuration' in parsed)) throw new Error(parsed.faults.map(({ message }) => message).join('\n'));
    const { engines, windowMs, topologies, discoveries } = parsed.configuration;
    const engine = engines.get(name);
    if (engine === undefined) throw new Error(`there is no engine ${name}`);
    const planned = planQueries({ engine, windowMs, listed: topologies, discoveries, only: null });
    return planned.map(({ purpose, promql }) => ({ engine: name, purpose, promql }));
  });
}
