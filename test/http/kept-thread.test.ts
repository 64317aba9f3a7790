import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { createKeptThread, type KeptThread, type KeptThreadOptions } from '../../src/http/kept-thread.js';
import { eventually } from '../support/dhalion-client.js';
import { spawnScript } from '../support/run-script.js';

type Task = 'number' | 'throw' | 'hog' | 'never';

/** Answers with the number of its thread, or, on request, throws, allocates without end, or runs for ever. */
const ENTRY = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', (task) => {
      if (task === 'throw') throw new Error('as it was told');
      for (const taken = []; task === 'hog'; ) taken.push(new Array(1000).fill(1.5));
      while (task === 'never');
      parentPort.postMessage(threadId);
    });
  `)}`,
);

function threadOf(t: Test, options?: KeptThreadOptions): KeptThread<Task, number> {
  const thread = createKeptThread<Task, number>(ENTRY, options);
  t.teardown(() => thread.close());
  return thread;
}

/** What a process of its own prints, and how it ends. */
async function endOf(t: Test, script: string): Promise<{ readonly output: string; readonly code: number | null }> {
  const child = spawnScript(script);
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { output: await text(child.stdout), code: await ended };
}

await t.test('one thread runs successive tasks', async (t) => {
  const thread = threadOf(t);
  const first = await thread.run('number');
  t.equal(await thread.run('number'), first);
  t.equal(await thread.run('number'), first);
});

await t.test('it ends when nothing has come for a while, and the next task has another', async (t) => {
  const thread = threadOf(t, { idleMs: 1 });
  const first = await thread.run('number');
  t.ok(await eventually('another thread', async () => (await thread.run('number')) !== first));
});

await t.test('a task that ends it is rejected, and the next one, asked for at once, has another', async (t) => {
  const thread = threadOf(t, { maxHeapMib: 32 });
  for (const [task, error] of [
    ['throw', { message: 'as it was told' }],
    ['hog', { code: 'ERR_WORKER_OUT_OF_MEMORY' }],
  ] as const) {
    const first = await thread.run('number');
    const next = thread.run(task).catch((fault: unknown) => {
      t.match(fault, error, task);
      return thread.run('number');
    });
    t.not(await next, first, task);
  }
});

await t.test('closing ends a task under way, and a later one has another thread', async (t) => {
  const thread = threadOf(t);
  const first = await thread.run('number');
  const ended = t.rejects(thread.run('never'), /has ended before it answered/);
  await thread.close();
  await ended;
  t.not(await thread.run('number'), first);
});

await t.test('an entry that cannot be loaded rejects its task', async (t) => {
  const thread = createKeptThread<Task, number>(new URL('data:text/javascript,throw new Error("too many open files")'));
  for (const _ of [1, 2]) await t.rejects(thread.run('number'), /too many open files/);
});

await t.test('closing waits for the end of a thread that answers meanwhile', async (t) => {
  t.strictSame(await endOf(t, 'end-answering-thread.ts'), { output: 'ended', code: 0 });
});

await t.test('an idle thread does not keep the process alive', async (t) => {
  t.strictSame(await endOf(t, 'leave-thread-idle.ts'), { output: 'done', code: 0 });
});
