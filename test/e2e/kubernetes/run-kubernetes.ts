// `npm run e2e:kubernetes -- [story…]`: checks Dhalion's printed objects and its requests with a real API server. Exits with 0
// only if everything is correct; with 77 and a line SKIPPED if no API server is possible here.
// `--serve` only starts the server and prints its address, for manual tests, until it is ended.
import { systemClock } from '../../../src/clock.js';
import { describeError } from '../../../src/errors.js';
import { tellAccess } from './access-story.js';
import { buildServers, type KubernetesServers } from './build-servers.js';
import { startCluster, type Story } from './cluster.js';
import { tellFlinkOperator } from './flink-operator-story.js';
import { tellManifests } from './manifests-story.js';

/** By the name on the command line; run in this order. */
const STORIES: Readonly<Record<string, Story>> = {
  manifests: tellManifests,
  access: tellAccess,
  'flink-operator': tellFlinkOperator,
};

const SKIPPED = 77;
const STORY_TIMEOUT_MS = 300_000;
/** Nobody forgets a server for longer. */
const MAX_SERVE_MS = 4 * 60 * 60_000;

const ending = new AbortController();
for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  // Not once: tap would take the signal for its own and end the process before anything else could.
  process.on(signal, () => {
    process.exitCode = status;
    ending.abort();
  });
}

/** The first line on stdout is JSON: url, ca_file, token_file. */
async function serve(servers: KubernetesServers): Promise<void> {
  const cluster = await startCluster(servers);
  try {
    const about = { url: cluster.url, ca_file: cluster.caFile, token_file: cluster.adminTokenFile };
    process.stdout.write(`${JSON.stringify(about)}\n`);
    await systemClock.sleep(MAX_SERVE_MS, ending.signal);
  } finally {
    await cluster.stop();
  }
}

async function tell(names: readonly string[], servers: KubernetesServers): Promise<void> {
  const { default: t } = await import('tap');
  t.setTimeout(STORY_TIMEOUT_MS * names.length);
  const cluster = await startCluster(servers);
  ending.signal.addEventListener('abort', () => {
    // A test cannot be left.
    cluster.abandon();
    process.exit();
  });
  try {
    for (const name of names) {
      const story = STORIES[name];
      if (story !== undefined) await t.test(name, { timeout: STORY_TIMEOUT_MS }, (t) => story(t, cluster));
    }
  } finally {
    await cluster.stop();
  }
}

async function run(args: readonly string[]): Promise<void> {
  const stories = args.filter((arg) => arg !== '--serve');
  const unknown = stories.filter((name) => !Object.hasOwn(STORIES, name));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: no story of these: ${Object.keys(STORIES).join(', ')}`);
  }
  const build = await buildServers({
    env: process.env,
    log: (line) => void process.stderr.write(`# ${line}\n`),
  });
  if (build.kind === 'not_to_be_had') {
    process.stdout.write(`SKIPPED: no Kubernetes API server here: ${build.because}\n`);
    process.exitCode = SKIPPED;
    return;
  }
  if (args.includes('--serve')) return serve(build.servers);
  return tell(stories.length > 0 ? stories : Object.keys(STORIES), build.servers);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`e2e:kubernetes: ${describeError(error)}\n`);
  process.exitCode = 1;
}
