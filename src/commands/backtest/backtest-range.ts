// The range of a backtest, checked before the first query. A fault names the input, what is wrong with it, and a valid value.
import type { BacktestRange } from '../../backtest-report/backtest-step.js';
import { renderTime } from '../../backtest-report/summary-words.js';
import type { Configuration } from '../../config/configuration.js';
import { parseDuration, renderDuration } from '../../grammar/duration.js';
import { DhalionError } from '../../errors.js';
import { INSTANT_FORMS, parseInstant } from './parse-instant.js';

/** As written on the command line. */
export interface WrittenRange {
  readonly from: string;
  readonly to: string;
  /** null: the configuration's evaluation_interval. */
  readonly step: string | null;
}

/**
 * The first step is at a multiple of the step, at or before `from`: Thanos, Mimir and VictoriaMetrics may move the instants of a
 * range query there. Throws `DhalionError` backtest_range.
 */
export function parseBacktestRange(written: WrittenRange, configuration: Configuration, nowMs: number): BacktestRange {
  const fromMs = instantOf('from', written.from, nowMs);
  const toMs = instantOf('to', written.to, nowMs);
  if (toMs > nowMs) {
    throw fault(`--to=${written.to} is in the future: ${renderTime(toMs)}, now is ${timeOf(nowMs)}`);
  }
  if (fromMs >= toMs) {
    const order = fromMs === toMs ? 'the same instant as' : 'after';
    throw fault(`--from=${written.from} (${renderTime(fromMs)}) is ${order} --to=${written.to} (${renderTime(toMs)})`);
  }
  const stepMs = stepOf(written.step, configuration, toMs - fromMs);
  if (stepMs > toMs - fromMs) {
    throw fault(`--step=${renderDuration(stepMs)} is longer than the range, ${renderDuration(toMs - fromMs)}`);
  }
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs, stepMs };
}

function instantOf(flag: string, text: string, nowMs: number): number {
  const ms = parseInstant(text, nowMs);
  if (ms === null) throw fault(`--${flag}=${text} is not a time: use ${INSTANT_FORMS}`);
  return ms;
}

/** Sub-queries have nothing new between two of their points, so a finer step adds cost and no information. */
function stepOf(written: string | null, configuration: Configuration, lengthMs: number): number {
  const { evaluationIntervalMs, engines } = configuration;
  if (written === null) return evaluationIntervalMs;
  const stepMs = parseDuration(written);
  if (stepMs === null || stepMs === 0) {
    throw fault(`--step=${written} is not a duration above 0, such as 15s, 1m or 1h30m`);
  }
  const finest = [...engines.values()].sort((a, b) => a.resolutionMs - b.resolutionMs)[0];
  const leastMs = Math.min(evaluationIntervalMs, finest?.resolutionMs ?? evaluationIntervalMs);
  if (stepMs < leastMs) {
    const count = (ms: number): number => Math.floor(lengthMs / ms) + 1;
    throw fault(
      `--step=${written} is finer than the data: ${count(stepMs)} steps. Use at least ` +
        `${renderDuration(leastMs)}, the resolution of engine ${finest?.name ?? ''}: ${count(leastMs)} steps`,
    );
  }
  return stepMs;
}

function timeOf(ms: number): string {
  return renderTime(Math.floor(ms / 1000) * 1000);
}

function fault(message: string): DhalionError {
  return new DhalionError('backtest_range', message);
}
