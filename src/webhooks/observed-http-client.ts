// An HTTP client that reports the result and the duration of each call; metrics/ counts them.
import type { Clock } from '../clock.js';
import { DhalionError } from '../errors.js';
import type { HttpClient } from '../outbound/http-client.js';
import { faultLabelOf } from './answer-classification.js';

/** @param code the answer's status, or `timeout`, `network`, `aborted` */
export type CallObserver = (code: string, durationMs: number) => void;

/** Wraps `http` and reports every call to `observe`. The creator of `http` closes it. */
export function observedHttpClient(http: HttpClient, clock: Clock, observe: CallObserver): Pick<HttpClient, 'call'> {
  return {
    async call(call) {
      const startedMs = clock.elapsed();
      try {
        const answer = await http.call(call);
        observe(String(answer.status), clock.elapsed() - startedMs);
        return answer;
      } catch (error) {
        const label = error instanceof DhalionError ? faultLabelOf(error.code) : null;
        if (label !== null) observe(label, clock.elapsed() - startedMs);
        throw error;
      }
    },
  };
}
