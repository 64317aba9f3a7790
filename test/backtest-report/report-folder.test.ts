import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { createReportFolder } from '../../src/backtest-report/report-folder.js';
import { describeError } from '../../src/errors.js';
import { folderFor } from '../support/real-parts.js';

async function writeReport(file: string, text: string): Promise<void> {
  const report = await createReportFolder(file);
  try {
    await writeFile(report.path('part'), text);
    await report.publish('part');
  } finally {
    await report.remove();
  }
}

void t.test('a report becomes a new file, or takes the place of an earlier one', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'report.json');
  for (const text of ['first', 'second']) {
    await writeReport(file, text);
    t.equal(await readFile(file, 'utf8'), text);
  }
  t.same(await readdir(folder), ['report.json'], 'nothing else is left');
});

void t.test('the target of a link is replaced, not the link', async (t) => {
  const folder = await folderFor(t);
  const [link, target] = [join(folder, 'latest.json'), join(folder, 'kept', 'report.json')];
  await mkdir(join(folder, 'kept'));
  await writeFile(target, 'first');
  await symlink('kept/report.json', link);
  await writeReport(link, 'second');
  t.equal(await readFile(target, 'utf8'), 'second');
  t.equal(await readlink(link), 'kept/report.json');
});

void t.test('a file that is not regular is unchanged', async (t) => {
  const folder = await folderFor(t);
  const [pipe, linkToPipe, linkToNothing] = ['pipe', 'link', 'dangling'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  execFileSync('mkfifo', [pipe]);
  await symlink('pipe', linkToPipe);
  await symlink('nothing', linkToNothing);
  for (const [file, problem] of [
    [pipe, 'it is not a regular file'],
    [linkToPipe, 'it is not a regular file'],
    [linkToNothing, 'it is a broken link'],
    [folder, 'it is a folder'],
    [join(folder, 'none', 'report.json'), /ENOENT/],
  ] as const) {
    const fault: unknown = await createReportFolder(file).catch((error: unknown) => error);
    t.match(fault, { code: 'output_failed', message: `cannot write ${file}` });
    t.match(describeError(fault), problem);
  }
  t.ok((await lstat(pipe)).isFIFO());
  t.same((await readdir(folder)).sort(), ['dangling', 'link', 'pipe'], 'nothing is left behind');
});
