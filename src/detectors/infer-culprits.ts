// Finds the culprits of an engine that reports the victims: the candidates are the operators that add enough to the
// suspension (suspects.ts), less those that are held up themselves, which how busy they are shows.
import { ifMeasured, type TopologyMeasurement } from '../model/measurement.js';
import { and, not, or, truthOf, type Truth } from '../model/truth.js';
import { UNKNOWN_ATTRIBUTION, type Attribution } from './attribution.js';
import { consumersOf, netOf, netRatio, suspectsOf, type Suspect } from './suspects.js';

/** An operator at least this busy has no time to spare: it is a culprit, not a victim. */
const BUSY_CULPRIT = 0.8;
/** If no candidate is, the busiest of several is the culprit, if it is at least this busy. */
const BUSY_SUSPECT = 0.5;

interface Inference {
  readonly suspects: ReadonlyMap<string, Suspect>;
  /** Names of the operators whose net ratio exceeds the threshold. */
  readonly candidates: ReadonlySet<string>;
  readonly threshold: number;
  readonly consumers: ReadonlyMap<string, readonly string[]>;
}

/** Attribution by operator name. */
export function inferCulprits(topology: TopologyMeasurement, threshold: number): ReadonlyMap<string, Attribution> {
  const suspects = suspectsOf(topology);
  const ratios = new Map([...suspects.keys()].map((name) => [name, netRatio(name, suspects)]));
  const candidates = new Set(
    [...ratios].filter(([, ratio]) => ratio !== null && ratio > threshold).map(([name]) => name),
  );
  const inference: Inference = { suspects, candidates, threshold, consumers: consumersOf(suspects) };
  const verdicts = new Map([...candidates].map((name) => [name, isCandidateCulprit(name, inference)]));
  return new Map(
    [...ratios].map(([name, ratio]): [string, Attribution] => {
      const heldUpBy = holdersOf(name, verdicts, inference);
      const isCulprit = ratio === null ? 'unknown' : (verdicts.get(name) ?? 'no');
      if (isCulprit === 'unknown') return [name, { ...UNKNOWN_ATTRIBUTION, heldUpBy }];
      const isInnocent = isCulprit === 'no' && candidates.has(name);
      return [name, { suspendedRatio: isInnocent ? 0 : ratio, isCulprit, heldUpBy }];
    }),
  );
}

/**
 * If another operator is busy, a candidate that is not busy is held up itself, although it seems to add to the suspension:
 * source 95 % held up, `parse` 33 % busy and 67 % held up (b 0.85), `enrich` 100 % busy (b 0.67): `enrich` is the culprit.
 */
function isCandidateCulprit(name: string, inference: Inference): Truth {
  const unseen = onlyCandidateWithoutBusy(inference);
  if (unseen !== null) return truthOf(name === unseen);
  const isHeldUp = and(not(isBusy(name, inference)), isAnotherBusy(name, inference));
  return and(not(isHeldUp), isSoleOrChosen(name, inference));
}

/** The only candidate with unknown busy, if there are several and all others are less than half busy; null: no such candidate. */
function onlyCandidateWithoutBusy(inference: Inference): string | null {
  const { candidates, suspects } = inference;
  const busy = [...candidates].map((name) => [name, busiestInstanceOf(suspects.get(name))] as const);
  const unseen = busy.filter(([, ratio]) => ratio === null);
  const [first] = unseen;
  if (busy.length < 2 || unseen.length !== 1 || first === undefined) return null;
  const areOthersIdle = busy.every(([, ratio]) => ratio === null || ratio < BUSY_SUSPECT);
  return areOthersIdle && isAnotherBusy(first[0], inference) === 'no' ? first[0] : null;
}

function isBusy(name: string, { suspects }: Inference): Truth {
  const operator = suspects.get(name)?.operator;
  if (operator === undefined || operator.busy.kind === 'missing') return 'unknown';
  if (operator.busy.kind === 'not_applicable') return 'no';
  // A busy instance makes the operator busy, even if some instances were not seen.
  if (operator.busy.max >= BUSY_CULPRIT) return 'yes';
  return operator.incompleteBecause === null ? 'no' : 'unknown';
}

/** Whether an inner operator other than this one is busy. */
function isAnotherBusy(name: string, inference: Inference): Truth {
  const others = [...inference.suspects].filter(
    ([other, { operator }]) => other !== name && operator.spec.role === 'inner',
  );
  return or(...others.map(([other]) => isBusy(other, inference)));
}

/** The culprits that a victim waits for, directly or through other victims. */
function holdersOf(name: string, verdicts: ReadonlyMap<string, Truth>, inference: Inference): readonly string[] {
  const { suspects, threshold } = inference;
  if ((suspects.get(name)?.victimRatio ?? 0) <= threshold) return [];
  const behind = candidatesBehind([name], inference);
  return [...suspects.keys()].filter((other) => other !== name && behind.has(other) && verdicts.get(other) === 'yes');
}

/**
 * A candidate is the culprit if it is the only consumer of one of its victims. Victims with several consumers have mostly
 * innocent candidates behind them; how busy these are tells them apart.
 */
function isSoleOrChosen(name: string, inference: Inference): Truth {
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
  const busy = new Map(rivals.map((rival) => [rival.operator.spec.name, busiestInstanceOf(rival)]));
  const own = busy.get(name) ?? null;
  if (own === null) return 'unknown';
  if (own >= BUSY_CULPRIT) return 'yes';
  const known = [...busy.values()].filter((value) => value !== null);
  const busiest = Math.max(...known);
  if (busiest >= BUSY_CULPRIT) return 'no';
  if (known.length < busy.size || busiest < BUSY_SUSPECT) return 'unknown';
  return truthOf(own === busiest);
}

function busiestInstanceOf(suspect: Suspect | undefined): number | null {
  return suspect?.operator.busy.kind === 'measured' ? suspect.operator.busy.max : null;
}

function hasMostPending(name: string, rivals: readonly Suspect[]): Truth {
  const pending = new Map(
    rivals.map(({ operator }) => [operator.spec.name, ifMeasured(operator.pendingPackets, ({ mean }) => mean)]),
  );
  const values = [...pending.values()];
  if (values.includes(null)) return 'unknown';
  return truthOf(pending.get(name) === Math.max(...values.map((value) => value ?? 0)));
}
