// The Role that `dhalion manifests` prints allows the calls of a webhook, in its namespace, and nothing else.
import type { Test } from 'tap';
import { accessObjects } from '../../../src/commands/manifests/access-objects.js';
import type { KubernetesRule } from '../../../src/webhooks/webhook-type.js';
import { sampleInstallation } from '../../support/installations.js';
import { expectStatus, type Cluster } from './cluster.js';
import type { KubernetesObject } from './kubernetes-client.js';

const HOME = 'access-dhalion';
const JOBS = 'access-jobs';
const ELSEWHERE = 'access-elsewhere';
/** A resource is read before it is patched. */
const RULES: readonly KubernetesRule[] = [
  { apiGroups: ['flink.apache.org'], resources: ['flinkdeployments'], verbs: ['get', 'patch'] },
];
const FLINK = '/apis/flink.apache.org/v1beta1';
const MERGE = { contentType: 'application/merge-patch+json', body: { spec: { flinkConfiguration: { a: '1' } } } };

function deployment(namespace: string, kind = 'FlinkDeployment'): KubernetesObject {
  const spec = { flinkConfiguration: {} };
  return { apiVersion: 'flink.apache.org/v1beta1', kind, metadata: { name: 'wordcount', namespace }, ...{ spec } };
}

export async function tellAccess(t: Test, cluster: Cluster): Promise<void> {
  for (const namespace of [HOME, JOBS, ELSEWHERE]) await cluster.createNamespace(namespace);
  for (const object of [deployment(JOBS), deployment(ELSEWHERE), deployment(JOBS, 'FlinkSessionJob')]) {
    expectStatus(await cluster.admin.apply(object), [201]);
  }
  const tokenWith = async (name: string, rules: readonly KubernetesRule[]): Promise<string> => {
    const access = { hasToken: rules.length > 0, rules, namespaces: [JOBS] };
    for (const object of accessObjects(sampleInstallation({ name, namespace: HOME, access }))) {
      expectStatus(await cluster.admin.apply(object as unknown as KubernetesObject), [201]);
    }
    return cluster.tokenOf(HOME, name);
  };
  const allowed = cluster.as(await tokenWith('dhalion', RULES));
  const nobody = cluster.as(await tokenWith('without', []));
  const one = `${FLINK}/namespaces/${JOBS}/flinkdeployments/wordcount`;

  await t.test('it reads and patches the resource', async (t) => {
    t.match(await allowed.request('GET', one), { status: 200 });
    t.match(await allowed.request('PATCH', one, MERGE), { status: 200, body: MERGE.body });
  });

  await t.test('it gets 403 for all else', async (t) => {
    const within = `${FLINK}/namespaces/${JOBS}`;
    for (const [method, path, request] of [
      ['GET', `${within}/flinkdeployments`],
      ['GET', `${within}/flinkdeployments?watch=true`],
      ['POST', `${within}/flinkdeployments`, { body: { ...deployment(JOBS), metadata: { name: 'other' } } }],
      ['PUT', one, { body: deployment(JOBS) }],
      ['DELETE', one],
      ['DELETE', `${within}/flinkdeployments`],
      ['PATCH', `${one}/status`, MERGE],
      ['GET', `${within}/flinksessionjobs/wordcount`],
      ['PATCH', `${within}/flinksessionjobs/wordcount`, MERGE],
      ['GET', `${FLINK}/namespaces/${ELSEWHERE}/flinkdeployments/wordcount`],
      ['PATCH', `${FLINK}/namespaces/${ELSEWHERE}/flinkdeployments/wordcount`, MERGE],
      ['GET', `${FLINK}/namespaces/${HOME}/flinkdeployments/wordcount`],
      ['GET', `/api/v1/namespaces/${JOBS}/secrets/any`],
      ['GET', `/api/v1/namespaces/${HOME}/secrets/dhalion`],
      ['GET', `/api/v1/namespaces/${HOME}/configmaps/dhalion`],
      ['GET', `/api/v1/namespaces/${JOBS}/pods`],
      ['POST', `/api/v1/namespaces/${HOME}/serviceaccounts/dhalion/token`, { body: {} }],
      ['PATCH', `/apis/apps/v1/namespaces/${HOME}/deployments/dhalion`, MERGE],
      ['PATCH', `/apis/rbac.authorization.k8s.io/v1/namespaces/${JOBS}/roles/dhalion`, MERGE],
    ] as const) {
      t.equal((await allowed.request(method, path, request)).status, 403, `${method} ${path}`);
    }
  });

  await t.test('the API server itself lists nothing more', async (t) => {
    const rulesIn = async (namespace: string): Promise<unknown> => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
      const ask = { body };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
      const [own, others] = [await allowed.request('POST', path, ask), await nobody.request('POST', path, ask)];
      const listed = (answer: typeof own): readonly unknown[] =>
        (answer.body as { readonly status: { readonly resourceRules: readonly unknown[] } }).status.resourceRules;
      const common = new Set(listed(others).map((rule) => JSON.stringify(rule)));
      return listed(own).filter((rule) => !common.has(JSON.stringify(rule)));
    };
    t.strictSame(await rulesIn(JOBS), RULES);
    t.strictSame(await rulesIn(HOME), []);
    t.strictSame(await rulesIn(ELSEWHERE), []);
  });

  await t.test('without such a webhook there is no Role, and no permission', async (t) => {
    for (const [method, request] of [['GET'], ['PATCH', MERGE]] as const) {
      t.equal((await nobody.request(method, one, request)).status, 403, method);
    }
  });
}
