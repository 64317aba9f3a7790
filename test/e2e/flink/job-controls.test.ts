import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { folderFor } from '../../support/real-parts.js';
import { createJobControls, renderTrouble } from './job-controls.js';

void t.test('the load is written with the time of every change, as the job adds it up', async (t) => {
  const folder = await folderFor(t);
  let nowMs = 1000;
  const controls = await createJobControls(folder, () => nowMs);
  await controls.offer(60);
  nowMs = 5000;
  await controls.offer(250);
  t.equal(await readFile(join(folder, 'load'), 'utf8'), '1000 60\n5000 250\n');
});

void t.test('trouble is there until all is well', async (t) => {
  const folder = await folderFor(t);
  const controls = await createJobControls(folder, () => 0);
  await controls.trouble({ slow: { subtask: 1, factor: 4 } });
  t.equal(await readFile(join(folder, 'trouble'), 'utf8'), 'slow 1 4\n');
  await controls.trouble(null);
  await t.rejects(readFile(join(folder, 'trouble')), { code: 'ENOENT' });
});

void t.test('several troubles have a line each', (t) => {
  t.equal(renderTrouble({ hotShare: 0.9, cramped: { instances: 3, factor: 2 } }), 'hot 0.9\ncramped 3 2\n');
  t.equal(renderTrouble({}), '');
  t.end();
});
