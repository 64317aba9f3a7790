// Kills the real service at random moments, many times, under a stream of alerts on topologies whose load keeps changing, and
// starts it again on the same storage. Then lets everything come to rest and looks whether anything was lost, doubled or
// forgotten. The seed decides what is tried when; what the machine is doing just then it does not.
import { systemClock } from '../../src/clock.js';
import { freePort } from '../../src/real-parts/child-program.js';
import { createSeededRandom, type SeededRandom } from '../../src/simulator/seeded-random.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { findViolations, readLog, type LogRows } from '../support/log-audit.js';
import { startAlertStream, type AlertStream } from './alert-stream.js';
import { startFleet, type SimulatedFleet } from './simulated-fleet.js';

export interface ChaosOptions {
  readonly cycles: number;
  readonly topologies: number;
  readonly seed: number;
  /** After each kill, how many there have been. */
  readonly onCycle?: (cycle: number) => void;
}

/** What was under way in the log when the service was killed, in how many of the cycles. */
interface KillFigures {
  beforeReady: number;
  withUndecidedAlert: number;
  withClaimedAction: number;
  withCallUnderWay: number;
  withSettlingAction: number;
}

export interface ChaosReport {
  /** Sentences; none: all is well. */
  readonly violations: readonly string[];
  /** In the order of a table. */
  readonly figures: readonly (readonly [string, number | string])[];
}

/** Share of the kills that come before the service is ready, and how long after its start, ms. */
const EARLY_SHARE = 0.2;
const EARLY_MS = [20, 500] as const;
/** How long after it is ready the others come, ms. */
const LATE_MS = [20, 1500] as const;
/** Records/s; an instance takes 250. */
const LOADS = [150, 350, 600, 1000, 1500] as const;
const LOAD_CHANGES_MS = [4000, 12_000] as const;
/** So that topologies go on being scaled up and down, and harm is done more than once. */
const POLICY = { max_actions_per_hour: 1000, blacklist_ttl: '5s' };
const REST_TIMEOUT_MS = 180_000;

export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedAtMs = Date.now();
  const random = createSeededRandom(options.seed);
  const topologies = Array.from({ length: options.topologies }, (_, index) => `topology_${index}`);
  const fleet = await startFleet({
    topologies,
    load: LOADS[2],
    policy: POLICY,
    delayMs: () => between(random, [0, 500]),
    isRefused: () => random.uniform() < 0.05,
  });
  const stopping = new AbortController();
  const port = await freePort();
  const start = (): ServedDhalion => spawnDhalion({ configFile: fleet.configFile, port, logLevel: 'warn' });
  let service: ServedDhalion | null = null;
  try {
    const loads = topologies.map((topology) => changeLoads(fleet, topology, random, stopping.signal));
    const stream = startAlertStream(`http://127.0.0.1:${port}`, topologies, random);
    const kills = noKills();
    for (let cycle = 1; cycle <= options.cycles; cycle += 1) {
      service = start();
      await killSoon(service, random, kills);
      noteUnderWay(fleet, kills);
      options.onCycle?.(cycle);
    }
    service = start();
    await service.ready();
    await stream.stop();
    stopping.abort();
    await Promise.all(loads);
    const log = await untilAtRest(fleet.storage);
    await service.end('SIGTERM');
    const violations = [...lostAlerts(stream, log), ...findViolations(log, fleet.calls)];
    const seconds = (Date.now() - startedAtMs) / 1000;
    return { violations, figures: figuresOf(options, { kills, stream, log, fleet, seconds }) };
  } finally {
    stopping.abort();
    await service?.end();
    await fleet.stop();
  }
}

async function killSoon(service: ServedDhalion, random: SeededRandom, kills: KillFigures): Promise<void> {
  const isEarly = random.uniform() < EARLY_SHARE;
  const delayMs = between(random, isEarly ? EARLY_MS : LATE_MS);
  if (!isEarly && !(await service.ready())) {
    throw new Error(`Dhalion ended by itself: ${service.stderr()}`);
  }
  if (isEarly) kills.beforeReady += 1;
  await systemClock.sleep(delayMs);
  await service.end();
}

function noKills(): KillFigures {
  return { beforeReady: 0, withUndecidedAlert: 0, withClaimedAction: 0, withCallUnderWay: 0, withSettlingAction: 0 };
}

function noteUnderWay(fleet: SimulatedFleet, kills: KillFigures): void {
  // The very first ones may come before there is a log.
  const log = readLogIfAny(fleet.storage);
  if (log?.alerts.some(({ state }) => state === 'undecided')) kills.withUndecidedAlert += 1;
  if (log?.actions.some(({ state }) => state === 'claimed')) kills.withClaimedAction += 1;
  if (log?.actions.some(({ state }) => state === 'completed')) kills.withSettlingAction += 1;
  if (fleet.callsUnderWay() > 0) kills.withCallUnderWay += 1;
}

function readLogIfAny(storage: string): LogRows | null {
  try {
    return readLog(storage);
  } catch {
    return null;
  }
}

async function changeLoads(
  fleet: SimulatedFleet,
  topology: string,
  random: SeededRandom,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    fleet.setLoad(topology, LOADS[Math.floor(random.uniform() * LOADS.length)] ?? LOADS[0]);
    await systemClock.sleep(between(random, LOAD_CHANGES_MS), signal);
  }
}

/** Nothing undecided, nothing open, no harm to be undone; or as it is after a long wait, to be found fault with. */
function untilAtRest(storage: string): Promise<LogRows> {
  const deadlineMs = Date.now() + REST_TIMEOUT_MS;
  return eventually(
    'rest',
    () => {
      const log = readLog(storage);
      return findViolations(log, []).length === 0 || Date.now() > deadlineMs ? log : null;
    },
    2 * REST_TIMEOUT_MS,
  );
}

function lostAlerts({ acknowledged }: AlertStream, { alerts }: LogRows): string[] {
  const kept = new Set(alerts.map(({ fingerprint }) => fingerprint));
  return [...acknowledged]
    .filter((one) => !kept.has(one))
    .map((one) => `${one} was acknowledged and is not in the log`);
}

function figuresOf(
  options: ChaosOptions,
  seen: {
    readonly kills: KillFigures;
    readonly stream: AlertStream;
    readonly log: LogRows;
    readonly fleet: SimulatedFleet;
    readonly seconds: number;
  },
): ChaosReport['figures'] {
  const { kills, stream, log, fleet, seconds } = seen;
  const { alerts, decisions, actions } = log;
  const keys = new Set(fleet.calls.map(({ key }) => key));
  const count = <Row>(rows: readonly Row[], isIt: (row: Row) => boolean): number => rows.filter(isIt).length;
  return [
    ['seed', options.seed],
    ['topologies', options.topologies],
    ['kill-and-restart cycles', options.cycles],
    ['… killed before it was ready', kills.beforeReady],
    ['… killed with an alert undecided', kills.withUndecidedAlert],
    ['… killed with an action claimed', kills.withClaimedAction],
    ['… killed with a call under way', kills.withCallUnderWay],
    ['… killed with an action settling', kills.withSettlingAction],
    ['alerts acknowledged', stream.acknowledged.size],
    ['posts that failed and were repeated', stream.failures()],
    ['alerts in the log', alerts.length],
    ['… cancelled by a resolved one', count(alerts, ({ state }) => state === 'cancelled')],
    ['decisions', decisions.length],
    ['… to act', count(decisions, ({ decision }) => decision === 'act')],
    ['reasons to hold', tally(decisions.flatMap(({ reason }) => reason ?? []))],
    ['actions', actions.length],
    ['… reverts', count(actions, ({ resolver }) => resolver === 'revert')],
    ['outcomes of actions', tally(actions.map(({ outcome }) => outcome ?? 'none'))],
    ['calls received', fleet.calls.length],
    ['… repetitions of an earlier key', fleet.calls.length - keys.size],
    ['duration, s', Math.round(seconds)],
  ];
}

/** How often each occurs, most often first. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}

function between(random: SeededRandom, [least, most]: readonly [number, number]): number {
  return least + random.uniform() * (most - least);
}
