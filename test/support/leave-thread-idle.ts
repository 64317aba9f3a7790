// Has a thread answer once and leaves it idle: a process of its own, for a test to see that it ends all the same.
import { createKeptThread } from '../../src/http/kept-thread.js';

const work = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => parentPort.postMessage('done'));`;
const thread = createKeptThread<null, string>(new URL(`data:text/javascript,${work}`), { idleMs: 3_600_000 });
process.stdout.write(await thread.run(null));
