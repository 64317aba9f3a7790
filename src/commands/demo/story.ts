// The demo's story, step by step.
import type { Simulator } from '../../simulator/simulator-server.js';
import { FULL_LOAD } from './demo-world.js';
import type { LoopObserver, SeenAction } from './loop-observer.js';
import {
  describeAction,
  describeChanges,
  diagnosisStep,
  isScaleDownTo,
  outcomeStep,
  whenAbove,
  type StoryStep,
} from './story-steps.js';

/** The part of a webhook's body that the story shows. */
interface SeenCall extends Pick<SeenAction, 'resolver' | 'operators'> {
  readonly type: string;
}

/** Sentences/s: 3 instances of split and of count are enough. */
const LOW_LOAD = 600;
/** 2 instances of split would be enough if the keys were even, but they are not. */
const TREACHEROUS_LOAD = 380;
/** Even the busier one of 2 instances has spare capacity at this load. */
const LOWER_LOAD = 150;
/** An instance of split with this slowness does a quarter of its work. */
const SLOW = { index: 1, factor: 4 };

export function tellStory(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    ...tellScaleUp(simulator, observer),
    ...tellScaleDown(simulator, observer),
    ...tellHarm(simulator, observer),
    ...tellSlowInstance(simulator, observer),
    ...tellRelease(simulator, observer),
  ];
}

function tellScaleUp(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      title: 'split and count are too small: the source is held up (Flink marks the victim)',
      timeoutMs: 30_000,
      observe: whenAbove(
        observer,
        'max(flink_taskmanager_job_task_backPressuredTimeMsPerSecond{task_name=~"Source.*"})',
        100,
        (ms) => `Prometheus sees Source:_sentences backpressured ${Math.round(ms)} ms of every second`,
      ),
    },
    diagnosisStep(observer, 'underprovisioning', 'Dhalion finds the culprit and exports the diagnosis'),
    diagnosisStep(observer, 'underprovisioning', 'and the diagnosis of count, the next bottleneck', {
      operator: 'count',
    }),
    {
      title: 'The alert fires in Prometheus and reaches Alertmanager',
      timeoutMs: 60_000,
      observe: async () =>
        (await observer.hasAlert('split', 'underprovisioning'))
          ? 'Alertmanager holds the alert for split, underprovisioning'
          : null,
    },
    {
      title: 'Alertmanager notifies Dhalion, and Dhalion calls the scaling webhook once, for both',
      timeoutMs: 30_000,
      observe: () => {
        const [call] = simulator.calls();
        if (call === undefined) return Promise.resolve(null);
        const { type, resolver, operators } = JSON.parse(call.rawBody) as SeenCall;
        return Promise.resolve(`${type}: ${describeChanges(resolver, operators)}, answered ${call.answer.status}`);
      },
    },
    outcomeStep(
      observer,
      'The backpressure is gone, and the scale up is judged',
      ({ resolver }) => resolver === 'scale_up',
    ),
  ];
}

function tellScaleDown(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      ...diagnosisStep(
        observer,
        'overprovisioning',
        `The load falls from ${FULL_LOAD} to ${LOW_LOAD} sentences/s: split and count are too large`,
      ),
      act: () => {
        simulator.topology.setOfferedRate(LOW_LOAD);
      },
    },
    outcomeStep(observer, 'One action scales both down, and does no harm', isScaleDownTo(3)),
  ];
}

function tellHarm(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      ...outcomeStep(
        observer,
        `The load falls to ${TREACHEROUS_LOAD}: the next scale down causes backpressure and is judged harmful`,
        isScaleDownTo(2),
        'harmful',
      ),
      act: () => {
        simulator.topology.setOfferedRate(TREACHEROUS_LOAD);
      },
    },
    outcomeStep(observer, 'The whole action is reverted', ({ resolver }) => resolver === 'revert'),
    {
      title: 'and blacklisted: under this load split keeps its parallelism',
      timeoutMs: 60_000,
      observe: async () => {
        const isListed = await observer.value('dhalion_blacklisted{operator="split",resolver="scale_down"}');
        // The recommendation ignores the blacklist: it is 3 only while the revert settles.
        const entry = (await observer.blacklist()).find(({ operator }) => operator === 'split');
        return isListed === 1 && entry?.floor === 3
          ? 'dhalion_blacklisted{operator="split",resolver="scale_down"} 1, and no scale down goes below 3 instances'
          : null;
      },
    },
  ];
}

function tellSlowInstance(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      ...diagnosisStep(observer, 'slow_instances', 'One instance of split becomes slow and holds up the topology'),
      act: () => {
        simulator.topology.setSlowInstance('split', SLOW);
      },
    },
    {
      title: 'It is restarted, and split is not scaled up',
      timeoutMs: 90_000,
      observe: async () => {
        const actions = await observer.actions();
        const sinceRevert = actions.slice(
          0,
          actions.findIndex(({ resolver }) => resolver === 'revert'),
        );
        const restart = sinceRevert.find(({ resolver }) => resolver === 'restart_instances');
        const isScaledUp = sinceRevert.some(({ resolver }) => resolver === 'scale_up');
        return restart?.outcome === 'resolved' && !isScaledUp ? describeAction(restart) : null;
      },
    },
  ];
}

function tellRelease(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      title: `The load drops further, to ${LOWER_LOAD} sentences/s: the blacklist entry no longer applies`,
      timeoutMs: 60_000,
      act: () => {
        simulator.topology.setOfferedRate(LOWER_LOAD);
      },
      observe: async () => {
        const isListed = await observer.value('dhalion_blacklisted{operator="split",resolver="scale_down"}');
        return isListed === null ? 'dhalion_blacklisted{operator="split",resolver="scale_down"} is gone' : null;
      },
    },
    outcomeStep(observer, 'split is scaled down to 2, without harm', isScaleDownTo(2)),
  ];
}
