// Says in a sentence what a configuration may do: which topologies it looks at, and which webhooks it calls.
import { listNames } from '../grammar/config-fault.js';
import type { Configuration, Discovery, ListedTopology } from './configuration.js';

type Watched = ListedTopology | Discovery;

const MAX_NAMES = 5;
const NOUNS: Readonly<Record<string, string>> = { flink: 'Flink job', heron: 'Heron topology' };
const ANYTHING = ['.*', '.+'];

/**
 * One sentence for each group of topologies with the same permissions: `looks at every Flink job; calls nobody`,
 * `looks at wordcount; calls flink for scale_up and scale_down`.
 */
export function describePermissions({ topologies, discoveries }: Configuration): string[] {
  const byConduct = new Map<string, Watched[]>();
  for (const watched of [...topologies, ...discoveries]) {
    const conduct = describeConduct(watched);
    byConduct.set(conduct, [...(byConduct.get(conduct) ?? []), watched]);
  }
  const listedEngines = new Set(topologies.map(({ engine }) => engine));
  return [...byConduct].map(
    ([conduct, watched]) => `looks at ${listNames(describeSubjects(watched, listedEngines))}; ${conduct}`,
  );
}

function describeConduct(watched: Watched): string {
  const { graph } = watched;
  return graph === null ? describeCalls(watched) : `${describeCalls(watched)}, asks ${graph} for graphs`;
}

function describeCalls({ policy: { mode }, webhooks }: Watched): string {
  const routes = Object.entries(webhooks);
  if (mode === 'observe' || routes.length === 0) return 'calls nobody';
  const names = [...new Set(routes.map(([, webhook]) => webhook))];
  const calls = names.map((name) => {
    const resolvers = routes.filter(([, webhook]) => webhook === name).map(([resolver]) => resolver);
    return `${name} for ${listNames(resolvers)}`;
  });
  return mode === 'dry_run'
    ? `rehearses what it would call ${listNames(calls)}, calls nobody`
    : `calls ${listNames(calls)}`;
}

function describeSubjects(watched: readonly Watched[], listedEngines: ReadonlySet<string>): string[] {
  const names = watched.flatMap((one) => ('name' in one ? [one.name] : []));
  const shown = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`] : names;
  const discovered = watched.flatMap((one) => {
    if ('name' in one) return [];
    const noun = NOUNS[one.engine] ?? `topology of engine ${one.engine}`;
    const every = listedEngines.has(one.engine) ? `every other ${noun}` : `every ${noun}`;
    return [ANYTHING.includes(one.pattern) ? every : `${every} that matches ${JSON.stringify(one.pattern)}`];
  });
  return [...shown, ...discovered];
}
