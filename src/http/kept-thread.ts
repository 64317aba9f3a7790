// A thread that starts at its first task, is kept for later ones, and ends after some time without a task. Starting it takes longer
// than most tasks; its end releases all its memory.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Idle time before it ends. */
const IDLE_MS = 10_000;

export interface KeptThreadOptions {
  /** Memory limit; a task that needs more ends the thread. Default: Node's. */
  readonly maxHeapMib?: number;
  readonly idleMs?: number;
}

export interface KeptThread<Task, Answer> {
  /**
   * The caller waits for each answer before the next question. Rejects if the thread ends before it answers; the next call starts
   * another.
   */
  run(task: Task): Promise<Answer>;
  /** Ends it, also in mid-task: at its next step of JavaScript. Rejects the pending question. */
  close(): Promise<void>;
}

/**
 * Starts nothing yet, and keeps the process alive only during a task.
 * @param entry a module that answers each message of its parent with one message
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
    // `answerOf` rejects the pending answer. The error comes before the exit, so no question in between is lost.
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
      const asked = (worker ??= started());
      asked.ref();
      try {
        return (await answerOf(asked, task)) as Answer;
      } finally {
        // Whoever closes it waits for its end, for which the process must live.
        if (worker === asked) asked.unref();
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
  worker.once('exit', end);
  try {
    worker.postMessage(task);
    const [answer] = (await once(worker, 'message', { signal: ended.signal })) as [unknown];
    return answer;
  } catch (error) {
    // If the thread failed, its error comes first and has more details.
    const hasEnded = error instanceof Error && error.name === 'AbortError';
    throw hasEnded ? new Error('the thread has ended before it answered') : error;
  } finally {
    worker.off('exit', end);
  }
}
