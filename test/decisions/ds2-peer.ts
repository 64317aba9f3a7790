// DS2's manager: it asks its model at the end of each interval, and passes over the interval in which the topology restarts.
import type { OperatorState } from '../../src/simulator/topology-state.js';
import { ds2Parallelism, isConsidered, type Ds2Operator } from './ds2-rule.js';
import { sum, type Look, type Peer } from './peer.js';

/** Its interval has no default; its example of 10 s is shorter than a restart. */
const INTERVAL_SECONDS = 300;

/** @param utilisation to size for; 1 is its own default, a scaling factor of 0 */
export function createDs2Peer(utilisation: number): Peer {
  return {
    decide: (look) => {
      const { state, runningForSeconds } = look;
      if (state.timeSeconds % INTERVAL_SECONDS !== 0 || runningForSeconds < INTERVAL_SECONDS) return [];
      const operators = state.operators.map((operator) => sightOf(operator, look));
      const wanted = ds2Parallelism(operators, 1 / utilisation - 1);
      const present = new Map(state.operators.map(({ name, parallelism }) => [name, parallelism]));
      if (!isConsidered(present, wanted)) return [];
      return [...wanted].map(([operator, parallelism]) => ({ operator, parallelism }));
    },
  };
}

function sightOf({ name, inputs, parallelism, role }: OperatorState, look: Look): Ds2Operator {
  const instances = look.means(name, INTERVAL_SECONDS) ?? [];
  const perBusySecond = (records: (rates: (typeof instances)[number]) => number): number =>
    sum(instances.map((rates) => records(rates) / (rates.busyMsPerSecond / 1000)));
  return {
    name,
    inputs,
    instances: parallelism,
    trueProcessingRate: instances.length === 0 ? NaN : perBusySecond((rates) => rates.recordsInPerSecond),
    trueOutputRate: instances.length === 0 ? NaN : perBusySecond((rates) => rates.recordsOutPerSecond),
    ...(role === 'source' ? { arriving: look.arrived(name, INTERVAL_SECONDS) } : {}),
  };
}
