// Faults. Results of normal operation are values with a reason; a fault is something that should not happen.

export const ERROR_CODES = [
  'config_invalid',
  'config_unreadable',
  'prometheus_unreachable',
  'prometheus_timeout',
  'prometheus_rejected',
  'prometheus_malformed',
  'prometheus_partial',
  'range_too_large',
  'flink_rejected',
  'flink_malformed',
  'call_unconnected',
  'call_network',
  'call_timeout',
  'call_aborted',
  'response_too_large',
  'file_unreadable',
  'secret_unreadable',
  'storage_unavailable',
  'listen_failed',
  'too_many_requests',
  'service_ending',
  'service_unreachable',
  'service_refused',
  'part_not_found',
  'part_failed',
  'story_not_observed',
  'backtest_range',
  'no_history',
  'output_failed',
  'manifests_refused',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The one error class. Callers match `code`, never the message. */
export class DhalionError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DhalionError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** An error's message with those of its causes, for one log line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `: ${describeError(error.cause)}`;
  return error.message + cause;
}
