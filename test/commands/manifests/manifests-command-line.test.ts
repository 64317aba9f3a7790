import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { runCommandLine } from '../../support/command-line.js';
import { objectsOf } from '../../support/printed-manifests.js';
import { folderFor } from '../../support/real-parts.js';

const CONFIGURATION = `prometheus: { url: http://prometheus.monitoring.svc:9090 }
topologies: [{ discover: '.*', engine: flink }]
`;

const folder = await folderFor(t);
const file = join(folder, 'dhalion.yml');
await writeFile(file, CONFIGURATION);
await writeFile(join(folder, 'faulty.yml'), `${CONFIGURATION}windw: 5m\n`);
await writeFile(join(folder, 'loopback.yml'), CONFIGURATION.replace('prometheus.monitoring.svc', '127.0.0.1'));
const REQUIRED = ['--image=dhalion', '--web.allow-unauthenticated'];

await t.test('objects go to stdout, and what people should know to stderr', async (t) => {
  const { code, stdout, stderr } = await runCommandLine(
    t,
    ...['manifests', `--config.file=${join(folder, 'loopback.yml')}`, ...REQUIRED],
    ...['--label=release=monitoring', '--label=team=', '--name=one', '--namespace=streams', '--storage.size=2Gi'],
  );
  t.equal(code, 0);
  t.match(
    stderr,
    /^dhalion: warning: prometheus\.url is http:\/\/127\.0\.0\.1:9090: in a pod this is the pod itself, .*\n$/,
  );
  for (const { kind, metadata } of objectsOf(stdout, '1.1')) {
    t.match(metadata, { name: 'one', namespace: 'streams', labels: { release: 'monitoring', team: '' } }, kind);
  }
});

await t.test('a refused command prints no object, so nothing incomplete is applied', async (t) => {
  for (const [args, message] of [
    [[`--config.file=${join(folder, 'faulty.yml')}`, ...REQUIRED], /faulty\.yml:3:1: windw: is not a known key/],
    [[`--config.file=${join(folder, 'none.yml')}`, ...REQUIRED], /the configuration .*none\.yml does not exist|cannot/],
    [[`--config.file=${file}`, '--image=dhalion'], /--web\.config\.file with credentials, or/],
    [[`--config.file=${file}`, '--web.allow-unauthenticated'], /required option '--image/],
    [[`--config.file=${file}`, ...REQUIRED, '--label=release'], /Expected name=value/],
    [[`--config.file=${file}`, ...REQUIRED, '--label=team=a', '--label=team=b'], /team is given twice/],
    [[`--config.file=${file}`, ...REQUIRED, '--replicas=0'], /Expected a whole number from 1 to 10/],
    [[`--config.file=${file}`, ...REQUIRED, '--replicas=2'], /--replicas=2 needs storage\.postgres_url_file/],
    [[`--config.file=${file}`, ...REQUIRED, '--topology-namespace=jobs'], /--topology-namespace: no webhook/],
    [[`--config.file=${file}`, ...REQUIRED, '--name=One'], /--name=One: must start with a letter/],
  ] as const) {
    const result = await runCommandLine(t, 'manifests', ...args);
    t.match(result, { code: 1, stdout: '', stderr: message }, args.join(' '));
  }
});
