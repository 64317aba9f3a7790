// Opens the action log: dialect, schema, and a first write that shows it can be written.
import { systemClock, type Clock } from '../clock.js';
import type { ActionLog } from './action-log.js';
import { migrate } from './migrations.js';
import { SqlActionLog } from './sql-action-log.js';
import { openSqliteStorage } from './sqlite-dialect.js';

/**
 * @param options.path folder of the embedded database, made if there is none
 * Rejects with `DhalionError('storage_unavailable')` if it cannot be opened, brought up to date or written.
 */
export async function createActionLog(options: { path: string; clock?: Clock }): Promise<ActionLog> {
  const storage = openSqliteStorage(options.path);
  const log = new SqlActionLog(storage, options.clock ?? systemClock);
  try {
    await migrate(storage);
    await log.check();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}
