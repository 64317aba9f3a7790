// What the steps of the story on Flink are made of; those that the demo has too are its own.
import type { LoopObserver, SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { describeAction, type StoryStep } from '../../../src/commands/demo/story-steps.js';
import { parallelismsOf } from './flink-rest.js';
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

/** Such an action on split and count together. */
export function isOfBoth(resolver: string): (action: SeenAction) => boolean {
  return (action) =>
    isOf(resolver)(action) &&
    ['split', 'count'].every((name) => action.operators.some(({ operator }) => operator === name));
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

/** Flink itself says that split and count run with what the newest such action has asked for. */
export function runningStep(
  world: FlinkWorld,
  observer: LoopObserver,
  title: string,
  isMeant: (action: SeenAction) => boolean,
): StoryStep {
  return {
    title,
    timeoutMs: 4 * MINUTE_MS,
    observe: async () => {
      const running = await parallelismsOf(world.restUrl);
      const asked = (await observer.actions()).find(isMeant)?.operators ?? [];
      const isRunning = asked.every(({ operator, desired_parallelism: desired }) => running?.get(operator) === desired);
      if (asked.length === 0 || !isRunning) return null;
      return asked.map(({ operator, desired_parallelism: desired }) => `${operator} runs with ${desired}`).join(', ');
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

/**
 * An alert that still fires from earlier trouble is answered as soon as there is pressure again, before its cause can be told from the
 * queues: what follows begins without one.
 */
export function quietStep(observer: LoopObserver, timeoutMs: number): StoryStep {
  return {
    title: 'Nothing is too small any more',
    timeoutMs,
    observe: async () => {
      // For longer than an alert outlives its diagnosis.
      const found = await observer.value(
        'max(max_over_time(dhalion_diagnosis{diagnosis="underprovisioning"}[60s])) or on () vector(0)',
      );
      return found === 0 ? 'no operator was underprovisioned for a minute' : null;
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
