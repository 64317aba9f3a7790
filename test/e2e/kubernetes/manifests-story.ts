// The API server accepts the output of `dhalion manifests` unchanged, and a namespace that admits only restricted pods accepts its pod.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { makeAuthority, makeSignedCertificate } from '../../support/certificates.js';
import { runCommandLine } from '../../support/command-line.js';
import { objectsIn, type Cluster } from './cluster.js';
import type { KubernetesObject } from './kubernetes-client.js';

const NAMESPACE = 'manifests';
const PROMETHEUS = 'prometheus: { url: http://prometheus.monitoring.svc:9090 }\n';
const TOPOLOGIES = "topologies: [{ discover: '.*', engine: flink }]\n";
const RECORDED = "topologies: [{ discover: '.*', engine: recorded }]\n";
const POSTGRES = 'storage: { postgres_url_file: /etc/dhalion/postgres }\n';

interface PrintedDeployment extends KubernetesObject {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
}

export async function tellManifests(t: Test, cluster: Cluster): Promise<void> {
  const folder = t.testdir({
    'volume.yml': PROMETHEUS + TOPOLOGIES,
    'changed.yml': `${PROMETHEUS}evaluation_interval: 1m\nwindow: 2m\n${TOPOLOGIES}`,
    'postgres.yml': PROMETHEUS + POSTGRES + RECORDED,
    token: 'a-token-that-nobody-guesses\n',
    'web.yml': 'bearer_token_files: [token]\ntls_server_config: { cert_file: tls.crt, key_file: tls.key }\n',
  });
  const authority = await makeAuthority(folder, 'authority');
  const server = await makeSignedCertificate(folder, 'server', authority, `DNS:dhalion.${NAMESPACE}.svc`);
  await cp(server.certFile, join(folder, 'tls.crt'));
  await cp(server.keyFile, join(folder, 'tls.key'));
  await cluster.createNamespace(NAMESPACE, {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  });

  const print = async (t: Test, config: string, ...more: readonly string[]): Promise<readonly KubernetesObject[]> => {
    const result = await runCommandLine(
      t,
      'manifests',
      ...[
        `--config.file=${join(folder, config)}`,
        '--image=registry.example/dhalion:0.1.0',
        `--namespace=${NAMESPACE}`,
      ],
      ...['--prometheus-operator', '--label=release=monitoring', ...more],
    );
    t.match(result, { code: 0, stderr: '' });
    return objectsIn(result.stdout);
  };
  const open = '--web.allow-unauthenticated';
  const closed = `--web.config.file=${join(folder, 'web.yml')}`;

  for (const [title, config, ...flags] of [
    ['with a volume, open', 'volume.yml', open],
    ['with PostgreSQL and two replicas, TLS and a token', 'postgres.yml', closed, '--replicas=2', '--name=streams'],
  ] as const) {
    await t.test(`${title}: every object is taken, strictly, in a dry run`, async (t) => {
      const objects = await print(t, config, ...flags);
      t.ok(objects.some(({ kind }) => kind === 'AlertmanagerConfig'));
      for (const object of objects) {
        const answer = await cluster.admin.apply(object, { dryRun: true });
        t.match(
          answer,
          { status: 201, warnings: [] },
          `${object.kind}: ${answer.status === 201 ? 'taken' : answer.text}`,
        );
      }
    });
    await t.test(`${title}: its pod is admitted where only restricted ones are`, async (t) => {
      const objects = await print(t, config, ...flags);
      const deployment = objects.find(({ kind }) => kind === 'Deployment') as PrintedDeployment;
      // Admission looks for it.
      for (const account of objects.filter(({ kind }) => kind === 'ServiceAccount')) await cluster.admin.apply(account);
      const { template } = deployment.spec;
      const pod = (change: object = {}): KubernetesObject => ({
        apiVersion: 'v1',
        kind: 'Pod',
        ...template,
        metadata: { ...template.metadata, name: 'one', namespace: NAMESPACE },
        ...{ spec: { ...template.spec, ...change } },
      });
      t.match(await cluster.admin.apply(pod(), { dryRun: true }), { status: 201, warnings: [] });
      t.match(
        await cluster.admin.apply(pod({ hostNetwork: true }), { dryRun: true }),
        { status: 403, text: /violates PodSecurity/ },
        'another is not',
      );
    });
  }

  await t.test('a field that is none is refused in every kind', async (t) => {
    for (const object of await print(t, 'volume.yml', open)) {
      if (object.kind === 'ServiceAccount' || object.kind === 'ConfigMap') continue;
      const { spec } = object as KubernetesObject & { readonly spec: object };
      const answer = await cluster.admin.apply({ ...object, ...{ spec: { ...spec, nothing: 1 } } }, { dryRun: true });
      t.match(answer.text, /nothing: field not declared in schema|unknown field "spec\.nothing"/, object.kind);
      t.ok(answer.status >= 400, object.kind);
    }
  });

  await t.test('the output for a changed configuration replaces the existing objects', async (t) => {
    for (const object of await print(t, 'volume.yml', open)) {
      t.match(await cluster.admin.apply(object), { status: /^20[01]$/, warnings: [] }, object.kind);
    }
    const changed: string[] = [];
    for (const object of await print(t, 'changed.yml', open)) {
      const answer = await cluster.admin.apply(object);
      t.match(answer, { status: 200, warnings: [] }, object.kind);
      if (generationOf(answer.body) > 1) changed.push(object.kind);
    }
    t.strictSame(
      changed.sort(),
      ['AlertmanagerConfig', 'Deployment', 'PrometheusRule'],
      'the pod starts again with it, and the rules and the route follow it',
    );
  });
}

/** The object's generation; 0 for kinds without one. */
function generationOf(object: unknown): number {
  return (object as { readonly metadata?: { readonly generation?: number } }).metadata?.generation ?? 0;
}
