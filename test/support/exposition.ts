// Parses Prometheus' text format strictly, independently of its writers (Dhalion, the simulator), and runs promtool's own
// check.
import { checkMetrics } from './check-metrics.js';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** ms; null: none given. */
  readonly timestampMs: number | null;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/su;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/u;
const VALUES = new Map([
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
  ['Nan', NaN],
]);

/** Throws on any line that is neither comment nor sample, and on a series that occurs twice. */
export function parseExposition(exposition: string): Series[] {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  const series = lines.map(parseSample);
  const keys = new Set(series.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()])));
  if (keys.size !== series.length) throw new Error('a series occurs twice');
  return series;
}

function parseSample(line: string): Series {
  const [, name, labels = '', value, timestamp] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
  return {
    name,
    labels: parseLabels(labels),
    value: VALUES.get(value) ?? Number(value),
    timestampMs: timestamp === undefined ? null : Number(timestamp),
  };
}

function parseLabels(labels: string): Record<string, string> {
  const parsed: Record<string, string> = {};
  for (let rest = labels; rest !== '';) {
    const [all, name, value] = LABEL.exec(rest) ?? [];
    if (all === undefined || name === undefined || value === undefined) throw new Error(`not a label: ${rest}`);
    parsed[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(all.length);
  }
  return parsed;
}

/** Values of the series with that name and at least these labels. */
export function valuesOf(series: readonly Series[], name: string, labels: Record<string, string> = {}): number[] {
  return seriesNamed(series, name, labels).map(({ value }) => value);
}

/** The series of an exposition with that name and at least these labels. */
export function samplesOf(exposition: string, name: string, labels: Readonly<Record<string, string>> = {}): Series[] {
  return seriesNamed(parseExposition(exposition), name, labels);
}

function seriesNamed(series: readonly Series[], name: string, labels: Readonly<Record<string, string>>): Series[] {
  const wanted = Object.entries(labels);
  return series.filter((one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value));
}

/** The output of `promtool check metrics`; empty if it has no complaints. */
export async function promtoolComplaints(exposition: string): Promise<string> {
  return (await checkMetrics(exposition)).output;
}
