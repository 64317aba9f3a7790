// A small exporter of hand-written, Flink-shaped series on loopback: Prometheus scrapes the test's values, until the test changes
// them. Unlike in the simulator, nothing changes on its own.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lifetime } from './real-parts.js';

/** One value for every subtask, or one for each. null: the series is absent. */
export type BySubtask = number | readonly number[] | null;

/** Defaults are healthy: half busy, nothing waiting, 100 records/s a subtask. */
export interface FlinkTask {
  readonly parallelism: number;
  /** ms/s. */
  readonly backPressured?: BySubtask;
  /** ms/s. */
  readonly busy?: BySubtask;
  readonly queue?: BySubtask;
  /** Records/s; a source takes none in at task level. */
  readonly recordsIn?: BySubtask;
  readonly recordsOut?: BySubtask;
  /** For a pulling source. Default: none, as for a push source. */
  readonly pendingRecords?: BySubtask;
  /** Subtasks that are not exported, as if the scrape of their TaskManager failed. */
  readonly hidden?: readonly number[];
}

/** By task name. */
export type FlinkJob = Readonly<Record<string, FlinkTask>>;

export interface FlinkExporter {
  /** Without a trailing slash. */
  readonly url: string;
  job(name: string): FlinkJob;
  /** null: the job is gone. */
  setJob(name: string, job: FlinkJob | null): void;
  change(job: string, task: string, changes: Partial<FlinkTask>): void;
  /** Stops listening, and closes all connections. */
  goDown(): Promise<void>;
  /** Listens again on the same port. */
  comeBack(): Promise<void>;
}

type LabelsOf = (job: string, task: string) => Readonly<Record<string, string>>;

const PREFIX = 'flink_taskmanager_job_task_';

/** @param labelsOf more labels of a task's series, or others for those that there are */
export async function flinkExporter(
  t: Lifetime,
  jobs: Readonly<Record<string, FlinkJob>>,
  labelsOf: LabelsOf = () => ({}),
): Promise<FlinkExporter> {
  const current = new Map(Object.entries(jobs));
  /** Number of restarts by job. A change of any parallelism restarts the whole job, as in Flink. */
  const restarts = new Map<string, number>();
  const put = (name: string, job: FlinkJob): void => {
    if (parallelismsOf(job) !== parallelismsOf(current.get(name) ?? job))
      restarts.set(name, (restarts.get(name) ?? 0) + 1);
    current.set(name, job);
  };
  const render = (): string => renderJobs(current, restarts, labelsOf);
  let server = await listen(0, render);
  const { port } = server.address() as AddressInfo;
  const goDown = (): Promise<void> => close(server);
  t.teardown(goDown);
  return {
    url: `http://127.0.0.1:${port}`,
    job: (name) => current.get(name) ?? {},
    setJob: (name, job) => {
      if (job === null) current.delete(name);
      else put(name, job);
    },
    change: (job, task, changes) => {
      const tasks = current.get(job) ?? {};
      put(job, { ...tasks, [task]: { parallelism: 1, ...tasks[task], ...changes } });
    },
    goDown,
    comeBack: async () => {
      server = await listen(port, render);
    },
  };
}

function listen(port: number, render: () => string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(render());
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function parallelismsOf(job: FlinkJob): string {
  return JSON.stringify(Object.entries(job).map(([name, { parallelism }]) => [name, parallelism]));
}

function renderJobs(
  jobs: ReadonlyMap<string, FlinkJob>,
  restarts: ReadonlyMap<string, number>,
  labelsOf: LabelsOf,
): string {
  return [...jobs]
    .flatMap(([job, tasks]) =>
      Object.entries(tasks).flatMap(([name, task]) =>
        renderTask(job, name, task, { attempt: restarts.get(job) ?? 0, more: labelsOf(job, name) }),
      ),
    )
    .join('');
}

function renderTask(
  job: string,
  name: string,
  task: FlinkTask,
  { attempt, more }: { readonly attempt: number; readonly more: Readonly<Record<string, string>> },
): string[] {
  const isSource = name.startsWith('Source:');
  const subtasks = Array.from({ length: task.parallelism }, (_, index) => index);
  return subtasks
    .filter((subtask) => task.hidden?.includes(subtask) !== true)
    .flatMap((subtask) => {
      const labels = {
        host: 'taskmanager_1',
        tm_id: '10_0_0_1:33761_1',
        job_id: `id_of_${job}`,
        job_name: job,
        task_id: `vertex_${name}`,
        task_name: name,
        task_attempt_id: `attempt_${attempt}_of_${subtask}`,
        task_attempt_num: String(attempt),
        subtask_index: String(subtask),
        ...more,
      };
      const line = (metric: string, values: BySubtask | undefined, healthy: number | null, own = {}): string[] => {
        const value = valueOf(values === undefined ? healthy : values, subtask);
        return value === null ? [] : [`${PREFIX}${metric}{${renderLabels({ ...labels, ...own })}} ${value}\n`];
      };
      return [
        ...line('backPressuredTimeMsPerSecond', task.backPressured, 0),
        ...line('busyTimeMsPerSecond', task.busy, 500),
        ...line('Shuffle_Netty_Input_Buffers_inputQueueLength', task.queue, 0),
        ...line('numRecordsInPerSecond', task.recordsIn, isSource ? 0 : 100),
        ...line('numRecordsOutPerSecond', task.recordsOut, 100),
        ...line('operator_pendingRecords', task.pendingRecords, null, { operator_id: 'op', operator_name: name }),
      ];
    });
}

function valueOf(values: BySubtask, subtask: number): number | null {
  if (values === null || typeof values === 'number') return values;
  return values[subtask] ?? null;
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');
}
