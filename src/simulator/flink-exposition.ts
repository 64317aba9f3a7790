// A simulated topology as Flink 1.x's PrometheusReporter would expose it: its names, labels, number format, and integers
// where Flink has integers. Sources take in no records at task level, and a restarting job has no task series at all.
import type { Exposition } from './exposition.js';
import {
  jobLabels,
  operatorLabels,
  taskLabels,
  taskManagerLabels,
  taskManagersNeeded,
  type FlinkCluster,
} from './flink-labels.js';
import { javaDouble } from './java-text.js';
import { createSeededRandom } from './seeded-random.js';
import { createTotalsWindow, type TotalsWindow } from './totals-window.js';
import type { InstanceState, OperatorState, TopologyState } from './topology-state.js';

export interface FlinkExpositionOptions extends FlinkCluster {
  /** Window of the …PerSecond meters of records. */
  readonly meterSeconds: number;
  /** Window of the …TimeMsPerSecond gauges. */
  readonly timerSeconds: number;
}

/** Flink's own windows, which take a minute to follow. */
export const FLINK_WINDOWS = { meterSeconds: 60, timerSeconds: 60 } as const;
/** For evaluation intervals of seconds. */
export const DEFAULT_FLINK_OPTIONS: FlinkExpositionOptions = {
  host: 'flink',
  slotsPerTaskManager: 4,
  meterSeconds: 2,
  timerSeconds: 1,
};

/** Samples of one metric name, by labels. */
interface Family {
  readonly scope: string;
  readonly metric: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

export function createFlinkExposition(options: Partial<FlinkExpositionOptions> = {}, seed = 1): Exposition {
  const settings = { ...DEFAULT_FLINK_OPTIONS, ...options };
  const window = createTotalsWindow(Math.max(settings.meterSeconds, settings.timerSeconds));
  const random = createSeededRandom(seed);
  /** Queue lengths are whole numbers: a mean of 0.3 is sampled as 1 in three of ten looks. */
  const asSampled = (mean: number): number => Math.floor(mean + random.uniform());
  let latest: TopologyState | null = null;
  return {
    observe: (state) => {
      latest = state;
      window.observe(state);
    },
    render: () => {
      if (latest === null) return '';
      const families = createFamilies();
      addClusterSamples(families, latest, settings);
      // A task that has not run yet reports nothing.
      if (latest.isRunning && latest.timeSeconds > latest.runningSinceSeconds) {
        for (const operator of latest.operators)
          addTaskSamples(families, latest, operator, settings, window, asSampled);
      }
      return families.render();
    },
    instanceIndex: (operator, operatorInstance) => {
      const instances = latest?.operators.find(({ name }) => name === operator)?.instances ?? [];
      return instances.find(({ index }) => String(index) === operatorInstance)?.index ?? null;
    },
  };
}

type Families = ReturnType<typeof createFamilies>;

function createFamilies() {
  const families = new Map<string, Family>();
  return {
    add: (scope: string, metric: string, labels: Readonly<Record<string, string>>, value: number): void => {
      const name = `flink_${scope}_${metric}`;
      const family = families.get(name) ?? { scope, metric, samples: [] };
      families.set(name, family);
      family.samples.push({ labels, value });
    },
    render: (): string => [...families].map(([name, family]) => renderFamily(name, family)).join(''),
  };
}

function renderFamily(name: string, family: Family): string {
  const lines = family.samples.map(({ labels, value }) => {
    // The comma before the brace is the Java client's.
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}",`);
    return `${name}{${pairs.join('')}} ${javaDouble(value)}\n`;
  });
  return `# HELP ${name} ${family.metric} (scope: ${family.scope})\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function addClusterSamples(families: Families, state: TopologyState, cluster: FlinkCluster): void {
  const taskManagers = taskManagersNeeded(state, cluster);
  const slots = taskManagers * cluster.slotsPerTaskManager;
  const used = state.isRunning ? Math.max(...state.operators.map((operator) => operator.parallelism)) : 0;
  const jobManager = { host: cluster.host };
  families.add('jobmanager', 'numRegisteredTaskManagers', jobManager, taskManagers);
  families.add('jobmanager', 'numRunningJobs', jobManager, 1);
  families.add('jobmanager', 'taskSlotsTotal', jobManager, slots);
  families.add('jobmanager', 'taskSlotsAvailable', jobManager, slots - used);
  families.add('jobmanager_job', 'numRestarts', jobLabels(state, cluster), state.restarts);
  for (let taskManager = 0; taskManager < taskManagers; taskManager += 1) {
    families.add('taskmanager_Status_Network', 'TotalMemorySegments', taskManagerLabels(taskManager, cluster), 2048);
  }
}

function addTaskSamples(
  families: Families,
  state: TopologyState,
  operator: OperatorState,
  settings: FlinkExpositionOptions,
  window: TotalsWindow,
  asSampled: (mean: number) => number,
): void {
  const consumers = state.operators.filter((other) => other.inputs.includes(operator.name));
  const fullestConsumer = Math.max(0, ...consumers.flatMap(({ instances }) => instances.map(({ fill }) => fill)));
  for (const instance of operator.instances) {
    const labels = taskLabels(state, operator, instance.index, settings);
    const add = (metric: string, value: number): void => {
      families.add('taskmanager_job_task', metric, labels, value);
    };
    addTimes(add, operator, instance, window, settings.timerSeconds);
    const meter = window.meter(operator.name, instance.index, settings.meterSeconds);
    const isSource = operator.role === 'source';
    const hasConsumers = consumers.length > 0;
    add('numRecordsIn', isSource ? 0 : Math.floor(instance.totals.recordsIn));
    add('numRecordsInPerSecond', isSource ? 0 : meter.recordsInPerSecond);
    add('numRecordsOut', hasConsumers ? Math.floor(instance.totals.recordsOut) : 0);
    add('numRecordsOutPerSecond', hasConsumers ? meter.recordsOutPerSecond : 0);

    const addBuffers = (direction: 'Input' | 'Output', metric: string, value: number): void => {
      families.add(`taskmanager_job_task_Shuffle_Netty_${direction}_Buffers`, metric, labels, value);
    };
    addBuffers('Input', 'inputQueueLength', asSampled(instance.pendingPackets));
    addBuffers('Input', 'inPoolUsage', Math.min(1, instance.fill));
    addBuffers('Output', 'outputQueueLength', hasConsumers ? asSampled(fullestConsumer) : 0);
    addBuffers('Output', 'outPoolUsage', isHeldUp(instance) ? 1 : Math.min(1, fullestConsumer));

    if (!isSource) continue;
    const addOperator = (metric: string, value: number): void => {
      families.add('taskmanager_job_task_operator', metric, operatorLabels(labels, operator), value);
    };
    addOperator('numRecordsIn', Math.floor(instance.totals.recordsIn));
    addOperator('numRecordsInPerSecond', meter.recordsInPerSecond);
    addOperator('numRecordsOut', Math.floor(instance.totals.recordsOut));
    addOperator('numRecordsOutPerSecond', meter.recordsOutPerSecond);
    if (instance.backlogRecords !== null) addOperator('pendingRecords', Math.round(instance.backlogRecords));
  }
}

/** Whole ms/s; busy is the rest after the other two, as in Flink. */
function addTimes(
  add: (metric: string, value: number) => void,
  operator: OperatorState,
  instance: InstanceState,
  window: TotalsWindow,
  timerSeconds: number,
): void {
  const rates = window.rates(operator.name, instance.index, timerSeconds);
  const backpressured = Math.round(rates.backpressuredMsPerSecond);
  const hard = Math.floor(backpressured / 10);
  const idle = Math.round(rates.idleMsPerSecond);
  add('backPressuredTimeMsPerSecond', backpressured);
  add('softBackPressuredTimeMsPerSecond', backpressured - hard);
  add('hardBackPressuredTimeMsPerSecond', hard);
  add('idleTimeMsPerSecond', idle);
  add('busyTimeMsPerSecond', operator.reportsBusy ? 1000 - Math.min(idle + backpressured, 1000) : NaN);
  add('isBackPressured', isHeldUp(instance) ? 1 : 0);
  add('accumulateBackPressuredTimeMs', Math.round(instance.totals.backpressuredMs));
  add('accumulateIdleTimeMs', Math.round(instance.totals.idleMs));
  add('accumulateBusyTimeMs', operator.reportsBusy ? Math.round(instance.totals.busyMs) : NaN);
}

function isHeldUp(instance: InstanceState): boolean {
  return instance.lastStep.backpressuredMsPerSecond >= 500;
}
