// What the past tells of a topology at a look: derived from the action log, and from what was seen to be needed. Where there is
// no past, nothing is known of it: an absent entry is no statement.
import type { BusyBefore, NeededPeaks } from './operator-load.js';

/** What a scale-down of an operator that did harm forbids, until `blacklist_ttl` is over. */
export interface ScaleDownFloor {
  /** Records/s on each instance that was left when it did harm; null: not known. */
  readonly harmfulRatePerInstance: number | null;
}

/** By operator name, where it is about operators. */
export interface Experience {
  /** s: the busy ratio at which it is full. */
  readonly fullBusy: ReadonlyMap<string, number>;
  /** Records/s of an instance when it was last a culprit. */
  readonly capacityPerInstance: ReadonlyMap<string, number>;
  /** The parallelism before a scale-down of the last hour that was not undone. */
  readonly scaledDownFrom: ReadonlyMap<string, number>;
  readonly floors: ReadonlyMap<string, ScaleDownFloor>;
  /** Whether a scale-up followed a scale-down within the hour, within `blacklist_ttl`. */
  readonly hasReversed: boolean;
  /** Over the memory of scale-downs; no entry: not all of it was seen. */
  readonly neededPeaks: ReadonlyMap<string, NeededPeaks>;
  /** Over the last quarter of an hour, or the window if it is longer, without the present look. */
  readonly busyBefore: ReadonlyMap<string, BusyBefore>;
  /** When another parallelism, or all sensors after a gap, were last seen; null: longer ago than is remembered. */
  readonly changedAtMs: number | null;
}

export const NO_EXPERIENCE: Experience = {
  fullBusy: new Map(),
  capacityPerInstance: new Map(),
  scaledDownFrom: new Map(),
  floors: new Map(),
  hasReversed: false,
  neededPeaks: new Map(),
  busyBefore: new Map(),
  changedAtMs: null,
};
