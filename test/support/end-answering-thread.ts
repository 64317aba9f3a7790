// A process of its own: ends a thread that has answered already, but whose answer has not been read; the process must see its end.
import { createKeptThread } from '../../src/http/kept-thread.js';

const work = `
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', (answered) => {
    parentPort.postMessage('done');
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  });`;
const thread = createKeptThread<Int32Array, string>(new URL(`data:text/javascript,${encodeURIComponent(work)}`));
await thread.run(new Int32Array(new SharedArrayBuffer(4)));
const answered = new Int32Array(new SharedArrayBuffer(4));
const answer = thread.run(answered).catch(() => 'none');
Atomics.wait(answered, 0, 0);
await thread.close();
await answer;
process.stdout.write('ended');
