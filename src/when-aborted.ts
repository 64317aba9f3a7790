// A callback for when a signal aborts, which can be cancelled.
import { setMaxListeners } from 'node:events';

/**
 * Calls back once when the signal aborts, at once if it has. Call the returned function when the callback is no longer
 * needed. One signal may have many listeners, one for each open action: Node would report the eleventh as a leak.
 */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', callback, { once: true });
  return () => {
    signal.removeEventListener('abort', callback);
  };
}
