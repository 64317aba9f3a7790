// An action log that announces the kind of change after each write, for observers.
import type { Change } from '../model/change.js';
import type { ActionLog, LogReads, LogWrites } from './action-log.js';

/** The same log. Failed writes are not announced; writes of other replicas are not seen. */
export function announceWrites(log: ActionLog, announce: (change: Change) => void): ActionLog {
  const announced = async <Result>(write: Promise<Result>, ...changes: readonly Change[]): Promise<Result> => {
    const result = await write;
    for (const change of changes) announce(change);
    return result;
  };
  const writes: LogWrites = {
    // Nobody observes alerts, leases and memories.
    acceptAlerts: (alerts, atMs) => log.acceptAlerts(alerts, atMs),
    leaseAction: (actionId, holder, nowMs, untilMs) => log.leaseAction(actionId, holder, nowMs, untilMs),
    rememberInstances: (remembered, atMs) => log.rememberInstances(remembered, atMs),
    forgetInstances: (order, atMs) => log.forgetInstances(order, atMs),
    prune: (beforeMs, keep) => log.prune(beforeMs, keep),
    recordHold: (decision) => announced(log.recordHold(decision), 'decision'),
    // A claim is written with its decision.
    claimAction: (action, decisions) => announced(log.claimAction(action, decisions), 'action', 'decision'),
    recordAttempt: (actionId) => announced(log.recordAttempt(actionId), 'action'),
    completeAction: (actionId, atMs, failure) => announced(log.completeAction(actionId, atMs, failure), 'action'),
    recordSettling: (actionId, settling) => announced(log.recordSettling(actionId, settling), 'action'),
    // A judgement may change the blacklist.
    judgeAction: (actionId, outcome, atMs, because) =>
      announced(log.judgeAction(actionId, outcome, atMs, because), 'action', 'blacklist'),
    cancelAction: (actionId, atMs) => announced(log.cancelAction(actionId, atMs), 'action'),
    addPause: (pause) => announced(log.addPause(pause), 'pause'),
    endPause: (pauseId, atMs) => announced(log.endPause(pauseId, atMs), 'pause'),
    addBlacklistRemoval: (removal) => announced(log.addBlacklistRemoval(removal), 'blacklist'),
  };
  const reads: LogReads = {
    undecidedAlerts: (limit) => log.undecidedAlerts(limit),
    dueReverts: () => log.dueReverts(),
    pauses: (nowMs) => log.pauses(nowMs),
    blacklistRemovals: () => log.blacklistRemovals(),
    tellingActions: (sinceMs) => log.tellingActions(sinceMs),
    refusedActions: (sinceMs) => log.refusedActions(sinceMs),
    instanceMemories: () => log.instanceMemories(),
    forgetOrders: (afterId) => log.forgetOrders(afterId),
    action: (actionId) => log.action(actionId),
    openActions: () => log.openActions(),
    actions: (filter) => log.actions(filter),
    decisions: (filter) => log.decisions(filter),
    check: () => log.check(),
    close: () => log.close(),
  };
  return { ...reads, ...writes };
}
