import t from 'tap';
import { StorageWatch } from '../../src/control-loop/storage-watch.js';
import { DhalionError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import { createFakeClock } from '../support/fake-clock.js';

const FULL = new DhalionError('storage_unavailable', 'disk full', { retryable: true });

function setUp() {
  const clock = createFakeClock();
  const lines: string[] = [];
  const logger = createLogger(
    { level: 'info', format: 'json' },
    { write: (line) => lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const storage = { checks: 0, fault: null as Error | null, up: [] as boolean[] };
  const log = {
    check: () => {
      storage.checks += 1;
      return storage.fault === null ? Promise.resolve() : Promise.reject(storage.fault);
    },
  };
  const metrics = { setStorageUp: (isUp: boolean) => void storage.up.push(isUp) };
  return { watch: new StorageWatch({ log, metrics, clock, logger }), storage, clock, lines };
}

await t.test('a check without a fault counts for a second, for all callers', async (t) => {
  const { watch, storage, clock } = setUp();
  for (let asked = 0; asked < 10; asked += 1) t.equal(await watch.problem(), null);
  t.equal(storage.checks, 1);
  storage.fault = FULL;
  clock.advance(1000);
  t.equal(await watch.problem(), 'disk full');
  t.equal(storage.checks, 2);
});

await t.test('a fault is reported at once, and so is its end', async (t) => {
  const { watch, storage, lines } = setUp();
  t.equal(await watch.problem(), null);
  storage.fault = FULL;
  watch.noteFault(FULL);
  watch.noteFault(new Error('a fault of something else'));
  t.equal(storage.up.at(-1), false);
  t.equal(await watch.problem(), 'disk full');
  storage.fault = null;
  t.equal(await watch.problem(), null);
  t.equal(storage.up.at(-1), true);
  t.strictSame(lines, ['the action log cannot be used', 'the action log can be used again']);
});

await t.test('callers during a check wait for its result', async (t) => {
  const { watch, storage } = setUp();
  t.strictSame(await Promise.all([watch.problem(), watch.problem(), watch.problem()]), [null, null, null]);
  t.equal(storage.checks, 1);
});
