// PURE: a recording of the published form, made of a simulated job: what the same tool says of it was not known when the tool was
// written. Rows are what a scrape of the whole job would leave: means over a minute, the largest of all subtasks, sums.
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { offeredAt, type OfferedLoad } from '../../src/simulator/load-curve.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import { NO_TOTALS, ratesBetween, type TopologyState } from '../../src/simulator/topology-state.js';
import { ROW_S } from './recorded-run.js';

export interface SimulatedRecording {
  /** All its operators have the parallelism of the task managers: one slot each. */
  readonly spec: TopologySpec;
  readonly offered: OfferedLoad;
  readonly minutes: number;
  /** How many there are from the start of each minute named, in the order of time; the first is minute 0. */
  readonly taskManagers: readonly { readonly fromMinute: number; readonly count: number }[];
  readonly seed: number;
}

/** Ends of the minute that Flink's timers and the recordings' means are of. */
const LOOKS = 60 / ROW_S + 1;
const START_S = 1_600_000_000;
const COLUMNS = 'timestamp,input_rate,backpressure,busy_time,CPU_load,idle_time,lag,taskmanager';

/** CSV; a row without task values while the job restarts, as a scrape finds none. */
export function simulateRecording(recording: SimulatedRecording): string {
  const { spec, offered, minutes, taskManagers, seed } = recording;
  const topology = createFluidTopology(spec, seed);
  const lines = [COLUMNS];
  let looks: TopologyState[] = [];
  for (let endS = ROW_S; endS <= minutes * 60; endS += ROW_S) {
    const scaled = taskManagers.find(({ fromMinute }) => fromMinute * 60 === endS - ROW_S);
    if (scaled !== undefined) for (const { name } of spec.operators) topology.rescale(name, scaled.count);
    topology.step(ROW_S);
    const state = topology.state();
    // What a restart ended is not reported any more.
    looks = [...looks, state]
      .filter(({ restarts, isRunning }) => isRunning && restarts === state.restarts)
      .slice(-LOOKS);
    const row = [START_S + endS, offeredAt(offered, endS), ...taskColumns(looks), backlogOf(state)];
    lines.push([...row, state.operators[0]?.parallelism ?? 0].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** backpressure (ms/s, the largest), busy_time, CPU_load and idle_time (0..1, means); empty while nothing runs. */
function taskColumns(looks: readonly TopologyState[]): (number | '')[] {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || first === last) return ['', '', '', ''];
  const subtasks = last.operators.flatMap((operator, index) =>
    operator.instances.map(({ totals }, instance) => {
      const before = first.operators[index]?.instances[instance]?.totals ?? NO_TOTALS;
      return ratesBetween(before, totals, last.timeSeconds - first.timeSeconds);
    }),
  );
  const busy = mean(subtasks.map(({ busyMsPerSecond }) => busyMsPerSecond)) / 1000;
  const idle = mean(subtasks.map(({ idleMsPerSecond }) => idleMsPerSecond)) / 1000;
  // One slot holds a subtask of each operator, and has one core.
  const cpu = Math.min(1, busy * last.operators.length);
  return [Math.max(...subtasks.map(({ backpressuredMsPerSecond }) => backpressuredMsPerSecond)), busy, cpu, idle];
}

function backlogOf({ operators }: TopologyState): number {
  return operators
    .flatMap(({ instances }) => instances)
    .reduce((sum, { backlogRecords }) => sum + (backlogRecords ?? 0), 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
