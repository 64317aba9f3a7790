// The parts that Dhalion lives with: how each is taken away and given back, and where Dhalion can say that it is gone.
import { readFileSync, readdirSync } from 'node:fs';
import { valuesOf, type Series } from '../support/exposition.js';
import type { LoopWorld } from '../support/loop-world.js';
import type { TestPostgres } from '../support/postgres.js';
import type { ScalerProcess } from './scaler-process.js';

export const PART_NAMES = ['prometheus', 'alertmanager', 'webhook', 'database'] as const;
export type PartName = (typeof PART_NAMES)[number];
export const OUTAGE_KINDS = ['killed', 'hung'] as const;
export type OutageKind = (typeof OUTAGE_KINDS)[number];

export interface Part {
  readonly name: PartName;
  /** Takes it away; the result restores it. */
  begin(kind: OutageKind): Promise<() => Promise<unknown>>;
  /** Whether it is missed only when there is an action to be carried out. */
  readonly isMissedByActions: boolean;
  readonly said: {
    /** null: Dhalion cannot know. */
    readonly readiness: RegExp | null;
    readonly metrics: (now: readonly Series[], before: readonly Series[]) => boolean;
    /** Message of a log line; null: Dhalion cannot know. */
    readonly log: string | null;
  };
}

interface RunningParts {
  readonly world: LoopWorld;
  readonly postgres: TestPostgres;
  readonly scaler: ScalerProcess;
}

/** The route repeats every second or two: a replica that is silent for longer is gone. */
const SILENT_SECONDS = 5;

export function partsOf({ world, postgres, scaler }: RunningParts): Readonly<Record<PartName, Part>> {
  let { prometheus } = world;
  let [alertmanager] = world.alertmanagers;
  if (alertmanager === undefined) throw new Error('there is no Alertmanager');
  const notAnswered = (series: readonly Series[]): number =>
    series
      .filter(({ name, labels }) => name === 'dhalion_webhook_requests_total' && labels['code'] !== '202')
      .reduce((sum, { value }) => sum + value, 0);
  return {
    prometheus: {
      name: 'prometheus',
      begin: takeAway(
        () => prometheus,
        async () => {
          prometheus = await world.restartPrometheus();
        },
      ),
      isMissedByActions: false,
      said: {
        readiness: /Prometheus answers none of the \d+ queries of engine flink: /,
        metrics: (now) => valuesOf(now, 'dhalion_prometheus_up')[0] === 0,
        log: 'queries failed',
      },
    },
    alertmanager: {
      name: 'alertmanager',
      begin: takeAway(
        () => alertmanager ?? prometheus,
        async () => {
          alertmanager = await world.restartAlertmanager();
        },
      ),
      isMissedByActions: false,
      said: {
        readiness: null,
        metrics: (now) =>
          Date.now() / 1000 - (valuesOf(now, 'dhalion_last_notification_timestamp_seconds')[0] ?? 0) > SILENT_SECONDS,
        log: null,
      },
    },
    webhook: {
      name: 'webhook',
      begin: takeAway(
        () => scaler.process(),
        () => scaler.restart(),
      ),
      isMissedByActions: true,
      said: {
        readiness: /The last call of webhook scaler ended with (network|timeout)\./,
        metrics: (now, before) => notAnswered(now) > notAnswered(before),
        log: 'webhook call failed',
      },
    },
    database: {
      name: 'database',
      begin: takeAway(
        () => postgres.server,
        () => postgres.start(),
      ),
      isMissedByActions: false,
      said: {
        readiness: /Dhalion is not ready\.\nthe action log in PostgreSQL database /,
        metrics: (now) => valuesOf(now, 'dhalion_storage_up')[0] === 0,
        log: 'the action log cannot be used',
      },
    },
  };
}

interface Process {
  readonly pid: number;
  readonly exited: Promise<unknown>;
}

function takeAway(process: () => Process, restart: () => Promise<unknown>): Part['begin'] {
  return async (kind) => {
    const { pid, exited } = process();
    if (kind === 'hung') {
      const tree = treeOf(pid);
      signal(tree, 'SIGSTOP');
      return () => {
        signal(tree, 'SIGCONT');
        return Promise.resolve();
      };
    }
    signal([pid], 'SIGKILL');
    await exited;
    return restart;
  };
}

/** The process and all that it has started: PostgreSQL answers its clients in children. */
function treeOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // A child that has ended meanwhile.
    }
  }
}
