// Dockerfile and compose.yaml, as far as they can be checked without an engine: what they name exists, what they configure
// is accepted by the programs that will read it, and what they repeat of rules/ is what rules/ says.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parse } from 'yaml';
import { parseConfiguration } from '../src/config/parse-configuration.js';
import { freePort } from '../src/real-parts/child-program.js';
import { BUILT_IN_ENGINES } from '../src/sensors/engines/built-in-engines.js';
import { makeAuthority } from './support/certificates.js';
import { runCommandLine, startCommandLine } from './support/command-line.js';
import { eventually } from './support/dhalion-client.js';
import { readDocument } from './support/markdown.js';
import { folderFor, runTool } from './support/real-parts.js';

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly command?: readonly string[];
        readonly volumes?: readonly string[];
        readonly ports?: readonly string[];
        readonly configs?: readonly { readonly source: string }[];
        readonly healthcheck?: { readonly test: readonly unknown[] };
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

interface Route {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly routes?: readonly Route[];
}

const compose = parse(await readDocument('compose.yaml')) as Compose;
const dockerfile = (await readDocument('Dockerfile')).split('\n').filter((line) => !line.startsWith('#'));
const manifest = JSON.parse(await readDocument('package.json')) as {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: { readonly node: string };
};

/** As Compose fills it in where nothing is in the environment. */
function contentOf(name: string): string {
  const content = compose.configs[name]?.content ?? '';
  return content.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$');
}

/** The arguments of an instruction whose arguments are a JSON list. */
function listOf(instruction: string): readonly string[] {
  const line = dockerfile.find((candidate) => candidate.startsWith(`${instruction} [`)) ?? '';
  return JSON.parse(line.slice(instruction.length)) as readonly string[];
}

void t.test('the Dockerfile copies what exists, and .dockerignore lets it through', async (t) => {
  const ignore = (await readDocument('.dockerignore')).split('\n');
  const copied = dockerfile
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  t.ok(copied.length > 0);
  for (const path of copied) {
    await t.resolves(access(path), path);
    t.ok(ignore.includes(`!${path}`), `${path} is not ignored`);
  }
  const allowed = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  t.strictSame(allowed.sort(), [...copied].sort(), 'and nothing more is sent to the engine');
});

void t.test("the Dockerfile's Node is one that package.json allows", (t) => {
  const images = dockerfile.flatMap((line) => /^FROM node:(\d+)-/.exec(line)?.[1] ?? []);
  const floor = Number(/^>=(\d+)\.\d+$/.exec(manifest.engines.node)?.[1]);
  t.equal(images.length, 2);
  for (const major of images) t.ok(Number(major) >= floor, major);
  t.end();
});

void t.test('the image holds all that `manifests` prints', async (t) => {
  const image = await folderFor(t);
  const stage = dockerfile.slice(dockerfile.findLastIndex((line) => line.startsWith('FROM ')));
  for (const [, source = '', target = ''] of stage
    .join('\n')
    .matchAll(/^COPY (?:--from=build \/app\/)?(\S+) (\S+)$/gm)) {
    const to = join(image, target.endsWith('/') ? join(target, source) : target);
    await (source === 'node_modules' ? symlink(resolve(source), to) : cp(source, to, { recursive: true }));
  }
  await writeFile(join(image, 'dhalion.yml'), contentOf('dhalion'));
  const flags = [
    '--config.file=dhalion.yml',
    '--image=dhalion',
    '--web.allow-unauthenticated',
    '--prometheus-operator',
  ];
  const args = [...(listOf('ENTRYPOINT')[1] ?? '').replace('/app', image).split(' '), 'manifests', ...flags];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: image });
  t.match(stdout, /kind: PrometheusRule.*kind: AlertmanagerConfig/s);
});

void t.test('the image’s labels agree with package.json', (t) => {
  const text = dockerfile.join('\n');
  const labels = Object.fromEntries(
    [...text.matchAll(/org\.opencontainers\.image\.([a-z.]+)="([^"]*)"/g)].map(([, name = '', value]) => [name, value]),
  );
  const base =
    dockerfile
      .filter((line) => line.startsWith('FROM '))
      .at(-1)
      ?.split(' ')[1] ?? '';
  t.strictSame(labels, {
    title: 'Dhalion',
    description: manifest.description,
    licenses: manifest.license,
    version: manifest.version,
    // Of the build, which alone knows it.
    revision: '$REVISION',
    'base.name': `docker.io/library/${base}`,
  });
  t.ok(text.indexOf('ARG REVISION') < text.indexOf('LABEL '), 'an argument is known from its line on');
  t.end();
});

void t.test(
  'the health check distinguishes a service that answers, with TLS or without, from one that does not',
  async (t) => {
    const [, check = ''] = /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(dockerfile.join('\n')) ?? [];
    const [program, ...args] = JSON.parse(check) as readonly string[];
    t.equal(program, 'node');
    t.match(args.join(' '), /127\.0\.0\.1:10017\//, 'the port of CMD');
    const port = await freePort();
    const exitCode = async (): Promise<number | null> => {
      const here = args.map((arg) => arg.replaceAll(':10017/', `:${port}/`));
      const child = spawn(process.execPath, here, { stdio: 'ignore' });
      return ((await once(child, 'close')) as [number | null])[0];
    };
    const folder = await folderFor(t);
    await writeFile(join(folder, 'dhalion.yml'), contentOf('dhalion'));
    await writeFile(join(folder, 'token'), 'a-token-that-nobody-guesses');
    await makeAuthority(folder, 'server');
    await writeFile(
      join(folder, 'web.yml'),
      'bearer_token_files: [token]\ntls_server_config: { cert_file: server.crt, key_file: server.key }\n',
    );
    for (const web of [[], [`--web.config.file=${join(folder, 'web.yml')}`]]) {
      t.equal(await exitCode(), 1, 'no service listens');
      const service = startCommandLine(t, [
        ...['serve', `--config.file=${join(folder, 'dhalion.yml')}`, `--storage.path=${join(folder, 'data')}`],
        ...[`--web.listen-address=127.0.0.1:${port}`, ...web],
      ]);
      await eventually('a log line that it listens', () => service.stderr().includes(' msg=listening'));
      t.equal(await exitCode(), 0, web.length === 0 ? 'without TLS' : 'with TLS');
      await service.end('SIGTERM');
    }
  },
);

void t.test('the image does not listen beyond loopback without authentication or the explicit flag', async (t) => {
  const [node, entry] = listOf('ENTRYPOINT');
  t.match([node, entry], ['node', /\/dist\/cli\.js$/]);
  const folder = await folderFor(t);
  await writeFile(join(folder, 'dhalion.yml'), contentOf('dhalion'));
  const flags = listOf('CMD').map((flag) =>
    flag
      .replace('/etc/dhalion', folder)
      .replace('=/data', `=${folder}/data`)
      .replace(/:10017$/, ':0'),
  );
  const { code, stderr } = await runCommandLine(t, ...flags);
  t.equal(code, 1);
  t.match(stderr, /--web\.config\.file.*--web\.allow-unauthenticated/s);
});

void t.test('compose.yaml mounts what exists and publishes on loopback only', async (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    // A colon in an unquoted line makes a map of it.
    for (const word of service.healthcheck?.test ?? []) t.type(word, 'string', `${name}: healthcheck`);
    for (const port of service.ports ?? []) t.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    for (const { source } of service.configs ?? []) t.ok(source in compose.configs, `${name}: config ${source}`);
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) await t.resolves(access(source), `${name}: ${source}`);
      else t.ok(source in compose.volumes, `${name}: volume ${source}`);
    }
  }
});

void t.test('Dhalion, Prometheus and Alertmanager accept what compose.yaml configures them with', async (t) => {
  const parsed = parseConfiguration(contentOf('dhalion'), { builtInEngines: BUILT_IN_ENGINES });
  t.match(parsed, { configuration: { discoveries: [{ webhooks: {} }], topologies: [] } }, 'it calls no webhook');
  const folder = t.testdir({
    'prometheus.yml': contentOf('prometheus'),
    'alertmanager.yml': contentOf('alertmanager'),
    rules: {},
  });
  await copyFile('rules/dhalion-alerts.yml', join(folder, 'rules', 'dhalion-alerts.yml'));
  t.match(await runTool('promtool', ['check', 'config', '--lint-fatal', join(folder, 'prometheus.yml')]), {
    code: 0,
    output: /1 rule files found/,
  });
  t.match(await runTool('amtool', ['check-config', join(folder, 'alertmanager.yml')]), { code: 0 });
});

void t.test('the route to Dhalion in compose.yaml is the one of rules/alertmanager-example.yml', async (t) => {
  const routeIn = (text: string): Route | undefined => {
    const { route } = parse(text) as { readonly route: Route };
    return route.routes?.find(({ receiver }) => receiver === 'dhalion');
  };
  const shipped = routeIn(await readFile('rules/alertmanager-example.yml', 'utf8'));
  t.ok(shipped);
  // No other route applies, so there is nothing to continue to.
  t.strictSame({ ...routeIn(contentOf('alertmanager')), continue: true }, shipped);
});
