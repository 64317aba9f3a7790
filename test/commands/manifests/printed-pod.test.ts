// The printed pod, as far as it can run here: its command, with its files in a folder that replaces the pod's root, and the requests
// of its probes and of the Prometheus operator's objects.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { freePort } from '../../../src/real-parts/child-program.js';
import { makeAuthority, makeSignedCertificate } from '../../support/certificates.js';
import { startCommandLine } from '../../support/command-line.js';
import { eventually } from '../../support/dhalion-client.js';
import { print, type Printed } from '../../support/printed-manifests.js';
import { folderFor } from '../../support/real-parts.js';
import { askOverTls } from '../../support/tls-client.js';

const CONFIGURATION = `prometheus: { url: http://127.0.0.1:9, timeout: 1s }
topologies: [{ discover: '.*', engine: flink }]
`;
const TOKEN = 'a-token-that-nobody-guesses';

type Ask = (path: string, headers?: Record<string, string>) => Promise<number>;

/** Runs the container's command below a folder, with the Secret's files from another; resolves once the startup probe succeeds. */
async function startPod(t: Test, printed: Printed, secretFolder: string): Promise<Ask> {
  const root = await folderFor(t);
  const { template } = printed.the('Deployment').spec;
  const [container] = template.spec.containers;
  for (const { mountPath } of container.volumeMounts) await mkdir(join(root, mountPath), { recursive: true });
  const [config] = template.spec.volumes;
  for (const { configMap, secret } of config?.projected?.sources ?? []) {
    for (const { key, path } of configMap?.items ?? []) {
      await writeFile(join(root, '/etc/dhalion', path), printed.the('ConfigMap').data[key] ?? '');
    }
    for (const { path } of secret?.items ?? []) {
      await mkdir(dirname(join(root, '/etc/dhalion', path)), { recursive: true });
      await writeFile(join(root, '/etc/dhalion', path), await readFile(join(secretFolder, path)));
    }
  }
  const port = await freePort();
  const args = container.args.map((arg) =>
    arg
      .replace(/^(--(?:config\.file|web\.config\.file|storage\.path)=)/, `$1${root}`)
      .replace(/^(--web\.listen-address=.*):\d+$/, `$1:${port}`),
  );
  const child = startCommandLine(t, args);
  const { scheme, path } = container.startupProbe.httpGet;
  const url = `${scheme.toLowerCase()}://127.0.0.1:${port}`;
  const ca = scheme === 'HTTPS' ? await readFile(join(secretFolder, 'ca.crt'), 'utf8') : '';
  const ask: Ask = async (path, headers = {}) => {
    if (scheme === 'HTTP') return (await fetch(url + path, { headers })).status;
    return (await askOverTls(url + path, { ca, servername: 'dhalion.streams.svc' }, headers)).status;
  };
  const ended = child.ended.then(({ code }) => {
    throw new Error(`the pod ended with ${code ?? 'a signal'}: ${child.stderr()}`);
  });
  ended.catch(() => undefined);
  await Promise.race([ended, eventually('the startup probe', async () => (await ask(path).catch(() => 0)) === 200)]);
  return ask;
}

function probePaths(printed: Printed): readonly string[] {
  const [container] = printed.the('Deployment').spec.template.spec.containers;
  return [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path);
}

await t.test('the printed pod runs, answers its probes, and is scraped', async (t) => {
  const printed = await print(t, CONFIGURATION, { prometheusOperator: true });
  const ask = await startPod(t, printed, '');
  for (const path of probePaths(printed)) t.equal(await ask(path), 200, path);
  t.equal(await ask(printed.the('ServiceMonitor').spec.endpoints[0].path), 200);
  t.equal(await ask('/-/nothing'), 404);
});

await t.test(
  'with TLS and a token, probes need none, and Prometheus and Alertmanager show the one that they are given',
  async (t) => {
    const folder = await folderFor(t);
    const authority = await makeAuthority(folder, 'ca');
    await makeSignedCertificate(folder, 'server', authority, 'DNS:dhalion.streams.svc');
    await writeFile(join(folder, 'prometheus.token'), `${TOKEN}\n`);
    const webConfigFile = join(folder, 'web.yml');
    await writeFile(
      webConfigFile,
      'bearer_token_files: [prometheus.token]\ntls_server_config: { cert_file: server.crt, key_file: server.key }\n',
    );
    const printed = await print(t, CONFIGURATION, { prometheusOperator: true, webConfigFile });
    const ask = await startPod(t, printed, folder);
    for (const path of probePaths(printed)) t.equal(await ask(path), 200, path);
    const [endpoint] = printed.the('ServiceMonitor').spec.endpoints;
    const { httpConfig } = printed.the('AlertmanagerConfig').spec.receivers[0]?.webhookConfigs[0] ?? {};
    for (const client of [endpoint, httpConfig]) {
      const key = client?.authorization?.credentials.key ?? '';
      const token = (await readFile(join(folder, key), 'utf8')).trim();
      t.equal(await ask(endpoint.path, { authorization: `Bearer ${token}` }), 200, key);
      t.match(client?.tlsConfig, { ca: { secret: { key: 'ca.crt' } }, serverName: 'dhalion.streams.svc' });
    }
    t.equal(await ask(endpoint.path), 401);
  },
);
