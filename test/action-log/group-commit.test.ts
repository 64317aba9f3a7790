import t from 'tap';
import { createGroupCommit } from '../../src/action-log/group-commit.js';

await t.test('what is submitted while a commit is under way shares the next one, in order', async (t) => {
  const commits: (readonly number[])[] = [];
  let finishFirst = (): void => undefined;
  const submit = createGroupCommit<number>(async (items) => {
    commits.push(items);
    if (commits.length === 1) await new Promise<void>((resolve) => (finishFirst = resolve));
  });
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

await t.test('nothing resolves before its commit has', async (t) => {
  let isCommitted = false;
  const submit = createGroupCommit<number>(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isCommitted = true;
  });
  await submit(1);
  t.ok(isCommitted);
});

await t.test('a commit that fails rejects those in it, and nobody after them', async (t) => {
  const submit = createGroupCommit<string>((items) =>
    items.includes('bad') ? Promise.reject(new Error('no')) : Promise.resolve(),
  );
  const together = [submit('good'), submit('bad')];
  await Promise.all(together.map((submitted) => t.rejects(submitted, { message: 'no' })));
  await submit('good');
});
