// How much an operator has to do and how much it can: what its size is computed from. Unknown is null, and says why.

/** A key that no other instance can help with: h of the records go to one instance, which can do c records/s. */
export interface HotKey {
  /** h, 0..1: share of the operator's records that stay with one instance however many there are. */
  readonly share: number;
  /** c: records/s that the instance can do. */
  readonly capacity: number;
}

export interface OperatorLoad {
  /** f: offered over served load, without catching up; before any limit. */
  readonly offeredRatio: number | null;
  /** g: the same while a backlog is worked off within `catch_up`; at least f. */
  readonly catchUpRatio: number | null;
  /** Whether a source that feeds it, or it itself, reads as much as it can and tells no backlog: it may refuse load that nothing tells of. */
  readonly mayBeRefused: boolean;
  /** s: the busy ratio at which the operator is full. */
  readonly fullBusy: number;
  /** û, 0..1: how busy the busiest instance is, of how busy it can be. */
  readonly effectiveBusy: number | null;
  /** Max u over mean u, at least 1; null where busy is not measured, or nothing is busy. */
  readonly imbalance: number | null;
  readonly hotKey: HotKey | null;
  /** Whether the window holds nothing of a restart or a gap: in one that does, nothing is decided. */
  readonly isClean: boolean;
  /** N: instances' worth of work that the offered load is; null also where the window is not clean. */
  readonly neededInstances: number | null;
  /** Why f, g or û is not known, or the window not clean, so that the operator is left as it is; null: they are. */
  readonly unsizedBecause: string | null;
}

/** The tightest bound of a topology: nothing in it is sized for more load than gets through there. */
export interface FlowLimit {
  readonly operator: string;
  /** G: the load that the operator lets through at its bound, over the load that is served now; at least 1. */
  readonly ratio: number;
}

/** How busy its instances were in looks before, summed over these looks. */
export interface BusyBefore {
  readonly sumOfMax: number;
  readonly sumOfMean: number;
}

/** What an operator was seen to need, over the memory of scale-downs. */
export interface NeededPeaks {
  /** Largest N over all of the memory M. */
  readonly maxOverMemory: number;
  /** Largest N over the part of it that will still be there in max(5 min, window). */
  readonly maxOverNewerPart: number;
}
