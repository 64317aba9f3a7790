// What an answer, or the lack of one, means for a call: done, given up, or made again. Pure.
import type { ErrorCode } from '../errors.js';

export type AnswerClass = 'success' | 'final' | 'retry';

/** 4xx that a repetition can change: a timeout, a call still being worked on, too early, too many. */
const RETRIED_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** By status: 2xx is success; 408, 409, 425, 429 and 5xx are retried; the rest (3xx, 412 stale, other 4xx) is final. */
export function classifyStatus(status: number): AnswerClass {
  if (status >= 200 && status < 300) return 'success';
  if (RETRIED_CLIENT_ERRORS.has(status) || (status >= 500 && status < 600)) return 'retry';
  return 'final';
}

/**
 * By the fault that came instead of an answer; null: not a fault of the call. An unreadable secret counts as one that a
 * repetition can change, since its file is read again; a URL or header that HTTP cannot carry is final.
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

/** Whether the call may have taken effect although no answer came. */
export function isUnanswered(code: ErrorCode): boolean {
  return code === 'call_network' || code === 'call_timeout';
}

/** The metric label `code` of a call that met a fault; null: no call was made. */
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
