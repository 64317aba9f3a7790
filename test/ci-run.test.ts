// .ci/run with npm played by a script: what it counts, and that its exit status never says more than the counts.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';

interface Played {
  readonly ci?: string;
  readonly check?: string;
  readonly test?: string;
}

const PASSED = `echo '    # { total: 7, pass: 7 }'; echo '# { total: 12, pass: 12 }'; echo '# time=1ms'`;

async function runCi(t: Test, { ci = 'true', check = 'true', test = PASSED }: Played) {
  const folder = t.testdir({});
  await mkdir(join(folder, '.ci'));
  await mkdir(join(folder, 'bin'));
  await copyFile(new URL('../.ci/run', import.meta.url), join(folder, '.ci/run'));
  await chmod(join(folder, '.ci/run'), 0o755);
  const npm = `#!/bin/sh\ncase "$1" in\nci) ${ci} ;;\nrun) ${check} ;;\ntest) ${test} ;;\nesac\n`;
  await writeFile(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
  return new Promise<{ code: number; lastLine: string | undefined; output: string }>((resolve) => {
    // With its standard input closed, as a runner may start it.
    execFile('sh', ['-c', '"$0" <&-', join(folder, '.ci/run')], { env, cwd: '/' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, lastLine: stdout.trimEnd().split('\n').at(-1), output: stdout + stderr });
    });
  });
}

const table: readonly [string, Played, { code: number; lastLine: string }][] = [
  ['all that passed is counted', {}, { code: 0, lastLine: '12 passed, 0 failed' }],
  [
    'skipped and planned assertions are neither',
    { test: `echo '# { total: 12, pass: 9, todo: 1, skip: 2 }'` },
    { code: 0, lastLine: '9 passed, 0 failed' },
  ],
  [
    'failed assertions are counted',
    { test: `echo '# { total: 12, pass: 9, fail: 3 }'; exit 1` },
    { code: 1, lastLine: '9 passed, 3 failed' },
  ],
  [
    'failed assertions fail it whatever the exit status of the tests',
    { test: `echo '# { total: 12, pass: 9, fail: 3 }'` },
    { code: 1, lastLine: '9 passed, 3 failed' },
  ],
  [
    'binary output does not hide the counts',
    { test: `printf 'ok 1 - \\000\\377\\n'; ${PASSED}` },
    { code: 0, lastLine: '12 passed, 0 failed' },
  ],
  [
    'a failed check fails it, and the tests still run',
    { check: 'false' },
    { code: 1, lastLine: '12 passed, 1 failed' },
  ],
  [
    'tests that end with an error and no failed assertion have failed',
    { test: `${PASSED}; exit 1` },
    { code: 1, lastLine: '12 passed, 1 failed' },
  ],
  ['tests that break off have failed', { test: 'kill -9 $$' }, { code: 1, lastLine: '0 passed, 1 failed' }],
  ['a run without a test has failed', { test: 'true' }, { code: 1, lastLine: '0 passed, 1 failed' }],
  ['without the packages nothing runs', { ci: 'exit 3' }, { code: 1, lastLine: '0 passed, 1 failed' }],
  ['nothing waits for an answer', { ci: 'cat; read -r answer; true' }, { code: 0, lastLine: '12 passed, 0 failed' }],
];

await t.test('the long forms of tests run too', async (t) => {
  const { output } = await runCi(t, { test: `echo "includes: $*"; ${PASSED}` });
  t.match(output, /includes: test -- --reporter=tap --include=\.test-build\/all\.test\.js\n/);
});

for (const [fact, played, expected] of table) {
  await t.test(fact, async (t) => {
    const { output, ...seen } = await runCi(t, played);
    t.strictSame(seen, expected, output);
  });
}

await t.test('failures are repeated in full at the end', async (t) => {
  const tap = ['not ok 1 - 3 < 2', '  ---', '  at: sum.ts', '  ...', '1..1', '# { total: 1, pass: 0, fail: 1 }'];
  const { output } = await runCi(t, { test: `printf '%s\\n' '${tap.join("' '")}' 'ok 2 - long after'; exit 1` });
  const [, atTheEnd = ''] = output.split('== what failed:\n');
  t.match(atTheEnd, /^not ok 1 - 3 < 2\n {2}---\n {2}at: sum.ts\n/);
});

await t.test('steps that passed are not repeated', async (t) => {
  t.notMatch((await runCi(t, {})).output, /what failed/);
});
