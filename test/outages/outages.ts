// Takes away each of Dhalion's neighbours for a while, killed and hung, one after the other, and checks that the service stays up,
// reports what is missing if it can be known, and continues when the part is back.
import { systemClock } from '../../src/clock.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { newDatabase, postgresFor } from '../support/postgres.js';
import type { Lifetime } from '../support/real-parts.js';
import { OUTAGE_KINDS, partsOf, type OutageKind, type Part, type PartName } from './parts.js';
import { scalerProcess, type ScalerProcess } from './scaler-process.js';

export interface OutagesOptions {
  readonly parts: readonly PartName[];
  /** How long each is away, ms. */
  readonly durationMs: number;
  /** When an outage is over, and what became of it. */
  readonly onOutage?: (figures: OutageFigures) => void;
}

/** Seconds, from the beginning (of the webhook's: from the first action that needs it) or the end of the outage. */
export interface OutageFigures {
  readonly part: PartName;
  readonly kind: OutageKind;
  /** Seconds until readiness, metrics and log reported it; null: not reported there. */
  readonly saidInReadiness: number | null;
  readonly saidInMetrics: number | null;
  readonly saidInLog: number | null;
  /** The slowest answer of /-/healthy meanwhile. */
  readonly slowestHealthy: number;
  /** From the end until all is as before, and until a topology that was too small meanwhile has been scaled. */
  readonly untilBack: number;
  readonly untilScaled: number;
}

export interface OutagesReport {
  /** Sentences; none: all is well. */
  readonly violations: readonly string[];
  readonly figures: readonly OutageFigures[];
}

/** Always too small and never scaled: there is always an alert to be notified of. */
const WATCHED = 'watched';
/** On a busy machine looks fail for a while after an outage too; nothing is judged later for it where they do not. */
const PATIENT = { settling_time: '30s', catch_up: '3m' };
const RECOVERY_TIMEOUT_MS = 180_000;
const POLL_MS = 250;

interface OutageWorld {
  readonly dhalion: ServedDhalion;
  readonly exporter: FlinkExporter;
  readonly scaler: ScalerProcess;
}

export async function outages(t: Lifetime, options: OutagesOptions): Promise<OutagesReport> {
  const planned = options.parts.flatMap((part) =>
    OUTAGE_KINDS.map((kind) => ({ part, kind, topology: `${part}_${kind}` })),
  );
  const topologies = planned.map(({ topology }) => topology);
  const jobs = Object.fromEntries(topologies.map((name) => [name, HEALTHY]));
  const exporter = await flinkExporter(t, { ...jobs, [WATCHED]: UNDERPROVISIONED });
  const world = await startLoopWorld(t, {
    scrape: [exporter.url],
    withAlertmanager: true,
    overprovisionedFor: '1h',
    resendDelay: '5s',
  });
  const postgres = await postgresFor(t);
  // The actions are executed: after a kill, Prometheus treats vanished instances as present for 5 minutes.
  const scaler = await scalerProcess(t, ({ topology, parallelism }) => {
    exporter.setJob(topology, { ...HEALTHY, split: { parallelism, busy: 700 } });
  });
  const configFile = await world.writeConfig(
    dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: scaler.url,
      scaler: 'timeout: 2s, max_attempts: 100',
      expiresAfter: '10m',
      topologies: [
        topologyEntry(WATCHED, { policy: { mode: 'observe' } }),
        ...topologies.map((name) => topologyEntry(name, { policy: PATIENT })),
      ],
      postgresUrlFile: await newDatabase(t, postgres.server),
      prometheusTimeout: '2s',
    }),
  );
  const dhalion = spawnDhalion({ configFile, port: world.dhalionPort });
  t.teardown(() => dhalion.end());
  await dhalion.ready();
  const parts = partsOf({ world, postgres, scaler });
  const figures: OutageFigures[] = [];
  const violations: string[] = [];
  for (const { part, kind, topology } of planned) {
    const measured = await oneOutage({ dhalion, exporter, scaler }, parts[part], kind, topology, options.durationMs);
    options.onOutage?.(measured.figures);
    figures.push(measured.figures);
    violations.push(...measured.violations);
  }
  const keys = new Set(scaler.calls().map(({ key }) => key));
  if (keys.size !== topologies.length) violations.push(`${keys.size} actions were called for, of ${topologies.length}`);
  return { violations, figures };
}

async function oneOutage(
  { dhalion, exporter, scaler }: OutageWorld,
  part: Part,
  kind: OutageKind,
  topology: string,
  durationMs: number,
): Promise<{ figures: OutageFigures; violations: string[] }> {
  await eventually(`all is well before ${topology}`, () => isWell(dhalion), RECOVERY_TIMEOUT_MS);
  const linesBefore = dhalion.logLines().length;
  const metricsBefore = await dhalion.series();
  const resume = await part.begin(kind);
  exporter.setJob(topology, UNDERPROVISIONED);
  if (part.isMissedByActions) {
    await eventually(`${topology} is acted on`, async () => (await dhalion.actions(topology)).length > 0);
  }
  const beganAtMs = Date.now();

  const said: { readiness: number | null; metrics: number | null; log: number | null } = {
    readiness: null,
    metrics: null,
    log: null,
  };
  let slowestHealthy = 0;
  const seconds = (sinceMs: number): number => (Date.now() - sinceMs) / 1000;
  const violations: string[] = [];
  while (Date.now() < beganAtMs + durationMs) {
    const askedAtMs = Date.now();
    if ((await dhalion.get('/-/healthy')).status !== 200)
      violations.push(`${topology}: /-/healthy does not answer 200`);
    slowestHealthy = Math.max(slowestHealthy, seconds(askedAtMs));
    const ready = await dhalion.get('/-/ready');
    if (part.said.readiness?.test(ready.text)) said.readiness ??= seconds(beganAtMs);
    if (part.said.metrics(await dhalion.series(), metricsBefore)) said.metrics ??= seconds(beganAtMs);
    const line = dhalion
      .logLines()
      .slice(linesBefore)
      .some(({ msg }) => msg === part.said.log);
    if (line) said.log ??= seconds(beganAtMs);
    await systemClock.sleep(POLL_MS);
  }
  const callsMeanwhile = scaler.calls().filter((call) => call.topology === topology).length;

  const endedAtMs = Date.now();
  await resume();
  const untilBack = eventually('all is well', () => isWell(dhalion), RECOVERY_TIMEOUT_MS).then(() =>
    seconds(endedAtMs),
  );
  const outcome = await eventually(
    `${topology} is scaled`,
    async () => (await dhalion.actions(topology).catch(() => []))[0]?.outcome,
    RECOVERY_TIMEOUT_MS,
  );
  const untilScaled = seconds(endedAtMs);
  if (callsMeanwhile > 0) violations.push(`${topology}: it was called meanwhile`);
  if (outcome !== 'resolved') violations.push(`${topology}: its action is ${outcome}`);
  if (part.said.readiness !== null && said.readiness === null) violations.push(`${topology}: /-/ready did not say it`);
  if (said.metrics === null) violations.push(`${topology}: the metrics did not say it`);
  if (part.said.log !== null && said.log === null) violations.push(`${topology}: the log did not say it`);
  return {
    violations,
    figures: {
      part: part.name,
      kind,
      saidInReadiness: said.readiness,
      saidInMetrics: said.metrics,
      saidInLog: said.log,
      slowestHealthy,
      untilBack: await untilBack,
      untilScaled,
    },
  };
}

/** Ready, without a word about anything missing, and notified a moment ago. */
async function isWell(dhalion: ServedDhalion): Promise<boolean> {
  const { text } = await dhalion.get('/-/ready');
  const notifiedAtS = await dhalion.metric('dhalion_last_notification_timestamp_seconds');
  return text === 'Dhalion is ready.\n' && notifiedAtS !== null && Date.now() / 1000 - notifiedAtS < 5;
}
