// The view of the topologies: the newest look at each, its open action, and the newest decisions on it. Decides nothing.
import type { Configuration } from '../config/configuration.js';
import type { TopologyView } from '../http/service-view.js';
import type { Action } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import { RESOLVERS } from '../model/resolver.js';
import { expectJudgement } from '../policy/expect-judgement.js';
import type { TopologyWatch } from './topology-watch.js';

export interface ViewSources {
  readonly configuration: Pick<Configuration, 'topologies' | 'windowMs'>;
  readonly watch: Pick<TopologyWatch, 'evaluations' | 'find' | 'rulesOf'>;
  readonly open: readonly Action[];
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly nowMs: number;
}

/** All topologies that are listed or were seen, by name. */
export function viewTopologies(sources: ViewSources): readonly TopologyView[] {
  const { configuration, watch, open, decisions } = sources;
  const names = new Set([
    ...configuration.topologies.map(({ name }) => name),
    ...watch.evaluations().map(({ topology }) => topology),
  ]);
  // Indexed once, not searched for each topology: there may be thousands.
  const openOf = new Map(open.toReversed().map((action) => [action.topology, action]));
  const decisionsOf = new Map<string, Decision[]>();
  for (const decision of decisions) {
    const known = decisionsOf.get(decision.topology);
    if (known === undefined) decisionsOf.set(decision.topology, [decision]);
    else known.push(decision);
  }
  return [...names].sort().flatMap((name) => {
    const openAction = openOf.get(name);
    const own = { open: openAction === undefined ? [] : [openAction], decisions: decisionsOf.get(name) ?? [] };
    return viewTopology(name, { ...sources, ...own }) ?? [];
  });
}

/** null: neither listed nor found by a discovery. */
export function viewTopology(name: string, sources: ViewSources): TopologyView | null {
  const { configuration, watch, open, decisions, nowMs } = sources;
  const rules = watch.rulesOf(name);
  if (rules === null) return null;
  const newest = new Map<string, Decision>();
  for (const decision of decisions) {
    const key = JSON.stringify([decision.operator, decision.diagnosis]);
    if (decision.topology === name && !newest.has(key)) newest.set(key, decision);
  }
  const openAction = open.find(({ topology }) => topology === name) ?? null;
  return {
    topology: name,
    engine: rules.engine.name,
    mode: rules.settings.mode,
    resolvers: RESOLVERS.filter((resolver) => rules.webhooks[resolver] !== undefined),
    evaluation: watch.find(name)?.evaluation ?? null,
    openAction,
    judging: openAction && expectJudgement(openAction, rules.settings, configuration.windowMs, nowMs),
    lastDecisions: [...newest.values()],
  };
}
