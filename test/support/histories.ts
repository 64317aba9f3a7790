// Histories of a topology's operators, made up: what each series was, from the first point to the last.
import type { HistoryView, TopologyView } from '../../src/http/service-view.js';
import type { HistoryRange, OperatorHistory } from '../../src/model/operator-history.js';
import { instantsOfRange } from '../../src/history/operator-history.js';

type Series = OperatorHistory['series'];

export const NO_LINKS = { prometheus: null, alertmanager: null, grafana: null };
export const ALL_LINKS = {
  prometheus: 'https://prometheus.example/prom',
  alertmanager: 'https://alertmanager.example',
  grafana: 'https://grafana.example/g',
};

export function operatorHistory(operator: string, series: Partial<Series> = {}): OperatorHistory {
  const nothing = new Array<null>(121).fill(null);
  return {
    operator,
    series: { parallelism: nothing, processing_rate: nothing, suspended_ratio: nothing, ...series },
  };
}

export function historyView(
  topology: string,
  operators: readonly OperatorHistory[],
  { range = '6h', nowMs = Date.now(), unknownBecause = null, ...more }: HistoryChanges = {},
): HistoryView {
  const history = { topology, range, ...instantsOfRange(range, nowMs), operators, unknownBecause };
  return { history, actions: [], links: NO_LINKS, ownMatchers: '', ...more };
}

export interface HistoryChanges extends Partial<Omit<HistoryView, 'history'>> {
  readonly range?: HistoryRange;
  readonly nowMs?: number;
  readonly unknownBecause?: string | null;
}

/** 121 points, by their place from 0 to 1. */
export function pointsOf(valueAt: (place: number) => number | null): readonly (number | null)[] {
  return Array.from({ length: 121 }, (_, index) => valueAt(index / 120));
}

/** Curves for each operator: held up more and more, and a stretch without data. */
export function sampleHistory({ topology, evaluation }: TopologyView, changes: HistoryChanges): HistoryView {
  const operators = (evaluation?.operators ?? []).map(({ measurement, suspendedRatio }) => {
    const isKnown = (place: number): boolean => place < 0.3 || place > 0.38;
    const { parallelism, processingRate: rate } = measurement;
    const total = rate.kind === 'measured' ? rate.total : null;
    const scaled = (value: number | null, of: (place: number) => number) =>
      pointsOf((place) => (value !== null && isKnown(place) ? value * of(place) : null));
    return operatorHistory(measurement.spec.name, {
      parallelism: scaled(parallelism, (place) =>
        place < 0.83 || place > 0.86 ? 1 : Math.round(0.75 * (parallelism ?? 0)) / (parallelism ?? 1),
      ),
      processing_rate: scaled(total, (place) => 0.7 + 0.3 * Math.sin(place * 5) ** 2),
      suspended_ratio: scaled(suspendedRatio, (place) => Math.max(0, place - 0.5) * 2),
    });
  });
  return historyView(topology, operators, { links: ALL_LINKS, ...changes });
}
