// `npm run bench`: everything that the README says of speed, measured in one run and told as ratios, which depend less on the
// machine than times do. Fails on errors only, never on slowness.
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { describeError } from '../../src/errors.js';
import { benchBacktest, type BacktestBench } from './backtest-bench.js';
import { benchEvaluation, type EvaluationBench } from './evaluation-bench.js';
import { benchIntake, type IntakeBench } from './intake-bench.js';
import { benchMassNotifications, type MassNotificationBench } from './mass-notification-bench.js';
import { benchMetricsScrape, type MetricsScrapeBench } from './metrics-scrape-bench.js';

const EVALUATION_SIZES = [
  { topologies: 10, rounds: 30, maxDurationMs: 10_000 },
  { topologies: 100, rounds: 9, maxDurationMs: 20_000 },
  { topologies: 1000, rounds: 3, maxDurationMs: 25_000 },
].map((size) => ({ ...size, operators: 10, instances: 2 }));
const BACKTEST_SIZE = { topologies: 20, hours: [3, 6, 24] };
const INTAKE_SIZES = [1, 10].map((alerts) => ({ alerts, connections: 10, durationS: 5 }));

/** Cost per operator that changes by less than this factor while the fleet grows tenfold is called flat. */
const FLAT_FACTOR = 1.5;

async function runBench(): Promise<void> {
  const startedAt = performance.now();
  const evaluations: EvaluationBench[] = [];
  for (const size of EVALUATION_SIZES) {
    say(`evaluation of ${size.topologies} topologies`);
    evaluations.push(await benchEvaluation(size));
  }
  say('scrape of /metrics');
  const scrape = await benchMetricsScrape();
  const intakes: IntakeBench[] = [];
  for (const size of INTAKE_SIZES) {
    say(`intake of notifications with ${size.alerts} alerts`);
    intakes.push(await benchIntake(size));
  }
  say('mass notifications');
  const masses = await benchMassNotifications();
  say(`backtest of ${BACKTEST_SIZE.topologies} topologies`);
  const backtests = await benchBacktest(BACKTEST_SIZE);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const machine = `${cpus().length} CPUs, Node ${process.version}, ${seconds} s`;
  process.stdout.write(
    `${[...evaluationReport(evaluations), ...ratioReport(scrape, intakes), ...massReport(masses), ...backtestReport(backtests), machine].join('\n')}\n`,
  );
}

function say(what: string): void {
  process.stderr.write(`# ${what}\n`);
}

/** ms per operator. */
interface Costs {
  readonly wall: number;
  readonly prometheusCpu: number;
  readonly ownCpu: number;
}

function costsOf({ wallMs, prometheusCpuMs, ownCpuMs, topologies, operators }: EvaluationBench): Costs {
  const count = topologies * operators;
  return { wall: wallMs / count, prometheusCpu: prometheusCpuMs / count, ownCpu: ownCpuMs / count };
}

/** Costs are relative to those in the middle: what every evaluation costs, however small, weighs most on the smallest. */
function evaluationReport(benches: readonly EvaluationBench[]): string[] {
  const [small, middle, large] = benches;
  if (small === undefined || middle === undefined || large === undefined)
    throw new RangeError('three sizes are needed');
  const base = costsOf(middle);
  const rows = benches.map((bench) => {
    const costs = costsOf(bench);
    const cells = (['wall', 'prometheusCpu', 'ownCpu'] as const).map(
      (name) => `${timesOf(costs[name] / base[name])} (${milliseconds(costs[name])})`,
    );
    return `| ${[bench.topologies, bench.requests, ...cells].join(' | ')} |`;
  });
  const growth = {
    prometheusCpu: costsOf(large).prometheusCpu / base.prometheusCpu,
    ownCpu: costsOf(large).ownCpu / base.ownCpu,
  };
  return [
    `One evaluation, ${large.operators} operators a topology with ${large.instances} instances each; costs per operator:`,
    '',
    '| topologies | requests to Prometheus | time | CPU time of Prometheus | CPU time of Dhalion |',
    '|---:|---:|---:|---:|---:|',
    ...rows,
    '',
    `From ${middle.topologies} to ${large.topologies} topologies the cost per operator is ${flatness(growth.prometheusCpu)} ` +
      `in Prometheus and ${flatness(growth.ownCpu)} in Dhalion.`,
    '',
  ];
}

function ratioReport(scrape: MetricsScrapeBench, intakes: readonly IntakeBench[]): string[] {
  const scraped = `a scrape of /metrics (${scrape.series} series) over concatenating its text`;
  return [
    '| ratio | measured |',
    '|---|---:|',
    `| time of ${scraped} | ${timesOf(scrape.ratio)} |`,
    ...intakes.flatMap(intakeRows),
    '',
  ];
}

function intakeRows(intake: IntakeBench): string[] {
  const what = `of ${intake.alerts} ${intake.alerts === 1 ? 'alert' : 'alerts'}`;
  const { notificationsPerSecond, decisionsPerSecond, flushesPerSecond, connections } = intake;
  const alertsPerSecond = notificationsPerSecond * intake.alerts;
  const p99 = (intake.p99Ms * flushesPerSecond) / 1000;
  const each = `${connections} connections, ${rate(alertsPerSecond)} alerts/s, ${rate(decisionsPerSecond)} decisions/s`;
  return [
    `| notifications ${what} accepted, over writes that the disk flushes (${each}) | ${timesOf(notificationsPerSecond / flushesPerSecond)} |`,
    `| p99 of a notification ${what}, over the time of one flush (${intake.p99Ms} ms) | ${timesOf(p99)} |`,
  ];
}

function massReport(benches: readonly MassNotificationBench[]): string[] {
  const rows = benches.map(({ what, statuses, seconds, longestBlockMs, peakMib }) => {
    const taken = statuses.filter((status) => status === 202).length;
    const cells = [
      what,
      `${taken} of ${statuses.length}`,
      `${seconds.toFixed(1)} s`,
      `${Math.round(longestBlockMs)} ms`,
    ];
    return `| ${[...cells, `${Math.round(peakMib)} MiB`].join(' | ')} |`;
  });
  return [
    `Notifications of ${benches[0]?.mib ?? 0} MiB, posted at once; those that are not taken are answered 503 and come again:`,
    '',
    '| posted | taken | time | longest the event loop was held up | memory above what it was |',
    '|---|---:|---:|---:|---:|',
    ...rows,
    '',
  ];
}

function backtestReport(benches: readonly BacktestBench[]): string[] {
  const [short, long] = [benches[0], benches.at(-1)];
  if (short === undefined || long === undefined) throw new RangeError('a range is needed');
  const { topologies } = BACKTEST_SIZE;
  return [
    `A backtest of ${topologies} topologies, 5 operators with 2 to 4 instances each, at steps of 15 s:`,
    '',
    '| range | time | of that range | memory at its peak | in use after a collection: median, largest |',
    '|---:|---:|---:|---:|---:|',
    ...benches.map(({ hours, wallMs, peakMb, liveMb }) => {
      const cells = [
        `${hours} h`,
        `${Math.round(wallMs / 1000)} s`,
        `1 / ${Math.round((hours * 3_600_000) / wallMs)}`,
        `${Math.round(peakMb)} MB`,
        `${Math.round(liveMb.median)} MB, ${Math.round(liveMb.largest)} MB`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    `Of ${long.hours} h over ${short.hours} h: ${timesOf(long.wallMs / short.wallMs)} the time, ` +
      `${timesOf(long.peakMb / short.peakMb)} the memory at its peak, ${timesOf(long.liveMb.median / short.liveMb.median)} what is in use.`,
    '',
  ];
}

function flatness(growth: number): string {
  const isFlat = growth < FLAT_FACTOR && growth > 1 / FLAT_FACTOR;
  return `${isFlat ? 'flat' : growth > 1 ? 'growing' : 'shrinking'} (${timesOf(growth)})`;
}

function timesOf(ratio: number): string {
  return `${ratio.toPrecision(2)} ×`;
}

function milliseconds(ms: number): string {
  return `${ms.toPrecision(2)} ms`;
}

function rate(perSecond: number): string {
  return String(Math.round(perSecond));
}

try {
  await runBench();
} catch (error) {
  process.stderr.write(`bench: ${describeError(error)}\n`);
  process.exitCode = 1;
}
