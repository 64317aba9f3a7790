// Runs the parts of the action log's contract on one kind of storage.
import type { Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import type { IncomingAlert } from '../../src/action-log/log-entries.js';
import type { Action } from '../../src/model/action.js';
import { actDecisions, AT_MS } from '../support/action-log-samples.js';

/** Opens a log on the storage of this test: empty at first, the same at each further call. */
export type OpenActionLog = () => Promise<ActionLog>;

/** Runs one test on a new log, and closes it. */
export type TestOn = (
  title: string,
  test: (t: Test, log: ActionLog, open: OpenActionLog) => Promise<void>,
) => Promise<unknown>;

export function testOnStorage(t: Test, newStorage: (t: Test) => OpenActionLog): TestOn {
  return (title, test) =>
    t.test(title, async (t) => {
      const open = newStorage(t);
      const log = await open();
      t.teardown(() => log.close());
      await test(t, log, open);
    });
}

export function claim(log: ActionLog, action: Action, ...alertIds: readonly (number | null)[]): Promise<boolean> {
  return log.claimAction(action, actDecisions(action, ...alertIds));
}

/** Accepts one firing alert and returns its id. */
export async function acceptOne(log: ActionLog, alert: IncomingAlert): Promise<number> {
  await log.acceptAlerts([alert], AT_MS);
  const id = (await log.undecidedAlerts(1000)).at(-1)?.id;
  if (id === undefined) throw new Error('nothing was accepted');
  return id;
}

export async function undecidedOperators(log: ActionLog): Promise<string[]> {
  return (await log.undecidedAlerts(1000)).map(({ operator }) => operator);
}
