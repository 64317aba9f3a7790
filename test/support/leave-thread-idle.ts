// A process of its own: gets one answer from a thread and leaves it idle; the process must still end.
import { createKeptThread } from '../../src/http/kept-thread.js';

const work = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => parentPort.postMessage('done'));`;
const thread = createKeptThread<null, string>(new URL(`data:text/javascript,${work}`), { idleMs: 3_600_000 });
process.stdout.write(await thread.run(null));
