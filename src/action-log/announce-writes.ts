// An action log that announces the kind of change after each write, for observers.
import type { Change } from '../model/change.js';
import type { ActionLog } from './action-log.js';

/** A claim is written with its decision, and a judgement may change the blacklist. */
const CHANGES_OF: ReadonlyMap<string, readonly Change[]> = new Map<keyof ActionLog, readonly Change[]>([
  ['recordHold', ['decision']],
  ['claimAction', ['action', 'decision']],
  ['recordAttempt', ['action']],
  ['completeAction', ['action']],
  ['recordSettling', ['action']],
  ['judgeAction', ['action', 'blacklist']],
  ['cancelAction', ['action']],
  ['addPause', ['pause']],
  ['endPause', ['pause']],
  ['addBlacklistRemoval', ['blacklist']],
]);

/** The same log. Failed writes are not announced; writes of other replicas are not seen. */
export function announceWrites(log: ActionLog, announce: (change: Change) => void): ActionLog {
  return new Proxy(log, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const changes = CHANGES_OF.get(String(name)) ?? [];
      return async (...given: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(member, target, given);
        for (const change of changes) announce(change);
        return result;
      };
    },
  });
}
