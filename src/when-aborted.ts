// What is to be done when a signal aborts, and no longer than somebody waits for that.
import { setMaxListeners } from 'node:events';

/**
 * Calls back once when the signal aborts, at once if it has. What is returned ends that, and whoever has got what it waited for
 * calls it. Many wait for one signal, an open action each: Node would take the eleventh for a leak.
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
