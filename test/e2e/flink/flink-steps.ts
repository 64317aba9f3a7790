// What the steps of the story on Flink are made of; those that the demo has too are its own.
import type { LoopObserver, SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { describeAction, type StoryStep } from '../../../src/commands/demo/story-steps.js';
import { parallelismOf } from './flink-rest.js';
import type { FlinkWorld } from './flink-world.js';
import type { Order } from './operations.js';

/** ms/s for which the source is held up. */
export const VICTIM = 'max(flink_taskmanager_job_task_backPressuredTimeMsPerSecond{task_name=~"Source.*"})';
/** As much is pressure: 5 % of the time, as for Dhalion. */
export const PRESSURE_MS = 50;
export const MINUTE_MS = 60_000;

export function alertStep(observer: LoopObserver, operator: string, diagnosis: string): StoryStep {
  return {
    title: 'The alert fires in Prometheus and reaches Alertmanager',
    timeoutMs: 3 * MINUTE_MS,
    observe: async () =>
      (await observer.hasAlert(operator, diagnosis)) ? `Alertmanager holds ${diagnosis} of ${operator}` : null,
  };
}

export function isOf(resolver: string): (action: SeenAction) => boolean {
  return (action) => action.resolver === resolver;
}

export function actionStep(observer: LoopObserver, title: string, isMeant: (action: SeenAction) => boolean): StoryStep {
  return {
    title,
    timeoutMs: 2 * MINUTE_MS,
    observe: async () => {
      const action = (await observer.actions()).find((seen) => isMeant(seen) && seen.state !== 'claimed');
      return action === undefined ? null : describeAction(action);
    },
  };
}

/** Flink itself says that split runs with this parallelism; default: with more than one instance. */
export function runningStep(world: FlinkWorld, title: string, parallelism?: number): StoryStep {
  return {
    title,
    timeoutMs: 2 * MINUTE_MS,
    observe: async () => {
      const running = await parallelismOf(world.restUrl, 'split');
      const isMeant = parallelism === undefined ? (running ?? 0) > 1 : running === parallelism;
      return isMeant ? `split runs with ${running ?? 0} instances` : null;
    },
  };
}

export function calmStep(observer: LoopObserver, timeoutMs: number): StoryStep {
  return {
    title: 'The backpressure ends',
    timeoutMs,
    observe: async () => {
      // While Flink restarts there is no pressure, and no job.
      const victim = await observer.value(`max_over_time(${VICTIM}[30s:1s]) and on () ${VICTIM}`);
      return victim !== null && victim <= PRESSURE_MS
        ? `the source is backpressured ${victim} ms of every second`
        : null;
    },
  };
}

export function orderStep(world: FlinkWorld, title: string, tell: (order: Order) => string | null): StoryStep {
  return {
    title,
    timeoutMs: 2 * MINUTE_MS,
    observe: () => {
      const newest = world.operations.orders().at(-1);
      return Promise.resolve(newest === undefined ? null : tell(newest));
    },
  };
}

/** No scale_up was claimed after the trouble began. */
export function neverScaledUpStep(observer: LoopObserver, beganAtMs: () => number): StoryStep {
  return {
    title: 'and nothing was scaled up for it',
    timeoutMs: MINUTE_MS,
    observe: async () => {
      const since = (await observer.actions()).filter(({ claimed_at: at }) => Date.parse(at) >= beganAtMs());
      const isScaledUp = since.some(({ resolver }) => resolver === 'scale_up');
      return isScaledUp ? null : `since then: ${since.map(describeAction).join('; ')}`;
    },
  };
}
