// An error that nobody awaits fails its process, though tap does not follow it to its test.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { PLAIN_NODE } from './plain-node.js';

const FIRST = fileURLToPath(new URL('../../.test-build/test/support/unfollowed-promises.js', import.meta.url));
const TAP = import.meta.resolve('tap');

/** Runs tests in a process as `npm test` does. */
function run(t: Test, tests: string): Promise<{ readonly code: number; readonly output: string }> {
  const folder = t.testdir({
    'a.mjs': `import '${pathToFileURL(FIRST).href}';\nconst { default: t } = await import('${TAP}');\n${tests}`,
  });
  const [program, ...before] = PLAIN_NODE;
  return new Promise((resolve) => {
    execFile(
      program,
      [...before, join(folder, 'a.mjs')],
      { env: { ...process.env, TAP: '1' } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      },
    );
  });
}

await t.test('tests that pass end with 0', async (t) => {
  const { code, output } = await run(t, "t.test('a', async (t) => t.ok(await true));");
  t.equal(code, 0);
  t.match(output, /^ok 1 - a /m);
});

for (const [what, stray] of [
  ['is thrown by a timer', "setTimeout(() => { throw new Error('stray'); })"],
  ['a promise is rejected with', "void Promise.reject(new Error('stray'))"],
]) {
  await t.test(`an error that ${what} fails the process`, async (t) => {
    const { code, output } = await run(
      t,
      `t.test('a', async (t) => { t.ok(true); ${stray}; await new Promise((r) => setTimeout(r, 100)); });`,
    );
    t.equal(code, 1);
    t.match(output, /^ *not ok /m);
    t.match(output, 'stray');
  });
}
