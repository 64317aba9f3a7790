// The contract of every webhook type: repetition, expiry, and the record before each attempt.
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
  /** Whether this is the first request of an attempt, which gets the answer of the test. */
  isAttempt(request: SeenRequest): boolean;
  /** Answers it with success. */
  accept(response: ServerResponse): void;
  /** Answers the further requests of an attempt with success. */
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
  /** Answers with the given statuses in turn, then always with the last one. */
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

  await testOn('the text of a refusal is cut, and cannot control a terminal or forge a line', async (t) => {
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

  await testOn('an endless answer is cut', async (t) => {
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

  await testOn('Retry-After is respected, as seconds and as a date', async (t) => {
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

  await testOn('attempts before a restart count, except for one without an answer', async (t) => {
    const server = await serve(t, inTurn(500));
    const { send, clock } = setUpSender(t, { webhook: type.webhook() });
    t.strictSame(
      await send(type.actionFor(server, { attempts: 3 })),
      { result: 'expired', failure: 'answered 500' },
      'the attempt without an answer may have worked',
    );
    t.equal(attemptsAt(server), 3, 'the third is repeated, two of five were left');
    t.strictSame(clock.slept, [2000, 4000], 'and the backoff continues');
  });

  await testOn('a call that was cut off by a restart is repeated even if it was the last attempt', async (t) => {
    const server = await serve(t, inTurn(200));
    const { send } = setUpSender(t, { webhook: type.webhook({ maxAttempts: 1 }) });
    t.strictSame(await send(type.actionFor(server, { attempts: 1 })), { result: 'succeeded' });
    t.equal(attemptsAt(server), 1);
  });

  await testOn('without attempts left nothing is sent, and the series decide', async (t) => {
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

  await testOn('a call is not repeated after its expiry', async (t) => {
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

  await testOn('an action that expired before its first attempt is not sent', async (t) => {
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

  await testOn('each attempt is recorded before it is sent', async (t) => {
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

  await testOn('a cancelled action is not sent again', async (t) => {
    const server = await serve(t, inTurn(500));
    const { sender } = setUpSender(t, { webhook: type.webhook() });
    const answers = [true, false];
    const beforeAttempt = (): Promise<boolean> => Promise.resolve(answers.shift() ?? true);
    t.strictSame(await sender.send(type.actionFor(server), { beforeAttempt }, NEVER), { result: 'aborted' });
    t.equal(attemptsAt(server), 1);
  });

  await testOn('an attempt that cannot be recorded is not sent', async (t) => {
    const server = await serve(t, inTurn(200));
    const { sender } = setUpSender(t, { webhook: type.webhook() });
    const beforeAttempt = (): Promise<boolean> => Promise.reject(new DhalionError('storage_unavailable', 'disk full'));
    await t.rejects(sender.send(type.actionFor(server), { beforeAttempt }, NEVER), { code: 'storage_unavailable' });
    t.equal(attemptsAt(server), 0);
  });

  await testOn('a broken or refused connection is retried', async (t) => {
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

  await testOn('a call that reached nobody has failed, whether attempts or time run out first', async (t) => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const expiresAtMs = CLAIMED_AT_MS + 3000;
    // Without waits five attempts fit into 3 s, with the longest waits three.
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
    t.match(
      restarted,
      { result: 'expired', failure: /ECONNREFUSED/ },
      'an attempt before the restart may have reached the receiver',
    );
  });

  await testOn('a call that expires between attempts and reached nobody has failed, too', async (t) => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const clock = createFakeClock(CLAIMED_AT_MS);
    // A timer fires late on a busy machine.
    const late = { ...clock, now: () => clock.now(), sleep: (ms: number) => clock.sleep(ms + 10_000) };
    const { send } = setUpSender(t, { webhook: type.webhook(), clock: late });
    const sent = await send(type.actionFor({ url }, { expiresAtMs: CLAIMED_AT_MS + 3000 }));
    t.match(sent, { result: 'failed', failure: /ECONNREFUSED/ });
  });

  await testOn('without attempts left and with one unanswered, the series decide', async (t) => {
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

  await testOn('a server that does not answer in time is retried', async (t) => {
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

/** Further requests of an attempt do not count as its repetition. */
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
