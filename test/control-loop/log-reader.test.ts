import t from 'tap';
import type { LogFilter } from '../../src/action-log/action-log.js';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { createLogger } from '../../src/logger.js';
import type { Pause } from '../../src/model/pause.js';
import { sampleAction } from '../support/action-log-samples.js';
import { PAUSE_ID } from '../support/http-service.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const HORIZON = { nowMs: NOW_MS, actionsSinceMs: 0, recentSinceMs: 0, tellingSinceMs: 0, refusedSinceMs: 0 };
const PAUSE: Pause = {
  id: PAUSE_ID,
  topology: null,
  resolver: null,
  reason: 'x',
  createdAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 60_000,
};
const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
const none = () => Promise.resolve([]);
const emptyLog = {
  actions: none,
  openActions: none,
  tellingActions: none,
  refusedActions: none,
  blacklistRemovals: none,
  pauses: none,
};

/** A log that answers queries for pauses when the test lets it. */
function slowLog() {
  const answers: { resolve: (pauses: Pause[]) => void; reject: (error: Error) => void }[] = [];
  const pauses = () => new Promise<Pause[]>((resolve, reject) => void answers.push({ resolve, reject }));
  return { reader: new LogReader({ ...emptyLog, pauses }, logger), answers };
}

await t.test('a reading that began before a pause and ends after the next one does not undo the pause', async (t) => {
  const { reader, answers } = slowLog();
  const readings = [reader.recall(HORIZON), reader.recall(HORIZON)];
  answers[1]?.resolve([PAUSE]);
  t.ok((await readings[1])?.isPaused('any', 'scale_up', NOW_MS));
  answers[0]?.resolve([]);
  t.notOk((await readings[0])?.isPaused('any', 'scale_up', NOW_MS), 'a reading from before the pause does not have it');
  t.ok(reader.last.isPaused('any', 'scale_up', NOW_MS), 'the last reading has the pause');
});

await t.test('without an answer the previous reading counts, and is not current', async (t) => {
  const { reader, answers } = slowLog();
  const readings = [reader.recall(HORIZON), reader.recall(HORIZON)];
  answers[1]?.resolve([PAUSE]);
  t.ok((await readings[1])?.isCurrent);
  answers[0]?.reject(new Error('timeout'));
  const failed = await readings[0];
  t.notOk(failed?.isCurrent, 'its caller does not act');
  t.ok(failed?.isPaused('any', 'scale_up', NOW_MS));
  t.ok(reader.last.isCurrent, 'a failed reading changes nothing for others');
});

await t.test('before the first answer nothing is known, and the reading is not current', (t) => {
  const { last } = new LogReader(emptyLog, logger);
  t.notOk(last.isCurrent);
  t.strictSame([last.open, last.actions], [[], []]);
  t.end();
});

await t.test('after a reload the last reading is still shown', async (t) => {
  const { reader, answers } = slowLog();
  const reading = reader.recall(HORIZON);
  answers[0]?.resolve([PAUSE]);
  await reading;
  const next = new LogReader({ ...emptyLog, pauses: () => Promise.reject(new Error('gone')) }, logger);
  next.adopt(reader);
  const recalled = await next.recall(HORIZON);
  t.ok(recalled.isPaused('any', 'scale_up', NOW_MS));
  t.notOk(recalled.isCurrent);
});

await t.test('real actions are counted, independent of the number of dry runs', async (t) => {
  const real = sampleAction({ claimedAtMs: 0 });
  const dryRuns = Array.from({ length: 10_001 }, () => ({ ...real, dryRun: true, claimedAtMs: 1 }));
  // Newest first.
  const actions = ({ dryRun, limit }: LogFilter) =>
    Promise.resolve(
      [...dryRuns, real].filter((action) => dryRun === undefined || action.dryRun === dryRun).slice(0, limit),
    );
  const recalled = await new LogReader({ ...emptyLog, actions }, logger).recall(HORIZON);
  t.same(
    recalled.actions.filter(({ dryRun }) => !dryRun).map(({ id }) => id),
    [real.id],
  );
  t.ok(
    recalled.actions.some(({ dryRun }) => dryRun),
    'and their cooldown counts, too',
  );
});

await t.test(
  'the last request is remembered for an hour, and actions for limits as long as the limits need',
  async (t) => {
    const [old, fresh] = [2 * HOUR_MS, HOUR_MS].map((ageMs) => sampleAction({ claimedAtMs: NOW_MS - ageMs }));
    if (old === undefined || fresh === undefined) throw new Error('there are two');
    const actions = ({ dryRun }: LogFilter) => Promise.resolve(dryRun === true ? [] : [fresh, old]);
    const horizon = { ...HORIZON, recentSinceMs: NOW_MS - HOUR_MS };
    const recalled = await new LogReader({ ...emptyLog, actions }, logger).recall(horizon);
    t.strictSame(recalled.actions, [fresh, old]);
    t.strictSame(recalled.actionsOf(fresh.topology), [fresh]);
  },
);
