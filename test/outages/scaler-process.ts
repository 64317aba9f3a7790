// The scaling webhook as a process that can be killed, hung and started again on its port; remembers the calls it was sent.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '../../src/real-parts/child-program.js';
import type { Lifetime } from '../support/real-parts.js';
import type { ReceivedCall } from '../support/receive-calls.js';
import { spawnScript } from '../support/run-script.js';

export interface ScalerProcess {
  /** Without a trailing slash. */
  readonly url: string;
  process(): { readonly pid: number; readonly exited: Promise<unknown> };
  restart(): Promise<void>;
  calls(): readonly ReceivedCall[];
}

export async function scalerProcess(t: Lifetime, onCall: (call: ReceivedCall) => void): Promise<ScalerProcess> {
  const port = await freePort();
  const calls: ReceivedCall[] = [];
  const start = async (): Promise<{ pid: number; exited: Promise<unknown> }> => {
    const child = spawnScript('receive-calls.ts', String(port));
    const exited = once(child, 'close');
    t.teardown(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const lines = createInterface({ input: child.stdout });
    // The first one says that it listens.
    await once(lines, 'line');
    lines.on('line', (line) => {
      const call = JSON.parse(line) as ReceivedCall;
      calls.push(call);
      onCall(call);
    });
    return { pid: child.pid ?? 0, exited };
  };
  let running = await start();
  return {
    url: `http://127.0.0.1:${port}`,
    process: () => running,
    restart: async () => {
      running = await start();
    },
    calls: () => calls,
  };
}
