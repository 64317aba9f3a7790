// The policies that are compared: this project's, its predecessor's rule, and the peers.
import type { Kind } from '../scenarios/scenario.js';
import type { RunFigures } from './account.js';
import { readyToPlay, type DecisionScenario } from './decision-scenarios.js';
import { createDs2Peer } from './ds2-peer.js';
import { createFlinkAutoscalerPeer } from './flink-autoscaler-peer.js';
import { createHpaPeer } from './hpa-peer.js';
import { createNaivePeer } from './naive-peer.js';
import type { Peer } from './peer.js';
import { runPeer } from './run-peer.js';
import { runProduct } from './run-product.js';

export const POLICIES = {
  plan: 'plan: topology',
  predecessor: 'one operator, a fifth',
  naive: 'naive',
  ds2: 'DS2, u 1.0',
  ds2_80: 'DS2, u 0.8',
  autoscaler: 'Flink autoscaler',
  hpa: 'HPA',
} as const;

export type PolicyName = keyof typeof POLICIES;
export const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyName[];

/** As near as its keys come: one operator an action, and a fifth at a time, without the memory of an hour that plans have. */
const PREDECESSOR = { plan: 'operator', max_scale_down_factor: 0.2, min_saving: 0, scale_down_memory: '15m' };

/** These size by busy ratios, which a Heron without that sensor does not report. */
const NEED_BUSY: readonly PolicyName[] = ['ds2', 'ds2_80', 'autoscaler'];

export function canPlay(policy: PolicyName, kind: Kind): boolean {
  return kind.engine === 'flink' || kind.hasMoreSensors === true || !NEED_BUSY.includes(policy);
}

export async function play(
  policy: PolicyName,
  scenario: DecisionScenario,
  kind: Kind,
  seed: number,
): Promise<RunFigures> {
  const played = readyToPlay(scenario, kind, seed);
  if (policy === 'plan') return runProduct({}, played, kind, seed);
  if (policy === 'predecessor') return runProduct(PREDECESSOR, played, kind, seed);
  return runPeer(createPeer(policy, kind), played, seed);
}

function createPeer(policy: Exclude<PolicyName, 'plan' | 'predecessor'>, { engine }: Kind): Peer {
  switch (policy) {
    case 'naive':
      return createNaivePeer(engine);
    case 'ds2':
      return createDs2Peer(1);
    case 'ds2_80':
      return createDs2Peer(0.8);
    case 'autoscaler':
      return createFlinkAutoscalerPeer();
    case 'hpa':
      return createHpaPeer();
  }
}
