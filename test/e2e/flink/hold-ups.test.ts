import t from 'tap';
import type { SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { watchHoldUps } from './hold-ups.js';

function action(id: string, heldUpBy: string | null): SeenAction {
  return {
    id,
    resolver: 'scale_up',
    state: 'completed',
    outcome: null,
    operators: [],
    claimed_at: '2026-01-01T00:00:00Z',
    completed_at: null,
    judged_at: null,
    held_up_by: heldUpBy,
  };
}

void t.test(
  'what held an action up is kept when the API no longer says it, and a look that fails is passed over',
  async (t) => {
    const looks = [
      [action('a', 'waiting for a checkpoint')],
      new Error('no answer'),
      [action('a', 'waiting for a checkpoint'), action('b', null)],
      [action('a', 'waiting for slots')],
      [action('a', null)],
    ];
    let seenAll = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      seenAll = resolve;
    });
    const actions = (): Promise<readonly SeenAction[]> => {
      const look = looks.shift() ?? [];
      if (looks.length === 0) seenAll();
      return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
    };
    const holdUps = watchHoldUps({ actions }, { sleep: () => new Promise((resolve) => setImmediate(resolve)) });
    await all;
    await holdUps.stop();
    t.same(holdUps.of('a'), ['waiting for a checkpoint', 'waiting for slots']);
    t.same(holdUps.of('b'), []);
    t.same(holdUps.of('c'), []);
  },
);
