// Remembers how many instances each operator had, so that instances which vanish without an action of ours are taken
// for missing data (a TaskManager whose scrape failed looks like that) and not for a smaller operator, for one window.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';

/** What is remembered of one operator. */
export interface InstanceMemory {
  /** Most instances believed in. */
  readonly parallelism: number;
  /** When fewer were first seen; null: they are all there. */
  readonly fellAtMs: number | null;
}

/** By operator name. */
export type TopologyMemory = ReadonlyMap<string, InstanceMemory>;

/**
 * The measurement with `incompleteBecause` set where instances are missing, and what to remember for the next look.
 * @param askedFor parallelism that our newest action on the operator asked for; null: there was none
 */
export function noticeMissingInstances(
  measurement: TopologyMeasurement,
  memory: TopologyMemory,
  askedFor: (operator: string) => number | null,
): { measurement: TopologyMeasurement; memory: TopologyMemory } {
  const noticed = measurement.operators.map((operator) => {
    const { name } = operator.spec;
    return noticeOperator(operator, memory.get(name), askedFor(name), measurement);
  });
  return {
    measurement: { ...measurement, operators: noticed.map(({ operator }) => operator) },
    memory: new Map(
      noticed.flatMap(({ operator, remembered }) => (remembered ? [[operator.spec.name, remembered]] : [])),
    ),
  };
}

interface NoticedOperator {
  readonly operator: OperatorMeasurement;
  readonly remembered: InstanceMemory | undefined;
}

function noticeOperator(
  operator: OperatorMeasurement,
  remembered: InstanceMemory | undefined,
  askedFor: number | null,
  { atMs, windowMs }: TopologyMeasurement,
): NoticedOperator {
  const { parallelism } = operator;
  if (parallelism === null) return { operator, remembered };
  const believed = { operator, remembered: { parallelism, fellAtMs: null } };
  if (remembered === undefined || parallelism >= remembered.parallelism || parallelism === askedFor) return believed;
  const fellAtMs = remembered.fellAtMs ?? atMs;
  if (atMs - fellAtMs >= windowMs) return believed;
  const incompleteBecause = `${parallelism} operator instances are seen, ${remembered.parallelism} were there before`;
  return {
    operator: { ...operator, incompleteBecause: operator.incompleteBecause ?? incompleteBecause },
    remembered: { parallelism: remembered.parallelism, fellAtMs },
  };
}
