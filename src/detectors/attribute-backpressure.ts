// Who holds up whom: from the ratios an engine reports to the share of time in which input was suspended because of
// each operator. Heron marks the culprit itself; Flink marks its victims, upstream, and the culprit is inferred.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import { or, truthOf, type Truth } from '../model/truth.js';

export interface Attribution {
  /** Suspended ratio b, 0..0.999: share of the window in which input was suspended because of this operator; null: unknown. */
  readonly suspendedRatio: number | null;
  readonly isCulprit: Truth;
}

const MAX_SUSPENDED_RATIO = 0.999;
/** Among several operators fed by one victim, those at least this busy are culprits … */
const BUSY_CULPRIT = 0.8;
/** … and if there is none, the busiest, if it is at least this busy. */
const BUSY_SUSPECT = 0.5;

const INNOCENT: Attribution = { suspendedRatio: 0, isCulprit: 'no' };
const UNKNOWN: Attribution = { suspendedRatio: null, isCulprit: 'unknown' };

/** Attribution by operator name. Several culprits at once are normal. */
export function attributeBackpressure(
  topology: TopologyMeasurement,
  threshold: number,
): ReadonlyMap<string, Attribution> {
  return topology.backpressureReportedBy === 'culprit'
    ? attributeToReported(topology, threshold)
    : attributeToInferred(topology, threshold);
}

/** Whether anything in the topology reports backpressure, victim or culprit. */
export function topologyBackpressure(topology: TopologyMeasurement, threshold: number): Truth {
  const truths = topology.operators.map((operator): Truth => {
    const ratio = operator.backpressure;
    if (ratio.kind === 'not_applicable') return 'no';
    if (ratio.kind === 'missing') return 'unknown';
    const raw = topology.backpressureReportedBy === 'culprit' ? ratio.sumAboveThreshold : ratio.mean;
    // Pressure that is seen is there, whether or not all instances were seen.
    if (raw > threshold) return 'yes';
    return operator.incompleteBecause === null ? 'no' : 'unknown';
  });
  return truths.length === 0 ? 'unknown' : or(...truths);
}

/**
 * Culprit engines: the sum over the instances above the threshold, at most the share of time the sources were
 * suspended (instances fill together, so their sum alone is no share of time). Heron: 500 and 0 ms/s ⇒ 0.5.
 */
function attributeToReported(topology: TopologyMeasurement, threshold: number): ReadonlyMap<string, Attribution> {
  const suspended = topology.suspendedRatio;
  return new Map(
    topology.operators.map((operator): [string, Attribution] => {
      const reported = operator.backpressure;
      if (reported.kind === 'not_applicable') return [operator.spec.name, { suspendedRatio: null, isCulprit: 'no' }];
      if (reported.kind === 'missing' || operator.incompleteBecause !== null) return [operator.spec.name, UNKNOWN];
      if (reported.sumAboveThreshold > threshold && suspended.kind === 'missing') return [operator.spec.name, UNKNOWN];
      const cap = suspended.kind === 'measured' ? suspended.ratio : 1;
      const ratio = Math.min(reported.sumAboveThreshold, cap, MAX_SUSPENDED_RATIO);
      return [operator.spec.name, { suspendedRatio: ratio, isCulprit: truthOf(ratio > threshold) }];
    }),
  );
}

/** Everything the inference needs to know of one operator of a victim engine. */
interface Suspect {
  readonly operator: OperatorMeasurement;
  /** Victim ratio v, mean over the instances; null: unknown. */
  readonly victimRatio: number | null;
  readonly inputs: readonly string[];
}

function attributeToInferred(topology: TopologyMeasurement, threshold: number): ReadonlyMap<string, Attribution> {
  const suspects = suspectsOf(topology);
  const ratios = new Map([...suspects.keys()].map((name) => [name, netRatio(name, suspects)]));
  const candidates = new Set(
    [...ratios].filter(([, ratio]) => ratio !== null && ratio > threshold).map(([name]) => name),
  );
  const inference: Inference = { suspects, candidates, threshold, consumers: consumersOf(suspects) };
  return new Map(
    [...ratios].map(([name, ratio]): [string, Attribution] => {
      if (ratio === null) return [name, UNKNOWN];
      if (!candidates.has(name)) return [name, { suspendedRatio: ratio, isCulprit: 'no' }];
      const isCulprit = isCandidateCulprit(name, inference);
      if (isCulprit === 'unknown') return [name, UNKNOWN];
      return [name, isCulprit === 'yes' ? { suspendedRatio: ratio, isCulprit } : INNOCENT];
    }),
  );
}

function suspectsOf(topology: TopologyMeasurement): ReadonlyMap<string, Suspect> {
  const victimRatios = new Map(
    topology.operators.map((operator) => [operator.spec.name, victimRatioOf(operator)] as const),
  );
  return new Map(
    topology.operators.map((operator) => {
      const { name } = operator.spec;
      const victimRatio = victimRatios.get(name) ?? null;
      const inputs = operator.spec.inputs ?? assumedInputs(operator, victimRatio, victimRatios);
      return [name, { operator, victimRatio, inputs }];
    }),
  );
}

/** Where the graph is not known: as if every victim fed every operator with a smaller ratio. */
function assumedInputs(
  operator: OperatorMeasurement,
  victimRatio: number | null,
  victimRatios: ReadonlyMap<string, number | null>,
): readonly string[] {
  if (operator.spec.role === 'source') return [];
  return [...victimRatios]
    .filter(([name, other]) => name !== operator.spec.name && (other === null || other > (victimRatio ?? -1)))
    .map(([name]) => name);
}

function victimRatioOf(operator: OperatorMeasurement): number | null {
  if (operator.backpressure.kind !== 'measured' || operator.incompleteBecause !== null) return null;
  return Math.min(1, operator.backpressure.mean);
}

/**
 * b = 1 − (1 − v_in) / (1 − v): what the operator adds to the suspension that it passes on from further down, v_in
 * being the largest ratio among its inputs. v_in 0.5, v 0 ⇒ 0.5; v_in 0.5, v 0.5 ⇒ 0. null if any of them is unknown.
 */
function netRatio(name: string, suspects: ReadonlyMap<string, Suspect>): number | null {
  const suspect = suspects.get(name);
  if (suspect === undefined || suspect.victimRatio === null) return null;
  const inputRatios = suspect.inputs.map((input) => suspects.get(input)?.victimRatio ?? null);
  if (inputRatios.includes(null)) return null;
  const inputRatio = Math.max(0, ...inputRatios.map((ratio) => ratio ?? 0));
  return netOf(inputRatio, suspect.victimRatio);
}

function netOf(inputRatio: number, ownRatio: number): number {
  if (inputRatio <= ownRatio) return 0;
  return Math.min(MAX_SUSPENDED_RATIO, 1 - (1 - inputRatio) / (1 - ownRatio));
}

interface Inference {
  readonly suspects: ReadonlyMap<string, Suspect>;
  readonly candidates: ReadonlySet<string>;
  readonly threshold: number;
  readonly consumers: ReadonlyMap<string, readonly string[]>;
}

function consumersOf(suspects: ReadonlyMap<string, Suspect>): ReadonlyMap<string, readonly string[]> {
  const consumers = new Map<string, string[]>();
  for (const [name, suspect] of suspects) {
    for (const input of suspect.inputs) consumers.set(input, [...(consumers.get(input) ?? []), name]);
  }
  return consumers;
}

/**
 * A candidate that alone is fed by one of its victims is the culprit. Where its victims feed others too, most of the
 * candidates behind them are innocent, and how busy they are tells which are not.
 */
function isCandidateCulprit(name: string, inference: Inference): Truth {
  const victims = victimsOf(name, inference);
  if (victims.some((victim) => inference.consumers.get(victim)?.length === 1)) return 'yes';
  const rivals = [...candidatesBehind(victims, inference)].flatMap((rival) => inference.suspects.get(rival) ?? []);
  return chooseAmong(name, rivals);
}

function victimsOf(name: string, { suspects, threshold }: Inference): string[] {
  const suspect = suspects.get(name);
  if (suspect === undefined || suspect.victimRatio === null) return [];
  const ownRatio = suspect.victimRatio;
  return suspect.inputs.filter((input) => netOf(suspects.get(input)?.victimRatio ?? 0, ownRatio) > threshold);
}

/** All candidates that these victims may be waiting for, directly or through other victims. */
function candidatesBehind(victims: readonly string[], inference: Inference): ReadonlySet<string> {
  const found = new Set<string>();
  const visited = new Set<string>();
  const queue = [...victims];
  for (let victim = queue.pop(); victim !== undefined; victim = queue.pop()) {
    if (visited.has(victim)) continue;
    visited.add(victim);
    for (const consumer of inference.consumers.get(victim) ?? []) {
      if (inference.candidates.has(consumer)) found.add(consumer);
      if ((inference.suspects.get(consumer)?.victimRatio ?? 0) > inference.threshold) queue.push(consumer);
    }
  }
  return found;
}

function chooseAmong(name: string, rivals: readonly Suspect[]): Truth {
  if (rivals.every((rival) => rival.operator.busy.kind === 'not_applicable')) return hasMostPending(name, rivals);
  const busy = new Map(rivals.map((rival) => [rival.operator.spec.name, busiestInstanceOf(rival.operator)]));
  const own = busy.get(name) ?? null;
  if (own === null) return 'unknown';
  if (own >= BUSY_CULPRIT) return 'yes';
  const known = [...busy.values()].filter((value) => value !== null);
  const busiest = Math.max(...known);
  if (busiest >= BUSY_CULPRIT) return 'no';
  if (known.length < busy.size || busiest < BUSY_SUSPECT) return 'unknown';
  return truthOf(own === busiest);
}

function busiestInstanceOf(operator: OperatorMeasurement): number | null {
  return operator.busy.kind === 'measured' ? operator.busy.max : null;
}

function hasMostPending(name: string, rivals: readonly Suspect[]): Truth {
  const pending = new Map(
    rivals.map(({ operator }) => [
      operator.spec.name,
      operator.pendingPackets.kind === 'measured' ? operator.pendingPackets.mean : null,
    ]),
  );
  const values = [...pending.values()];
  if (values.includes(null)) return 'unknown';
  return truthOf(pending.get(name) === Math.max(...values.map((value) => value ?? 0)));
}
