// The whole service with a secret in every place that may hold one, in front of a Prometheus and a webhook that answer with an
// error quoting all they were sent. Nothing that leaves the process, and nothing on its disk, may hold any of them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import bcrypt from 'bcryptjs';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock } from '../../src/clock.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { startService, type Service } from '../../src/commands/start-service.js';
import { describeError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import { actDecisions, sampleAction } from '../support/action-log-samples.js';
import { answeringServer, answerJson, type Answer, type AnsweringServer } from '../support/answering-server.js';
import { makeAuthority, makeSignedCertificate } from '../support/certificates.js';
import { askOverTls } from '../support/tls-client.js';

const HASH = bcrypt.hashSync('web-pass-s3cret', 4);
const SIGNING_KEY = Buffer.from('signing-key-s3cret-of-32-bytes-x').toString('base64');

/** The secrets, plain and as sent. */
const SECRETS = [
  's3cret',
  SIGNING_KEY,
  Buffer.from('prometheus:prometheus-pass-s3cret').toString('base64'),
  Buffer.from('alice:web-pass-s3cret').toString('base64'),
  HASH,
  HASH.slice(29),
  'PRIVATE KEY',
];

const echo: Answer = (response, request) => {
  answerJson(response, 403, { status: 'error', errorType: 'forbidden', error: `not with ${JSON.stringify(request)}` });
};

function folderOf(t: Test, prometheus: AnsweringServer, webhook: AnsweringServer): string {
  return t.testdir({
    'prometheus-password': 'prometheus-pass-s3cret\n',
    'webhook-token': 'webhook-token-s3cret\n',
    'signing-secret': `whsec_${SIGNING_KEY}\n`,
    'web-token': 'web-token-s3cret\n',
    'web.yml': `tls_server_config: {cert_file: server.crt, key_file: server.key}
basic_auth_users: {alice: ${HASH}}
bearer_token_files: [web-token]
`,
    data: {},
    'dhalion.yml': `prometheus:
  url: ${prometheus.url}
  http_config:
    basic_auth: {username: prometheus, password_file: FOLDER/prometheus-password}
    http_headers: {X-Api-Key: header-s3cret}
evaluation_interval: 1s
window: 60s
storage: {path: FOLDER/data}
webhooks:
  scaler:
    url: ${webhook.url}/scale
    headers: {X-Token: webhook-header-s3cret}
    signing_secret_file: FOLDER/signing-secret
    http_config: {authorization: {credentials_file: FOLDER/webhook-token}}
topologies: [{name: wordcount, engine: flink, webhook: scaler, policy: {mode: dry_run}}]
`,
  });
}

/** Every secret that the text holds. */
function secretsIn(text: string): string[] {
  return SECRETS.filter((secret) => text.includes(secret));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await systemClock.sleep(50);
  }
}

async function startIn(t: Test, folder: string, lines: string[], webhook: AnsweringServer): Promise<Service> {
  const file = join(folder, 'dhalion.yml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('FOLDER', folder));
  const authority = await makeAuthority(folder, 'ca');
  await makeSignedCertificate(folder, 'server', authority, 'IP:127.0.0.1');
  // Claimed by an earlier run, so that the webhook is called.
  const log = await createActionLog({ path: join(folder, 'data') });
  const now = Date.now();
  const request = { url: `${webhook.url}/scale`, method: 'POST', contentType: 'application/json', body: '{}' } as const;
  const action = sampleAction({ claimedAtMs: now, expiresAtMs: now + 60_000, request });
  t.ok(await log.claimAction(action, actDecisions(action)));
  await log.close();
  return startService({
    configuration: await loadConfiguration(file),
    loadConfiguration: () => loadConfiguration(file),
    listenAddress: { host: '127.0.0.1', port: 0 },
    allowUnauthenticated: false,
    webConfigFile: join(folder, 'web.yml'),
    clock: systemClock,
    logger: createLogger({ level: 'debug', format: 'json' }, { write: (line) => lines.push(line) }),
    nodeVersion: 'v20.0.0',
    revision: 'test',
  });
}

await t.test('no secret is in any answer, in the log or in the database', async (t) => {
  const [prometheus, webhook] = [await answeringServer(t, echo), await answeringServer(t, echo)];
  const folder = folderOf(t, prometheus, webhook);
  const lines: string[] = [];
  const service = await startIn(t, folder, lines, webhook);
  let isRunning = true;
  const stop = async (): Promise<void> => {
    if (isRunning) await service.stop();
    isRunning = false;
  };
  t.teardown(stop);

  const trust = { ca: readFileSync(join(folder, 'ca.crt')) };
  const bearer = { authorization: 'Bearer web-token-s3cret' };
  const basic = { authorization: `Basic ${Buffer.from('alice:web-pass-s3cret').toString('base64')}` };
  const ask = async (path: string, headers: Record<string, string> = bearer): Promise<string> => {
    const { status, body } = await askOverTls(service.url + path, trust, headers);
    t.strictSame(secretsIn(body), [], `${path}: ${status}`);
    return body;
  };
  const askEverything = async (): Promise<void> => {
    const paths = ['/', '/metrics', '/-/healthy', '/-/ready', '/nowhere', '/api/v1/openapi.json'];
    const lists = ['topologies', 'topologies/wordcount', 'actions', 'decisions', 'blacklist', 'pauses'];
    for (const path of [...paths, ...lists.map((list) => `/api/v1/${list}`)]) {
      for (const headers of [bearer, basic, {}]) await ask(path, headers);
    }
    await ask('/api/v1/actions?limit=x');
    const wrong = ['Bearer wrong-s3cret', 'Bearer s3cret s3cret', 'Basic s3cret!', `Basic ${basic.authorization}`];
    for (const authorization of wrong) await ask('/metrics', { authorization });
  };

  await until(async () => (await ask('/api/v1/actions')).includes('"failed"'));
  await until(() => prometheus.requests.length >= 3);
  await askEverything();
  t.match(prometheus.requests[0]?.headers, { authorization: /^Basic /, 'x-api-key': 'header-s3cret' });
  t.match(webhook.requests[0]?.headers, {
    authorization: 'Bearer webhook-token-s3cret',
    'x-token': 'webhook-header-s3cret',
    'webhook-signature': /^v1,/,
  });
  t.match(lines.join(''), '<secret>', 'the quote reached the log');

  // Everything that is read on use turns bad at once.
  for (const file of ['prometheus-password', 'webhook-token', 'signing-secret', 'web-token'])
    rmSync(join(folder, file));
  await until(() => lines.some((line) => line.includes('prometheus-password')));
  await askEverything();
  writeFileSync(join(folder, 'web.yml'), 'basic_auth_users: {alice: plain-s3cret}\ntls_server_config: {key: s3cret}');
  await askEverything();
  const configuration = readFileSync(join(folder, 'dhalion.yml'), 'utf8');
  writeFileSync(
    join(folder, 'dhalion.yml'),
    configuration.replace('password_file:', 'password: s3cret, passwordfile:').replace('X-Token', 'Authorization'),
  );
  const refusal = await service.reload().then(() => 'none', describeError);
  t.match(refusal, /passwordfile: is not a known key/);
  t.strictSame(secretsIn(refusal), []);

  await stop();
  t.strictSame(
    lines.flatMap((line) => secretsIn(line).map((secret) => `${secret} in ${line}`)),
    [],
    'the log',
  );
  t.ok(lines.length > 5);
  const stored = readdirSync(join(folder, 'data'));
  t.ok(stored.length > 0);
  for (const name of stored) t.strictSame(secretsIn(readFileSync(join(folder, 'data', name), 'latin1')), [], name);
});
