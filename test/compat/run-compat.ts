// `npm run compat`: the demo on the Prometheus and Alertmanager of today, and every answer to a built-in engine's queries from
// Prometheus 2, Prometheus 3 and VictoriaMetrics, which hold the same samples. Exit status 0 only if all is the same, 77 and
// a line SKIPPED where there is no Go. With --write the table in README.md is written again; --without-demo is for trying.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import type { PrometheusSettings } from '../../src/config/configuration.js';
import { describeError } from '../../src/errors.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { onFreePort, startChildProgram } from '../../src/real-parts/child-program.js';
import { findOrInstall } from '../support/find-program.js';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { createPrometheusClient, type PrometheusClient, querySamples } from '../../src/sensors/prometheus-client.js';
import { waveLoad } from '../../src/simulator/load-curve.js';
import { startSimulator } from '../../src/simulator/simulator-server.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { builtInQueries } from './built-in-queries.js';
import { compareReplies, renderComparisons, type Comparison, type Reply } from './compare-answers.js';
import { compatPrograms, run, type CompatPrograms } from './compat-programs.js';

const SKIPPED = 77;
const INSTANTS = 100;
const WINDOW_SECONDS = 60;
/** Until the newest samples have come to all. */
const ARRIVAL_SECONDS = 15;
/**
 * A window's left end belongs to it for Prometheus 2 alone. At a whole second, where the steps of a sub-query are, that is one
 * value more; a look falls on one by chance once in a thousand times.
 */
const BESIDE_THE_STEPS_MS = 437;
const MAX_MS = 30 * 60_000;
const README = new URL('README.md', import.meta.url);
const TABLE = /(<!-- table -->\n)[^]*(<!-- \/table -->)/;
const NEVER = new AbortController().signal;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Server {
  readonly name: string;
  readonly client: PrometheusClient;
}

type Stop = () => Promise<unknown>;

async function startServers(programs: CompatPrograms, folder: string, stops: Stop[]): Promise<readonly Server[]> {
  const search = { env: process.env, isRoot: process.getuid?.() === 0, log: say };
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/compat' });
  const serverOf = (name: string, url: string, queryParams: Record<string, string> = {}): Server => {
    const settings: PrometheusSettings = {
      url,
      timeoutMs: 30_000,
      method: 'POST',
      ownMatchers: '',
      queryParams,
      http: PLAIN_HTTP,
    };
    return { name, client: createPrometheusClient(settings, { http, clock: systemClock }) };
  };
  const flavours = ['flink', 'heron'] as const;
  const simulators = await Promise.all(
    flavours.map((flavour) => {
      const spec = wordCountSpec({
        // Instances that idle and instances that do not, one after the other: an expression may have a branch for each.
        offered: waveLoad(350, 330, 40),
        split: { parallelism: 6, keySkew: { kind: 'weights', byParallelism: { 6: [3, 1, 1, 1, 1, 1] } } },
      });
      return startSimulator({ spec, flavour, seed: 7, clock: systemClock });
    }),
  );
  stops.push(...simulators.map((simulator) => () => simulator.stop()));
  const victoriaMetrics = await onFreePort(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const args = [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${join(folder, 'victoria-metrics')}`,
      '-retentionPeriod=1d',
      '-loggerLevel=WARN',
    ];
    const child = await startChildProgram({
      name: 'VictoriaMetrics',
      program: programs.victoriaMetrics,
      args,
      readyUrl: `${url}/health`,
    });
    return { ...child, url };
  });
  stops.push(() => victoriaMetrics.stop());
  const prometheus3 = await startPrometheus({
    program: programs.prometheus,
    dataDir: join(folder, 'prometheus-3'),
    config: 'scrape_configs: []\n',
    extraArgs: ['--web.enable-remote-write-receiver'],
  });
  stops.push(() => prometheus3.stop());
  const prometheus2 = await startPrometheus({
    program: await findOrInstall('prometheus', search),
    dataDir: join(folder, 'prometheus-2'),
    config: prometheusConfig(
      simulators.map(({ url }) => url),
      [`${prometheus3.url}/api/v1/write`, `${victoriaMetrics.url}/api/v1/write`],
    ),
    extraFiles: { 'flink.yml': await recordingRules('flink'), 'heron.yml': await recordingRules('heron') },
  });
  stops.push(() => prometheus2.stop());
  return [
    serverOf('Prometheus 2', prometheus2.url),
    serverOf('Prometheus 3', prometheus3.url),
    // Without nocache what is younger than 30 s is asked for at another time than was said.
    serverOf('VictoriaMetrics', victoriaMetrics.url, { nocache: '1' }),
  ];
}

function prometheusConfig(simulators: readonly string[], receivers: readonly string[]): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    rule_files: ['flink.yml', 'heron.yml'],
    scrape_configs: simulators.map((url, index) => {
      return { job_name: `simulator-${index}`, static_configs: [{ targets: [new URL(url).host] }] };
    }),
    remote_write: receivers.map((url) => ({ url, queue_config: { batch_send_deadline: '1s' } })),
  });
}

/** The project's own, each second. */
async function recordingRules(engine: string): Promise<string> {
  const rules = await readFile(new URL(`../../rules/recording-${engine}.yml`, import.meta.url), 'utf8');
  return rules.replaceAll(/^( *interval): .*$/gm, '$1: 1s');
}

async function compare(
  [reference, ...others]: readonly Server[],
  instants: readonly number[],
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  const told = new Set<string>();
  for (const { engine, purpose, promql } of builtInQueries(WINDOW_SECONDS)) {
    for (const atMs of instants) {
      const [expected = 'no server', ...found] = await Promise.all(
        [reference, ...others].map((server) => replyOf(server, promql, atMs)),
      );
      others.forEach(({ name: server }, index) => {
        const reply = found[index] ?? 'no server';
        const difference = compareReplies(expected, reply);
        comparisons.push({
          server,
          engine,
          purpose,
          difference,
          series: typeof expected === 'string' ? 0 : expected.length,
        });
        const key = `${server}, ${engine}, ${purpose}`;
        if (difference === 'none' || told.has(key)) return;
        told.add(key);
        say(`${key}: ${difference}\n  ${promql}\n  expected ${excerptOf(expected)}\n  found    ${excerptOf(reply)}`);
      });
    }
  }
  return comparisons;
}

async function replyOf(server: Server | undefined, promql: string, atMs: number): Promise<Reply> {
  if (server === undefined) return 'there is no server';
  try {
    return await querySamples(server.client, promql, atMs, NEVER);
  } catch (error) {
    return describeError(error);
  }
}

function excerptOf(reply: Reply): string {
  return (typeof reply === 'string' ? reply : JSON.stringify(reply)).slice(0, 600);
}

async function compareServers(programs: CompatPrograms): Promise<readonly Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-compat-'));
  const stops: Stop[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const servers = await startServers(programs, folder, stops);
    say(`${WINDOW_SECONDS + INSTANTS + ARRIVAL_SECONDS} s of samples are scraped`);
    const beginMs = Math.ceil(systemClock.now() / 1000) * 1000 + WINDOW_SECONDS * 1000 + BESIDE_THE_STEPS_MS;
    await systemClock.sleep(beginMs + (INSTANTS + ARRIVAL_SECONDS) * 1000 - systemClock.now());
    return await compare(
      servers,
      Array.from({ length: INSTANTS }, (_, index) => beginMs + index * 1000),
    );
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const programs = await compatPrograms(process.env, say);
  if (programs === null) {
    say('SKIPPED: there is no Go to build the servers with');
    return SKIPPED;
  }
  if (!args.includes('--without-demo')) {
    const env = { PATH: [programs.folder, process.env['PATH'] ?? ''].join(delimiter) };
    await run(process.execPath, ['dist/cli.js', 'demo', '--once'], { env });
  }
  const comparisons = await compareServers(programs);
  const table = renderComparisons(comparisons);
  say(`\n${table}\n`);
  if (args.includes('--write')) {
    const text = await readFile(README, 'utf8');
    await writeFile(
      README,
      text.replace(TABLE, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`),
    );
  }
  const seen = comparisons.filter(({ series }) => series > 0).length;
  const different = comparisons.filter(({ difference }) => difference !== 'none').length;
  say(`${comparisons.length} comparisons, ${seen} of answers with series, ${different} different`);
  return different === 0 && seen > 0 ? 0 : 1;
}

setTimeout(() => {
  say('it takes too long');
  process.exit(1);
}, MAX_MS).unref();
process.exit(await main(process.argv.slice(2)));
