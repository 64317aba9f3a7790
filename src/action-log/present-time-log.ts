// An action log whose times follow the wall clock when that is set: an entry that is some minutes old stays that old. Stored
// times do not change.
import type { Action, Settling } from '../model/action.js';
import type { Pause } from '../model/pause.js';
import type { TopologyMemory } from '../policy/notice-missing-instances.js';
import type { Timeline } from '../timeline.js';
import type { ActionLog, LogReads, LogWrites } from './action-log.js';
import type { LoggedDecision } from './log-entries.js';

/** The same log in present time: times in queries and in new entries are present times too. */
export function presentTimeLog(log: ActionLog, timeline: Pick<Timeline, 'present' | 'forwardMs'>): ActionLog {
  const present = (atMs: number): number => timeline.present(atMs);
  const presentActions = (actions: readonly Action[]): Action[] =>
    actions.map((action) => presentAction(action, present));
  /** An entry of this moment or later was stamped no earlier than this. */
  const stampedSince = (sinceMs: number): number => sinceMs - timeline.forwardMs;
  const reads: LogReads = {
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
      const presented = decisions.map((decision) => presentDecision(decision, present));
      return presented.filter(({ atMs }) => atMs >= sinceMs);
    },
    pauses: async (nowMs) => {
      const pauses = (await log.pauses(stampedSince(nowMs))).map((pause) => presentPause(pause, present));
      return pauses.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    },
    blacklistRemovals: async () => {
      const removals = await log.blacklistRemovals();
      return removals.map((removal) => ({ ...removal, atMs: present(removal.atMs) }));
    },
    forgetOrders: (afterId) => log.forgetOrders(afterId),
    check: () => log.check(),
    close: () => log.close(),
  };
  const writes: LogWrites = {
    acceptAlerts: (alerts, atMs) => log.acceptAlerts(alerts, atMs),
    recordHold: (decision) => log.recordHold(decision),
    claimAction: (action, decisions) => log.claimAction(action, decisions),
    recordAttempt: (actionId) => log.recordAttempt(actionId),
    completeAction: (actionId, atMs, failure) => log.completeAction(actionId, atMs, failure),
    recordSettling: (actionId, settling) => log.recordSettling(actionId, settling),
    judgeAction: (actionId, outcome, atMs, because) => log.judgeAction(actionId, outcome, atMs, because),
    cancelAction: (actionId, atMs) => log.cancelAction(actionId, atMs),
    leaseAction: (actionId, holder, nowMs, untilMs) => log.leaseAction(actionId, holder, nowMs, untilMs),
    addPause: (pause) => log.addPause(pause),
    // A pause may be in force in present time although its stored time has expired.
    endPause: (id, atMs) => log.endPause(id, stampedSince(atMs)),
    addBlacklistRemoval: (removal) => log.addBlacklistRemoval(removal),
    rememberInstances: (remembered, atMs) => log.rememberInstances(remembered, atMs),
    forgetInstances: (order, atMs) => log.forgetInstances(order, atMs),
    // A clock that was briefly set to another year must not cost this year's history.
    prune: (beforeMs, keep) => log.prune(stampedSince(beforeMs), keep),
  };
  return { ...reads, ...writes };
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

function presentDecision(decision: LoggedDecision, present: Present): LoggedDecision {
  const { evidence } = decision;
  return {
    ...decision,
    atMs: present(decision.atMs),
    evidence: evidence && { ...evidence, evaluatedAtMs: present(evidence.evaluatedAtMs) },
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
