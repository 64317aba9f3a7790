import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { settingsMarkOf, webhookMarkOf } from '../../src/webhooks/webhook-mark.js';
import { sampleFlinkWebhook, sampleWebhook } from '../support/webhook-samples.js';

await t.test('a mark changes with each setting, and only then', async (t) => {
  const marks = [
    sampleWebhook(),
    sampleWebhook({ url: 'http://127.0.0.1:1/other' }),
    sampleWebhook({ method: 'PUT' }),
    sampleWebhook({ headers: { 'x-fleet': 'a' } }),
    sampleWebhook({ body: '{"n":{{ desired_parallelism }}}' }),
    sampleWebhook({ http: { ...PLAIN_HTTP, httpHeaders: { 'x-fleet': 'b' } } }),
    sampleFlinkWebhook('http://127.0.0.1:1'),
  ].map(settingsMarkOf);
  t.equal(new Set(marks).size, marks.length);
  t.equal(await webhookMarkOf(sampleWebhook()), await webhookMarkOf(sampleWebhook()));
  t.equal(
    await webhookMarkOf(sampleWebhook()),
    settingsMarkOf(sampleWebhook()),
    'without files it is the mark of the settings',
  );
});

await t.test('a mark changes with the content of files, and reveals almost nothing of it', async (t) => {
  const folder = t.testdir();
  const credentialsFile = join(folder, 'token');
  const webhook = sampleWebhook({ http: { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } } });
  const missing = await webhookMarkOf(webhook);
  const marks = new Set<string>();
  for (let secret = 0; secret < 300; secret += 1) {
    await writeFile(credentialsFile, `secret ${secret}\n`);
    marks.add(await webhookMarkOf(webhook));
  }
  t.ok([...marks].every((mark) => mark.startsWith(`${settingsMarkOf(webhook)}.`)));
  t.notOk(marks.has(missing));
  t.ok(marks.size > 100 && marks.size <= 256, `${marks.size} marks of 300 secrets`);
});
