// `npm run flink`: the rig's cluster with the word count running, to look at or to point Dhalion at, until it is ended. The
// first line on stdout is JSON: rest_url, reporters, job_id, controls. With --record-rest=FOLDER the job is rescaled a few times,
// what the REST API answers meanwhile is kept there, and it ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.js';
import { describeError } from '../../../src/errors.js';
import { buildRig, type Rig } from './build-rig.js';
import { startFlinkCluster, type FlinkCluster } from './flink-cluster.js';
import { createJobControls } from './job-controls.js';
import { recordRefusals, recordRescales, recordWithoutRescales, type RestRecording } from './record-rest.js';
import { parseRigCommandLine, type RigOptions } from './rig-options.js';
import { wordCount } from './word-count.js';

/** Sentences/s, unless the command line says otherwise. */
const LOAD = 50;
/** Nobody forgets a cluster for longer. */
const MAX_MS = 60 * 60_000;
const CLUSTER = { taskManagers: 2, slotsEach: 6 };
const SLOTS = CLUSTER.taskManagers * CLUSTER.slotsEach;
/** Clusters that tell of no rescales, by the names of their recordings. */
const WITHOUT_RESCALES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'history-off': { 'web.adaptive-scheduler.rescale-history.size': '0' },
  'scheduler-not-adaptive': { 'jobmanager.scheduler': 'default' },
};

interface Arguments {
  readonly rig: RigOptions;
  readonly load: number;
  readonly recordRestInto: string | null;
}

function parseArguments(argv: readonly string[]): Arguments {
  const { rig, flags, words } = parseRigCommandLine(argv, ['record-rest']);
  const [written = String(LOAD), ...more] = words;
  const load = Number(written);
  if (written.trim() === '' || !Number.isFinite(load) || load < 0 || more.length > 0) {
    throw new Error(`${words.join(' ')}: what is offered is one number of sentences/s, such as ${LOAD}`);
  }
  return { rig, load, recordRestInto: flags.get('record-rest') ?? null };
}

interface RunningJob {
  readonly cluster: FlinkCluster;
  readonly jobId: string;
  readonly controls: string;
}

/** @param settings of Flink, what is set otherwise than the rig does */
async function withJob(
  rig: Rig,
  { rig: { checkpointMs }, load }: Arguments,
  settings: Readonly<Record<string, string>>,
  use: (job: RunningJob) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-flink-'));
  try {
    const controls = await createJobControls(join(folder, 'controls'), () => systemClock.now());
    await controls.offer(load);
    const cluster = await startFlinkCluster({ rig, folder, checkpointMs, settings, ...CLUSTER });
    try {
      const jobId = await cluster.submit(wordCount(controls.folder));
      await use({ cluster, jobId, controls: controls.folder });
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runCluster(options: Arguments, signal: AbortSignal): Promise<void> {
  const built = await buildRig(options.rig.flink);
  if (built.kind === 'not_to_be_had') throw new Error(built.because);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const { recordRestInto: folder } = options;
  if (folder === null) {
    return withJob(built.rig, options, {}, async ({ cluster, jobId, controls }) => {
      say(JSON.stringify({ rest_url: cluster.restUrl, reporters: cluster.reporters, job_id: jobId, controls }));
      await systemClock.sleep(MAX_MS, signal);
    });
  }
  const recordingOf = ({ cluster: { restUrl }, jobId }: RunningJob): RestRecording => {
    return { restUrl, jobId, folder, slots: SLOTS, clock: systemClock, signal, say };
  };
  await withJob(built.rig, options, {}, async (job) => {
    await recordRescales(recordingOf(job));
    await recordRefusals(recordingOf(job));
  });
  for (const [names, settings] of Object.entries(WITHOUT_RESCALES)) {
    await withJob(built.rig, options, settings, (job) => recordWithoutRescales(recordingOf(job), names));
  }
}

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    ending.abort();
  });
}
try {
  await runCluster(parseArguments(process.argv.slice(2)), ending.signal);
} catch (error) {
  process.stderr.write(`flink: ${describeError(error)}\n`);
  process.exitCode = 1;
}
