import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readPageFiles } from '../../../src/http/page/page-files.js';
import { startTestService } from '../../support/http-service.js';

await t.test('the digest is another one when a file is', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-page-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const digestWith = async (text: string): Promise<string> => {
    await writeFile(join(folder, 'main.js'), text);
    return readPageFiles(folder).digest;
  };
  const one = await digestWith('one');
  t.not(await digestWith('two'), one);
  t.equal(await digestWith('one'), one);
  await writeFile(join(folder, 'notes.txt'), 'x');
  t.strictSame([...readPageFiles(folder).byName.keys()], ['main.js', 'dagre.js'], 'only files that a page loads');
  t.throws(() => readPageFiles(join(folder, 'nowhere')), {
    message: /is not built, .*nowhere is missing: npm run build/,
  });
});

await t.test('files may be kept for ever, the page is asked for each time', async (t) => {
  const { url } = await startTestService(t);
  const page = await fetch(url);
  t.equal(page.headers.get('cache-control'), 'no-cache');
  const text = await page.text();
  const paths = [...text.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  t.ok(paths.length > 15);
  for (const path of new Set(paths)) {
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(`${url}/${path}`, { method });
      t.equal(response.status, 200, path);
      t.equal(response.headers.get('cache-control'), 'private, max-age=31536000, immutable');
      t.match(response.headers.get('content-type'), /^(text\/(javascript|css)|image\/svg\+xml); charset=utf-8$/);
      t.equal(response.headers.get('x-content-type-options'), 'nosniff');
      t.equal((await response.text()) === '', method === 'HEAD');
    }
  }
});

await t.test('the policy lets the page load only its own files, and other answers nothing', async (t) => {
  const { url } = await startTestService(t);
  const policyOf = async (path: string): Promise<string> =>
    (await fetch(url + path)).headers.get('content-security-policy') ?? '';
  const page = await policyOf('/');
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "require-trusted-types-for 'script'",
  ]) {
    t.match(page, part);
  }
  t.notMatch(page, 'unsafe');
  t.notMatch(page, 'http');
  t.equal(
    await policyOf('/api/v1/topologies'),
    "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  );
});
