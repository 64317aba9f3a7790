// An action log whose times follow the wall clock when that is set: an entry that is some minutes old stays that old. Stored
// times do not change.
import type { Action, Settling } from '../model/action.js';
import type { Pause } from '../model/pause.js';
import type { TopologyMemory } from '../policy/notice-missing-instances.js';
import type { Timeline } from '../timeline.js';
import type { ActionLog } from './action-log.js';

/** The same log in present time: times in queries and in new entries are present times too. */
export function presentTimeLog(log: ActionLog, timeline: Pick<Timeline, 'present' | 'forwardMs'>): ActionLog {
  const present = (atMs: number): number => timeline.present(atMs);
  const presentActions = (actions: readonly Action[]): Action[] =>
    actions.map((action) => presentAction(action, present));
  /** An entry of this moment or later was stamped no earlier than this. */
  const stampedSince = (sinceMs: number): number => sinceMs - timeline.forwardMs;
  const inPresentTime: Partial<ActionLog> = {
    undecidedAlerts: async (limit) => {
      const alerts = await log.undecidedAlerts(limit);
      return alerts.map((alert) => ({ ...alert, acceptedAtMs: present(alert.acceptedAtMs) }));
    },
    dueReverts: async () => presentActions(await log.dueReverts()),
    openActions: async () => presentActions(await log.openActions()),
    action: async (id) => {
      const action = await log.action(id);
      return action && presentAction(action, present);
    },
    actions: async ({ sinceMs = -Infinity, ...filter }) => {
      if (sinceMs === -Infinity) return presentActions(await log.actions(filter));
      const actions = presentActions(await log.actions({ ...filter, sinceMs: stampedSince(sinceMs) }));
      return actions.filter(({ claimedAtMs }) => claimedAtMs >= sinceMs);
    },
    tellingActions: async (sinceMs) => {
      const actions = presentActions(await log.tellingActions(Math.max(0, stampedSince(sinceMs))));
      return actions.filter(({ judgedAtMs }) => judgedAtMs !== null && judgedAtMs >= sinceMs);
    },
    refusedActions: async (sinceMs) => {
      const actions = presentActions(await log.refusedActions(stampedSince(sinceMs)));
      return actions.filter(({ judgedAtMs }) => judgedAtMs !== null && judgedAtMs >= sinceMs);
    },
    instanceMemories: async () =>
      new Map(
        [...(await log.instanceMemories())].map(([topology, memory]) => [topology, presentMemory(memory, present)]),
      ),
    decisions: async ({ sinceMs = -Infinity, ...filter }) => {
      const isAll = sinceMs === -Infinity;
      const decisions = await log.decisions(isAll ? filter : { ...filter, sinceMs: stampedSince(sinceMs) });
      const presented = decisions.map((decision) => ({ ...decision, atMs: present(decision.atMs) }));
      return presented.filter(({ atMs }) => atMs >= sinceMs);
    },
    pauses: async (nowMs) => {
      const pauses = (await log.pauses(stampedSince(nowMs))).map((pause) => presentPause(pause, present));
      return pauses.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    },
    // A pause may be in force in present time although its stored time has expired.
    endPause: (id, atMs) => log.endPause(id, stampedSince(atMs)),
    blacklistRemovals: async () => {
      const removals = await log.blacklistRemovals();
      return removals.map((removal) => ({ ...removal, atMs: present(removal.atMs) }));
    },
    // A clock that was briefly set to another year must not cost this year's history.
    prune: (beforeMs, keep) => log.prune(stampedSince(beforeMs), keep),
  };
  return new Proxy(log, {
    get: (target, name) => {
      const override: unknown = Reflect.get(inPresentTime, name);
      if (override !== undefined) return override;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function'
        ? (...given: unknown[]): unknown => Reflect.apply(member, target, given)
        : member;
    },
  });
}

type Present = (atMs: number) => number;

function presentAction(action: Action, present: Present): Action {
  const claimedAtMs = present(action.claimedAtMs);
  return {
    ...action,
    claimedAtMs,
    expiresAtMs: claimedAtMs + action.expiresAtMs - action.claimedAtMs,
    completedAtMs: presentOrNull(action.completedAtMs, present),
    judgedAtMs: presentOrNull(action.judgedAtMs, present),
    settling: presentSettling(action.settling, present),
  };
}

function presentSettling(settling: Settling, present: Present): Settling {
  return {
    ...settling,
    missedAtMs: presentOrNull(settling.missedAtMs, present),
    gapSeenAtMs: presentOrNull(settling.gapSeenAtMs, present),
    seenAtMs: presentOrNull(settling.seenAtMs, present),
    firstSeenAtMs: presentOrNull(settling.firstSeenAtMs, present),
    backlogNormalAtMs: presentOrNull(settling.backlogNormalAtMs, present),
    changeSeenAtMs: presentOrNull(settling.changeSeenAtMs, present),
  };
}

function presentMemory(memory: TopologyMemory, present: Present): TopologyMemory {
  return new Map([...memory].map(([operator, one]) => [operator, { ...one, sinceMs: present(one.sinceMs) }]));
}

/** Keeps its duration. */
function presentPause(pause: Pause, present: Present): Pause {
  const createdAtMs = present(pause.createdAtMs);
  return { ...pause, createdAtMs, expiresAtMs: createdAtMs + pause.expiresAtMs - pause.createdAtMs };
}

function presentOrNull(atMs: number | null, present: Present): number | null {
  return atMs === null ? null : present(atMs);
}
