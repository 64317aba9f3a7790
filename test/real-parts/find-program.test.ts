// The programs of `dhalion demo` are on PATH, or the user learns what to install.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ALERTMANAGER, findProgram, PROMETHEUS } from '../../src/real-parts/find-program.js';

void t.test('the first folder of PATH that has one of the names', async (t) => {
  const folder = t.testdir({
    debian: { 'prometheus-alertmanager': '' },
    upstream: { alertmanager: '', prometheus: '' },
  });
  const debian = join(folder, 'debian');
  const upstream = join(folder, 'upstream');
  for (const file of [join(debian, 'prometheus-alertmanager'), join(upstream, 'alertmanager')])
    await chmod(file, 0o755);
  t.equal(await findProgram(ALERTMANAGER, `relative:${debian}:${upstream}`), join(debian, 'prometheus-alertmanager'));
  t.equal(await findProgram(ALERTMANAGER, `${upstream}:${debian}`), join(upstream, 'alertmanager'));
  await t.rejects(
    findProgram(PROMETHEUS, upstream),
    { code: 'part_not_found' },
    'a file that is not executable is none',
  );
});

void t.test('a folder is not a program', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'prometheus'));
  await writeFile(join(folder, 'other'), '', { mode: 0o755 });
  await t.rejects(findProgram(PROMETHEUS, folder), { code: 'part_not_found' });
});

void t.test('a missing program is named in one line, with the package to install', async (t) => {
  await t.rejects(findProgram(ALERTMANAGER, ''), {
    code: 'part_not_found',
    message:
      'alertmanager is not on PATH (searched for alertmanager, prometheus-alertmanager in an empty PATH). ' +
      "Install Debian's package prometheus-alertmanager, or put the release of github.com/prometheus on PATH.",
  });
});
