import t from 'tap';
import type { PauseRequest } from '../../src/http/service-view.js';
import { KNOWN_ID, SAMPLE_PAUSES, SAMPLE_SERVICE } from '../support/api-samples.js';
import { PAUSE_ID, startTestService } from '../support/http-service.js';

async function post(
  url: string,
  body: unknown,
  type = 'application/json',
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${url}/api/v1/pauses`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

await t.test('a pause is created as requested, and listed', async (t) => {
  const asked: PauseRequest[] = [];
  const { url } = await startTestService(t, {
    service: {
      ...SAMPLE_SERVICE,
      addPause: ({ durationMs, ...request }) => {
        asked.push({ durationMs, ...request });
        return Promise.resolve({ ...request, id: PAUSE_ID, createdAtMs: 1000, expiresAtMs: 1000 + durationMs });
      },
    },
  });
  const reason = 'upgrade “now”';
  t.strictSame(await post(url, { topology: 'new', resolver: 'scale_down', duration: '90s', reason }), {
    status: 201,
    answer: {
      status: 'success',
      data: {
        id: PAUSE_ID,
        topology: 'new',
        resolver: 'scale_down',
        reason,
        created_at: '1970-01-01T00:00:01.000Z',
        expires_at: '1970-01-01T00:01:31.000Z',
      },
    },
  });
  t.equal((await post(url, { duration: '1d', reason })).status, 201);
  t.strictSame(asked, [
    { topology: 'new', resolver: 'scale_down', durationMs: 90_000, reason },
    { topology: null, resolver: null, durationMs: 86_400_000, reason },
  ]);
});

await t.test('a request that would pause the wrong thing is refused, and nothing is paused', async (t) => {
  const { url } = await startTestService(t, {
    service: { addPause: () => Promise.reject(new Error('paused after all')) },
  });
  const good = { duration: '5m', reason: 'upgrade' };
  const unknown = /^topology 'wordcuont' is neither configured nor discovered/;
  t.match(await post(url, { ...good, topology: 'wordcuont' }), {
    status: 404,
    answer: { status: 'error', errorType: 'not_found', error: unknown },
  });
  const cases: [unknown, RegExp][] = [
    [{ ...good, topologies: ['wordcount'] }, /"topologies" is not a known key/],
    [{ ...good, duration: '31d' }, /^duration must be .* at most 30d; found "31d"$/],
    [{ duration: '5m' }, /^reason is missing/],
  ];
  for (const [body, error] of cases) {
    t.match(await post(url, body), { status: 400, answer: { status: 'error', errorType: 'bad_data', error } });
  }
  t.match(await post(url, good, 'text/plain'), { status: 415 }, 'a form of another site cannot pause anything');
  t.match(await post(url, { ...good, reason: 'x'.repeat(70_000) }), { status: 413 });
});

await t.test('pauses are listed and ended', async (t) => {
  const { url } = await startTestService(t, { service: SAMPLE_SERVICE });
  const listed = (await (await fetch(`${url}/api/v1/pauses`)).json()) as { data: unknown[] };
  t.equal(listed.data.length, SAMPLE_PAUSES.length);
  const end = (id: string) => fetch(`${url}/api/v1/pauses/${id}`, { method: 'DELETE' });
  const ended = await end(KNOWN_ID);
  t.strictSame([ended.status, await ended.text()], [204, '']);
  const unknown = await end(PAUSE_ID);
  t.equal(unknown.status, 404);
  t.match(await unknown.json(), { errorType: 'not_found', error: `no pause has the id '${PAUSE_ID}'` });
});

await t.test('the storage is never asked for an id that is none', async (t) => {
  const { url } = await startTestService(t, {
    service: { endPause: () => Promise.reject(new Error('asked')) },
  });
  for (const id of ['x', '%00', `${KNOWN_ID}0`, '%F0%9F%98%80', `${KNOWN_ID}%0A`]) {
    t.equal((await fetch(`${url}/api/v1/pauses/${id}`, { method: 'DELETE' })).status, 404, id);
  }
});
