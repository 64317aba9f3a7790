// The action log as it was at one moment. A batch of alerts, a tick and a settling look each read it once and pass it on. Immutable.
// It provides what the policy needs: recent actions, pauses, and the blacklist that is computed from the log.
import { operatorIn, type Action } from '../model/action.js';
import type { BlacklistEntry, BlacklistKey, BlacklistRemoval } from '../model/blacklist.js';
import { operatorOf, type TopologyEvaluation } from '../model/evaluation.js';
import type { Pause } from '../model/pause.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { InstanceEvidence } from '../policy/notice-missing-instances.js';
import { changesParallelism, type ActionKind } from '../model/resolver.js';
import {
  isAboutPair,
  isInForce,
  isSamePair,
  projectBlacklist,
  type BlacklistCandidate,
} from '../policy/project-blacklist.js';
import { limitingActions, wasIneffective } from '../policy/recall-experience.js';
import { floorAfterHarm } from '../resolvers/scale-down-resolver.js';
import { isPausedBy } from '../model/pause.js';
import { ifMeasured } from '../model/measurement.js';

/** What was read of the log, at one moment. */
export interface LogContents {
  /** In force, newest first. */
  readonly pauses: readonly Pause[];
  /** Claimed or completed, oldest first; with dry runs. */
  readonly open: readonly Action[];
  /** As far back as cooldowns and limits reach, newest first; with dry runs. */
  readonly actions: readonly Action[];
  /** Those of the last hour; without dry runs. */
  readonly recent: readonly Action[];
  /** All except dry runs and failed calls, as far back as experience reaches. */
  readonly telling: readonly Action[];
  /** The most recently refused first. */
  readonly refused: readonly Action[];
  readonly removals: readonly BlacklistRemoval[];
}

export class RecalledLog {
  /** Whether the log answered. If not, this is what it said before: blacklist and pauses may be missing, so do not act. */
  readonly isCurrent: boolean;
  readonly #contents: LogContents;
  /** Without dry runs: a dry run changes nothing, so that it affects no recommendation, expectation or experience. */
  readonly #realOpen: readonly Action[];
  #byTopology: ReadonlyMap<string, readonly Action[]> | null = null;
  #tellingByTopology: ReadonlyMap<string, readonly Action[]> | null = null;

  constructor(contents: LogContents, isCurrent = true) {
    this.#contents = contents;
    this.isCurrent = isCurrent;
    this.#realOpen = contents.open.filter(({ dryRun }) => !dryRun);
  }

  /** The same, now that the log does not answer. */
  outdated(): RecalledLog {
    return new RecalledLog(this.#contents, false);
  }

  /** Claimed or completed, oldest first; with dry runs. */
  get open(): readonly Action[] {
    return this.#contents.open;
  }

  /** As far back as cooldowns and limits reach; with dry runs, since they have a cooldown. */
  get actions(): readonly Action[] {
    return this.#contents.actions;
  }

  /** Whether the resolver was of no use to the operator since then. */
  wasIneffective(topology: string, operator: string, resolver: ActionKind, sinceMs: number): boolean {
    return wasIneffective(this.actionsOf(topology), operator, resolver, sinceMs);
  }

  /** All remembered actions of the topology, each once, in any order; without dry runs. */
  actionsOf(topology: string): readonly Action[] {
    this.#byTopology ??= groupByTopology(this.#distinct());
    return this.#byTopology.get(topology) ?? [];
  }

  /**
   * The parallelism that our newest action on the operator asked for, and when; null: none is remembered. A call that failed
   * or was never sent is no evidence that the operator runs with that parallelism.
   */
  askedFor(topology: string, operator: string): InstanceEvidence['askedFor'] {
    const [newest] = this.actionsOf(topology)
      .flatMap((action) => {
        const isChange = changesParallelism(action.resolver) && mayHaveWorked(action);
        const asked = isChange ? operatorIn(action, operator) : undefined;
        return asked === undefined ? [] : { parallelism: asked.desiredParallelism, atMs: action.claimedAtMs };
      })
      .sort((a, b) => b.atMs - a.atMs);
    return newest ?? null;
  }

  /** Actions of the topology that were not judged then; without dry runs. */
  openActions(topology: string): readonly Action[] {
    return this.#realOpen.filter((action) => action.topology === topology);
  }

  /** Actions of this kind on the operator that were refused for good since then; the most recent first. */
  refusedSince(topology: string, operator: string, resolver: ActionKind, sinceMs: number): readonly Action[] {
    return this.#contents.refused.filter(
      (action) =>
        action.topology === topology &&
        operatorIn(action, operator) !== undefined &&
        action.resolver === resolver &&
        (action.judgedAtMs ?? 0) > sinceMs,
    );
  }

  isPaused(topology: string, resolver: ActionKind, nowMs: number): boolean {
    return this.#contents.pauses.some((pause) => isPausedBy(pause, topology, resolver, nowMs));
  }

  /** Ids of the actions behind blacklist entries and granted limits. */
  idsInForce(settingsOf: (topology: string) => PolicySettings | null, nowMs: number): readonly string[] {
    const pairs = this.candidates(settingsOf, nowMs);
    const ofPairs = this.#contents.telling.filter((action) => pairs.some((pair) => isAboutPair(pair, action)));
    const topologies = new Set(this.#contents.telling.map(({ topology }) => topology));
    const limiting = [...topologies].flatMap((topology) => {
      const settings = settingsOf(topology);
      return settings === null ? [] : [...limitingActions(this.actionsOf(topology), settings, nowMs)];
    });
    return [...new Set([...ofPairs.map(({ id }) => id), ...limiting])];
  }

  /** Entries that have not expired, suspended ones included. */
  candidates(settingsOf: (topology: string) => PolicySettings | null, nowMs: number): readonly BlacklistCandidate[] {
    return projectBlacklist(this.#contents.telling, this.#contents.removals, settingsOf, nowMs);
  }

  /** Entries of one topology. */
  candidatesOf(topology: string, settings: PolicySettings, nowMs: number): readonly BlacklistCandidate[] {
    const { telling, removals } = this.#contents;
    this.#tellingByTopology ??= groupByTopology(telling);
    const actions = this.#tellingByTopology.get(topology);
    return actions === undefined ? [] : projectBlacklist(actions, removals, () => settings, nowMs);
  }

  #distinct(): Iterable<Action> {
    const { recent, telling } = this.#contents;
    return new Map([...recent, ...this.#realOpen, ...telling].map((action) => [action.id, action])).values();
  }
}

/** Before the log has answered for the first time. */
export const NOTHING_RECALLED = new RecalledLog(
  { pauses: [], open: [], actions: [], recent: [], telling: [], refused: [], removals: [] },
  false,
);

function groupByTopology(actions: Iterable<Action>): ReadonlyMap<string, readonly Action[]> {
  const groups = new Map<string, Action[]>();
  for (const action of actions) {
    const known = groups.get(action.topology);
    if (known === undefined) groups.set(action.topology, [action]);
    else known.push(action);
  }
  return groups;
}

function mayHaveWorked({ outcome, completedAtMs, attempts }: Action): boolean {
  if (completedAtMs !== null) return true;
  return outcome !== 'failed' && !(outcome === 'cancelled' && attempts === 0);
}

/** Whether the blacklist holds this pair back under the load last seen. */
export function isBlacklisted(
  candidates: readonly BlacklistCandidate[],
  pair: BlacklistKey,
  evaluation: TopologyEvaluation,
  settings: PolicySettings,
): boolean {
  const entry = candidates.find((candidate) => isSamePair(candidate, pair));
  return entry !== undefined && entryUnderLoad(entry, evaluation, settings).state === 'in_force';
}

/** The entry with its state under the load last seen. */
export function entryUnderLoad(
  candidate: BlacklistCandidate,
  evaluation: TopologyEvaluation | undefined,
  settings: PolicySettings,
): BlacklistEntry {
  const { harmfulRatePerInstance, failedOfferedRate: _offered, place: _place, ...entry } = candidate;
  const operator = operatorOf(evaluation, candidate.operator);
  if (evaluation === undefined || operator === undefined) return { ...entry, state: 'in_force', floor: null };
  const { measurement, recommendedParallelism } = operator;
  const isSmaller = recommendedParallelism !== null && recommendedParallelism < (measurement.parallelism ?? 0);
  const load = {
    processingRate: ifMeasured(measurement.processingRate, ({ total }) => total),
    desiredParallelism: isSmaller ? recommendedParallelism : null,
    offeredRate: evaluation.offeredRate,
  };
  const hasFloor = candidate.resolver === 'scale_down' && measurement.parallelism !== null;
  return {
    ...entry,
    state: isInForce(candidate, load, settings.blacklistLoadMargin) ? 'in_force' : 'suspended',
    floor: hasFloor ? floorAfterHarm(measurement, measurement.parallelism, { harmfulRatePerInstance }, settings) : null,
  };
}
