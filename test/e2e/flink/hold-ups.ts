// What Dhalion's API says holds up its actions, asked all the while: once the effect is seen, the API says it no longer.
import type { LoopObserver } from '../../../src/commands/demo/loop-observer.js';
import type { Clock } from '../../../src/clock.js';

export interface HoldUps {
  /** Of the action of this id, in the order in which they were first said. */
  of(id: string): readonly string[];
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 1000;

export function watchHoldUps(observer: Pick<LoopObserver, 'actions'>, clock: Pick<Clock, 'sleep'>): HoldUps {
  const words = new Map<string, Set<string>>();
  const ending = new AbortController();
  const look = async (): Promise<void> => {
    for (const { id, held_up_by: heldUpBy } of await observer.actions()) {
      if (heldUpBy !== null) words.set(id, (words.get(id) ?? new Set()).add(heldUpBy));
    }
  };
  const watch = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      // One look less: the steps of the story ask the same API, and end the story where it does not answer.
      await look().catch(() => undefined);
      await clock.sleep(LOOK_EVERY_MS, ending.signal);
    }
  };
  const watching = watch();
  return {
    of: (id) => [...(words.get(id) ?? [])],
    stop: async () => {
      ending.abort();
      await watching;
    },
  };
}
