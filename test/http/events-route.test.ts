import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import t from 'tap';
import { EventStreams } from '../../src/http/event-streams.js';
import type { Change } from '../../src/model/change.js';
import { eventually } from '../support/dhalion-client.js';
import { startTestService } from '../support/http-service.js';

interface Listening {
  readonly response: Response;
  /** The events so far. */
  text(): string;
  /** Resolves when the service ends the stream. */
  readonly ended: Promise<void>;
  leave(): void;
}

async function listen(url: string): Promise<Listening> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/v1/events`, { signal: leaving.signal });
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
  };
  return {
    response,
    text: () => text,
    ended: read().catch(() => undefined),
    leave: () => {
      leaving.abort();
    },
  };
}

function changing(): {
  onChange: (listener: (change: Change) => void) => void;
  change: (change: Change) => void;
} {
  let tell: (change: Change) => void = () => undefined;
  return {
    onChange: (listener) => {
      tell = listener;
    },
    change: (change) => {
      tell(change);
    },
  };
}

await t.test('a stream reports the kinds of changes, batched', async (t) => {
  const { onChange, change } = changing();
  const { url } = await startTestService(t, { service: { onChange } });
  const one = await listen(url);
  const other = await listen(url);
  t.equal(one.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  t.equal(one.response.headers.get('cache-control'), 'no-store');
  t.equal(one.response.headers.get('x-accel-buffering'), 'no');
  for (const name of ['evaluation', 'action', 'evaluation'] as const) change(name);
  const event = 'event: change\ndata: {"changed":["evaluation","action"]}\n\n';
  await eventually('both receive it', () => [one, other].every((stream) => stream.text().includes(event)));
  t.equal(one.text(), `retry: 2000\n\n${event}`);
  change('pause');
  await eventually('the next one', () => one.text().endsWith('data: {"changed":["pause"]}\n\n'));
  one.leave();
  other.leave();
});

await t.test('a stream outlives the time limit for idle connections', async (t) => {
  const { url } = await startTestService(t, { limits: { idleTimeoutMs: 2000 }, streams: { heartbeatMs: 250 } });
  const stream = await listen(url);
  await eventually('more comments than fit into the limit', () => stream.text().split(': still here\n\n').length > 12);
  stream.leave();
});

await t.test('there are only so many streams, and one that is left makes room', async (t) => {
  const { url } = await startTestService(t, { streams: { maxStreams: 2 } });
  const streams = [await listen(url), await listen(url)];
  const refused = await fetch(`${url}/api/v1/events`);
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '10');
  t.match(await refused.json(), { status: 'error', error: /too many event streams/ });
  t.equal((await fetch(url)).status, 200, 'the rest answers');
  streams[0]?.leave();
  await eventually('room for another', async () => {
    const again = await listen(url);
    again.leave();
    return again.response.status === 200;
  });
  streams[1]?.leave();
});

await t.test('HEAD is answered at once', async (t) => {
  const { url } = await startTestService(t);
  const response = await fetch(`${url}/api/v1/events`, { method: 'HEAD' });
  t.equal(response.status, 200);
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
});

await t.test('open streams end with the service, and new ones are refused', async (t) => {
  const { url, server, streams } = await startTestService(t, { limits: { closeTimeoutMs: 60_000 } });
  const stream = await listen(url);
  streams.close();
  t.equal((await fetch(`${url}/api/v1/events`)).status, 503);
  const closed = server.close().then(() => 'closed');
  t.equal(await Promise.race([closed, sleep(30_000, 'still open', { ref: false })]), 'closed');
  await stream.ended;
});

await t.test('a change after the end is not sent, and a stalled reader does not delay the end', async (t) => {
  const streams = new EventStreams({ gatherMs: 1, maxUnreadBytes: Infinity });
  const app = express().get('/', (_request, response) => {
    streams.add(response);
    // More than the buffers in between take: the stream stays open although it has ended.
    response.write(Buffer.alloc(16 * 1024 * 1024));
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
  });
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  reader.pause().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  reader.on('error', () => undefined);
  t.teardown(() => reader.destroy());
  await once(server, 'request');
  streams.announce('action');
  streams.close();
  streams.announce('pause');
  await sleep(50);
  const closed = new Promise((resolve) => server.close(resolve)).then(() => 'closed');
  t.equal(await Promise.race([closed, sleep(20_000, 'still open', { ref: false })]), 'closed');
});
