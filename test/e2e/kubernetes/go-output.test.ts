import t from 'tap';
import { downloadError, goVersion, lastError, stagingModules } from './go-output.js';

await t.test("Go's version is that of its own word", (t) => {
  t.strictSame(goVersion('go version go1.26.8 linux/amd64\n'), [1, 26]);
  t.strictSame(goVersion('go version go1.24rc1 linux/arm64'), [1, 24]);
  t.strictSame(goVersion('go version devel go1.27-a1b2c3 Fri Jan 2 linux/amd64'), [1, 27]);
  t.equal(goVersion("nice: 'go': No such file or directory"), null);
  t.end();
});

await t.test('the modules that Kubernetes takes from its own tree are those that its go.mod replaces', (t) => {
  const text = `module k8s.io/kubernetes

require k8s.io/api v0.0.0

replace k8s.io/single => ./staging/src/k8s.io/single

replace (
\tk8s.io/api => ./staging/src/k8s.io/api
\tk8s.io/client-go => ./staging/src/k8s.io/client-go
\texample.com/other => example.com/fork v1.0.0
)
`;
  t.strictSame(stagingModules(text), ['k8s.io/single', 'k8s.io/api', 'k8s.io/client-go']);
  t.end();
});

await t.test('Go’s last message is the reason, not its list of fetched modules', (t) => {
  const text =
    'go: downloading k8s.io/api v0.34.4\ngo: k8s.io/api@v0.34.4: dial tcp: no such host\ngo: downloading a b\n\n';
  t.equal(lastError(text), 'go: k8s.io/api@v0.34.4: dial tcp: no such host');
  t.equal(lastError(''), 'no word of why');
  t.end();
});

await t.test('why a module cannot be fetched is read from its JSON', (t) => {
  const stdout =
    '{\n\t"Path": "k8s.io/kubernetes",\n\t"Error": "k8s.io/kubernetes@v1: Get \\"http://127.0.0.1:9/x\\": refused"\n}\n';
  t.equal(downloadError(stdout, stdout), 'k8s.io/kubernetes@v1: Get "http://127.0.0.1:9/x": refused');
  t.equal(downloadError('', 'go: no such command\n'), 'go: no such command');
  t.end();
});
