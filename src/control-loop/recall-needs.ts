// Asks Prometheus what the operators of a look needed before this process saw them: once, and again now and then where it was
// never recorded. A look whose operators have full memories asks nothing.
import type { Action } from '../model/action.js';
import { scaleDownMemoryMs } from '../policy/recall-experience.js';
import type { NeededHistory } from '../policy/needed-memory.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import type { PrometheusRangeClient } from '../sensors/prometheus-client.js';
import { mapInSlices } from '../work-slices.js';
import { readNeededHistory } from '../history/needed-history.js';
import type { NeedsWanted, RememberedNeeds } from './remembered-needs.js';

export interface NeedsSource {
  readonly client: PrometheusRangeClient;
  /** Label matchers of our own series. */
  readonly matchers: string;
  /** Actions of the topology, in any order. */
  readonly actionsOf: (topology: string) => readonly Action[];
  /** Monotonic time, ms. */
  readonly elapsedMs: number;
  readonly signal: AbortSignal;
}

export interface RecalledNeeds {
  readonly recorded: readonly (readonly [NeedsWanted, NeededHistory])[];
  /** Why it could not be read; null: it could, or was not needed; undefined: it was not tried this time. */
  readonly fault: unknown;
}

/** Never rejects: an unreadable need is unknown. */
export async function recallNeeds(
  sensed: readonly SensedTopology[],
  needs: RememberedNeeds,
  { client, matchers, actionsOf, elapsedMs, signal }: NeedsSource,
): Promise<RecalledNeeds> {
  const wanted = await mapInSlices(sensed, (one) => {
    const wantedOfOne = wantedBy(one, actionsOf(one.measurement.topology));
    return needs.haveSeen(wantedOfOne) ? null : wantedOfOne;
  });
  const unseen = wanted.filter((one) => one !== null);
  if (unseen.length === 0) return { recorded: [], fault: null };
  const due = needs.takeDue(unseen, elapsedMs);
  const [first] = due;
  if (first === undefined) return { recorded: [], fault: undefined };
  const lengthMs = due.reduce((longest, { memoryMs, windowMs }) => Math.max(longest, memoryMs + windowMs), 0);
  const topologies = due.map(({ topology }) => topology);
  try {
    const request = { client, matchers, topologies, atMs: first.atMs, lengthMs, signal };
    const histories = await readNeededHistory(request);
    return { recorded: due.flatMap((wanted) => pairWith(wanted, histories.get(wanted.topology))), fault: null };
  } catch (fault) {
    return { recorded: [], fault: signal.aborted ? undefined : fault };
  }
}

function pairWith(
  wanted: NeedsWanted,
  history: NeededHistory | undefined,
): readonly (readonly [NeedsWanted, NeededHistory])[] {
  return history === undefined ? [] : [[wanted, history]];
}

/** Without a busy ratio an operator has no known need. */
function wantedBy({ measurement, configuredBy: { policy } }: SensedTopology, actions: readonly Action[]): NeedsWanted {
  const { topology, atMs, windowMs, operators } = measurement;
  const measured = operators.filter(({ busy }) => busy.kind === 'measured');
  return {
    topology,
    operators: measured.map(({ spec }) => spec.name),
    atMs,
    memoryMs: scaleDownMemoryMs(actions, policy, atMs),
    longestMs: policy.scaleDownMemoryMaxMs,
    windowMs,
  };
}
