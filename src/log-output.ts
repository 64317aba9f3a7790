// Where log lines go. A stream that cannot be written (a full disk, a reader that is gone or stalled) must not stop the
// service: its lines are lost, and counted.
import type { Writable } from 'node:stream';
import type { DestinationStream } from 'pino';

export interface LogOutput extends DestinationStream {
  linesLost(): number;
}

/** Bytes waiting to be written to a slow reader. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export function createLogOutput(stream: Writable): LogOutput {
  let lost = 0;
  // Each write reports its own fault.
  stream.on('error', () => undefined);
  return {
    write: (line) => {
      if (stream.writableLength > MAX_WAITING_BYTES) {
        lost += 1;
        return;
      }
      stream.write(line, (error) => {
        if (error) lost += 1;
      });
    },
    linesLost: () => lost,
  };
}
