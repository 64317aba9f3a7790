// The story on Flink, chapter by chapter: what is done to the job, and what must then be observed. Nothing here knows how
// Dhalion decides; each step asks Prometheus, Alertmanager, Dhalion's API or Flink's REST API, as any user could.
import type { LoopObserver } from '../../../src/commands/demo/loop-observer.js';
import {
  diagnosisStep,
  isScaleDownTo,
  outcomeStep,
  whenAbove,
  type StoryStep,
} from '../../../src/commands/demo/story-steps.js';
import {
  actionStep,
  alertStep,
  calmStep,
  quietStep,
  isOf,
  isOfBoth,
  MINUTE_MS,
  neverScaledUpStep,
  orderStep,
  PRESSURE_MS,
  runningStep,
  VICTIM,
} from './flink-steps.js';
import type { FlinkWorld } from './flink-world.js';
import { neededOfSplit } from './word-count.js';

export const CHAPTERS = ['too_small', 'too_large', 'too_far', 'slow_instance', 'hot_key'] as const;
export type ChapterName = (typeof CHAPTERS)[number];

export interface Chapter {
  readonly name: ChapterName;
  readonly steps: readonly StoryStep[];
  /** What the first line of its row in the table says. */
  readonly summary: string;
  /** The action that answers it, looked for among those claimed in the chapter. */
  readonly answer: string;
  /** Names of the moments worth recording, by the step after which they are there. */
  readonly moments: Readonly<Partial<Record<number, string>>>;
  /** What split needs in the end, by division. */
  readonly needed: number;
}

/** Sentences/s. One instance of split does 100, and one of count the words of 105. */
export const LOAD = { quiet: 60, full: 400, middle: 220, low: 120 } as const;
/** The default `target_busy`: what is left free in what is called needed. */
const BUSY_RATIO = 0.85;
/** Below three instances each takes twice as long, so that two do what one should: 100 of the 120 that are offered. */
const CRAMPED = { instances: 3, factor: 2 } as const;
/** An instance of split that does 25 sentences/s, where 40 come. */
const SLOW = { subtask: 1, factor: 4 } as const;
/** One instance of count gets nearly all of 480 words/s, and does 420. */
const HOT_SHARE = 0.98;

/**
 * Some twice what an idle machine takes. A restart reads again what came since the last checkpoint, and from Flink 2 on waits for
 * one first.
 */
const SEEN_MS = 8 * MINUTE_MS;
const CALM_MS = 8 * MINUTE_MS;
const JUDGED_MS = 12 * MINUTE_MS;

const RATE = 'sum(flink_taskmanager_job_task_numRecordsInPerSecond{task_name="split"})';
/** What the trouble has left to be caught up may still be read when the outcome is due: then it is better, not over. */
const GOOD = ['resolved', 'improved'];

export function tellChapters(world: FlinkWorld, observer: LoopObserver): readonly Chapter[] {
  return [
    tooSmall(world, observer),
    tooLarge(world, observer),
    tooFar(world, observer),
    slowInstance(world, observer),
    hotKey(world, observer),
  ];
}

function tooSmall(world: FlinkWorld, observer: LoopObserver): Chapter {
  return {
    name: 'too_small',
    summary: `load ${LOAD.quiet} → ${LOAD.full}/s`,
    answer: 'scale_up',
    moments: { 3: 'too-small' },
    needed: neededOfSplit(LOAD.full, BUSY_RATIO),
    steps: [
      {
        title: `At ${LOAD.quiet} sentences/s one instance of split is enough`,
        timeoutMs: 5 * MINUTE_MS,
        observe: async () => {
          const rate = await observer.value(RATE);
          const pressure = await observer.value(`max_over_time(${VICTIM}[20s:1s])`);
          // What is too low at first: it is a mean over 60 s.
          const isSteady = rate !== null && rate > 0.9 * LOAD.quiet && rate < 1.1 * LOAD.quiet;
          const isCalm = pressure !== null && pressure <= PRESSURE_MS;
          return isSteady && isCalm ? `it does ${Math.round(rate)}/s, and nobody is held up` : null;
        },
      },
      {
        title: `The load rises to ${LOAD.full} sentences/s: the source is held up`,
        timeoutMs: MINUTE_MS,
        act: () => world.controls.offer(LOAD.full),
        observe: whenAbove(
          observer,
          VICTIM,
          PRESSURE_MS,
          (ms) => `the source is backpressured ${Math.round(ms)} ms of every second`,
        ),
      },
      diagnosisStep(observer, 'underprovisioning', 'Dhalion finds split, by name', { timeoutMs: 2 * MINUTE_MS }),
      diagnosisStep(observer, 'underprovisioning', 'and count, which would be next', { operator: 'count' }),
      alertStep(observer, 'split', 'underprovisioning'),
      actionStep(observer, 'Dhalion asks Flink once, for more instances of both', isOfBoth('scale_up')),
      runningStep(world, observer, 'Flink runs them', isOfBoth('scale_up')),
      calmStep(observer, CALM_MS),
      outcomeStep(observer, 'The scale up is judged', isOfBoth('scale_up'), GOOD, JUDGED_MS),
    ],
  };
}

function tooLarge(world: FlinkWorld, observer: LoopObserver): Chapter {
  return {
    name: 'too_large',
    summary: `load ${LOAD.full} → ${LOAD.middle}/s`,
    answer: 'scale_down',
    moments: { 1: 'too-large' },
    needed: CRAMPED.instances,
    steps: [
      {
        ...diagnosisStep(
          observer,
          'overprovisioning',
          `The load falls to ${LOAD.middle} sentences/s: split and count are too large`,
          {
            timeoutMs: SEEN_MS,
          },
        ),
        act: async () => {
          await world.controls.trouble({ cramped: CRAMPED });
          await world.controls.offer(LOAD.middle);
        },
      },
      alertStep(observer, 'split', 'overprovisioning'),
      outcomeStep(
        observer,
        `split is scaled down to ${CRAMPED.instances}, and count with it; no harm comes of it`,
        isScaleDownTo(CRAMPED.instances),
        'resolved',
        JUDGED_MS,
      ),
    ],
  };
}

function tooFar(world: FlinkWorld, observer: LoopObserver): Chapter {
  return {
    name: 'too_far',
    summary: `load ${LOAD.middle} → ${LOAD.low}/s, which 2 instances would do, but do not`,
    answer: 'revert',
    moments: {},
    needed: CRAMPED.instances,
    steps: [
      {
        ...outcomeStep(
          observer,
          'It is scaled down to 2, which by their busy ratio should do; they do not: that is judged harmful',
          isScaleDownTo(2),
          'harmful',
          JUDGED_MS,
        ),
        act: async () => {
          await world.controls.trouble({ cramped: CRAMPED });
          await world.controls.offer(LOAD.low);
        },
      },
      outcomeStep(observer, 'It is reverted, all of it', isOf('revert'), 'resolved', JUDGED_MS),
      runningStep(world, observer, 'Flink runs what there was before', isOf('revert')),
      {
        title: 'and blacklisted: under this load split keeps what it has',
        timeoutMs: 5 * MINUTE_MS,
        observe: async () => {
          const isListed = await observer.value('dhalion_blacklisted{operator="split",resolver="scale_down"}');
          const recommended = await observer.value('dhalion_operator_recommended_parallelism{operator="split"}');
          return isListed === 1 && recommended === CRAMPED.instances
            ? `${recommended} instances are recommended`
            : null;
        },
      },
      quietStep(observer, CALM_MS),
    ],
  };
}

function slowInstance(world: FlinkWorld, observer: LoopObserver): Chapter {
  let beganAtMs = 0;
  return {
    name: 'slow_instance',
    summary: `an instance of split ${SLOW.factor} × slower`,
    answer: 'restart_instances',
    moments: { 1: 'slow-instance' },
    needed: CRAMPED.instances,
    steps: [
      {
        ...diagnosisStep(observer, 'slow_instances', `Instance ${SLOW.subtask} of split turns slow`, {
          timeoutMs: SEEN_MS,
        }),
        act: () => {
          beganAtMs = world.now();
          return world.controls.trouble({ slow: SLOW });
        },
      },
      alertStep(observer, 'split', 'slow_instances'),
      orderStep(world, 'That instance is to be restarted: it gets another TaskManager', (order) =>
        order.resolver === 'restart_instances' && order.operator_instances.join() === String(SLOW.subtask)
          ? `restart of instance ${order.operator_instances.join()} of split`
          : null,
      ),
      calmStep(observer, CALM_MS),
      outcomeStep(observer, 'The restart is judged', isOf('restart_instances'), GOOD, JUDGED_MS),
      neverScaledUpStep(observer, () => beganAtMs),
      quietStep(observer, CALM_MS),
    ],
  };
}

function hotKey(world: FlinkWorld, observer: LoopObserver): Chapter {
  let beganAtMs = 0;
  return {
    name: 'hot_key',
    summary: `${HOT_SHARE * 100} % of the words are one`,
    answer: 'rebalance',
    moments: { 1: 'hot-key' },
    needed: CRAMPED.instances,
    steps: [
      {
        ...diagnosisStep(observer, 'data_skew', 'One word gets so frequent that its instance of count cannot keep up', {
          operator: 'count',
          timeoutMs: SEEN_MS,
        }),
        act: () => {
          beganAtMs = world.now();
          return world.controls.trouble({ hotShare: HOT_SHARE });
        },
      },
      alertStep(observer, 'count', 'data_skew'),
      orderStep(world, 'Its keys are to be spread', (order) =>
        order.resolver === 'rebalance' && order.operator === 'count' && order.operator_instances.length === 1
          ? `rebalance of count, away from instance ${order.operator_instances.join()}`
          : null,
      ),
      calmStep(observer, CALM_MS),
      neverScaledUpStep(observer, () => beganAtMs),
    ],
  };
}
