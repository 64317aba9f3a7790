// The labels Flink's PrometheusReporter puts on every series of a task, in its order. Ids are invented but stable: a task's
// id outlives restarts, its attempts' do not.
import { createHash } from 'node:crypto';
import { withoutSpecialCharacters } from './java-text.js';
import type { OperatorState, TopologyState } from './topology-state.js';

export interface FlinkCluster {
  readonly host: string;
  readonly slotsPerTaskManager: number;
}

type Labels = Readonly<Record<string, string>>;

export function jobLabels(state: TopologyState, cluster: FlinkCluster): Labels {
  return { host: cluster.host, job_id: flinkId(`job ${state.name}`), job_name: withoutSpecialCharacters(state.name) };
}

/** Sub-tasks share slots: number n of every task runs in slot n. */
export function taskLabels(
  state: TopologyState,
  operator: OperatorState,
  subtask: number,
  cluster: FlinkCluster,
): Labels {
  const job = jobLabels(state, cluster);
  const taskId = flinkId(`task ${state.name} ${operator.name}`);
  const execution = flinkId(`execution ${state.name} ${state.restarts}`);
  return {
    job_id: job['job_id'] ?? '',
    task_id: taskId,
    task_attempt_id: `${execution}_${taskId}_${subtask}_${state.restarts}`,
    host: taskManagerHost(Math.floor(subtask / cluster.slotsPerTaskManager), cluster),
    task_name: withoutSpecialCharacters(operator.name),
    task_attempt_num: String(state.restarts),
    job_name: job['job_name'] ?? '',
    tm_id: taskManagerId(Math.floor(subtask / cluster.slotsPerTaskManager), cluster),
    subtask_index: String(subtask),
  };
}

export function operatorLabels(task: Labels, operator: OperatorState): Labels {
  const { job_id, task_id, task_attempt_id, host, ...rest } = task;
  return {
    job_id: job_id ?? '',
    task_id: task_id ?? '',
    task_attempt_id: task_attempt_id ?? '',
    host: host ?? '',
    operator_id: flinkId(`operator ${task_id ?? ''}`),
    operator_name: withoutSpecialCharacters(operator.name),
    ...rest,
  };
}

export function taskManagerLabels(taskManager: number, cluster: FlinkCluster): Labels {
  return { host: taskManagerHost(taskManager, cluster), tm_id: taskManagerId(taskManager, cluster) };
}

export function taskManagersNeeded(state: TopologyState, cluster: FlinkCluster): number {
  const widest = Math.max(1, ...state.operators.map((operator) => operator.parallelism));
  return Math.ceil(widest / cluster.slotsPerTaskManager);
}

function taskManagerHost(taskManager: number, cluster: FlinkCluster): string {
  return withoutSpecialCharacters(`${cluster.host}-taskmanager-${taskManager + 1}`);
}

function taskManagerId(taskManager: number, cluster: FlinkCluster): string {
  const host = taskManagerHost(taskManager, cluster);
  return withoutSpecialCharacters(`${host}:6122-${flinkId(host).slice(0, 6)}`);
}

/** 32 hexadecimal digits, the same for the same name. */
function flinkId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
