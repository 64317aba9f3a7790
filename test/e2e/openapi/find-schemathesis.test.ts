import t from 'tap';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { RUN_TYPESCRIPT } from '../../support/run-typescript.js';

await t.test('without Python it is skipped with a word and status 77', async (t) => {
  const env = { HOME: t.testdir({ bin: {} }), PATH: `${t.testdirName}/bin` };
  const script = fileURLToPath(new URL('run-schemathesis.ts', import.meta.url));
  const child = spawn(process.execPath, [...RUN_TYPESCRIPT, script], { env });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>]);
  t.match(said, /^SKIPPED: no Schemathesis here: python3 with venv cannot be run: .*python3/);
  t.equal(code, 77);
});
