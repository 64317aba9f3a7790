// The naive policy's loop: every five minutes, as the paper's experiments, on the means of five minutes; one operator an action;
// a scale-down that is followed by backpressure is not tried again on that operator (the paper's blacklist).
import type { OperatorState } from '../../src/simulator/topology-state.js';
import { naiveDiagnosis, naiveScaleDown, naiveScaleUp, type NaiveOperator } from './naive-rule.js';
import { mean, sum, type Look, type Peer } from './peer.js';

const INTERVAL_SECONDS = 300;

export function createNaivePeer(engine: 'flink' | 'heron'): Peer {
  const blacklisted = new Set<string>();
  let lastShrunk: string | null = null;
  let queues: ReadonlyMap<string, number>[] = [];
  return {
    decide: (look) => {
      const { state, runningForSeconds } = look;
      queues = [...queues, fullestQueues(state.operators)].slice(-20);
      if (state.timeSeconds % INTERVAL_SECONDS !== 0 || runningForSeconds < INTERVAL_SECONDS) return [];
      const operators = state.operators.map((operator) => sightOf(operator, look, engine, queues));
      const diagnosis = naiveDiagnosis(
        operators.filter((one) => one !== null),
        engine === 'flink' ? 'victim' : 'culprit',
      );
      if (operators.includes(null) || diagnosis === null) return [];
      if (diagnosis.kind === 'underprovisioning') {
        if (lastShrunk !== null) blacklisted.add(lastShrunk);
        lastShrunk = null;
        const { operator, suspendedRatio } = diagnosis;
        return [{ operator: operator.name, parallelism: naiveScaleUp(operator.instances, suspendedRatio) }];
      }
      const [largest] = diagnosis.operators
        .filter(({ name, instances }) => instances > 1 && !blacklisted.has(name))
        .toSorted((a, b) => b.instances - a.instances);
      lastShrunk = largest?.name ?? null;
      return largest === undefined ? [] : [{ operator: largest.name, parallelism: naiveScaleDown(largest.instances) }];
    },
  };
}

function fullestQueues(operators: readonly OperatorState[]): ReadonlyMap<string, number> {
  return new Map(
    operators.map(({ name, instances }) => [name, Math.max(...instances.map((one) => one.pendingPackets))]),
  );
}

function sightOf(
  { name, inputs, role, parallelism }: OperatorState,
  look: Look,
  engine: 'flink' | 'heron',
  queues: readonly ReadonlyMap<string, number>[],
): NaiveOperator | null {
  const rates = look.means(name, INTERVAL_SECONDS);
  if (rates === null) return null;
  const pressure = rates.map((one) =>
    engine === 'flink' ? one.backpressuredMsPerSecond : role === 'source' ? 0 : one.culpritMsPerSecond,
  );
  const backpressure = (engine === 'flink' ? mean(pressure) : sum(pressure)) / 1000;
  const pendingPackets = mean(queues.map((at) => at.get(name) ?? 0));
  return { name, inputs, isSource: role === 'source', instances: parallelism, backpressure, pendingPackets };
}
