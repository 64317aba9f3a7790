// A Flink cluster on loopback: one JobManager with the adaptive scheduler and some TaskManagers, plain Java processes with
// the Prometheus reporter each. Needs what build-rig.ts made; knows nothing of the job but how it is submitted.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startChildProgram, type ChildProgram } from '../../../src/real-parts/child-program.js';
import type { Rig } from './build-rig.js';
import { renderFlinkSettings } from './flink-settings.js';

export interface FlinkCluster {
  /** Of the JobManager's REST API, without a trailing slash. */
  readonly restUrl: string;
  /** host:port of every process's Prometheus reporter. */
  readonly reporters: readonly string[];
  /** Ends the TaskManager of this resource id, and starts another in its place. */
  replaceTaskManager(name: string): Promise<void>;
  /** The job's id. The job reads its load and its troubles from a folder: job-controls.ts. */
  submit(job: WordCount): Promise<string>;
  stop(): Promise<void>;
}

export interface FlinkClusterOptions {
  readonly rig: Rig;
  /** Made if need be: configuration, logs, checkpoints. */
  readonly folder: string;
  readonly taskManagers: number;
  readonly slotsEach: number;
  /** Between two checkpoints of each job. */
  readonly checkpointMs: number;
  /** Of Flink's options, what is set otherwise than the rig does. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The word count as submitted; afterwards only its parallelism changes. */
export interface WordCount {
  readonly name: string;
  readonly controls: string;
  readonly partitions: number;
  readonly parallelism: { readonly source: number; readonly split: number; readonly count: number };
  /** Each sentence has so many. */
  readonly words: number;
  /** What one instance does at most: sentences/s of split, words/s of count. */
  readonly capacity: { readonly split: number; readonly count: number };
}

const READY_TIMEOUT_MS = 90_000;
const SUBMIT_TIMEOUT_MS = 90_000;
const ANSWER_TIMEOUT_MS = 1000;

/** Heap and network buffers of toy records; the compiler's second tier would take the cores that others need. */
const JVM_FLAGS = [
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:MaxMetaspaceSize=192m', '-XX:MaxDirectMemorySize=256m'],
  ...['java.lang', 'java.lang.reflect', 'java.net', 'java.io', 'java.nio', 'java.text', 'java.time', 'java.util']
    .concat('java.util.concurrent', 'java.util.concurrent.atomic', 'java.util.concurrent.locks')
    .map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
];

/** Resolves when all TaskManagers are registered. Rejects with `part_failed`; nothing is left running then. */
export async function startFlinkCluster(options: FlinkClusterOptions): Promise<FlinkCluster> {
  const { rig, folder, taskManagers: count, slotsEach: slots, settings = {} } = options;
  const ports = { rest: await freePort(), rpc: await freePort(), blob: await freePort() };
  const restUrl = `http://127.0.0.1:${ports.rest}`;
  const running = new Map<string, ChildProgram>();
  const reporterPorts = new Map<string, number>();
  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map((child) => child.stop()));
  };
  const start = async (name: string, heapMb: number, mainClass: string, registered: number): Promise<void> => {
    const reporterPort = reporterPorts.get(name) ?? (await freePort());
    reporterPorts.set(name, reporterPort);
    const home = join(folder, name);
    await mkdir(home, { recursive: true });
    const config = renderFlinkSettings({ flink: rig.flink, ports, reporterPort, folder, home, name, slots, settings });
    await writeFile(join(home, 'config.yaml'), config);
    await writeFile(join(home, 'log4j2.properties'), LOG4J);
    const readyUrl = `http://127.0.0.1:${reporterPort}/metrics`;
    const child = await startChildProgram({
      name,
      program: rig.java,
      args: [
        ...JVM_FLAGS,
        `-Xms${heapMb}m`,
        `-Xmx${heapMb}m`,
        `-Dlog4j2.configurationFile=${join(home, 'log4j2.properties')}`,
        ...['-cp', `${rig.lib}/*`, mainClass, '--configDir', home],
      ],
      cwd: home,
      readyUrl,
      isReady: async () => (await answers(readyUrl)) && (await countTaskManagers(restUrl)) === registered,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    running.set(name, child);
  };
  const startTaskManager = (name: string, registered: number): Promise<void> =>
    start(name, 320, 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner', registered);
  try {
    await start('jobmanager', 256, 'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint', 0);
    for (let number = 1; number <= count; number += 1) await startTaskManager(`taskmanager-${number}`, number);
    return {
      restUrl,
      reporters: [...reporterPorts.values()].map((port) => `127.0.0.1:${port}`),
      submit: (job) => submit(rig, ports.rest, job, options.checkpointMs),
      replaceTaskManager: async (name) => {
        await running.get(name)?.stop();
        await startTaskManager(name, count);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).then(
    async (answer) => (await answer.text()) !== '' && answer.ok,
    () => false,
  );
}

/** Null: the JobManager does not answer yet. */
async function countTaskManagers(restUrl: string): Promise<number | null> {
  try {
    const answer = await fetch(`${restUrl}/overview`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return answer.ok ? ((await answer.json()) as { taskmanagers: number }).taskmanagers : null;
  } catch {
    return null;
  }
}

async function submit(rig: Rig, restPort: number, job: WordCount, checkpointMs: number): Promise<string> {
  const settings = {
    'rest-port': restPort,
    jar: rig.jar,
    name: job.name,
    'checkpoint-ms': checkpointMs,
    controls: job.controls,
    partitions: job.partitions,
    source: job.parallelism.source,
    split: job.parallelism.split,
    count: job.parallelism.count,
    words: job.words,
    'split-seconds': 1 / job.capacity.split,
    'count-seconds': 1 / job.capacity.count,
  };
  const { stdout } = await promisify(execFile)(
    rig.java,
    [
      ...JVM_FLAGS,
      ...['-Xmx256m', '-cp', [rig.jar, `${rig.lib}/*`].join(':'), 'dhalion.rig.WordCountJob'],
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    { timeout: SUBMIT_TIMEOUT_MS },
  );
  const id = /^[0-9a-f]{32}$/m.exec(stdout)?.[0];
  if (id === undefined) throw new Error(`the job told no id: ${stdout}`);
  return id;
}

const LOG4J = `rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %-5p %c{1} %m%n
`;
