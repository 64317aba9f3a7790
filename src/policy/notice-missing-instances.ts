// Remembers how many instances each operator had. Instances that vanish count as missing data (a TaskManager whose scrape
// failed looks like that) until evidence shows that the job runs with fewer: an action of ours, a restart of the remaining
// instances, or the engine's own report.
import { asIncomplete } from '../model/incomplete-operator.js';
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';

/** What is remembered about one operator. */
export interface InstanceMemory {
  readonly parallelism: number;
  /** When this parallelism was first believed, Unix ms. */
  readonly sinceMs: number;
  /** The attempt number of each instance; null: the engine does not report attempts. */
  readonly attempts: ReadonlyMap<string, string> | null;
}

/** Part of a message, including the way out. */
const NOTHING_SHOWS =
  'there is no evidence that the job runs with fewer; if it does, DELETE /api/v1/topologies/{name}/instances confirms it';

/** By operator name. */
export type TopologyMemory = ReadonlyMap<string, InstanceMemory>;

/** Evidence that an operator runs with fewer instances than before. */
export interface InstanceEvidence {
  /** The parallelism that our newest action on the operator asked for, and when; null: there was none. */
  readonly askedFor: { readonly parallelism: number; readonly atMs: number } | null;
  /** The present attempt number of each instance; null: the engine does not report attempts. */
  readonly attempts: ReadonlyMap<string, string> | null;
  /** The parallelism that the engine itself reports; null: it does not. */
  readonly told: number | null;
}

/** The measurement, with operators marked incomplete if instances are missing, and the memory for the next look. */
export function noticeMissingInstances(
  measurement: TopologyMeasurement,
  memory: TopologyMemory,
  evidenceOf: (operator: string) => InstanceEvidence,
): { measurement: TopologyMeasurement; memory: TopologyMemory } {
  const noticed = measurement.operators.map((operator) => {
    const { name } = operator.spec;
    return noticeOperator(operator, memory.get(name), evidenceOf(name), measurement.atMs);
  });
  const remembered = noticed.flatMap(({ operator, remembered: own }) =>
    own === undefined ? [] : [[operator.spec.name, own] as const],
  );
  return {
    measurement: { ...measurement, operators: noticed.map(({ operator }) => operator) },
    // An operator that is unseen now stays in memory: when it is seen again with fewer instances, instances are missing.
    memory: new Map([...memory, ...remembered]),
  };
}

interface NoticedOperator {
  readonly operator: OperatorMeasurement;
  /** undefined: unchanged. */
  readonly remembered: InstanceMemory | undefined;
}

function noticeOperator(
  operator: OperatorMeasurement,
  memory: InstanceMemory | undefined,
  evidence: InstanceEvidence,
  atMs: number,
): NoticedOperator {
  const { parallelism } = operator;
  if (parallelism === null || operator.incompleteBecause !== null) return { operator, remembered: undefined };
  const { attempts, told } = evidence;
  const seen: InstanceMemory = { parallelism, sinceMs: atMs, attempts };
  const lacking = (because: string): NoticedOperator => {
    return { operator: asIncomplete(operator, because), remembered: undefined };
  };
  const seenNow = `${parallelism} operator instances are seen`;
  if (told !== null && told > parallelism) return lacking(`${seenNow}, ${told} run`);
  if (memory === undefined || parallelism > memory.parallelism) return { operator, remembered: seen };
  if (parallelism === memory.parallelism) {
    // If only some attempts are new, series of the previous attempt may still show.
    const isRenewed = attempts !== null && haveAllRestarted(attempts, memory);
    const isFirst = attempts !== null && memory.attempts === null;
    return { operator, remembered: isRenewed || isFirst ? { ...memory, attempts } : undefined };
  }
  if (isShown(parallelism, memory, evidence)) return { operator, remembered: seen };
  return lacking(`${seenNow}, ${memory.parallelism} were seen before, and ${NOTHING_SHOWS}`);
}

function isShown(parallelism: number, memory: InstanceMemory, { askedFor, attempts, told }: InstanceEvidence): boolean {
  const isOurs = askedFor !== null && askedFor.parallelism === parallelism && askedFor.atMs >= memory.sinceMs;
  return isOurs || told === parallelism || (attempts !== null && haveAllRestarted(attempts, memory));
}

/** Whether every one of these instances has another attempt number than before. */
function haveAllRestarted(attempts: ReadonlyMap<string, string>, memory: InstanceMemory): boolean {
  const before = memory.attempts;
  if (before === null || attempts.size === 0) return false;
  return [...attempts].every(([instance, attempt]) => before.get(instance) !== attempt);
}
