import t, { type Test } from 'tap';
import type { Clock } from '../../src/clock.js';
import { createLogger } from '../../src/logger.js';
import type { Action } from '../../src/model/action.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { createWebhookSender } from '../../src/webhooks/webhook-sender.js';
import { answeringServer, type Answer } from '../support/answering-server.js';
import { CLAIMED_AT_MS, sampleAction, sampleWebhook } from '../support/webhook-samples.js';

/** A stopped clock: a sleeper wakes when its signal aborts, or when the test wakes it. */
function createStandingClock() {
  const slept: number[] = [];
  let wake = (): void => undefined;
  let onSleep = (): void => undefined;
  const clock: Clock = {
    now: () => CLAIMED_AT_MS,
    elapsed: () => 0,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        slept.push(delayMs);
        wake = resolve;
        if (signal?.aborted === true) resolve();
        signal?.addEventListener('abort', () => {
          resolve();
        });
        onSleep();
      }),
  };
  return {
    clock,
    slept,
    wake: () => {
      wake();
    },
    nextSleep: () =>
      new Promise<void>((resolve) => {
        onSleep = resolve;
      }),
  };
}

async function setUp(t: Test, answer: Answer) {
  const standing = createStandingClock();
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const codes: string[] = [];
  const sender = createWebhookSender({
    webhook: sampleWebhook(),
    http,
    clock: standing.clock,
    random: () => 0.5,
    userAgent: 'dhalion/test',
    onCall: (_webhook, code) => codes.push(code),
    logger: createLogger({ level: 'error', format: 'json' }, { write: () => undefined }),
    shutdownGraceMs: 3000,
  });
  let recorded = 0;
  const hooks = {
    beforeAttempt: () => {
      recorded += 1;
      return Promise.resolve(true);
    },
  };
  const shutdown = new AbortController();
  const server = await answeringServer(t, answer);
  const action: Action = sampleAction({ request: { ...sampleAction().request, url: server.url } });
  return {
    ...standing,
    server,
    codes,
    shutdown,
    recorded: () => recorded,
    send: () => sender.send(action, hooks, shutdown.signal),
  };
}

await t.test('after a shutdown nothing is sent', async (t) => {
  const { send, shutdown, server, recorded } = await setUp(t, (response) => response.end());
  shutdown.abort();
  t.strictSame(await send(), { result: 'aborted' });
  t.equal(server.requests.length + recorded(), 0);
});

await t.test('a shutdown ends the wait between attempts at once', async (t) => {
  const { send, shutdown, server, slept, nextSleep, recorded } = await setUp(t, (response) => {
    response.writeHead(503).end();
  });
  const asleep = nextSleep();
  const sent = send();
  await asleep;
  shutdown.abort();
  t.strictSame(await sent, { result: 'aborted' });
  t.strictSame(slept, [500]);
  t.strictSame([server.requests.length, recorded()], [1, 1]);
});

await t.test('a call in flight may finish during a shutdown', async (t) => {
  for (const [status, expected] of [
    [200, { result: 'succeeded' }],
    [400, { result: 'refused', failure: 'answered 400', limits: {} }],
    [503, { result: 'aborted' }],
  ] as const) {
    let answerNow = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    let finish = (): void => undefined;
    const { send, shutdown, server, codes, slept } = await setUp(t, (response) => {
      finish = () => {
        response.writeHead(status).end();
      };
      answerNow();
    });
    const sent = send();
    await arrived;
    shutdown.abort();
    finish();
    t.strictSame(await sent, expected);
    t.equal(server.requests.length, 1);
    t.strictSame(codes, [String(status)]);
    t.equal(slept[0], 3000, 'the grace');
  }
});

await t.test('a call without an answer within the grace period is left for the next start', async (t) => {
  let hasArrived = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    hasArrived = resolve;
  });
  const { send, shutdown, codes, slept, wake, server } = await setUp(t, () => {
    hasArrived();
  });
  const sent = send();
  await arrived;
  shutdown.abort();
  t.strictSame(slept, [3000]);
  wake();
  t.strictSame(await sent, { result: 'aborted' });
  t.strictSame(codes, ['aborted']);
  t.equal(server.requests.length, 1);
});
