import t from 'tap';
import { accessObjects } from '../../../src/commands/manifests/access-objects.js';
import { callersIn, planAccess, type Caller } from '../../../src/commands/manifests/plan-access.js';
import { PLAIN_HTTP, type HttpConfig } from '../../../src/outbound/http-config.js';
import { sampleInstallation } from '../../support/installations.js';
import { configurationOf } from '../../support/parsed-configuration.js';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const showing = (credentialsFile: string): HttpConfig => ({
  ...PLAIN_HTTP,
  authorization: { type: 'Bearer', credentialsFile },
});
const RULE = { apiGroups: ['flink.apache.org'], resources: ['flinkdeployments'], verbs: ['get', 'patch'] };
const OTHER = { ...RULE, resources: ['flinksessionjobs'] };
const operator = (key: string, ...rules: Caller['rules']): Caller => ({ key, http: showing(TOKEN), rules });
const FLAGS = { name: 'dhalion', namespace: 'streams', topologyNamespaces: [] };

await t.test('who shows the token of the service account brings its rules, each once', (t) => {
  const callers = [operator('webhooks.a', RULE), operator('webhooks.b', RULE, OTHER)];
  t.strictSame(planAccess(callers, FLAGS), {
    access: { hasToken: true, rules: [RULE, OTHER], namespaces: ['streams'] },
    warnings: [],
  });
  const elsewhere = { ...FLAGS, topologyNamespaces: ['jobs', 'more', 'jobs'] };
  t.strictSame(planAccess(callers, elsewhere).access.namespaces, ['jobs', 'more']);
  t.end();
});

await t.test('who shows another credential, or none, is allowed nothing here', (t) => {
  const callers = [
    { key: 'webhooks.a', http: showing('/etc/dhalion/other-cluster'), rules: [RULE] },
    { key: 'webhooks.b', http: PLAIN_HTTP, rules: [RULE] },
  ];
  t.strictSame(planAccess(callers, FLAGS), {
    access: { hasToken: false, rules: [], namespaces: ['streams'] },
    warnings: [],
  });
  t.throws(() => planAccess(callers, { ...FLAGS, topologyNamespaces: ['jobs'] }), {
    code: 'manifests_refused',
    message: /^--topology-namespace: no webhook /,
  });
  t.end();
});

await t.test("who only verifies the API server with the account's files has these, and is allowed nothing", (t) => {
  const caFile = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
  const tls = { caFile, certFile: null, keyFile: null, serverName: null, insecureSkipVerify: false };
  const http = { ...showing('/etc/dhalion/other-account'), tls };
  const callers = [
    { key: 'webhooks.a', http, rules: [RULE] },
    { key: 'webhooks.b', http, rules: [] },
  ];
  t.strictSame(planAccess(callers, FLAGS), {
    access: { hasToken: true, rules: [], namespaces: ['streams'] },
    warnings: [],
  });
  t.end();
});

await t.test('a part that uses the token for unknown calls is named', (t) => {
  const { access, warnings } = planAccess([operator('prometheus'), operator('webhooks.a', RULE)], FLAGS);
  t.strictSame(access.rules, [RULE]);
  t.match(warnings, [/^prometheus uses the service account's token/]);
  t.equal(warnings.length, 1);
  t.end();
});

await t.test('Prometheus and every webhook are looked at', (t) => {
  const callers = callersIn(
    configurationOf(`prometheus: { url: http://prometheus:9090, http_config: { authorization: { credentials_file: ${TOKEN} } } }
webhooks:
  flink: { type: flink, url: http://jobmanager:8081 }
  own: { url: http://scaler/ }
topologies: [{ discover: '.*', engine: flink }]
`),
  );
  t.strictSame(
    callers.map(({ key }) => key),
    ['prometheus', 'webhooks.flink', 'webhooks.own'],
  );
  t.match(planAccess(callers, FLAGS), { access: { hasToken: true, rules: [] }, warnings: [/^prometheus uses/] });
  t.end();
});

await t.test('there is a Role in each namespace with topologies, bound to the one service account', (t) => {
  const access = { hasToken: true, rules: [RULE], namespaces: ['jobs', 'more'] };
  const [account, ...roles] = accessObjects(sampleInstallation({ access }));
  t.match(account, { kind: 'ServiceAccount', metadata: { namespace: 'streams' }, automountServiceAccountToken: true });
  t.match(
    roles,
    ['jobs', 'more'].flatMap((namespace) => [
      { kind: 'Role', metadata: { name: 'dhalion', namespace }, rules: [RULE] },
      {
        kind: 'RoleBinding',
        metadata: { name: 'dhalion', namespace },
        roleRef: { kind: 'Role', name: 'dhalion' },
        subjects: [{ kind: 'ServiceAccount', name: 'dhalion', namespace: 'streams' }],
      },
    ]),
  );
  t.equal(roles.length, 4);
  t.end();
});

await t.test('no rules, no Role', (t) => {
  const access = { hasToken: false, rules: [], namespaces: ['jobs'] };
  const objects = accessObjects(sampleInstallation({ access }));
  t.match(objects, [{ kind: 'ServiceAccount', automountServiceAccountToken: false }]);
  t.equal(objects.length, 1);
  t.end();
});
