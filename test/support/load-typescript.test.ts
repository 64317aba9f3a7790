// A test from its source: `npx tap test/x.test.ts` (load-typescript.mjs).
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { PLAIN_NODE } from './plain-node.js';
import { RUN_TYPESCRIPT } from './run-typescript.js';

await t.test('a thread that is named by its compiled file runs from its source', async (t) => {
  const thread = new URL('../../src/http/kept-thread.ts', import.meta.url).href;
  const entry = new URL('../../src/http/notification-worker.js', import.meta.url).href;
  const start = [
    `import { createKeptThread } from ${JSON.stringify(thread)};`,
    `const thread = createKeptThread(new URL(${JSON.stringify(entry)}));`,
    `console.log(await thread.run({ bytes: new TextEncoder().encode('{'), alertname: '.*', alertsPerPiece: 1 }));`,
    'await thread.close();',
  ];
  const script = join(t.testdir({ 'start.ts': start.join('\n') }), 'start.ts');
  const [node, ...before] = PLAIN_NODE;
  const { stdout } = await promisify(execFile)(node, [...before, ...RUN_TYPESCRIPT, script]);
  t.match(stdout, /kind: 'not_json'/);
});
