// A thread that starts when it is first needed, is kept for the tasks that follow, and ends when none has come for a while. To
// start it takes longer than most tasks; its end gives back all its memory.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Without a task. */
const IDLE_MS = 10_000;

export interface KeptThreadOptions {
  /** A task that needs more ends the thread; default: as much as Node gives it. */
  readonly maxHeapMib?: number;
  readonly idleMs?: number;
}

export interface KeptThread<Task, Answer> {
  /**
   * The caller waits for the answer before it asks again. Rejects if the thread ends before it has answered; the next call
   * starts another.
   */
  run(task: Task): Promise<Answer>;
  /** Ends it in mid-task, too: at its next step of JavaScript. Rejects what was asked of it. */
  close(): Promise<void>;
}

/**
 * Starts nothing yet, and keeps the process alive only while a task is under way.
 * @param entry a module that answers each message from its parent with one message
 */
export function createKeptThread<Task, Answer>(entry: URL, options: KeptThreadOptions = {}): KeptThread<Task, Answer> {
  const { maxHeapMib, idleMs = IDLE_MS } = options;
  const resourceLimits = maxHeapMib === undefined ? {} : { maxOldGenerationSizeMb: maxHeapMib };
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  const started = (): Worker => {
    const fresh = new Worker(entry, { resourceLimits });
    const forget = (): void => {
      if (worker === fresh) worker = null;
    };
    // `answerOf` rejects what waits for an answer. The error comes before the exit, so that no question in between is lost.
    fresh.on('error', forget).once('exit', forget);
    return fresh;
  };
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const ended = worker;
    worker = null;
    await ended?.terminate();
  };
  return {
    run: async (task) => {
      clearTimeout(idle);
      worker ??= started();
      try {
        return (await answerOf(worker, task)) as Answer;
      } finally {
        idle = setTimeout(() => void close(), idleMs).unref();
      }
    },
    close,
  };
}

async function answerOf(worker: Worker, task: unknown): Promise<unknown> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  worker.once('exit', end).ref();
  try {
    worker.postMessage(task);
    const [answer] = (await once(worker, 'message', { signal: ended.signal })) as [unknown];
    return answer;
  } catch (error) {
    // Of a thread that failed, the error comes first, and tells more.
    const hasEnded = error instanceof Error && error.name === 'AbortError';
    throw hasEnded ? new Error('the thread has ended before it answered') : error;
  } finally {
    worker.off('exit', end).unref();
  }
}
