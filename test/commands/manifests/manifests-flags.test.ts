import t from 'tap';
import { checkFlags, type ManifestsFlags } from '../../../src/commands/manifests/manifests-flags.js';

const FLAGS: ManifestsFlags = {
  image: 'registry.example:5000/streams/dhalion:0.1.0',
  name: 'dhalion',
  namespace: 'streams',
  labels: {},
  replicas: 1,
  storageSize: '1Gi',
  topologyNamespaces: [],
  listenAddress: '0.0.0.0:10017',
  webConfigFile: null,
  allowUnauthenticated: false,
  prometheusOperator: false,
  runbookUrl: null,
};

await t.test('what Kubernetes takes is taken, and the port is that of the address', (t) => {
  t.equal(checkFlags(FLAGS), 10_017);
  for (const flags of [
    { name: 'a'.repeat(63), namespace: '9' },
    { image: `dhalion@sha256:${'0'.repeat(64)}` },
    { labels: { release: '', 'app.kubernetes.io/part-of': 'streams' } },
    { storageSize: '500Mi', topologyNamespaces: ['a', 'b-1'] },
  ]) {
    t.equal(checkFlags({ ...FLAGS, ...flags }), 10_017);
  }
  t.equal(checkFlags({ ...FLAGS, listenAddress: '[::]:8080' }), 8080);
  t.equal(checkFlags({ ...FLAGS, listenAddress: ':8080' }), 8080);
  t.end();
});

await t.test('values that the API server would refuse are refused, with the flag', (t) => {
  for (const [flags, message] of [
    [{ name: '1st' }, /^--name=1st: /],
    [{ name: 'Dhalion' }, /^--name=Dhalion: /],
    [{ name: 'a'.repeat(64) }, /^--name=/],
    [{ namespace: 'a.b' }, /^--namespace=a\.b: /],
    [{ namespace: '' }, /^--namespace=: /],
    [{ topologyNamespaces: ['jobs', '-x'] }, /^--topology-namespace=-x: /],
    [{ image: 'dhalion latest' }, /^--image=dhalion latest: /],
    [{ image: '' }, /^--image=: /],
    [{ storageSize: '1G' }, /^--storage\.size=1G: must be a whole number of Mi, Gi or Ti, such as 1Gi$/],
    [{ storageSize: '0Gi' }, /^--storage\.size=0Gi: /],
    [{ labels: { 'a b': 'c' } }, /^--label=a b=c: /],
    [{ labels: { a: 'c d' } }, /^--label=a=c d: /],
    [
      { labels: { 'app.kubernetes.io/name': 'x' } },
      /^--label=app\.kubernetes\.io\/name=x: this label is reserved for the selectors$/,
    ],
    [
      { listenAddress: '127.0.0.1:10017' },
      /^--web\.listen-address=127\.0\.0\.1:10017: a pod that listens on loopback only is unreachable/,
    ],
    [{ listenAddress: '[::1]:10017' }, /: a pod that listens on loopback only is unreachable/],
    [{ listenAddress: 'localhost:10017' }, /: a pod that listens on loopback only is unreachable/],
    [{ listenAddress: '0.0.0.0:0' }, /: must have a port, for the Service$/],
  ] as const) {
    t.throws(() => checkFlags({ ...FLAGS, ...flags }), { code: 'manifests_refused', message }, JSON.stringify(flags));
  }
  t.throws(() => checkFlags({ ...FLAGS, listenAddress: '10017' }), { code: 'listen_failed' });
  t.end();
});
