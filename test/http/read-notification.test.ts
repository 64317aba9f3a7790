import t from 'tap';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import { createNotificationReader, SMALL_BODY_BYTES, type ReadNotification } from '../../src/http/read-notification.js';

t.setTimeout(300_000);

const ALERTNAME = createLabelPattern('Dhalion.+');
const STAYS = new AbortController().signal;
const EMPTY = Buffer.from('{"alerts":[]}' + ' '.repeat(SMALL_BODY_BYTES));

const reader = createNotificationReader();
t.teardown(() => reader.close());
const read = (bytes: Buffer) => reader.read(bytes, ALERTNAME, STAYS);

const alertOf = (index: number) => ({
  status: index % 2 === 0 ? 'firing' : 'resolved',
  labels: {
    alertname: 'DhalionTest',
    topology: 'töpology',
    operator: `operator-${index}`,
    diagnosis: 'underprovisioning',
  },
  annotations: { summary: 'x'.repeat(200) },
  startsAt: '2026-01-02T03:04:05.678Z',
  fingerprint: null,
});

/** The same, however it was read. */
function contentOf(notification: ReadNotification) {
  if (notification.kind !== 'notification') return notification;
  const batches = [...notification.batches];
  return {
    alerts: batches.flat(),
    ignored: [...notification.ignored],
    examples: notification.examples,
    sizes: batches.map(({ length }) => length),
  };
}

/** Without and with so much space around it that it is read in a thread. */
async function readBothWays(body: string) {
  const small = await read(Buffer.from(body));
  const large = await read(Buffer.from(body + ' '.repeat(SMALL_BODY_BYTES)));
  return [contentOf(small), contentOf(large)];
}

await t.test('a large notification is read as a small one is', async (t) => {
  const another = { ...alertOf(2), labels: { ...alertOf(2).labels, alertname: 'InfoInhibitor' } };
  const alerts = [alertOf(0), alertOf(1), another, {}, { status: 'firing', labels: { alertname: 'Watchdog' } }];
  const bodies = [JSON.stringify({ alerts, truncatedAlerts: 3 }), '{"alerts":[]}', '[]', '{"alerts":{}}', '"alerts"'];
  for (const body of bodies) {
    const [small, large] = await readBothWays(body);
    t.strictSame(large, small, body.slice(0, 30));
  }
  const [expected] = await readBothWays(bodies[0] ?? '');
  t.match(expected, { examples: { length: 3 } });
  t.match(expected, {
    ignored: [
      ['other_alertname', 1],
      ['malformed', 1],
      ['not_ours', 1],
      ['truncated', 3],
    ],
  });
});

await t.test('a body that is not JSON in UTF-8 is reported as such, large or small', async (t) => {
  for (const body of [Buffer.from('{"alerts":[}'), Buffer.from([0xff, 0x22])]) {
    t.match(await read(body), { kind: 'not_json', because: /^the body is not valid JSON in UTF-8/ });
    const large = Buffer.concat([body, Buffer.alloc(SMALL_BODY_BYTES, ' ')]);
    t.match(await read(large), { kind: 'not_json', because: /^the body is not valid JSON in UTF-8/ });
  }
});

await t.test('many alerts come in batches of at most 500, in order', async (t) => {
  const alerts = Array.from({ length: 1234 }, (_, index) => alertOf(index));
  const content = contentOf(await read(Buffer.from(JSON.stringify({ alerts }))));
  if ('kind' in content) throw new Error(content.kind);
  t.strictSame(content.sizes, [500, 500, 234]);
  t.strictSame(
    content.alerts.map(({ operator }) => operator),
    alerts.map(({ labels }) => labels.operator),
  );
});

await t.test('several large ones are read one after the other, and the event loop turns meanwhile', async (t) => {
  const body = Buffer.from(`{"alerts":[${Array(400_000).fill('{}').join(',')}]}`);
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  turn();
  const readings = await Promise.all([1, 2, 3].map(() => read(body)));
  isOver = true;
  for (const reading of readings)
    t.match(contentOf(reading), { alerts: { length: 0 }, ignored: [['malformed', 400_000]] });
  // Read here, there would be three.
  t.ok(turns > 100, `${turns} turns`);
});

await t.test('a thread serves all large ones that follow each other, and small ones need none', async (t) => {
  let started = 0;
  const count = (): void => void (started += 1);
  process.on('worker', count);
  t.teardown(() => process.off('worker', count));
  const fresh = createNotificationReader();
  t.teardown(() => fresh.close());
  await fresh.read(Buffer.from('{"alerts":[]}'), ALERTNAME, STAYS);
  t.equal(started, 0);
  for (let index = 0; index < 3; index += 1) await fresh.read(EMPTY, ALERTNAME, STAYS);
  t.equal(started, 1);
});

await t.test('one more than may wait is to come again later', async (t) => {
  const few = createNotificationReader({ maxWaiting: 1 });
  t.teardown(() => few.close());
  const readLarge = (): Promise<ReadNotification> => few.read(EMPTY, ALERTNAME, STAYS);
  const [read, waiting] = [readLarge(), readLarge()];
  await t.rejects(readLarge(), { code: 'too_many_requests', retryable: true });
  t.match(await Promise.all([read, waiting]), [{ kind: 'notification' }, { kind: 'notification' }]);
});

await t.test(
  'a waiting notification is skipped once its sender has disconnected; one in progress is read',
  async (t) => {
    const gone = new AbortController();
    const readings = [1, 2].map(() => reader.read(EMPTY, ALERTNAME, gone.signal));
    const stays = read(EMPTY);
    gone.abort();
    t.match(await Promise.all([...readings, stays]), [
      { kind: 'notification' },
      { kind: 'given_up' },
      { kind: 'notification' },
    ]);
  },
);

await t.test('what takes more memory than the thread may have is rejected, and the next one is read', async (t) => {
  const small = createNotificationReader({ maxBodyBytes: 1 });
  t.teardown(() => small.close());
  const hungry = Buffer.from(`{"alerts":[${'['.repeat(2_500_000)}${']'.repeat(2_500_000)}]}`);
  const readings = [hungry, EMPTY].map((bytes) => small.read(bytes, ALERTNAME, STAYS));
  const [rejected, next] = await Promise.allSettled(readings);
  t.match(rejected, { status: 'rejected', reason: { code: 'ERR_WORKER_OUT_OF_MEMORY' } });
  t.match(next, { status: 'fulfilled', value: { kind: 'notification' } });
});

await t.test(
  'after close, notifications in progress or waiting must be sent again, and no large one is read',
  async (t) => {
    const closing = createNotificationReader();
    const readings = [1, 2].map(() => closing.read(EMPTY, ALERTNAME, STAYS));
    const rejections = readings.map((reading) => t.rejects(reading, { code: 'service_ending', retryable: true }));
    await closing.close();
    await Promise.all(rejections);
    await t.rejects(closing.read(EMPTY, ALERTNAME, STAYS), { code: 'service_ending', retryable: true });
    t.match(await closing.read(Buffer.from('{"alerts":[]}'), ALERTNAME, STAYS), { kind: 'notification' });
  },
);
