// How many small writes a second the disk makes durable one after the other: what any durable log on it is bound by.
import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** As SQLite writes its log ahead: pages, over and over into a file that has its length already. */
const PAGE_BYTES = 4096;
const PAGES = 1000;

/** Writes and flushes for so long, in this folder; flushed writes per second. */
export function benchFlushes(folder: string, durationMs: number): number {
  const file = join(folder, 'flush-bench');
  const descriptor = openSync(file, 'w');
  try {
    writeSync(descriptor, Buffer.alloc(PAGES * PAGE_BYTES, 'x'));
    fsyncSync(descriptor);
    const page = Buffer.alloc(PAGE_BYTES, 'y');
    const startedAt = performance.now();
    let writes = 0;
    while (performance.now() - startedAt < durationMs) {
      writeSync(descriptor, page, 0, PAGE_BYTES, (writes % PAGES) * PAGE_BYTES);
      fdatasyncSync(descriptor);
      writes += 1;
    }
    return (writes * 1000) / (performance.now() - startedAt);
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
}
