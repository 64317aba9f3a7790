// PURE: what an answer, or a missing answer, means for a call: success, final failure, or retry.
import type { ErrorCode } from '../errors.js';

export type AnswerClass = 'success' | 'final' | 'retry';

/** 4xx that are retried: timeout, conflict, too early, too many requests. */
const RETRIED_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** By status: 2xx is success; 408, 409, 425, 429 and 5xx are retried; the rest (3xx, 412 stale, other 4xx) is final. */
export function classifyStatus(status: number): AnswerClass {
  if (status >= 200 && status < 300) return 'success';
  if (RETRIED_CLIENT_ERRORS.has(status) || (status >= 500 && status < 600)) return 'retry';
  return 'final';
}

/**
 * By the fault that replaced the answer; null: not a fault of the call. An unreadable secret is retried, because its file is read
 * again for each attempt. An invalid URL or header is final.
 */
export function classifyFault(code: ErrorCode): 'final' | 'retry' | 'aborted' | null {
  switch (code) {
    case 'call_unconnected':
    case 'call_network':
    case 'call_timeout':
    case 'secret_unreadable':
      return 'retry';
    case 'call_aborted':
      return 'aborted';
    case 'config_invalid':
      return 'final';
    default:
      return null;
  }
}

/** Whether the call may have taken effect without an answer. */
export function isUnanswered(code: ErrorCode): boolean {
  return code === 'call_network' || code === 'call_timeout';
}

/** The metric label `code` of a failed call; null: no call was made. */
export function faultLabelOf(code: ErrorCode): 'timeout' | 'network' | 'aborted' | null {
  switch (code) {
    case 'call_timeout':
      return 'timeout';
    case 'call_aborted':
      return 'aborted';
    case 'call_unconnected':
    case 'call_network':
      return 'network';
    default:
      return null;
  }
}
