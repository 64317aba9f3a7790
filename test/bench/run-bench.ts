// `npm run bench`: measures every performance figure of README.md next to this file in one run, as ratios, which depend less on the
// machine than times; `npm run bench -- evaluation backtest`: those parts of it. Fails on errors only, never on slowness.
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { describeError } from '../../src/errors.js';
import { benchBacktest, type BacktestBench } from './backtest-bench.js';
import { benchEvaluation, type EvaluationBench } from './evaluation-bench.js';
import { evaluationReport } from './evaluation-report.js';
import { benchEventLoop, type EventLoopBench } from './event-loop-bench.js';
import { benchGrowth, type GrowthBench } from './growth-bench.js';
import { benchIntake, type IntakeBench } from './intake-bench.js';
import { benchMassNotifications, type MassNotificationBench } from './mass-notification-bench.js';
import { benchMetricsScrape, type MetricsScrapeBench } from './metrics-scrape-bench.js';

const EVALUATION_SIZES = [
  { topologies: 10, instances: 2, rounds: 60, maxDurationMs: 20_000 },
  { topologies: 10, instances: 50, rounds: 20, maxDurationMs: 40_000 },
  { topologies: 100, instances: 2, rounds: 60, maxDurationMs: 60_000 },
  { topologies: 1000, instances: 2, rounds: 5, maxDurationMs: 60_000 },
].map((size) => ({ ...size, operators: 10, others: true }));
/** Few samples a series: what is answered has the same size. */
const EVENT_LOOP_SIZE = { topologies: 5000, operators: 4, instances: 2, scrapeS: 60 };
const BACKTEST_SIZE = { topologies: 20, hours: [3, 6, 24] };
const GROWTH_SIZE = { lines: 2000, longer: 8, patterns: 200, characters: 10_000 };
const INTAKE_SIZES = [1, 10].map((alerts) => ({ alerts, connections: 10, durationS: 5 }));

/** By name: what is measured, and how it is told. */
const PARTS: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  evaluation: async () => {
    const evaluations: EvaluationBench[] = [];
    for (const size of EVALUATION_SIZES) {
      say(`evaluation of ${size.topologies} × ${size.operators} × ${size.instances}`);
      evaluations.push(...(await benchEvaluation(size)));
    }
    return evaluationReport(evaluations);
  },
  'event-loop': async () => {
    say(`the event loop at ${EVENT_LOOP_SIZE.topologies} topologies`);
    return eventLoopReport(await benchEventLoop(EVENT_LOOP_SIZE));
  },
  ratios: async () => {
    say('scrape of /metrics');
    const scrape = await benchMetricsScrape();
    const intakes: IntakeBench[] = [];
    for (const size of INTAKE_SIZES) {
      say(`intake of notifications with ${size.alerts} alerts`);
      intakes.push(await benchIntake(size));
    }
    return ratioReport(scrape, intakes);
  },
  'mass-notifications': async () => {
    say('mass notifications');
    return massReport(await benchMassNotifications());
  },
  backtest: async () => {
    say(`backtest of ${BACKTEST_SIZE.topologies} topologies`);
    return backtestReport(await benchBacktest(BACKTEST_SIZE));
  },
  growth: () => {
    say('growth of configurations and values');
    return Promise.resolve(growthReport(benchGrowth(GROWTH_SIZE)));
  },
};

/** Each part is told once it is measured: what ends a run early takes nothing from those before. */
async function runBench(names: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  for (const name of names.length === 0 ? Object.keys(PARTS) : names) {
    const measure = PARTS[name];
    if (measure === undefined) throw new RangeError(`no part ${name}: there are ${Object.keys(PARTS).join(', ')}`);
    process.stdout.write(`${(await measure()).join('\n')}\n`);
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`${cpus().length} CPUs, Node ${process.version}, ${seconds} s\n`);
}

function say(what: string): void {
  process.stderr.write(`# ${what}\n`);
}

function eventLoopReport(bench: EventLoopBench): string[] {
  const { topologies, operators, instances, firstLookMs, lookMs, evaluationMs, askedMs, asked } = bench;
  const others = `all answers after ${(asked.allMs / 1000).toFixed(1)} s, /-/healthy after ${Math.round(asked.healthyMs)} ms at the latest`;
  return [
    `The longest step of the event loop, ${topologies} topologies × ${operators} × ${instances}, the least of ${bench.rounds} rounds:`,
    '',
    '| while | longest step |',
    '|---|---:|',
    `| all are looked at for the first time, what was needed before included | ${Math.round(firstLookMs)} ms |`,
    `| all are looked at | ${Math.round(lookMs)} ms |`,
    `| they are evaluated again from answers that are there | ${Math.round(evaluationMs)} ms |`,
    `| ten scrapes and ten /api/v1/topologies at once (${others}) | ${Math.round(askedMs)} ms |`,
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

function growthReport(benches: readonly GrowthBench[]): string[] {
  return [
    `CPU time of ${GROWTH_SIZE.longer} times as many, over that of the short text:`,
    '',
    '| what | measured |',
    '|---|---:|',
    ...benches.map(({ what, ratio }) => `| ${what} | ${timesOf(ratio)} |`),
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

function timesOf(ratio: number): string {
  return `${ratio.toPrecision(2)} ×`;
}

function rate(perSecond: number): string {
  return String(Math.round(perSecond));
}

try {
  await runBench(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${describeError(error)}\n`);
  process.exitCode = 1;
}
