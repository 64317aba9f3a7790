// The content of `npm pack` is the product and runs on its own; the unit for systemd starts it.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { freePort } from '../src/real-parts/child-program.js';
import { spawnDhalion } from './support/command-line.js';
import { eventually } from './support/dhalion-client.js';
import { codeBlocksOf, proseOf, readDocument } from './support/markdown.js';
import { PLAIN_NODE } from './support/plain-node.js';
import { folderFor } from './support/real-parts.js';

t.setTimeout(240_000);

const run = promisify(execFile);

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;

const folder = await folderFor(t);
// What `prepack` builds is built already.
const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`]);
const [packed] = JSON.parse(stdout) as readonly Packed[];
if (packed === undefined) throw new Error('npm pack named no file');
const paths = packed.files.map(({ path }) => path);
await run('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
// As npm installs it: the dependencies next to it.
const installed = join(folder, 'node_modules', manifest.name);
await mkdir(join(folder, 'node_modules'));
await rename(join(folder, 'package'), installed);
for (const name of Object.keys(manifest.dependencies)) {
  const target = join(folder, 'node_modules', name);
  await mkdir(join(target, '..'), { recursive: true });
  await symlink(resolve('node_modules', name), target);
}
const cli = join(installed, 'dist/cli.js');

await t.test('it holds the program, its rules and dashboards, and its documents', (t) => {
  t.match(packed.filename, `${manifest.name}-${manifest.version}.tgz`);
  for (const path of ['README.md', 'LICENSE', 'dist/cli.js', 'rules/dhalion-alerts.yml', 'src/config/README.md']) {
    t.ok(paths.includes(path), path);
  }
  const others = paths.filter((path) =>
    /^(?:test|grafana\/src)\/.*(?<!README\.md)$|\.(?:ts|map|tsbuildinfo)$/.test(path),
  );
  t.strictSame(others, []);
  t.end();
});

await t.test('its documents lead to files that it holds', async (t) => {
  const leadsTo = (path: string): boolean => paths.some((one) => one === path || one.startsWith(`${path}/`));
  // Those about tests lead to the tests, too, which are in the repository alone.
  const documents = paths.filter((path) => path.endsWith('.md') && !path.startsWith('test/'));
  t.ok(documents.length > 10, documents.join(', '));
  for (const document of documents) {
    const prose = proseOf(await readFile(join(installed, document), 'utf8'));
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s#]+)/g)) {
      if (!/^[a-z]+:/.test(target))
        t.ok(leadsTo(join(dirname(document), target).replace(/\/$/, '')), `${document}: ${target}`);
    }
  }
});

await t.test('every import is a dependency', async (t) => {
  const imported = new Set<string>();
  for (const path of paths.filter((name) => name.startsWith('dist/') && name.endsWith('.js'))) {
    const code = await readFile(join(installed, path), 'utf8');
    for (const [, name = ''] of code.matchAll(
      /^(?:import|export)\b[^;]*?from '([^'./][^']*)'|\bimport\('([^'./][^']*)'\)/gm,
    )) {
      imported.add(
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    }
  }
  const builtIn = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);
  const missing = [...imported].filter((name) => name !== '' && !builtIn(name) && !(name in manifest.dependencies));
  t.strictSame(missing, []);
  t.ok(imported.has('express'), 'imports were found');
});

await t.test('its commands run from any folder', async (t) => {
  const [node, ...before] = PLAIN_NODE;
  const ask = (...args: string[]) => run(node, [...before, cli, ...args], { cwd: '/' });
  t.equal((await ask('--version')).stdout, `dhalion ${manifest.version}\n`);
  t.equal((await ask('rules')).stdout, await readFile('rules/dhalion-alerts.yml', 'utf8'));
  t.match((await ask('rules', 'loop-dashboard')).stdout, '"title": "Dhalion / loop"');
});

await t.test('the unit for systemd starts, reloads and ends it', async (t) => {
  const unit = codeBlocksOf(await readDocument('src/commands/README.md')).find(({ language }) => language === 'ini');
  const settings = new Map([...(unit?.text ?? '').matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
  const [program, ...args] = (settings.get('ExecStart') ?? '').split(' ').slice(1);
  t.equal(program, 'dhalion');
  t.equal(`/var/lib/${settings.get('StateDirectory') ?? ''}`, '/var/lib/dhalion');
  const storage = join(folder, 'state');
  const configFile = join(folder, 'dhalion.yml');
  const port = await freePort();
  await writeFile(
    configFile,
    `prometheus: {url: "http://127.0.0.1:${port}"}\ntopologies: [{discover: ".*", engine: flink}]\n`,
  );
  const given: Readonly<Record<string, string>> = {
    '--config.file=/etc/dhalion/dhalion.yml': configFile,
    '--storage.path=/var/lib/dhalion': `--storage.path=${storage}`,
    '--storage.wait': '--storage.wait',
  };
  t.strictSame(args, ['serve', ...Object.keys(given)]);
  const service = spawnDhalion({ configFile, port, args: Object.values(given).slice(1) });
  t.teardown(() => service.end());
  t.ok(await service.ready(), service.stderr());
  t.ok((await readdir(storage)).length > 0, 'the action log is in the state directory');
  t.match(settings.get('ExecReload'), '-HUP');
  service.kill('SIGHUP');
  await eventually('a reload', () => service.stderr().includes('configuration reloaded'));
  t.match(await service.end('SIGTERM'), { code: 0 });
});
