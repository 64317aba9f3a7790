import t from 'tap';
import { createGroupCommit } from '../../src/action-log/group-commit.js';

const UNLIMITED = { maxWeight: Infinity };

await t.test('items submitted during a commit share the next one, in order', async (t) => {
  const commits: (readonly number[])[] = [];
  let finishFirst = (): void => undefined;
  const submit = createGroupCommit<number>(async (items) => {
    commits.push(items);
    if (commits.length === 1) await new Promise<void>((resolve) => (finishFirst = resolve));
  }, UNLIMITED);
  const first = [submit(1), submit(2)];
  await new Promise((resolve) => setImmediate(resolve));
  const second = [submit(3), submit(4), submit(5)];
  t.strictSame(commits, [[1, 2]]);
  finishFirst();
  await Promise.all([...first, ...second]);
  t.strictSame(commits, [
    [1, 2],
    [3, 4, 5],
  ]);
});

await t.test('nothing resolves before its commit', async (t) => {
  let isCommitted = false;
  const submit = createGroupCommit<number>(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isCommitted = true;
  }, UNLIMITED);
  await submit(1);
  t.ok(isCommitted);
});

await t.test('a failed commit rejects its own items, and none after them', async (t) => {
  const submit = createGroupCommit<string>(
    (items) => (items.includes('bad') ? Promise.reject(new Error('no')) : Promise.resolve()),
    UNLIMITED,
  );
  const together = [submit('good'), submit('bad')];
  await Promise.all(together.map((submitted) => t.rejects(submitted, { message: 'no' })));
  await submit('good');
});

await t.test(
  'a commit respects the limit, except for a single large item, and lets other work run in between',
  async (t) => {
    const events: (string | readonly number[])[] = [];
    const submit = createGroupCommit<number>(
      (items) => {
        events.push(items);
        return Promise.resolve();
      },
      { maxWeight: 5, weightOf: (item) => item },
    );
    const submitted = [2, 3, 1, 9, 4, 2].map(submit);
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        events.push('turn');
      }
    };
    await Promise.all([...submitted, turns()]);
    t.strictSame(events, [[2, 3], 'turn', [1], 'turn', [9], 'turn', [4], 'turn', [2], 'turn']);
  },
);
