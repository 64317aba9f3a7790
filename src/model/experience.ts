// What a topology's past says at a look: derived from the action log and from the remembered need. Without a past nothing is
// known: an absent entry makes no statement.
import type { BusyBefore, NeededPeaks } from './operator-load.js';

/** What a harmful scale-down of an operator forbids, until `blacklist_ttl` is over. */
export interface ScaleDownFloor {
  /** Records/s on each of the remaining instances when the harm was done; null: unknown. */
  readonly harmfulRatePerInstance: number | null;
}

/** Maps are keyed by operator name. */
export interface Experience {
  /** s: the busy ratio at which the operator is full. */
  readonly fullBusy: ReadonlyMap<string, number>;
  /** Records/s of an instance when it was last a culprit. */
  readonly capacityPerInstance: ReadonlyMap<string, number>;
  /** Operators that are not scaled down to fewer instances than this capacity requires. */
  readonly provenCapacity: ReadonlySet<string>;
  /** The parallelism before a scale-down of the last hour that was not undone. */
  readonly scaledDownFrom: ReadonlyMap<string, number>;
  readonly floors: ReadonlyMap<string, ScaleDownFloor>;
  /** Whether a scale-up followed a scale-down within the hour, within `blacklist_ttl`. */
  readonly hasReversed: boolean;
  /** Peaks over the memory of scale-downs; no entry: part of that time was not seen. */
  readonly neededPeaks: ReadonlyMap<string, NeededPeaks>;
  /** Over the last quarter of an hour, or the window if it is longer, without the present look. */
  readonly busyBefore: ReadonlyMap<string, BusyBefore>;
  /** When another parallelism, or all sensors after a gap, were last seen; null: before the memory began. */
  readonly changedAtMs: number | null;
}

export const NO_EXPERIENCE: Experience = {
  fullBusy: new Map(),
  capacityPerInstance: new Map(),
  provenCapacity: new Set(),
  scaledDownFrom: new Map(),
  floors: new Map(),
  hasReversed: false,
  neededPeaks: new Map(),
  busyBefore: new Map(),
  changedAtMs: null,
};
