// What the operators of a topology were seen to do over the last hours, as points in equal steps.

/** How far back: a closed list, so that pages ask for the same and share the answers. */
export const HISTORY_RANGES = ['10m', '1h', '6h', '24h'] as const;
export type HistoryRange = (typeof HISTORY_RANGES)[number];

export const HISTORY_SERIES = ['parallelism', 'processing_rate', 'suspended_ratio'] as const;
export type HistorySeries = (typeof HISTORY_SERIES)[number];

export interface OperatorHistory {
  readonly operator: string;
  /** By point; null: not known. */
  readonly series: Readonly<Record<HistorySeries, readonly (number | null)[]>>;
}

export interface TopologyHistory {
  readonly topology: string;
  readonly range: HistoryRange;
  /** Of the first and the last point, unix ms by our clock. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  /** In the order of their names. */
  readonly operators: readonly OperatorHistory[];
  /** Why nothing of it is known, in words; null: some of it is. */
  readonly unknownBecause: string | null;
}
