// `npm run flink`: the rig's cluster with the word count running, to look at or to point Dhalion at, until it is ended. The
// first line on stdout is JSON: rest_url, reporters, job_id, controls.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.js';
import { describeError } from '../../../src/errors.js';
import { buildRig } from './build-rig.js';
import { startFlinkCluster } from './flink-cluster.js';
import { createJobControls } from './job-controls.js';
import { wordCount } from './word-count.js';

/** Sentences/s, unless the command line says otherwise. */
const LOAD = 50;
/** Nobody forgets a cluster for longer. */
const MAX_MS = 60 * 60_000;

async function runCluster(signal: AbortSignal): Promise<void> {
  const built = await buildRig();
  if (built.kind === 'not_to_be_had') throw new Error(built.because);
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-flink-'));
  try {
    const controls = await createJobControls(join(folder, 'controls'), () => systemClock.now());
    await controls.offer(Number(process.argv[2] ?? LOAD));
    const cluster = await startFlinkCluster({ rig: built.rig, folder, taskManagers: 2, slotsEach: 6 });
    try {
      const id = await cluster.submit(wordCount(controls.folder));
      const about = { rest_url: cluster.restUrl, reporters: cluster.reporters, job_id: id, controls: controls.folder };
      process.stdout.write(`${JSON.stringify(about)}\n`);
      await systemClock.sleep(MAX_MS, signal);
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    ending.abort();
  });
}
try {
  await runCluster(ending.signal);
} catch (error) {
  process.stderr.write(`flink: ${describeError(error)}\n`);
  process.exitCode = 1;
}
