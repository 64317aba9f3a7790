// How a topology is to be treated, by its name alone: its own listing, or the first discovery that matches it.
import type { Configuration, Discovery, ListedTopology } from '../config/configuration.js';
import type { TopologyRules } from './topology-watch.js';

/** null: nobody configured it. */
export function findTopologyRules(configuration: Configuration, topology: string): TopologyRules | null {
  const listed = configuration.topologies.find(({ name }) => name === topology);
  const configuredBy = listed ?? configuration.discoveries.find(({ match }) => match.test(topology));
  const engine = configuration.engines.get(configuredBy?.engine ?? '');
  if (configuredBy === undefined || engine === undefined) return null;
  const { policy: settings, webhooks } = configuredBy;
  const operators = 'operators' in configuredBy ? configuredBy.operators : null;
  return { engine, labelValue: labelValueOf(configuredBy, topology), settings, webhooks, operators };
}

function labelValueOf(configuredBy: ListedTopology | Discovery, topology: string): string {
  return 'labelValue' in configuredBy ? configuredBy.labelValue : topology;
}
