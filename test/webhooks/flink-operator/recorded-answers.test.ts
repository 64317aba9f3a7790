// The test server gives the recorded answers of a real one.
import t from 'tap';
import { kubernetesApiServer } from '../../support/kubernetes-api-server.js';
import { RECORDED, replay, type RecordedExchange } from '../../support/recorded-exchanges.js';

void t.test('the test server answers the recorded requests like the real one', async (t) => {
  let asked: RecordedExchange['as'] = 'admin';
  const api = await kubernetesApiServer(t, { token: 'known', isLacking: () => asked === 'dhalion' });
  delete api.object('flinkdeployments').status;
  await replay(t, async ({ as, method, path, contentType, body }) => {
    asked = as;
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as === 'nobody' ? 'unknown' : 'known'}`,
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  });
  t.ok(RECORDED.length > 10);
});
