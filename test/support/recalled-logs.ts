// What was read of an action log, for tests that have none.
import { RecalledLog, type LogContents } from '../../src/control-loop/recalled-log.js';

/** Empty where nothing is given. */
export function recalledWith(contents: Partial<LogContents>): RecalledLog {
  const empty = { pauses: [], open: [], actions: [], recent: [], telling: [], refused: [], removals: [] };
  return new RecalledLog({ ...empty, ...contents });
}
