// PURE: how the configuration treats a topology: as listed, as discovered, or as before a reload retired it. Of a look it
// knows only the name and which entry configured it.
import type {
  Configuration,
  Discovery,
  Engine,
  ListedOperator,
  ListedTopology,
  WebhookRoutes,
} from '../config/configuration.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';

/** How a topology is treated, whether or not it has been seen. */
export interface TopologyRules {
  readonly engine: Engine;
  readonly labelValue: string;
  readonly settings: PolicySettings;
  readonly webhooks: WebhookRoutes;
  /** The webhook that is asked for graphs only; null: none is. */
  readonly graph: string | null;
  /** null: discovered from the series. */
  readonly operators: readonly ListedOperator[] | null;
}

/** By name alone: its own listing, or the first discovery that matches it; null: not configured. */
export function findTopologyRules(configuration: Configuration, topology: string): TopologyRules | null {
  const listed = configuration.topologies.find(({ name }) => name === topology);
  const configuredBy = listed ?? configuration.discoveries.find(({ match }) => match.test(topology));
  const engine = configuration.engines.get(configuredBy?.engine ?? '');
  if (configuredBy === undefined || engine === undefined) return null;
  return rulesBy(configuredBy, engine, 'labelValue' in configuredBy ? configuredBy.labelValue : topology);
}

/** By the entry that configured it. */
export function rulesBy(configuredBy: ListedTopology | Discovery, engine: Engine, labelValue: string): TopologyRules {
  const { policy: settings, webhooks, graph } = configuredBy;
  const operators = 'operators' in configuredBy ? configuredBy.operators : null;
  return { engine, labelValue, settings, webhooks, graph, operators };
}

/**
 * The rules of a topology that was seen under an earlier configuration. The discovery that found it comes first, since
 * another engine's discovery may match its name; null: it is no longer configured.
 */
export function findRulesAgain(
  configuration: Configuration,
  { configuredBy, labelValue, measurement }: SensedTopology,
): TopologyRules | null {
  const { topology } = measurement;
  const isListed = configuration.topologies.some(({ name }) => name === topology);
  const discovery = configuration.discoveries.find(
    ({ pattern, engine }) =>
      'pattern' in configuredBy && pattern === configuredBy.pattern && engine === configuredBy.engine,
  );
  const engine = configuration.engines.get(discovery?.engine ?? '');
  if (isListed || discovery === undefined || engine === undefined) return findTopologyRules(configuration, topology);
  return rulesBy(discovery, engine, labelValue);
}

/** A retired topology as if it were listed, so that it can be looked at. */
export function listRetired(
  name: string,
  { engine, labelValue, settings, webhooks, graph, operators }: TopologyRules,
): ListedTopology {
  return { name, engine: engine.name, labelValue, operators, webhooks, graph, policy: settings };
}
