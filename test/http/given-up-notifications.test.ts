// Senders of large notifications that do not wait for the answer: what they sent is still being read when the next one comes.
import { request } from 'node:http';
import t from 'tap';
import { SMALL_BODY_BYTES } from '../../src/http/read-notification.js';
import { startTestService } from '../support/http-service.js';

t.setTimeout(120_000);

const LARGE = JSON.stringify({ alerts: [] }) + ' '.repeat(SMALL_BODY_BYTES);

/** Sends all of it and goes. */
function sendAndGo(url: string): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': LARGE.length };
    const sent = request(`${url}/api/v1/alerts`, { method: 'POST', agent: false, headers });
    sent.on('error', () => undefined).on('close', resolve);
    sent.end(LARGE, () => setTimeout(() => sent.destroy(), 20));
  });
}

await t.test('many that give up are a reason to come again later, and no fault of ours', async (t) => {
  const { url, logLines } = await startTestService(t);
  for (let sender = 0; sender < 12; sender += 1) await sendAndGo(url);
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${url}/api/v1/alerts`, { method: 'POST', headers, body: LARGE });
  t.ok([202, 503].includes(status), String(status));
  t.strictSame(
    logLines.filter(({ level }) => level === 'error'),
    [],
  );
});
