// PURE: a recording as PASAF publishes it, a CSV of one row every 15 s with job-level columns, parsed. What was not recorded is
// null: empty cells, NaN, and the zeros that fill the first rows.

export interface RecordedRow {
  /** Unix time, s. */
  readonly atS: number;
  /** Records/s that arrive in Kafka. */
  readonly inputRate: number | null;
  /** Largest of all subtasks', ms/s. */
  readonly backpressureMs: number | null;
  /** Mean of all subtasks', 0..1. */
  readonly busyRatio: number | null;
  readonly idleRatio: number | null;
  /** Mean of the task managers', 0..1. */
  readonly cpuLoad: number | null;
  /** Records waiting in Kafka. */
  readonly lag: number | null;
  readonly taskManagers: number | null;
}

export interface RecordedRun {
  readonly name: string;
  readonly rows: readonly RecordedRow[];
}

/** A row is the latest one for so long. */
export const ROW_S = 15;

const COLUMNS = {
  inputRate: 'input_rate',
  backpressureMs: 'backpressure',
  busyRatio: 'busy_time',
  idleRatio: 'idle_time',
  cpuLoad: 'CPU_load',
  lag: 'lag',
  taskManagers: 'taskmanager',
} as const;
type ColumnName = keyof typeof COLUMNS;
const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Rows in the order of time. Throws for a CSV without these columns, naming those that are missing. */
export function parseRecordedRun(name: string, csv: string): RecordedRun {
  const [head, ...lines] = csv.split(/\r?\n/).filter((line) => line !== '');
  const columns = (head ?? '').split(',');
  const missing = ['timestamp', ...Object.values(COLUMNS)].filter((column) => !columns.includes(column));
  if (missing.length > 0) throw new RangeError(`${name}: no column ${missing.join(', ')}`);
  const rows = lines.map((line) => rowOf(line.split(','), columns)).sort((a, b) => a.atS - b.atS);
  return { name, rows: withoutFilledHead(rows) };
}

function rowOf(cells: readonly string[], columns: readonly string[]): RecordedRow {
  const cell = (column: string): number | null => {
    const text = cells[columns.indexOf(column)] ?? '';
    const value = text.trim() === '' ? NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  };
  const atS = cell('timestamp');
  if (atS === null) throw new RangeError(`a row without a timestamp: ${cells.join(',')}`);
  const values = Object.fromEntries(COLUMN_NAMES.map((name) => [name, cell(COLUMNS[name])]));
  return { atS, ...(values as Record<ColumnName, number | null>) };
}

/**
 * The recordings were interpolated and what was left filled with 0, which can only be before the first value of a column. A
 * running job is neither 0 busy nor 0 idle, so that where either is 0 at the beginning, all zeros are such fillings; later
 * ones are measured.
 */
function withoutFilledHead(rows: readonly RecordedRow[]): RecordedRow[] {
  const first = rows.findIndex(({ busyRatio, idleRatio }) => (busyRatio ?? 0) > 0 && (idleRatio ?? 0) > 0);
  return rows.map((row, index) => {
    if (first >= 0 && index >= first) return row;
    const kept = COLUMN_NAMES.map((name) => [name, row[name] === 0 ? null : row[name]]);
    return { ...row, ...(Object.fromEntries(kept) as Record<ColumnName, number | null>) };
  });
}
