// The demo's story, step by step. A step is something done to the topology, or something that must then be observed.
import type { Simulator } from '../../simulator/simulator-server.js';
import { FULL_LOAD } from './demo-world.js';
import type { LoopObserver, SeenAction } from './loop-observer.js';

/** Says what was observed; null: not yet. */
export type Observation = () => Promise<string | null>;

export interface StoryStep {
  /** A fact in the present tense. */
  readonly title: string;
  /** Done once, before observing. */
  readonly act?: () => void;
  readonly observe: Observation;
  readonly timeoutMs: number;
}

/** Sentences/s after the load has fallen. */
const LOW_LOAD = 0.3 * FULL_LOAD;

export function tellStory(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [...tellScaleUp(simulator, observer), ...tellScaleDown(simulator, observer)];
}

function tellScaleUp(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      title: 'split is too small: the source is held up (Flink marks the victim)',
      timeoutMs: 30_000,
      observe: whenAbove(
        observer,
        'max(flink_taskmanager_job_task_backPressuredTimeMsPerSecond{task_name=~"Source.*"})',
        100,
        (ms) => `Prometheus sees Source:_sentences backpressured ${Math.round(ms)} ms of every second`,
      ),
    },
    {
      title: 'Dhalion finds the culprit and exports the diagnosis',
      timeoutMs: 30_000,
      observe: whenAbove(
        observer,
        'dhalion_diagnosis{operator="split",diagnosis="underprovisioning"}',
        0,
        () => 'Prometheus has scraped dhalion_diagnosis{operator="split",diagnosis="underprovisioning"} 1',
      ),
    },
    alertStep(observer, 'split', 'underprovisioning'),
    {
      title: 'Alertmanager notifies Dhalion, and Dhalion calls the scaling webhook',
      timeoutMs: 30_000,
      observe: () => {
        const [call] = simulator.calls();
        if (call === undefined) return Promise.resolve(null);
        const {
          type,
          current_parallelism: from,
          desired_parallelism: to,
        } = JSON.parse(call.rawBody) as Record<string, string>;
        return Promise.resolve(
          `${type ?? ''}: split from ${from ?? ''} to ${to ?? ''} instances, answered ${call.answer.status}`,
        );
      },
    },
    {
      title: 'The backpressure is gone and every scale up is judged resolved or improved',
      timeoutMs: 120_000,
      observe: async () => {
        const actions = await observer.actions();
        return actions[0]?.outcome === 'resolved' ? `outcomes: ${summarize(actions)}` : null;
      },
    },
  ];
}

function tellScaleDown(simulator: Simulator, observer: LoopObserver): readonly StoryStep[] {
  return [
    {
      title: `The load falls from ${FULL_LOAD} to ${LOW_LOAD} sentences/s: split is too large`,
      timeoutMs: 60_000,
      act: () => {
        simulator.topology.setOfferedRate(LOW_LOAD);
      },
      observe: whenAbove(
        observer,
        'dhalion_diagnosis{operator="split",diagnosis="overprovisioning"}',
        0,
        () => 'Prometheus has scraped dhalion_diagnosis{operator="split",diagnosis="overprovisioning"} 1',
      ),
    },
    alertStep(observer, 'split', 'overprovisioning'),
    {
      title: 'Dhalion scales split down, and no harm comes of it',
      timeoutMs: 90_000,
      observe: async () => {
        const scaleDowns = (await observer.actions()).filter(({ resolver }) => resolver === 'scale_down');
        return scaleDowns[0]?.outcome === 'resolved' ? `outcomes: ${summarize(scaleDowns)}` : null;
      },
    },
  ];
}

function alertStep(observer: LoopObserver, operator: string, diagnosis: string): StoryStep {
  return {
    title: 'The alert fires in Prometheus and reaches Alertmanager',
    timeoutMs: 60_000,
    observe: async () =>
      (await observer.hasAlert(operator, diagnosis))
        ? `Alertmanager holds the alert for ${operator}, ${diagnosis}`
        : null,
  };
}

function whenAbove(
  observer: LoopObserver,
  promql: string,
  limit: number,
  tell: (value: number) => string,
): Observation {
  return async () => {
    const value = await observer.value(promql);
    return value !== null && value > limit ? tell(value) : null;
  };
}

/** Oldest first. */
function summarize(actions: readonly SeenAction[]): string {
  return [...actions]
    .reverse()
    .map(
      (action) =>
        `${action.resolver} ${action.current_parallelism}→${action.desired_parallelism} ${action.outcome ?? action.state}`,
    )
    .join(', ');
}
