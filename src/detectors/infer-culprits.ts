// Of an engine that reports the victims, who the culprits are: the candidates, by what each adds to the suspension, less those
// that are held up themselves, as how busy they are tells. What adds how much is suspects.ts.
import type { TopologyMeasurement } from '../model/measurement.js';
import { and, not, or, truthOf, type Truth } from '../model/truth.js';
import { UNKNOWN_ATTRIBUTION, type Attribution } from './attribution.js';
import { consumersOf, netOf, netRatio, suspectsOf, type Suspect } from './suspects.js';

/** An operator that is at least this busy has no time to spare: it holds up, rather than being held up. */
const BUSY_CULPRIT = 0.8;
/** Where nobody is, the busiest of several is to blame, if it is at least this busy. */
const BUSY_SUSPECT = 0.5;

interface Inference {
  readonly suspects: ReadonlyMap<string, Suspect>;
  /** Names of those whose ratio exceeds the threshold. */
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
 * Where somebody is busy, a candidate that is not is held up itself, although it seems to hold up more than it suffers:
 * source 95 % held up, `parse` 33 % busy and 67 % held up (b 0.85), `enrich` 100 % busy (b 0.67): `enrich` is the culprit.
 */
function isCandidateCulprit(name: string, inference: Inference): Truth {
  const unseen = onlyCandidateWithoutBusy(inference);
  if (unseen !== null) return truthOf(name === unseen);
  const isHeldUp = and(not(isBusy(name, inference)), isAnotherBusy(name, inference));
  return and(not(isHeldUp), isSoleOrChosen(name, inference));
}

/** Of several candidates the one whose busy is not known, if all others are idle for more than half of the time; null: there is none. */
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
  // An instance that is seen to be busy is, whether or not all instances were seen.
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
 * A candidate that alone is fed by one of its victims is the culprit. Where its victims feed others too, most of the
 * candidates behind them are innocent, and how busy they are tells which are not.
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
    rivals.map(({ operator }) => [
      operator.spec.name,
      operator.pendingPackets.kind === 'measured' ? operator.pendingPackets.mean : null,
    ]),
  );
  const values = [...pending.values()];
  if (values.includes(null)) return 'unknown';
  return truthOf(pending.get(name) === Math.max(...values.map((value) => value ?? 0)));
}
