// As many concurrent calls as open actions, all aborted by the same signal.
import { getEventListeners } from 'node:events';
import t from 'tap';
import { answeringServer } from '../support/answering-server.js';
import { nodeWarnings } from '../support/node-warnings.js';
import { actionFor, setUpSender } from '../support/webhook-sender-set-up.js';

t.setTimeout(60_000);

const OPEN_ACTIONS = 25;

await t.test('twenty-five concurrent calls leak nothing, and the last one leaves no listener', async (t) => {
  const warnings = nodeWarnings(t);
  let answerAll = (): void => undefined;
  const allAreThere = new Promise<void>((resolve) => (answerAll = resolve));
  let received = 0;
  const server = await answeringServer(t, (response) => {
    received += 1;
    if (received === OPEN_ACTIONS) answerAll();
    void allAreThere.then(() => response.writeHead(200).end());
  });
  const { send } = setUpSender(t);
  const stop = new AbortController();
  const sent = await Promise.all(Array.from({ length: OPEN_ACTIONS }, () => send(actionFor(server), stop.signal)));
  t.strictSame(new Set(sent.map(({ result }) => result)), new Set(['succeeded']));
  t.equal(received, OPEN_ACTIONS);
  t.equal(getEventListeners(stop.signal, 'abort').length, 0);
  t.strictSame(await warnings(), []);
});
