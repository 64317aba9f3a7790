// Structured logs: pino, as logfmt (Prometheus' way) or JSON. Levels by expected frequency in a healthy service:
// error never, warn seldom, info once per decision, debug per evaluation.
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

/** One log line a call, written to `destination` (a stream's `write`). */
export function createLogger(options: { level: LogLevel; format: LogFormat }, destination: DestinationStream): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.format === 'json' ? destination : logfmtTo(destination),
  );
}

function logfmtTo(destination: DestinationStream): DestinationStream {
  return {
    write: (line) => {
      destination.write(logfmtOf(line));
    },
  };
}

/** pino's JSON line as logfmt. Values with anything but plain characters are quoted as JSON, so no value can forge a line. */
function logfmtOf(line: string): string {
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
  return fields.map(([key, value]) => `${key}=${logfmtValueOf(value)}`).join(' ') + '\n';
}

function logfmtValueOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
