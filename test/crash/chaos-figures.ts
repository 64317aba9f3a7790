// The figures of a chaos run.
import type { LogRows } from '../support/log-audit.js';
import type { AlertStream } from './alert-stream.js';
import type { SimulatedFleet } from './simulated-fleet.js';

/** Rows of a table, in order. */
export type Figures = readonly (readonly [string, number | string])[];

/** By kind of work, the number of cycles with such work in the log at the kill. */
export interface KillFigures {
  cycles: number;
  beforeReady: number;
  withUndecidedAlert: number;
  withClaimedAction: number;
  withCallUnderWay: number;
  withSettlingAction: number;
  /** Starts with an upgrade due, after a killed one; and the number of these kills before its end. */
  migrations: number;
  beforeMigrated: number;
  /** Starts after the log was restored from a copy. */
  restores: number;
  /** Copies taken while the service ran. */
  copies: number;
}

export function noKills(): KillFigures {
  return {
    cycles: 0,
    beforeReady: 0,
    withUndecidedAlert: 0,
    withClaimedAction: 0,
    withCallUnderWay: 0,
    withSettlingAction: 0,
    migrations: 0,
    beforeMigrated: 0,
    restores: 0,
    copies: 0,
  };
}

export function figuresOf(
  options: { readonly seed: number; readonly topologies: number },
  seen: {
    readonly kills: KillFigures;
    readonly stream: AlertStream;
    readonly log: LogRows;
    readonly fleet: SimulatedFleet;
    readonly seconds: number;
  },
): Figures {
  const { kills, stream, log, fleet, seconds } = seen;
  const { alerts, decisions, actions } = log;
  const keys = new Set(fleet.calls.map(({ key }) => key));
  const count = <Row>(rows: readonly Row[], isIt: (row: Row) => boolean): number => rows.filter(isIt).length;
  return [
    ['seed', options.seed],
    ['topologies', options.topologies],
    ['kill-and-restart cycles', kills.cycles],
    ['… killed before it was ready', kills.beforeReady],
    ['… killed with an alert undecided', kills.withUndecidedAlert],
    ['… killed with an action claimed', kills.withClaimedAction],
    ['… killed with a call under way', kills.withCallUnderWay],
    ['… killed with an action settling', kills.withSettlingAction],
    ['… killed in a migration, and again in the next start', kills.migrations],
    ['…… before that had migrated', kills.beforeMigrated],
    ['… begun from a copy', kills.restores],
    ['copies taken while it ran', kills.copies],
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

/** The number of occurrences of each, most frequent first. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
