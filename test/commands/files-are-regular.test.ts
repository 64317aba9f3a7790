// Wherever a user names a file, a pipe in its place is refused by name: it would keep a thread, or the whole process, waiting.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openPostgresStorage } from '../../src/action-log/postgres-dialect.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { openWebConfig } from '../../src/http/live-web-config.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import type { HttpConfig } from '../../src/outbound/http-config.js';
import { readSecretFile } from '../../src/outbound/secret-file.js';
import { runCommandLine } from '../support/command-line.js';
import { makePipe } from '../support/special-files.js';

const folder = t.testdir();
const pipe = makePipe(folder);
const refusal = new RegExp(`${pipe}.* is a pipe, not a regular file`);

async function askWith(http: Partial<HttpConfig>): Promise<unknown> {
  const client = createHttpClient(
    { basicAuth: null, authorization: null, tls: null, httpHeaders: {}, ...http },
    { userAgent: 'test' },
  );
  try {
    const call = { url: 'https://127.0.0.1:1/', method: 'GET', headers: {}, body: null, maxResponseBytes: 1 };
    return await client.call({ ...call, timeoutMs: 60_000 });
  } finally {
    client.close();
  }
}

await t.test('a secret that is a pipe is refused by name', async (t) => {
  const fault = { code: 'secret_unreadable', message: refusal };
  await t.rejects(readSecretFile(pipe), fault);
  await t.rejects(askWith({ basicAuth: { username: 'u', passwordFile: pipe } }), fault);
  await t.rejects(askWith({ authorization: { type: 'Bearer', credentialsFile: pipe } }), fault);
});

await t.test('certificates that are a pipe are refused by name', async (t) => {
  const none = { caFile: null, certFile: null, keyFile: null, serverName: null, insecureSkipVerify: false };
  for (const key of ['caFile', 'certFile', 'keyFile']) {
    await t.rejects(askWith({ tls: { ...none, [key]: pipe } }), { code: 'secret_unreadable', message: refusal }, key);
  }
});

await t.test('a database URL that is a pipe, or names one, is refused by name', async (t) => {
  const timeouts = { connectTimeoutMs: 1000, statementTimeoutMs: 1000 };
  const urlFile = join(folder, 'postgres-url');
  const check = async (file: string): Promise<unknown> => {
    const storage = openPostgresStorage(file, timeouts);
    try {
      return await storage.kysely.selectFrom('alerts').selectAll().execute();
    } finally {
      await storage.kysely.destroy();
    }
  };
  await t.rejects(check(pipe), { message: refusal });
  for (const key of ['sslcert', 'sslkey', 'sslrootcert']) {
    writeFileSync(
      urlFile,
      `postgresql://u:s3cret@127.0.0.1:1/d?sslmode=verify-full&${key}=${encodeURIComponent(pipe)}`,
    );
    const fault = { message: new RegExp(`postgres-url names ${key} ${pipe}, which is a pipe, not a regular file$`) };
    await t.rejects(check(urlFile), fault);
  }
});

await t.test('a web configuration that is a pipe, or names one, is refused by name', (t) => {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  t.throws(() => openWebConfig(pipe, logger), { code: 'config_unreadable', message: refusal });
  const file = join(folder, 'web.yml');
  writeFileSync(file, `bearer_token_files: [pipe]\ntls_server_config: {cert_file: pipe, key_file: pipe}\n`);
  const said = ['bearer_token_files[0]', 'tls_server_config.cert_file', 'tls_server_config.key_file'];
  for (const path of said) {
    const fault = { code: 'config_invalid', message: `${path}: the file is a pipe, not a regular file; found pipe` };
    t.throws(() => openWebConfig(file, logger), fault, path);
  }
  t.end();
});

await t.test('a configuration that is a pipe, or names one, is refused by name', async (t) => {
  await t.rejects(loadConfiguration(pipe), { code: 'config_unreadable', message: refusal });
  const checked = await runCommandLine(t, 'check', 'config', pipe);
  t.match(checked, { code: 1, stdout: `${pipe}: is a pipe, not a regular file\nFAILED: 1 fault in ${pipe}\n` });
  const file = join(folder, 'dhalion.yml');
  writeFileSync(
    file,
    `prometheus: {url: "http://127.0.0.1:9090", http_config: {authorization: {credentials_file: ${pipe}}}}
topologies: [{name: wordcount, engine: flink}]
`,
  );
  const message = new RegExp(`credentials_file: must be a regular file that can be read; found ${pipe.slice(0, 40)}`);
  await t.rejects(loadConfiguration(file), { code: 'config_invalid', message });
});
