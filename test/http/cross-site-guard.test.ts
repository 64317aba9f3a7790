import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { startTestService } from '../support/http-service.js';

/** fetch would not let these headers be set. */
function ask(url: string, method: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      }, reject);
    });
    call.on('error', reject);
    call.end(method === 'POST' ? '{"alerts":[]}' : undefined);
  });
}

const JSON_BODY = { 'content-type': 'application/json' };

const FROM_ELSEWHERE: Record<string, Record<string, string>> = {
  'another site': { 'sec-fetch-site': 'cross-site' },
  'another host of the same domain': { 'sec-fetch-site': 'same-site' },
  'a browser that says what we do not know': { 'sec-fetch-site': 'elsewhere' },
  'another origin': { origin: 'http://evil.test' },
  'another port': { host: 'dhalion.test:10017', origin: 'http://dhalion.test:3000' },
  'a sandboxed frame': { origin: 'null' },
  'an origin that is none': { origin: 'dhalion.test' },
  'two origins': { host: 'dhalion.test', origin: 'http://dhalion.test, http://evil.test' },
  'an origin that only begins alike': { host: 'dhalion.test', origin: 'http://dhalion.test.evil.test' },
  'an extension named like the host': { host: 'dhalion', origin: 'chrome-extension://dhalion.test' },
  'another origin, whatever else it says': { origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' },
};

const FROM_HERE: Record<string, Record<string, string>> = {
  'no browser': {},
  'its own page': { host: 'dhalion.test', origin: 'http://dhalion.test', 'sec-fetch-site': 'same-origin' },
  'its own page behind a proxy that speaks HTTPS': { host: 'dhalion.test', origin: 'https://dhalion.test' },
  'its own page, with the port that goes without saying': { host: 'Dhalion.test:443', origin: 'https://dhalion.test' },
  'the address line': { 'sec-fetch-site': 'none' },
};

await t.test('what another site asks a browser to change is refused, alerts included', async (t) => {
  const { url, accepted } = await startTestService(t);
  const paths = [
    ['POST', '/api/v1/alerts'],
    ['POST', '/api/v1/pauses'],
    ['DELETE', '/api/v1/pauses/0d9a3c1e-1b2c-4d3e-8f4a-5b6c7d8e9f00'],
    ['POST', '/-/reload'],
    ['PUT', '/-/reload'],
    ['PATCH', '/nowhere'],
  ] as const;
  for (const [who, headers] of Object.entries(FROM_ELSEWHERE)) {
    for (const [method, path] of paths) {
      const { status, body } = await ask(url + path, method, { ...JSON_BODY, ...headers });
      t.equal(status, 403, `${who}: ${method} ${path}`);
      t.match(JSON.parse(body), { status: 'error', errorType: 'forbidden' });
    }
  }
  t.strictSame(accepted, []);
});

await t.test('a request from outside a browser, or from its own page, is accepted', async (t) => {
  const { url } = await startTestService(t);
  for (const [who, headers] of Object.entries(FROM_HERE)) {
    t.equal((await ask(`${url}/api/v1/alerts`, 'POST', { ...JSON_BODY, ...headers })).status, 202, who);
    t.equal((await ask(`${url}/-/reload`, 'POST', headers)).status, 200, who);
  }
});

await t.test('reading is harmless: no header lets another site’s script see an answer', async (t) => {
  const { url } = await startTestService(t);
  for (const headers of Object.values(FROM_ELSEWHERE)) {
    t.equal((await ask(`${url}/api/v1/actions`, 'GET', headers)).status, 200);
  }
  const response = await fetch(`${url}/api/v1/actions`, { headers: { origin: 'http://evil.test' } });
  t.equal(response.headers.get('access-control-allow-origin'), null);
  t.equal(response.headers.get('cross-origin-resource-policy'), 'same-origin');
});
