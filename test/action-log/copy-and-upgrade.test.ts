// The action log's "Copying the log, upgrading, going back": runs its command during writes.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { AT_MS, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { codeBlocksOf, readDocument } from '../support/markdown.js';
import { programPath } from '../support/real-parts.js';
import { claim } from './contract-harness.js';

t.setTimeout(300_000);

const blocks = codeBlocksOf(await readDocument('src/action-log/README.md'));
const command = blocks.find(({ text }) => text.startsWith('sqlite3 '))?.text ?? '';

/** Of the undecided alerts, in their order; a fast disk takes thousands meanwhile. */
async function operatorsIn(log: ActionLog): Promise<readonly string[]> {
  return (await log.undecidedAlerts(100_000)).map(({ operator }) => operator);
}

await t.test('a copy during writes has everything acknowledged before, and can be opened', async (t) => {
  const folder = t.testdir();
  // It may have to be installed, which must not take place during the writes.
  const PATH = [dirname(await programPath('sqlite3')), process.env['PATH']].join(delimiter);
  const log = await createActionLog({ path: join(folder, 'data') });
  t.teardown(() => log.close());
  const action = sampleAction();
  await claim(log, action);
  let isOver = false;
  let acknowledged = 0;
  const write = async (): Promise<void> => {
    while (!isOver) {
      await log.acceptAlerts([sampleAlert({ operator: String(acknowledged) })], AT_MS);
      acknowledged += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writing = write();
  while (acknowledged < 20) await new Promise((resolve) => setImmediate(resolve));
  const before = acknowledged;
  await promisify(execFile)('sh', ['-c', command], { cwd: folder, env: { PATH } });
  isOver = true;
  await writing;
  await log.acceptAlerts([sampleAlert({ operator: 'after' })], AT_MS);

  const restored = join(folder, 'restored');
  mkdirSync(restored);
  copyFileSync(join(folder, 'action-log-copy.db'), join(restored, 'action-log.db'));
  const copy = await createActionLog({ path: restored });
  t.teardown(() => copy.close());
  const operators = await operatorsIn(copy);
  t.ok(operators.length >= before, 'nothing acknowledged before is missing');
  t.strictSame(
    operators,
    Array.from({ length: operators.length }, (_, index) => String(index)),
  );
  t.strictSame(await copy.openActions(), [action]);
  t.equal(await claim(copy, sampleAction()), false, 'its action is open there, too');
  await copy.acceptAlerts([sampleAlert({ operator: 'new' })], AT_MS);
  t.equal((await operatorsIn(copy)).includes('after'), false);
  t.equal((await operatorsIn(log)).at(-1), 'after', 'the log works on');
});
