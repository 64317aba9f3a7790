// How much an operator has to do and how much it can do: the input of its sizing. Unknown is null, with a reason.

/** A key that other instances cannot help with: h of the records go to one instance, which can do c records/s. */
export interface HotKey {
  /** h, 0..1: share of the operator's records that stay with one instance at any parallelism. */
  readonly share: number;
  /** c: records/s that the instance can do. */
  readonly capacity: number;
}

export interface OperatorLoad {
  /** f: offered over served load, without catching up; before any limit but those of the sources that feed it. */
  readonly offeredRatio: number | null;
  /** g: the same while a backlog is worked off within `catch_up`; at least f. */
  readonly catchUpRatio: number | null;
  /**
   * Sources: the load that it lets through at its bound, over the load served now; at least 1. What it feeds is not offered more by it.
   * null: unknown, no bound, or an inner operator.
   */
  readonly boundRatio: number | null;
  /**
   * Whether the operator or a source that feeds it reads as fast as it can and reports no backlog: unseen load may be refused
   * there.
   */
  readonly mayBeRefused: boolean;
  /** s: the busy ratio at which the operator is full. */
  readonly fullBusy: number;
  /** û, 0..1: how busy the busiest instance is, relative to full. */
  readonly effectiveBusy: number | null;
  /**
   * How many times more the busiest instance of a source would do, next to the others, if nothing were left waiting: while all have
   * something waiting, their work does not show it; at least 1.
   */
  readonly hiddenImbalance: number;
  /** Max u over mean u, at least 1; null if busy is not measured, or nothing is busy. */
  readonly imbalance: number | null;
  readonly hotKey: HotKey | null;
  /** Whether the window contains no part of a restart or gap. Nothing is decided on a window that does. */
  readonly isClean: boolean;
  /** N: the offered load as a number of instances' worth of work; null also if the window is not clean. */
  readonly neededInstances: number | null;
  /** Why f, g or û is unknown, or the window not clean, so that the operator stays as it is; null: all are known. */
  readonly unsizedBecause: string | null;
}

/** The tightest bound of a topology: nothing in it is sized for more load than this bound lets through. */
export interface FlowLimit {
  readonly operator: string;
  /** G: the load that the operator lets through at its bound, over the load served now; at least 1. */
  readonly ratio: number;
}

/** How busy its instances were in earlier looks, summed over these looks. */
export interface BusyBefore {
  readonly sumOfMax: number;
  readonly sumOfMean: number;
}

/** The peaks of what an operator needed, over the memory of scale-downs. */
export interface NeededPeaks {
  /** Largest N over all of the memory M. */
  readonly maxOverMemory: number;
  /** Largest N over the part of it that is still remembered in max(5 min, window). */
  readonly maxOverNewerPart: number;
}
