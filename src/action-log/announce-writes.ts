// An action log that says, after each write, what kind of thing has changed; for those who look on.
import type { Change } from '../model/change.js';
import type { ActionLog } from './action-log.js';

const CHANGE_OF: ReadonlyMap<string, Change> = new Map<keyof ActionLog, Change>([
  ['recordHold', 'decision'],
  ['claimAction', 'action'],
  ['recordAttempt', 'action'],
  ['completeAction', 'action'],
  ['recordSettling', 'action'],
  ['judgeAction', 'action'],
  ['cancelAction', 'action'],
  ['addPause', 'pause'],
  ['endPause', 'pause'],
  ['addBlacklistRemoval', 'blacklist'],
]);

/** The same log. What fails is not announced; other replicas' writes are not seen. */
export function announceWrites(log: ActionLog, announce: (change: Change) => void): ActionLog {
  return new Proxy(log, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const change = CHANGE_OF.get(String(name));
      return async (...given: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(member, target, given);
        if (change !== undefined) announce(change);
        return result;
      };
    },
  });
}
