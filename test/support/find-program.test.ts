import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from './dhalion-client.js';
import { findOrInstall, PROGRAMS, type ProgramSearch } from './find-program.js';
import { programPath, runTool } from './real-parts.js';

/** A PATH folder of shell scripts. */
async function folderWith(t: Test, scripts: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-path-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

function searchIn(path: string, isRoot: boolean, lines: string[] = []): ProgramSearch {
  return { env: { PATH: path }, isRoot, log: (line) => lines.push(line) };
}

void t.test('every program is found on this machine, or installed', async (t) => {
  for (const name of PROGRAMS) t.match(await programPath(name), /^\//);
  t.match(await runTool('amtool', ['--version']), { code: 0, output: /version/ });
});

void t.test('a program on PATH is found without installing anything', async (t) => {
  const folder = await folderWith(t, { promtool: 'exit 0', 'apt-get': 'exit 1' });
  t.equal(await findOrInstall('promtool', searchIn(`/nowhere:${folder}`, true)), join(folder, 'promtool'));
});

void t.test('what another process is installing is not taken before that is over', async (t) => {
  const folder = await folderWith(t, { promtool: 'exit 0' });
  const wait = `echo "$*" >${folder}/asked; while [ ! -e ${folder}/over ]; do /bin/sleep 0.02; done`;
  await writeFile(join(folder, 'flock'), `#!/bin/sh\n${wait}\n`, { mode: 0o755 });
  let isFound = false;
  const found = findOrInstall('promtool', searchIn(folder, true)).finally(() => {
    isFound = true;
  });
  const asked = async (): Promise<string | null> =>
    (await readFile(join(folder, 'asked'), 'utf8').catch(() => '')) || null;
  t.match(await eventually('the lock is asked for', asked), /^--shared .*\/dpkg true\n/);
  t.notOk(isFound);
  await writeFile(join(folder, 'over'), '');
  t.equal(await found, join(folder, 'promtool'));
});

void t.test("Alertmanager is found under Debian's name and under its own", async (t) => {
  const debian = await folderWith(t, { 'prometheus-alertmanager': 'exit 0' });
  t.equal(await findOrInstall('alertmanager', searchIn(debian, false)), join(debian, 'prometheus-alertmanager'));
  const upstream = await folderWith(t, { alertmanager: 'exit 0' });
  t.equal(
    await findOrInstall('alertmanager', searchIn(`${upstream}:${debian}`, false)),
    join(upstream, 'alertmanager'),
  );
});

void t.test("PostgreSQL is found in Debian's folder, the newest version first, else on PATH", async (t) => {
  const postgresqlFolder = await folderWith(t, {});
  for (const version of ['9.6', '15', '100']) {
    await mkdir(join(postgresqlFolder, version, 'bin'), { recursive: true });
    if (version !== '100') await symlink('/bin/true', join(postgresqlFolder, version, 'bin', 'initdb'));
  }
  const onPath = await folderWith(t, { initdb: 'exit 0', postgres: 'exit 0' });
  const search = { ...searchIn(onPath, false), postgresqlFolder };
  t.equal(await findOrInstall('initdb', search), join(postgresqlFolder, '15', 'bin', 'initdb'));
  t.equal(await findOrInstall('postgres', search), join(onPath, 'postgres'));
  await t.rejects(findOrInstall('postgres', { ...searchIn('', false), postgresqlFolder }), {
    code: 'part_not_found',
    message: /Install Debian's package postgresql, or put the bin folder of any PostgreSQL on PATH/,
  });
});

void t.test('a file that is not executable, and a folder, are not programs', async (t) => {
  const folder = await folderWith(t, { promtool: 'exit 0' });
  await chmod(join(folder, 'promtool'), 0o644);
  await symlink('/tmp', join(folder, 'amtool'));
  await t.rejects(findOrInstall('promtool', searchIn(folder, false)), { code: 'part_not_found' });
  await t.rejects(findOrInstall('amtool', searchIn(folder, false)), { code: 'part_not_found' });
});

void t.test('a user who may not install learns what to install', async (t) => {
  const folder = await folderWith(t, { 'apt-get': 'exit 0' });
  await t.rejects(findOrInstall('alertmanager', searchIn(folder, false)), {
    code: 'part_not_found',
    message: /package prometheus-alertmanager/,
  });
  await t.rejects(findOrInstall('promtool', searchIn('', true)), { message: /an empty PATH.*package prometheus,/ });
});

// Scripts replace apt-get: the real one's effect on this machine is not repeatable.
const FLOCK = 'while [ "$1" != sh ]; do shift; done; exec "$@"';

void t.test('root on Debian gets the packages installed', async (t) => {
  const folder = await folderWith(t, { flock: FLOCK });
  await symlink('/bin/sh', join(folder, 'sh'));
  for (const name of ['cp', 'chmod', 'rm']) await symlink(`/bin/${name}`, join(folder, name));
  const install = `echo "$DEBIAN_FRONTEND $*" >>${folder}/calls
case $1 in install) for p in prometheus prometheus-alertmanager; do cp "$0" ${folder}/$p; done;; esac`;
  await writeFile(join(folder, 'apt-get'), `#!/bin/sh\n${install}\n`);
  await chmod(join(folder, 'apt-get'), 0o755);
  const lines: string[] = [];
  t.equal(await findOrInstall('prometheus', searchIn(folder, true, lines)), join(folder, 'prometheus'));
  t.match(lines, [/prometheus-alertmanager/]);
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  t.strictSame(calls, [
    'noninteractive update -qq',
    'noninteractive install -y -qq --no-install-recommends prometheus prometheus-alertmanager',
  ]);
  await t.rejects(findOrInstall('promtool', searchIn(folder, true)), { message: /not onto PATH/ });
  t.equal((await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length, 2, 'and not a second time');
});

void t.test('a failed installation says what apt-get said', async (t) => {
  const folder = await folderWith(t, { flock: FLOCK, 'apt-get': 'echo no route to host; exit 100' });
  await symlink('/bin/sh', join(folder, 'sh'));
  for (const name of ['chmod', 'rm']) await symlink(`/bin/${name}`, join(folder, name));
  await t.rejects(findOrInstall('prometheus', searchIn(folder, true)), {
    code: 'part_not_found',
    cause: { message: /code 100: .*no route to host/ },
  });
});
