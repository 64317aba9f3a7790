import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ManifestsOptions } from '../../../src/commands/manifests/manifests-command.js';
import { makeAuthority } from '../../support/certificates.js';
import { objectsOf, print, type Printed } from '../../support/printed-manifests.js';
import { folderFor } from '../../support/real-parts.js';

const PROMETHEUS = 'prometheus: { url: http://prometheus.monitoring.svc:9090 }\n';
const FLINK = "topologies: [{ discover: '.*', engine: flink }]\n";
const VOLUME = PROMETHEUS + FLINK;
const POSTGRES = `${VOLUME}storage: { postgres_url_file: /etc/dhalion/postgres }\n`;
const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const WITH_TOKEN = `${VOLUME}webhooks:
  scale:
    url: https://kubernetes.default.svc/apis
    signing_secret_file: /etc/dhalion/keys/signing
    http_config: { authorization: { credentials_file: ${TOKEN_FILE} } }
`;

/** A server's configuration with a certificate and a token; resolves with the path of web.yml. */
async function writeWebConfig(t: Test, text: string): Promise<string> {
  const folder = await folderFor(t);
  await makeAuthority(folder, 'server');
  await writeFile(join(folder, 'alertmanager.token'), 'a-token-that-nobody-guesses\n');
  await writeFile(join(folder, 'web.yml'), text);
  return join(folder, 'web.yml');
}

const WEB = 'bearer_token_files: [alertmanager.token]\n';
const TLS = 'tls_server_config: { cert_file: server.crt, key_file: server.key }\n';

/** The keys that the comment at the head has the Secret made with. */
function secretKeys({ text }: Printed): readonly string[] {
  return [...text.matchAll(/^# .*--from-file=([^=]+)=/gm)].map(([, key = '']) => key);
}

/** Every `{name, key}` of a secret below. */
function secretReferences(value: unknown): readonly { readonly name: string; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = 'key' in value && 'name' in value ? [value as { readonly name: string; readonly key: string }] : [];
  return [...here, ...Object.values(value).flatMap(secretReferences)];
}

/** Checks that hold for every output. */
function checkInvariants(t: Test, printed: Printed, options: Partial<ManifestsOptions>): void {
  const { name = 'dhalion', namespace = 'streams' } = options;
  const deployment = printed.the('Deployment');
  const { template } = deployment.spec;
  const pod = template.spec;
  const [container] = pod.containers;
  const service = printed.the('Service');
  const [servicePort] = service.spec.ports;

  t.strictSame(objectsOf(printed.text, '1.2'), printed.objects, 'YAML 1.1 and 1.2 read the same');
  t.equal(
    new Set(printed.objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).size,
    printed.objects.length,
  );
  for (const { kind, metadata } of printed.objects)
    t.match(metadata, { name, ...(options.labels && { labels: options.labels }) }, kind);
  for (const { kind, metadata } of printed.objects) {
    if (!kind.startsWith('Role')) t.equal(metadata.namespace, namespace, kind);
  }

  for (const selector of [deployment.spec.selector.matchLabels, service.spec.selector]) {
    t.match(template.metadata.labels, selector, 'the pod is selected');
  }
  t.equal(pod.serviceAccountName, printed.the('ServiceAccount').metadata.name);
  t.equal(pod.automountServiceAccountToken, printed.the('ServiceAccount').automountServiceAccountToken);
  t.strictSame(
    container.volumeMounts.map((mount) => mount.name).sort(),
    pod.volumes.map((volume) => volume.name).sort(),
    'every volume is mounted, and every mount is one',
  );
  for (const { persistentVolumeClaim: claim } of pod.volumes) {
    if (claim !== undefined) t.equal(claim.claimName, printed.the('PersistentVolumeClaim').metadata.name);
  }
  const sources = pod.volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const { data } = printed.the('ConfigMap');
  for (const { configMap } of sources) {
    for (const { key } of configMap?.items ?? []) t.type(data[key], 'string', `ConfigMap has ${key}`);
  }
  const secrets = sources.flatMap(({ secret }) => secret ?? []);
  const keys = secretKeys(printed);
  for (const { name: secretName, items } of secrets) {
    t.match(printed.text, `kubectl create secret generic ${secretName} --namespace=${namespace} `);
    for (const { key } of items) t.ok(keys.includes(key), `the Secret has ${key}`);
  }
  const monitoring = printed.objects.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'));
  for (const reference of secretReferences(monitoring)) {
    t.equal(reference.name, name);
    t.ok(keys.includes(reference.key), `the Secret has ${reference.key}`);
  }

  const paths = container.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
  for (const arg of container.args) {
    const [, path] = /^--(?:config\.file|web\.config\.file|storage\.path)=(.*)$/.exec(arg) ?? [];
    if (path !== undefined)
      t.ok(
        paths.some((mount) => `${path}/`.startsWith(mount)),
        `${arg} is mounted`,
      );
  }

  const port = container.ports.find(({ name: portName }) => portName === servicePort.targetPort);
  t.ok(
    container.args.some((arg) => arg.startsWith('--web.listen-address=') && arg.endsWith(`:${port?.containerPort}`)),
  );
  t.equal(servicePort.port, port?.containerPort);
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    t.equal(probe.httpGet.port, port?.name);
  }
  for (const { spec } of printed.of('ServiceMonitor')) {
    t.equal(spec.endpoints[0].port, servicePort.name);
    t.equal(spec.endpoints[0].honorLabels, true);
    t.match(service.metadata.labels, spec.selector.matchLabels, 'the Service is selected');
    t.equal(service.metadata.labels[spec.jobLabel], 'dhalion', 'the job that DhalionDown looks for');
  }
  for (const { spec } of printed.of('AlertmanagerConfig')) {
    const url = new URL(spec.receivers[0]?.webhookConfigs[0]?.url ?? '');
    t.match(url, { hostname: `${name}.${namespace}.svc`, port: String(servicePort.port), pathname: '/api/v1/alerts' });
    t.equal(url.protocol, `${container.livenessProbe.httpGet.scheme.toLowerCase()}:`);
  }

  t.match(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  t.strictSame(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  t.notMatch(printed.text, /privileged|hostPath|hostNetwork|hostPID|hostIPC|ClusterRole|"\*"|'\*'$/m);
  t.equal(printed.of('Secret').length, 0, 'no secret is printed');
}

await t.test('the printed objects are consistent, for every configuration', async (t) => {
  const closed = await writeWebConfig(t, WEB);
  const overTls = await writeWebConfig(t, WEB + TLS);
  for (const [title, configuration, options] of [
    ['a volume, open', VOLUME, {}],
    ['PostgreSQL, two replicas', POSTGRES, { replicas: 2 }],
    ['other names', VOLUME, { name: 'on', namespace: '1e3', labels: { release: 'yes', 'a.b/c': '0x1f' } }],
    ['another port, both families', VOLUME, { listenAddress: '[::]:8080' }],
    ['a token', POSTGRES, { webConfigFile: closed }],
    ['TLS and a token', VOLUME, { webConfigFile: overTls }],
    ['credentials of a service account', WITH_TOKEN, {}],
  ] as const satisfies readonly (readonly [string, string, Partial<ManifestsOptions>])[]) {
    for (const prometheusOperator of [false, true]) {
      await t.test(`${title}${prometheusOperator ? ', monitored' : ''}`, async (t) => {
        const all = { ...options, prometheusOperator };
        const printed = await print(t, configuration, all);
        checkInvariants(t, printed, all);
        const kinds = printed.objects.map(({ kind }) => kind);
        t.equal(kinds.includes('PrometheusRule'), prometheusOperator);
      });
    }
  }
});

await t.test('the configuration arrives byte for byte', async (t) => {
  for (const text of [
    VOLUME,
    `# a comment\n${VOLUME}\n\n`,
    `---\n${VOLUME}`,
    VOLUME.replaceAll('\n', '\r\n'),
    `${VOLUME}# Ü ✓ \t\n`,
    VOLUME.trimEnd(),
  ]) {
    const printed = await print(t, text);
    t.equal(printed.the('ConfigMap').data['dhalion.yml'], text);
  }
});

await t.test('a changed configuration starts the pod again', async (t) => {
  const annotations = async (text: string) =>
    (await print(t, text)).the('Deployment').spec.template.metadata.annotations;
  t.strictSame(await annotations(VOLUME), await annotations(VOLUME));
  t.strictNotSame(await annotations(VOLUME), await annotations(`${VOLUME}# changed\n`));
});

await t.test('a log in a folder is of one process at a time; one in PostgreSQL needs no volume', async (t) => {
  const volume = await print(t, VOLUME, { storageSize: '5Gi' });
  t.match(volume.the('Deployment').spec, { replicas: 1, strategy: { type: 'Recreate' } });
  t.match(volume.the('PersistentVolumeClaim').spec, { resources: { requests: { storage: '5Gi' } } });
  const postgres = await print(t, POSTGRES, { replicas: 3 });
  t.match(postgres.the('Deployment').spec, { replicas: 3, strategy: { type: 'RollingUpdate' } });
  t.strictSame(postgres.of('PersistentVolumeClaim'), []);
  t.notMatch(postgres.the('Deployment').spec.template.spec.containers[0].args.join(' '), '--storage.path');
  t.strictSame(secretKeys(postgres), ['postgres']);
  await t.rejects(print(t, VOLUME, { replicas: 2 }), {
    code: 'manifests_refused',
    message: /--replicas=2 needs storage\.postgres_url_file/,
  });
});

await t.test('a file that the pod would not have is a fault of the configuration, with its place', async (t) => {
  for (const file of [
    '/home/me/token',
    'token',
    './token',
    '/etc/dhalion/../token',
    '/etc/dhalion/dhalion.yml',
    '/etc/dhalion/a b',
  ]) {
    const text = `${VOLUME}webhooks: { scaler: { url: http://scaler.streams.svc/, signing_secret_file: ${JSON.stringify(file)} } }\n`;
    await t.rejects(
      print(t, text),
      {
        code: 'config_invalid',
        message: /dhalion\.yml:3:\d+: webhooks\.scaler\.signing_secret_file: must be below \/etc\/dhalion/,
      },
      file,
    );
  }
  await t.rejects(print(t, `${VOLUME}windw: 5m\n`), { code: 'config_invalid', message: /did you mean "window"/ });
});

await t.test('files keep their folders in the pod, and have one key each', async (t) => {
  const printed = await print(t, WITH_TOKEN);
  const { volumes } = printed.the('Deployment').spec.template.spec;
  t.match(volumes[0]?.projected?.sources[1]?.secret, {
    name: 'dhalion',
    items: [{ key: 'keys.signing', path: 'keys/signing' }],
  });
  t.match(printed.text, '--from-file=keys.signing=keys/signing');
  const twice = POSTGRES.replace('postgres }', 'a/b }').replace(
    'svc:9090 }',
    'svc:9090, http_config: { authorization: { credentials_file: /etc/dhalion/a.b } } }',
  );
  await t.rejects(print(t, twice), {
    code: 'manifests_refused',
    message: /a\.b and a\/b would both have the key a\.b/,
  });
});

await t.test(
  'the service account’s token is mounted only if it is used, and unknown rights are a warning',
  async (t) => {
    const without = await print(t, VOLUME);
    t.equal(without.the('ServiceAccount').automountServiceAccountToken, false);
    t.strictSame(without.warnings, []);
    const shown = await print(t, WITH_TOKEN);
    t.equal(shown.the('ServiceAccount').automountServiceAccountToken, true);
    t.strictSame(shown.of('Role'), []);
    t.match(shown.warnings, [/^webhooks\.scale uses the service account's token.*ServiceAccount dhalion/]);
  },
);

await t.test('a loopback address is a warning', async (t) => {
  const hosts = ['127.0.0.1:9090', 'localhost:9090', '[::1]:9090'];
  for (const host of hosts) {
    const { warnings } = await print(t, `prometheus: { url: 'http://${host}' }\n${FLINK}`);
    t.match(warnings, [`prometheus.url is http://${host}: in a pod this is the pod itself`], host);
  }
  const { warnings } = await print(
    t,
    `${VOLUME}webhooks:
  here: { url: 'http://127.1.2.3/scale' }
  fleet: { type: flink, url: 'http://{{ labels.app }}.flink.svc:8081', allowed_hosts: ['*.flink.svc'] }
`,
  );
  t.match(warnings, [/^webhooks\.here\.url is /]);
  t.equal(warnings.length, 1);
});

await t.test('the permissions of the configuration come first', async (t) => {
  const hooked = 'webhooks: { own: { url: "http://scaler.streams/scale" } }\npolicy: { max_parallelism: 8 }\n';
  const { text } = await print(t, `${VOLUME}${hooked}`.replace('topologies: [{ ', 'topologies: [{ webhook: own, '));
  t.match(
    text,
    /^# Dhalion in namespace streams.*configuration allows:\n# {3}looks at .*; calls own for scale_up and scale_down\n/,
  );
});

await t.test('the Secret is made of the files at their present paths', async (t) => {
  const file = await writeWebConfig(t, WEB + TLS);
  const folder = file.replace('/web.yml', '');
  const { text } = await print(t, POSTGRES, { webConfigFile: file, prometheusOperator: true });
  t.match(
    text,
    `#   kubectl create secret generic dhalion --namespace=streams \\
#     --from-file=alertmanager.token=${folder}/alertmanager.token \\
#     --from-file=postgres=postgres \\
#     --from-file=server.crt=${folder}/server.crt \\
#     --from-file=server.key=${folder}/server.key \\
#     --from-file=web.yml=${file} \\
#     --from-file=ca.crt=ca.crt
# ca.crt is the CA of the server's certificate, which must be valid for dhalion.streams.svc:
`,
  );
  t.notMatch((await print(t, POSTGRES, { webConfigFile: file })).text, 'ca.crt', 'nothing verifies it');
});

await t.test('access without credentials is never accidental', async (t) => {
  const refused = async (message: RegExp, options: Partial<ManifestsOptions>): Promise<void> => {
    await t.rejects(print(t, VOLUME, { allowUnauthenticated: false, ...options }), {
      code: 'manifests_refused',
      message,
    });
  };
  await refused(/--web\.config\.file with credentials, or --web\.allow-unauthenticated, is required/, {});
  await refused(/requires no credentials/, { webConfigFile: await writeWebConfig(t, TLS) });
  const empty = await writeWebConfig(t, '# nothing yet\n');
  await refused(/requires no credentials/, { webConfigFile: empty });
  t.ok(await print(t, VOLUME, { webConfigFile: empty, allowUnauthenticated: true }), 'unless that is said');
  const hash = '$2b$10$tWvj8lTcVPJY8COVxxSIIe52XXNFHr61pQcGpAvW7zIkQVHJA8ROW';
  const passwords = await writeWebConfig(t, `basic_auth_users: { operator: ${hash} }\n`);
  await refused(/bearer_token_files is required/, { webConfigFile: passwords, prometheusOperator: true });
  t.ok(
    await print(t, VOLUME, { webConfigFile: passwords }),
    'without Prometheus and Alertmanager to let in, a password does',
  );
  const certificates = `tls_server_config: { cert_file: server.crt, key_file: server.key, client_ca_file: server.crt, client_auth_type: RequireAndVerifyClientCert }\n`;
  await refused(/client_auth_type: RequireAndVerifyClientCert refuses Kubernetes probes/, {
    webConfigFile: await writeWebConfig(t, WEB + certificates),
  });
  const elsewhere = await writeWebConfig(t, WEB);
  await writeFile(elsewhere, `bearer_token_files: ['${elsewhere.replace('web.yml', 'alertmanager.token')}']\n`);
  await refused(/alertmanager\.token must be a relative path in the same folder or below/, {
    webConfigFile: elsewhere,
  });
  await t.rejects(print(t, VOLUME, { webConfigFile: await writeWebConfig(t, 'bearer_tokens: []') }), {
    code: 'config_invalid',
  });
});
