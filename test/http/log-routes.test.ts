import t from 'tap';
import type { Action } from '../../src/model/action.js';
import { scaleUpAction } from '../support/evaluations.js';
import { KNOWN_ID } from '../support/api-samples.js';
import { startTestService } from '../support/http-service.js';

const cancel = async (url: string, id: string): Promise<[number, string]> => {
  const response = await fetch(`${url}/api/v1/actions/${id}`, { method: 'DELETE' });
  return [response.status, await response.text()];
};

await t.test('an action is cancelled', async (t) => {
  const cancelled: string[] = [];
  const { url } = await startTestService(t, {
    service: {
      cancelAction: (id) => {
        cancelled.push(id);
        return Promise.resolve('cancelled');
      },
    },
  });
  t.strictSame(await cancel(url, KNOWN_ID), [204, '']);
  t.equal((await cancel(url, 'x'))[0], 404);
  t.strictSame(cancelled, [KNOWN_ID]);
});

await t.test('a finished action is unchanged, and the answer says how it ended', async (t) => {
  let action: Action | null = null;
  const { url } = await startTestService(t, {
    service: { cancelAction: () => Promise.resolve('over'), action: () => Promise.resolve(action) },
  });
  const error = (because: string): string =>
    `${JSON.stringify({ status: 'error', errorType: 'conflict', error: `action '${KNOWN_ID}' is over: ${because}` })}\n`;
  action = scaleUpAction({ state: 'judged', outcome: 'harmful' });
  t.strictSame(await cancel(url, KNOWN_ID), [409, error('its outcome is harmful')]);
  action = scaleUpAction({ state: 'judged', outcome: null, dryRun: true });
  t.strictSame(await cancel(url, KNOWN_ID), [409, error('it was a dry run')]);
  action = null;
  t.strictSame(await cancel(url, KNOWN_ID), [409, error('it is no longer in the action log')]);
});

await t.test('an action that there never was cannot be cancelled', async (t) => {
  const { url } = await startTestService(t);
  const [status, answer] = await cancel(url, KNOWN_ID);
  t.equal(status, 404);
  t.match(JSON.parse(answer), { error: `no action has the id '${KNOWN_ID}'` });
});
