// An HTTP client that reports how each of its calls ended and how long it took; what becomes of the report is left to metrics/.
import type { Clock } from '../clock.js';
import { DhalionError } from '../errors.js';
import type { HttpClient } from '../outbound/http-client.js';
import { faultLabelOf } from './answer-classification.js';

/** @param code the answer's status, or `timeout`, `network`, `aborted` */
export type CallObserver = (code: string, durationMs: number) => void;

/** `http`, reporting every call that was made to `observe`. Closing is left to whoever made `http`. */
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
