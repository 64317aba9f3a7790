// What holds of every type of webhook, whatever an attempt is made of: repetition, expiry, and what is written before it.
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { GenericWebhookSettings } from '../../src/webhooks/generic/generic-settings.js';
import { DhalionError } from '../../src/errors.js';
import type { Action } from '../../src/model/action.js';
import { answeringServer, type Answer, type AnsweringServer, type SeenRequest } from '../support/answering-server.js';
import { createFakeClock } from '../support/fake-clock.js';
import { CLAIMED_AT_MS } from '../support/webhook-samples.js';
import { NEVER, setUpSender, type OtherWebhookSettings } from '../support/webhook-sender-set-up.js';

type Common = Partial<Pick<GenericWebhookSettings, 'timeoutMs' | 'maxAttempts'>>;

export interface SenderType {
  readonly name: string;
  webhook(more?: Common): Partial<GenericWebhookSettings> | OtherWebhookSettings;
  actionFor(server: Pick<AnsweringServer, 'url'>, more?: Partial<Action>): Action;
  /** The request that an attempt begins with; what the test says is answered to it. */
  isAttempt(request: SeenRequest): boolean;
  /** Answers it as one that is done. */
  accept(response: ServerResponse): void;
  /** All is well with the further requests of an attempt. */
  answerRest: Answer;
}

export async function testSender(type: SenderType): Promise<void> {
  const testOn = (title: string, run: (t: Test) => Promise<void>): Promise<unknown> =>
    t.test(`${type.name}: ${title}`, run);
  const serve = (t: Test, answer: Answer): Promise<AnsweringServer> =>
    answeringServer(t, (response, request) => {
      (type.isAttempt(request) ? answer : type.answerRest)(response, request);
    });
  const attemptsAt = ({ requests }: AnsweringServer): number =>
    requests.filter((request) => type.isAttempt(request)).length;
  /** Answers with the given statuses in turn, the last one for ever. */
  const inTurn = (...statuses: number[]): Answer => {
    let next = 0;
    return (response) => {
      const status = statuses[Math.min(next, statuses.length - 1)] ?? 500;
      next += 1;
      if (status === 200) type.accept(response);
      else response.writeHead(status).end();
    };
  };

  await testOn('a call is repeated with the same key', async (t) => {
    const server = await serve(t, inTurn(503, 409, 429, 200));
    const { send, clock, codes, recorded } = setUpSender(t, { webhook: type.webhook() });
    t.strictSame(await send(type.actionFor(server)), { result: 'succeeded' });
    t.equal(attemptsAt(server), 4);
    t.strictSame(keysAt(server), [`"${type.actionFor(server).id}"`]);
    t.strictSame(clock.slept, [500, 1000, 2000]);
    t.strictSame(failuresIn(codes), ['scaler 503', 'scaler 409', 'scaler 429']);
    t.equal(recorded(), 4);
  });

  await testOn('a redirect is final, and its target sees no request', async (t) => {
    const target = await serve(t, inTurn(200));
    for (const status of [301, 302, 303, 304, 307, 308]) {
      const server = await serve(t, (response) => {
        response.writeHead(status, { location: `${target.url}/elsewhere` }).end();
      });
      const { send } = setUpSender(t, { webhook: type.webhook() });
      t.match(await send(type.actionFor(server)), {
        result: 'refused',
        failure: new RegExp(`^answered ${status} .*not followed`),
      });
      t.equal(attemptsAt(server), 1);
    }
    t.equal(target.requests.length, 0);
  });

  await testOn("a refusal's text is cut, and cannot steer a terminal or forge a line", async (t) => {
    const server = await serve(t, (response) => {
      response.writeHead(400).end(`no\u001b[31m such\r\njob\u0000\u202e ${'x'.repeat(50_000)}`);
    });
    const { send, clock, lines } = setUpSender(t, { webhook: type.webhook() });
    const sent = await send(type.actionFor(server));
    const failure = sent.result === 'refused' ? sent.failure : '';
    t.match(failure, /^answered 400: no \[31m such job x+…$/);
    t.equal(failure.length, 'answered 400: '.length + 201);
    t.strictSame([attemptsAt(server), clock.slept.length], [1, 0]);
    const [line = ''] = lines.filter((line) => line.includes('webhook call failed'));
    t.match(JSON.parse(line), { level: 'warn', webhook: 'scaler', topology: 'wordcount', attempt: 1, failure });
  });

  await testOn('an answer without end is cut', async (t) => {
    let sentBytes = 0;
    const server = await serve(t, (response) => {
      response.writeHead(400);
      const pour = (): void => {
        while (!response.destroyed && response.write('y'.repeat(10_000))) sentBytes += 10_000;
      };
      response.on('drain', pour);
      pour();
    });
    const { send } = setUpSender(t, { webhook: type.webhook() });
    t.strictSame(await send(type.actionFor(server)), {
      result: 'refused',
      failure: `answered 400: ${'y'.repeat(200)}…`,
      limits: {},
    });
    t.ok(sentBytes < 20_000_000, `${sentBytes} bytes went out`);
  });

  await testOn('Retry-After is waited for, as seconds and as a date', async (t) => {
    let calls = 0;
    const server = await serve(t, (response) => {
      calls += 1;
      const date = new Date(CLAIMED_AT_MS + 27_500);
      if (calls === 1) response.writeHead(429, { 'retry-after': '7' }).end();
      else if (calls === 2) response.writeHead(503, { 'retry-after': date.toUTCString() }).end();
      else type.accept(response);
    });
    const { send, clock } = setUpSender(t, { webhook: type.webhook(), random: () => 0 });
    t.strictSame(await send(type.actionFor(server)), { result: 'succeeded' });
    t.equal(clock.slept[0], 7000);
    // An HTTP date has whole seconds.
    t.ok(Math.abs((clock.slept[1] ?? 0) - 20_500) < 1000, String(clock.slept[1]));
  });

  await testOn('attempts run out', async (t) => {
    const server = await serve(t, inTurn(500));
    const { send, recorded } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 3 }) });
    t.strictSame(await send(type.actionFor(server)), { result: 'failed', failure: 'answered 500' });
    t.equal(attemptsAt(server), 3);
    t.equal(recorded(), 3);
  });

  await testOn('attempts made before a restart count, but for the one whose answer was cut off', async (t) => {
    const server = await serve(t, inTurn(500));
    const { send, clock } = setUpSender(t, { webhook: type.webhook() });
    t.strictSame(
      await send(type.actionFor(server, { attempts: 3 })),
      { result: 'expired', failure: 'answered 500' },
      'what was cut off may have worked',
    );
    t.equal(attemptsAt(server), 3, 'the third is repeated, two of five were left');
    t.strictSame(clock.slept, [2000, 4000], 'and the backoff goes on from where it was');
  });

  await testOn('a call that was cut off by a restart is repeated even if it was the last attempt', async (t) => {
    const server = await serve(t, inTurn(200));
    const { send } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 1 }) });
    t.strictSame(await send(type.actionFor(server, { attempts: 1 })), { result: 'succeeded' });
    t.equal(attemptsAt(server), 1);
  });

  await testOn('with no attempt left nothing is sent, and what is seen must tell', async (t) => {
    const server = await serve(t, inTurn(200));
    const { send, recorded } = setUpSender(t, { webhook: type.webhook() });
    t.match(await send(type.actionFor(server, { attempts: 6 })), {
      result: 'expired',
      failure: /the last one is not known/,
    });
    t.strictSame(await send(type.actionFor(server, { attempts: 6, failure: 'answered 503' })), {
      result: 'expired',
      failure: 'answered 503',
    });
    t.equal(attemptsAt(server) + recorded(), 0);
  });

  await testOn('a call is not repeated once it has expired', async (t) => {
    const server = await serve(t, inTurn(500));
    const { send, clock } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 100 }) });
    const expiresAtMs = CLAIMED_AT_MS + 10_000;
    t.strictSame(await send(type.actionFor(server, { expiresAtMs })), { result: 'expired', failure: 'answered 500' });
    // 0.5 + 1 + 2 + 4 s, and 8 more would be too late.
    t.equal(attemptsAt(server), 5);
    t.ok(clock.now() < expiresAtMs);
  });

  await testOn('a Retry-After past the expiry ends it at once', async (t) => {
    const server = await serve(t, (response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end();
    });
    const { send, clock } = setUpSender(t, { webhook: type.webhook() });
    t.match(await send(type.actionFor(server)), { result: 'expired' });
    t.equal(clock.slept.length, 0);
  });

  await testOn('what has expired before it could be sent is not sent', async (t) => {
    const server = await serve(t, inTurn(200));
    const { send, recorded } = setUpSender(t, { webhook: type.webhook() });
    t.match(await send(type.actionFor(server, { expiresAtMs: CLAIMED_AT_MS })), {
      result: 'expired',
      failure: /^not sent/,
    });
    t.match(await send(type.actionFor(server, { expiresAtMs: CLAIMED_AT_MS, attempts: 1 })), {
      result: 'expired',
      failure: /^not answered/,
    });
    t.equal(attemptsAt(server) + recorded(), 0);
  });

  await testOn('each attempt is durable before it is sent', async (t) => {
    const events: string[] = [];
    const server = await serve(t, (response) => {
      events.push('sent');
      if (events.length < 4) response.writeHead(500).end();
      else type.accept(response);
    });
    const { sender } = setUpSender(t, { webhook: type.webhook() });
    const beforeAttempt = async (): Promise<boolean> => {
      await new Promise((resolve) => setImmediate(resolve));
      events.push('recorded');
      return true;
    };
    await sender.send(type.actionFor(server), { beforeAttempt }, NEVER);
    t.strictSame(events, ['recorded', 'sent', 'recorded', 'sent']);
  });

  await testOn('an action cancelled meanwhile is not sent again', async (t) => {
    const server = await serve(t, inTurn(500));
    const { sender } = setUpSender(t, { webhook: type.webhook() });
    const answers = [true, false];
    const beforeAttempt = (): Promise<boolean> => Promise.resolve(answers.shift() ?? true);
    t.strictSame(await sender.send(type.actionFor(server), { beforeAttempt }, NEVER), { result: 'aborted' });
    t.equal(attemptsAt(server), 1);
  });

  await testOn('what cannot be recorded is not sent', async (t) => {
    const server = await serve(t, inTurn(200));
    const { sender } = setUpSender(t, { webhook: type.webhook() });
    const beforeAttempt = (): Promise<boolean> => Promise.reject(new DhalionError('storage_unavailable', 'disk full'));
    await t.rejects(sender.send(type.actionFor(server), { beforeAttempt }, NEVER), { code: 'storage_unavailable' });
    t.equal(attemptsAt(server), 0);
  });

  await testOn('a connection that breaks or is refused is tried again', async (t) => {
    let calls = 0;
    const server = await serve(t, (response) => {
      calls += 1;
      if (calls === 1) response.socket?.resetAndDestroy();
      else if (calls === 2) response.socket?.end('this is not HTTP\r\n\r\n');
      else type.accept(response);
    });
    const { send, codes } = setUpSender(t, { webhook: type.webhook() });
    t.strictSame(await send(type.actionFor(server)), { result: 'succeeded' });
    t.strictSame(failuresIn(codes), ['scaler network', 'scaler network']);

    const url = `http://127.0.0.1:${await closedPort()}`;
    const refused = setUpSender(t, { webhook: type.webhook({ maxAttempts: 2 }) });
    t.match(await refused.send(type.actionFor({ url })), { result: 'failed', failure: /ECONNREFUSED/ });
    t.strictSame(new Set(refused.codes), new Set(['scaler network']));
  });

  await testOn('a call that never left has failed, whether attempts or time run out first', async (t) => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const expiresAtMs = CLAIMED_AT_MS + 3000;
    // Without a wait all five attempts fit into 3 s, with the longest three do.
    for (const [random, attempts] of [
      [0, 5],
      [0.99, 3],
    ] as const) {
      const { send, recorded } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 5 }), random: () => random });
      t.match(await send(type.actionFor({ url }, { expiresAtMs })), { result: 'failed', failure: /ECONNREFUSED/ });
      t.equal(recorded(), attempts);
    }
    const { send } = setUpSender(t, { webhook: type.webhook(), random: () => 0.99 });
    const restarted = await send(type.actionFor({ url }, { expiresAtMs, attempts: 1 }));
    t.match(restarted, { result: 'expired', failure: /ECONNREFUSED/ }, 'one of before a restart may have left');
  });

  await testOn('one that expires while it waits, and never left, has failed too', async (t) => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const clock = createFakeClock(CLAIMED_AT_MS);
    // A machine under load wakes up late.
    const late = { ...clock, now: () => clock.now(), sleep: (ms: number) => clock.sleep(ms + 10_000) };
    const { send } = setUpSender(t, { webhook: type.webhook(), clock: late });
    const sent = await send(type.actionFor({ url }, { expiresAtMs: CLAIMED_AT_MS + 3000 }));
    t.match(sent, { result: 'failed', failure: /ECONNREFUSED/ });
  });

  await testOn('out of attempts of which one was not answered, what is seen must tell', async (t) => {
    let calls = 0;
    const server = await serve(t, (response) => {
      calls += 1;
      if (calls === 1) response.socket?.resetAndDestroy();
      else response.writeHead(503).end();
    });
    const { send } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 3 }) });
    t.strictSame(await send(type.actionFor(server)), { result: 'expired', failure: 'answered 503' });
    t.equal(attemptsAt(server), 3);
  });

  await testOn('a server that does not answer in time is tried again', async (t) => {
    let calls = 0;
    const server = await serve(t, (response) => {
      calls += 1;
      if (calls > 1) type.accept(response);
    });
    const { send, codes } = setUpSender(t, { webhook: type.webhook({ timeoutMs: 400 }) });
    t.strictSame(await send(type.actionFor(server)), { result: 'succeeded' });
    t.ok(failuresIn(codes).includes('scaler timeout'));
    t.strictSame(keysAt(server), [`"${type.actionFor(server).id}"`]);
  });
}

function keysAt({ requests }: AnsweringServer): (string | string[] | undefined)[] {
  return [...new Set(requests.map(({ headers }) => headers['idempotency-key']))];
}

/** The requests of an attempt that went well say nothing of its repetition. */
function failuresIn(codes: readonly string[]): readonly string[] {
  return codes.filter((code) => code !== 'scaler 200');
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
