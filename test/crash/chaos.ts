// Kills the real service at random moments, many times, under a stream of alerts on topologies with changing load, and starts
// it again on the same storage. Then lets everything come to rest and checks whether anything was lost, doubled or forgotten.
// The seed fixes the steps and their times, but not the state of the machine at these times.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { freePort } from '../../src/real-parts/child-program.js';
import { createSeededRandom, type SeededRandom } from '../../src/simulator/seeded-random.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { findViolations, readLog, type LogRows } from '../support/log-audit.js';
import { copyLog, dieInMigration, hasLog, isMigrated, isSound, makeOlder, restoreFromCopy } from './log-surgery.js';
import { figuresOf, noKills, type Figures, type KillFigures } from './chaos-figures.js';
import { startAlertStream, type AlertStream } from './alert-stream.js';
import { startFleet, type SimulatedFleet } from './simulated-fleet.js';

export interface ChaosOptions {
  readonly cycles: number;
  readonly topologies: number;
  readonly seed: number;
  /** The run ends with fewer cycles if they take longer. */
  readonly maxDurationMs?: number;
  /** Called after each kill with the number of kills so far. */
  readonly onCycle?: (cycle: number) => void;
}

export interface ChaosReport {
  /** Sentences; empty: no violations. */
  readonly violations: readonly string[];
  readonly figures: Figures;
}

/** Share of the kills that come before the service is ready, and how long after its start, ms. */
const EARLY_SHARE = 0.2;
/** Shares of the cycles that begin with an upgrade, begin with a restored log, and copy the log while the service runs. */
const MIGRATION_SHARE = 0.1;
const RESTORE_SHARE = 0.1;
const COPY_SHARE = 0.1;
/** The approximate time of the migration after a start, ms. */
const MIGRATING_MS = [100, 1500] as const;
const EARLY_MS = [20, 500] as const;
/** The time of the other kills after readiness, ms. */
const LATE_MS = [20, 1500] as const;
/** Records/s; an instance takes 250. */
const LOADS = [150, 350, 600, 1000, 1500] as const;
const LOAD_CHANGES_MS = [4000, 12_000] as const;
/** Lets topologies scale up and down continually, with repeated harm. */
const POLICY = { max_actions_per_hour: 1000, blacklist_ttl: '5s' };
const REST_TIMEOUT_MS = 180_000;
/** Enough for a very busy machine. */
const READY_TIMEOUT_MS = 600_000;

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
  const start = (): ServedDhalion =>
    spawnDhalion({ configFile: fleet.configFile, port, logLevel: 'warn', readyTimeoutMs: READY_TIMEOUT_MS });
  let service: ServedDhalion | null = null;
  try {
    const loads = topologies.map((topology) => changeLoads(fleet, topology, random, stopping.signal));
    const stream = startAlertStream(`http://127.0.0.1:${port}`, topologies, random);
    const kills = noKills();
    const copyFaults: string[] = [];
    const untilMs = startedAtMs + (options.maxDurationMs ?? Infinity);
    for (let cycle = 1; cycle <= options.cycles && Date.now() < untilMs; cycle += 1) {
      const surgery = await operate(fleet.storage, random, kills);
      service = start();
      if (surgery === 'migration') await killWhileMigrating(service, fleet.storage, random, kills);
      else {
        await killSoon(service, random, kills, () => {
          copyBeside(fleet.storage, stream, random, copyFaults, kills);
        });
      }
      noteUnderWay(fleet, kills);
      kills.cycles = cycle;
      options.onCycle?.(cycle);
    }
    service = start();
    await service.ready();
    await stream.stop();
    stopping.abort();
    await Promise.all(loads);
    const log = await untilAtRest(fleet.storage);
    await service.end('SIGTERM');
    const violations = [...copyFaults, ...lostAlerts(stream, log), ...findViolations(log, fleet.calls)];
    const seconds = (Date.now() - startedAtMs) / 1000;
    return { violations, figures: figuresOf(options, { kills, stream, log, fleet, seconds }) };
  } finally {
    stopping.abort();
    await service?.end();
    await fleet.stop();
  }
}

/** The treatment of the log while the service is down. */
async function operate(storage: string, random: SeededRandom, kills: KillFigures): Promise<'migration' | null> {
  const share = random.uniform();
  if (share > MIGRATION_SHARE + RESTORE_SHARE || !hasLog(storage)) return null;
  if (share > MIGRATION_SHARE) {
    restoreFromCopy(storage, join(storage, '..', 'copy'));
    kills.restores += 1;
    return null;
  }
  makeOlder(storage);
  await dieInMigration(storage);
  kills.migrations += 1;
  return 'migration';
}

async function killWhileMigrating(
  service: ServedDhalion,
  storage: string,
  random: SeededRandom,
  kills: KillFigures,
): Promise<void> {
  await systemClock.sleep(between(random, MIGRATING_MS));
  await service.end();
  if (!isMigrated(storage)) kills.beforeMigrated += 1;
}

/** Copies the log in some cycles: the copy must be sound and contain everything acknowledged before. */
function copyBeside(
  storage: string,
  { acknowledged }: AlertStream,
  random: SeededRandom,
  faults: string[],
  kills: KillFigures,
): void {
  if (random.uniform() > COPY_SHARE) return;
  const before = new Set(acknowledged);
  const copy = join(storage, '..', `copy-${kills.copies}`);
  copyLog(storage, copy);
  kills.copies += 1;
  const { alerts } = readLog(copy);
  const copied = new Set(alerts.map(({ fingerprint }) => fingerprint));
  const missing = [...before].filter((fingerprint) => !copied.has(fingerprint));
  if (missing.length > 0) faults.push(`${missing.join(', ')} were acknowledged and are not in a copy taken afterwards`);
  if (!isSound(copy)) faults.push('a copy of the log is not sound');
  rmSync(copy, { recursive: true });
}

async function killSoon(
  service: ServedDhalion,
  random: SeededRandom,
  kills: KillFigures,
  beforeKill: () => void,
): Promise<void> {
  const isEarly = random.uniform() < EARLY_SHARE;
  const delayMs = between(random, isEarly ? EARLY_MS : LATE_MS);
  if (!isEarly && !(await service.ready())) {
    throw new Error(`Dhalion ended by itself: ${service.stderr()}`);
  }
  if (isEarly) kills.beforeReady += 1;
  await systemClock.sleep(delayMs);
  if (!isEarly) beforeKill();
  await service.end();
}

function noteUnderWay(fleet: SimulatedFleet, kills: KillFigures): void {
  // The first kills may come before there is a log.
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

/**
 * Waits until nothing is undecided or open and no harm is to be reverted; after a long wait, returns the log in its present state, for
 * the checks.
 */
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

function between(random: SeededRandom, [least, most]: readonly [number, number]): number {
  return least + random.uniform() * (most - least);
}
