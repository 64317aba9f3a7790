// Node's warnings while a test runs, such as listeners that look like a leak.
import type { Test } from 'tap';

/** Node reports a warning one turn of the event loop later. */
export function nodeWarnings(t: Test): () => Promise<readonly string[]> {
  const warnings: string[] = [];
  const note = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', note);
  t.teardown(() => process.off('warning', note));
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return warnings;
  };
}
