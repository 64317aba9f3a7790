// PURE: the resolver that would answer a diagnosis, given what is configured and what has been tried.
import type { DiagnosisName } from '../model/diagnosis.js';
import type { ResolverName } from '../model/resolver.js';
import { chooseResolver } from '../resolvers/resolve.js';
import type { RecalledLog } from './recalled-log.js';
import type { TopologyRules } from './topology-rules.js';

export interface Diagnosed {
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
}

export function resolverFor(
  { topology, operator, diagnosis }: Diagnosed,
  { settings, webhooks }: TopologyRules,
  recalled: Pick<RecalledLog, 'wasIneffective'>,
  nowMs: number,
): ResolverName {
  const sinceMs = nowMs - settings.escalateForMs;
  return chooseResolver(diagnosis, (resolver) => ({
    isSupported: webhooks[resolver] !== undefined,
    wasIneffective: recalled.wasIneffective(topology, operator, resolver, sinceMs),
  }));
}
