import t from 'tap';
import { DhalionError } from '../../src/errors.js';
import { startTestService } from '../support/http-service.js';

await t.test('a reload is answered when it is done', async (t) => {
  let reloads = 0;
  const { url } = await startTestService(t, {
    service: {
      reload: () => {
        reloads += 1;
        return Promise.resolve();
      },
    },
  });
  for (const method of ['POST', 'PUT']) {
    const response = await fetch(`${url}/-/reload`, { method });
    t.equal(response.status, 200);
    t.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    t.equal(await response.text(), 'The configuration is reloaded.\n');
  }
  t.equal(reloads, 2);
  t.equal((await fetch(`${url}/-/reload`)).status, 405);
  t.equal(reloads, 2, 'a link cannot reload');
});

await t.test('a refused configuration is reported in plain text; the service logs it, not the route', async (t) => {
  const faults = 'dhalion.yml:1:1: x: is not a known key\ndhalion.yml:2:1: y: is not a known key';
  for (const code of ['config_invalid', 'config_unreadable'] as const) {
    const { url, logLines } = await startTestService(t, {
      service: { reload: () => Promise.reject(new DhalionError(code, faults)) },
    });
    const response = await fetch(`${url}/-/reload`, { method: 'POST' });
    t.equal(response.status, 500);
    t.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    t.equal(await response.text(), `The configuration is not reloaded: ${faults}\n`);
    t.strictSame(logLines, []);
  }
});

await t.test('any other fault of a reload is only logged', async (t) => {
  const { url, logLines } = await startTestService(t, {
    service: { reload: () => Promise.reject(new Error('secret inside')) },
  });
  const response = await fetch(`${url}/-/reload`, { method: 'POST' });
  t.equal(response.status, 500);
  t.notMatch(await response.text(), 'secret');
  t.match(logLines, [{ level: 'error', error: 'secret inside' }]);
});
