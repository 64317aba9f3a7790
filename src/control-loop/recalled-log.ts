// The action log as the policy needs it at every look: recent actions, and the blacklist computed from them.
import type { ActionLog } from '../action-log/action-log.js';
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import { operatorIn, type Action } from '../model/action.js';
import type { BlacklistEntry, BlacklistKey, BlacklistRemoval } from '../model/blacklist.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
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

/** At most this many actions are read; far more than `limits` allow. */
const MAX_RECENT_ACTIONS = 10_000;

interface Recalled {
  /** Newest first; without dry runs. */
  readonly recent: readonly Action[];
  /** Without dry runs. */
  readonly open: readonly Action[];
  /** All except dry runs and failed calls, as far back as experience reaches. */
  readonly telling: readonly Action[];
  /** The most recently refused first. */
  readonly refused: readonly Action[];
  readonly removals: readonly BlacklistRemoval[];
  readonly pauses: readonly Pause[];
}

/** How far back the log is read. */
export interface Recall {
  readonly nowMs: number;
  readonly recentSinceMs: number;
  /** -Infinity: all of it. */
  readonly tellingSinceMs: number;
  readonly refusedSinceMs: number;
}

export class ActionHistory {
  readonly #log: ActionLog;
  readonly #logger: Logger;
  #recalled: Recalled = { recent: [], open: [], telling: [], refused: [], removals: [], pauses: [] };
  #isCurrent = false;
  #readsBegun = 0;
  #newestRead = 0;
  #candidates: readonly BlacklistCandidate[] | null = null;
  #byTopology: ReadonlyMap<string, readonly Action[]> | null = null;
  #tellingByTopology: ReadonlyMap<string, readonly Action[]> | null = null;

  constructor(log: ActionLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /**
   * Reads the log again. Without its log the service does not act, but keeps observing with what it last knew. A read that is
   * overtaken by one that began later changes nothing.
   */
  async recall({ nowMs, recentSinceMs, tellingSinceMs, refusedSinceMs }: Recall): Promise<void> {
    const log = this.#log;
    this.#readsBegun += 1;
    const read = this.#readsBegun;
    try {
      const [recent, open, telling, refused, removals, pauses] = await Promise.all([
        log.actions({ sinceMs: recentSinceMs, limit: MAX_RECENT_ACTIONS, dryRun: false }),
        log.openActions(),
        log.tellingActions(Math.max(0, tellingSinceMs)),
        log.refusedActions(refusedSinceMs),
        log.blacklistRemovals(),
        log.pauses(nowMs),
      ]);
      if (read < this.#newestRead) return;
      this.#newestRead = read;
      // A dry run changes nothing: it does not affect recommendations, expectations or experience.
      const asked = open.filter(({ dryRun }) => !dryRun);
      this.#recalled = { recent, open: asked, telling, refused, removals, pauses };
      this.#candidates = null;
      this.#byTopology = null;
      this.#tellingByTopology = null;
      this.#isCurrent = true;
    } catch (error) {
      if (read < this.#newestRead) return;
      this.#newestRead = read;
      this.#isCurrent = false;
      this.#logger.debug({ error: describeError(error) }, 'the action log does not answer');
    }
  }

  /** Whether the last attempt read the log. If not, blacklist and pauses may be missing: do not act. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** Whether the resolver was of no use to the operator since then. */
  wasIneffective(topology: string, operator: string, resolver: ActionKind, sinceMs: number): boolean {
    return wasIneffective(this.actionsOf(topology), operator, resolver, sinceMs);
  }

  /** All remembered actions of the topology, each once, in any order; without dry runs. */
  actionsOf(topology: string): readonly Action[] {
    this.#byTopology ??= groupByTopology(distinct(this.#recalled));
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

  /** Actions that were not judged when the log was last read; without dry runs. */
  openActions(topology: string): readonly Action[] {
    return this.#recalled.open.filter((action) => action.topology === topology);
  }

  /** Actions of this kind on the operator that were refused for good since then; the most recent first. */
  refusedSince(topology: string, operator: string, resolver: ActionKind, sinceMs: number): readonly Action[] {
    return this.#recalled.refused.filter(
      (action) =>
        action.topology === topology &&
        operatorIn(action, operator) !== undefined &&
        action.resolver === resolver &&
        (action.judgedAtMs ?? 0) > sinceMs,
    );
  }

  isPaused(topology: string, resolver: ActionKind, nowMs: number): boolean {
    return this.#recalled.pauses.some((pause) => isPausedBy(pause, topology, resolver, nowMs));
  }

  /** Ids of the actions behind blacklist entries and granted limits. */
  idsInForce(settingsOf: (topology: string) => PolicySettings | null, nowMs: number): readonly string[] {
    const pairs = this.candidates(settingsOf, nowMs);
    const ofPairs = this.#recalled.telling.filter((action) => pairs.some((pair) => isAboutPair(pair, action)));
    const topologies = new Set(this.#recalled.telling.map(({ topology }) => topology));
    const limiting = [...topologies].flatMap((topology) => {
      const settings = settingsOf(topology);
      return settings === null ? [] : [...limitingActions(this.actionsOf(topology), settings, nowMs)];
    });
    return [...new Set([...ofPairs.map(({ id }) => id), ...limiting])];
  }

  /** Entries that have not expired, suspended ones included. */
  candidates(settingsOf: (topology: string) => PolicySettings | null, nowMs: number): readonly BlacklistCandidate[] {
    // Needed at every alert and scrape, and unchanged until the log is read again.
    this.#candidates ??= projectBlacklist(this.#recalled.telling, this.#recalled.removals, settingsOf, nowMs);
    return this.#candidates;
  }

  /** Entries of one topology. */
  candidatesOf(topology: string, settings: PolicySettings, nowMs: number): readonly BlacklistCandidate[] {
    const { telling, removals } = this.#recalled;
    this.#tellingByTopology ??= groupByTopology(telling);
    const actions = this.#tellingByTopology.get(topology);
    return actions === undefined ? [] : projectBlacklist(actions, removals, () => settings, nowMs);
  }
}

function groupByTopology(actions: Iterable<Action>): ReadonlyMap<string, readonly Action[]> {
  const groups = new Map<string, Action[]>();
  for (const action of actions) {
    const known = groups.get(action.topology);
    if (known === undefined) groups.set(action.topology, [action]);
    else known.push(action);
  }
  return groups;
}

function distinct({ recent, open, telling }: Recalled): Iterable<Action> {
  return new Map([...recent, ...open, ...telling].map((action) => [action.id, action])).values();
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
  const operator = evaluation?.operators.find(({ measurement }) => measurement.spec.name === candidate.operator);
  if (evaluation === undefined || operator === undefined) return { ...entry, state: 'in_force', floor: null };
  const { measurement, recommendedParallelism } = operator;
  const isSmaller = recommendedParallelism !== null && recommendedParallelism < (measurement.parallelism ?? 0);
  const load = {
    processingRate: measurement.processingRate.kind === 'measured' ? measurement.processingRate.total : null,
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
