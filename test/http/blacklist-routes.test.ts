import t from 'tap';
import { KNOWN_ID, OVER_ID, SAMPLE_SERVICE } from '../support/api-samples.js';
import { startTestService } from '../support/http-service.js';

await t.test('entries are listed, suspended ones included', async (t) => {
  const { url } = await startTestService(t, { service: SAMPLE_SERVICE });
  t.match(await (await fetch(`${url}/api/v1/blacklist`)).json(), {
    status: 'success',
    data: [
      { id: KNOWN_ID, state: 'in_force', cause: 'harmful' },
      { id: OVER_ID, state: 'suspended', cause: 'ineffective' },
    ],
  });
});

await t.test('an entry is removed by its id, and only then', async (t) => {
  const removed: string[] = [];
  const { url } = await startTestService(t, {
    service: {
      removeBlacklistEntry: (id) => {
        removed.push(id);
        return Promise.resolve(id === KNOWN_ID);
      },
    },
  });
  const remove = (id: string) => fetch(`${url}/api/v1/blacklist/${id}`, { method: 'DELETE' });
  const done = await remove(KNOWN_ID);
  t.strictSame([done.status, await done.text()], [204, '']);
  const unknown = await remove(OVER_ID);
  t.equal(unknown.status, 404);
  t.match(await unknown.json(), { error: `no blacklist entry has the id '${OVER_ID}'` });
  t.equal((await remove('all')).status, 404);
  t.strictSame(removed, [KNOWN_ID, OVER_ID], 'the service is only asked for ids');
});
