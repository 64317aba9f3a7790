import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createFileReader, problemOfFile, readRegularFile, readRegularFileSync } from '../src/regular-file.js';
import { createPausedClock } from './support/paused-clock.js';
import { makeLink, makePipe, makeSocket } from './support/special-files.js';

/** A path for a socket has to be short, so no folder of the test's own. */
function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** What each way of looking at the file says of it. */
async function refusalsOf(path: string, maxBytes = 100): Promise<readonly (string | null)[]> {
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'no error');
  const waiting = await readRegularFile(path, maxBytes).then(() => null, messageOf);
  let atOnce: string | null = null;
  try {
    readRegularFileSync(path, maxBytes);
  } catch (error) {
    atOnce = messageOf(error);
  }
  return [waiting, atOnce, problemOfFile(path, maxBytes)];
}

const thrice = (message: string): readonly string[] => [message, message, message];

await t.test('a regular file is read, and a link to one', async (t) => {
  const folder = newFolder(t);
  const file = join(folder, 'file');
  // Longer than one read.
  const content = 'ä'.repeat(100_000);
  writeFileSync(file, content);
  for (const path of [file, makeLink(folder, 'link', file), makeLink(folder, 'far', 'link')]) {
    t.equal((await readRegularFile(path, 200_000)).toString('utf8'), content);
    t.equal(readRegularFileSync(path, 200_000).toString('utf8'), content);
    t.equal(problemOfFile(path, 200_000), null);
  }
  writeFileSync(file, '');
  t.equal((await readRegularFile(file, 1)).length, 0);
  t.equal(readRegularFileSync(file, 1).length, 0);
});

await t.test('a file that is not regular is refused at once, with its kind', async (t) => {
  const folder = newFolder(t);
  const pipe = makePipe(folder);
  const refusals: readonly (readonly [path: string, what: string])[] = [
    [pipe, 'a pipe'],
    [makeLink(folder, 'link', pipe), 'a pipe'],
    [await makeSocket(t, folder), 'a socket'],
    ['/dev/zero', 'a device'],
    [folder, 'a folder'],
  ];
  for (const [path, what] of refusals) {
    t.strictSame(await refusalsOf(path), thrice(`is ${what}, not a regular file`));
  }
});

await t.test('a file that cannot be opened is refused with the reason; the caller adds its name', async (t) => {
  const folder = newFolder(t);
  t.strictSame(
    await refusalsOf(join(folder, "it's, 'none'")),
    thrice('cannot be read (ENOENT: no such file or directory)'),
  );
  const circle = makeLink(folder, 'circle', 'circle');
  t.match(await refusalsOf(circle), thrice('cannot be read (ELOOP: '));
  await t.rejects(readRegularFile(folder, 1), { code: 'file_unreadable' });
});

await t.test('no more than the limit is read, whatever the file says of its size', async (t) => {
  const file = join(newFolder(t), 'file');
  writeFileSync(file, '');
  truncateSync(file, 2 * 1024 * 1024);
  t.strictSame(await refusalsOf(file, 1024 * 1024), thrice('is larger than 1 MiB'));
  t.equal((await readRegularFile(file, 2 * 1024 * 1024)).length, 2 * 1024 * 1024);
  // Says 0 of its size.
  const [waiting, atOnce] = await refusalsOf('/proc/self/status', 16);
  t.match([waiting, atOnce], [/is larger than/, /is larger than/]);
});

await t.test(
  'a file system that does not answer is waited for up to the limit, and by one read at a time',
  async (t) => {
    const clock = createPausedClock();
    const answers: ((content: Buffer) => void)[] = [];
    const read = createFileReader({ clock, read: () => new Promise((resolve) => answers.push(resolve)) });
    const first = read('/mnt/secret', 100);
    const other = read('/mnt/other', 100);
    await clock.advance(9_999);
    answers[1]?.(Buffer.from('in time'));
    t.equal((await other).toString(), 'in time');
    const given = t.rejects(first, { code: 'file_unreadable', message: /does not answer within 10 s/ });
    await clock.advance(1);
    await given;
    await t.rejects(read('/mnt/secret', 100), {
      code: 'file_unreadable',
      message: /has not answered an earlier attempt/,
    });
    t.equal(answers.length, 2, 'no thread more is taken');
    answers[0]?.(Buffer.from('late'));
    await new Promise(setImmediate);
    const again = read('/mnt/secret', 100);
    answers[2]?.(Buffer.from('new'));
    t.equal((await again).toString(), 'new');
  },
);
