// PURE: what was recorded against what the backtest concluded, counted by step.
import { PIPELINE, SOURCE } from './flink-series.js';
import { ROW_S, type RecordedRow, type RecordedRun } from './recorded-run.js';

/** The part of a backtest's JSON that is compared. */
export interface BacktestJson {
  readonly topologies: readonly {
    readonly topology: string;
    readonly steps: readonly { readonly time: number; readonly operators: readonly OperatorStep[] }[];
  }[];
}

interface OperatorStep {
  readonly operator: string;
  readonly symptoms: Readonly<Record<string, 'yes' | 'no' | 'unknown'>>;
  readonly diagnoses: readonly string[];
}

/** Classes of the recorded column `backpressure`, ms/s. */
export const RECORDED = ['> 500', '20–500', '< 20'] as const;
export type Recorded = (typeof RECORDED)[number];

/** What was concluded; the first that applies. */
export const CONCLUDED = [
  'underprovisioned: backpressure',
  'backpressure, backlog draining',
  'underprovisioned: backlog grows',
  'overprovisioned',
  'unknown',
  'nothing',
] as const;
export type Concluded = (typeof CONCLUDED)[number];

export interface ComparedStep {
  readonly atS: number;
  /** Of the step's own row. */
  readonly row: Recorded;
  /** Of the mean over the window that ends with it, which is what the sensors see; null: the recording does not cover it. */
  readonly window: Recorded | null;
  readonly concluded: Concluded;
}

/** As in the example configuration. */
export const WINDOW_S = 60;

/** Steps that have both a row, the last one up to the step, and an evaluation. */
export function compareSteps(run: RecordedRun, { topologies }: BacktestJson): ComparedStep[] {
  const steps = topologies.find(({ topology }) => topology === run.name)?.steps ?? [];
  return steps.flatMap(({ time, operators }) => {
    const ms = run.rows.find(({ atS }) => atS <= time && time < atS + ROW_S)?.backpressureMs ?? null;
    if (ms === null) return [];
    const window = classOfWindow(run.rows, time);
    return [{ atS: time, row: classOf(ms), window, concluded: concludedOf(operators) }];
  });
}

function classOfWindow(rows: readonly RecordedRow[], endS: number): Recorded | null {
  const within = rows.filter(({ atS }) => atS > endS - WINDOW_S && atS <= endS);
  // A restart leaves a gap in the recording.
  const isCovered = within.length >= WINDOW_S / ROW_S && (rows[0]?.atS ?? endS) <= endS - WINDOW_S;
  const values = within.flatMap(({ backpressureMs }) => (backpressureMs === null ? [] : [backpressureMs]));
  if (!isCovered || values.length === 0) return null;
  return classOf(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function classOf(ms: number): Recorded {
  if (ms > 500) return '> 500';
  return ms < 20 ? '< 20' : '20–500';
}

function concludedOf(operators: readonly OperatorStep[]): Concluded {
  const [source, pipeline] = [SOURCE, PIPELINE].map((name) => operators.find(({ operator }) => operator === name));
  if (pipeline?.symptoms['backpressure'] === 'yes') {
    const isTooSmall = pipeline.diagnoses.includes('underprovisioning');
    return isTooSmall ? 'underprovisioned: backpressure' : 'backpressure, backlog draining';
  }
  if (source?.diagnoses.includes('underprovisioning') === true) return 'underprovisioned: backlog grows';
  if (operators.some(({ diagnoses }) => diagnoses.includes('overprovisioning'))) return 'overprovisioned';
  const isUnknown = operators.some(({ symptoms }) => Object.values(symptoms).includes('unknown'));
  return isUnknown || operators.length === 0 ? 'unknown' : 'nothing';
}

/** Markdown. */
export function renderConfusionTable(name: string, steps: readonly ComparedStep[]): string {
  const rows = (['row', 'window'] as const).flatMap((by) =>
    RECORDED.map((recorded) => {
      const ofClass = steps.filter((step) => step[by] === recorded);
      const counts = CONCLUDED.map((concluded) => ofClass.filter((step) => step.concluded === concluded).length);
      return [
        `${recorded} ms/s, ${by === 'row' ? 'row' : 'mean of the window'}`,
        ...counts.map((count) => count || '–'),
      ];
    }),
  );
  const lines = [[`\`${name}\`: recorded`, ...CONCLUDED], ['---', ...CONCLUDED.map(() => '---:')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
