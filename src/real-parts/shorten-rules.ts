// The shipped alert rules and route with other waiting times, for the demo, for tests, and for a first try in minutes.

export interface RuleWaits {
  /** `for` of the alert that gives capacity away. */
  readonly overprovisionedFor: string;
  /** Every other `for` of a minute. */
  readonly diagnosedFor: string;
  readonly keepFiringFor: string;
  /** Interval of rule evaluation. */
  readonly interval: string;
  /** Seconds without an evaluation after which Dhalion is late; default: as shipped. */
  readonly lateAfterSeconds?: number;
}

export function shortenRules(rules: string, waits: RuleWaits): string {
  return rules
    .replaceAll(/^( *for): 15m$/gm, `$1: ${waits.overprovisionedFor}`)
    .replaceAll(/^( *for): 1m$/gm, `$1: ${waits.diagnosedFor}`)
    .replaceAll(/^( *keep_firing_for): 5m$/gm, `$1: ${waits.keepFiringFor}`)
    .replaceAll(/^( *interval): 30s$/gm, `$1: ${waits.interval}`)
    .replaceAll(/( >) 900$/gm, `$1 ${waits.lateAfterSeconds ?? 900}`);
}

/** Waiting times of Dhalion's route; routes for people are unchanged. */
export interface RouteWaits {
  readonly groupWait: string;
  readonly repeatInterval: string;
}

export function shortenRoute(route: string, { groupWait, repeatInterval }: RouteWaits): string {
  return route
    .replaceAll(/^( *group_wait): 5s$/gm, `$1: ${groupWait}`)
    .replaceAll(/^( *(?:group|repeat)_interval): 1m$/gm, `$1: ${repeatInterval}`);
}
