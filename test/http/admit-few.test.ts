import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { admitFew } from '../../src/http/admit-few.js';
import { createErrorHandler } from '../../src/http/error-handler.js';
import { createLogger } from '../../src/logger.js';

const LONG_MS = 60_000;

/** Requests to /large are counted, and answered when the test says so. */
async function serverOf(t: Test, { maxWaiting = 1, maxWaitMs = LONG_MS } = {}) {
  const begun: (() => void)[] = [];
  const app = express();
  app.use(admitFew({ maxAtOnce: 1, maxWaiting, maxWaitMs, isCounted: ({ path }) => path === '/large' }));
  app.get('/large', (_request, response) => {
    begun.push(() => response.send('done'));
  });
  app.get('/small', (_request, response) => {
    response.send('done');
  });
  app.use(createErrorHandler(createLogger({ level: 'error', format: 'json' }, { write: () => undefined })));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connections = (): Promise<number> =>
    new Promise((resolve) => {
      server.getConnections((_error, count) => {
        resolve(count);
      });
    });
  const get = async (path: string, signal: AbortSignal | null = null): Promise<number> => {
    const response = await fetch(`${url}${path}`, { signal, headers: { connection: 'close' } });
    await response.text();
    return response.status;
  };
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, get, until, connections };
}

await t.test('one at a time, in order; those that are not counted pass', async (t) => {
  const { begun, get, until, connections } = await serverOf(t);
  const first = get('/large');
  await until(() => begun.length === 1);
  const second = get('/large');
  await until(async () => (await connections()) === 2);
  t.equal(await get('/small'), 200);
  t.equal(begun.length, 1);
  begun[0]?.();
  t.equal(await first, 200);
  await until(() => begun.length === 2);
  begun[1]?.();
  t.equal(await second, 200);
});

await t.test('a request that finds too many waiting, or waits too long, is asked to come again', async (t) => {
  const { begun, get, until } = await serverOf(t, { maxWaiting: 0 });
  const first = get('/large');
  await until(() => begun.length === 1);
  t.equal(await get('/large'), 503);
  begun[0]?.();
  t.equal(await first, 200);

  const impatient = await serverOf(t, { maxWaitMs: 50 });
  const served = impatient.get('/large');
  await impatient.until(() => impatient.begun.length === 1);
  t.equal(await impatient.get('/large'), 503);
  impatient.begun[0]?.();
  t.equal(await served, 200);
  const next = impatient.get('/large');
  await impatient.until(() => impatient.begun.length === 2);
  impatient.begun[1]?.();
  t.equal(await next, 200, 'a request that gave up has no place');
});

await t.test('a place is given back by a sender that goes away, waiting or not', async (t) => {
  const { begun, get, until, connections } = await serverOf(t);
  const leaving = new AbortController();
  const gone = [get('/large', leaving.signal), get('/large', leaving.signal)];
  await until(() => begun.length === 1);
  await until(async () => (await connections()) === 2);
  leaving.abort();
  await Promise.all(gone.map((request) => t.rejects(request)));
  let isAnswered = false;
  const next = get('/large').finally(() => (isAnswered = true));
  // The second one may have been let in before it was seen to be gone.
  await until(() => {
    for (const answer of begun.splice(0)) answer();
    return isAnswered;
  });
  t.equal(await next, 200);
});
