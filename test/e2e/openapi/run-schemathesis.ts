// `npm run e2e:openapi -- [examples [seed]]`: Schemathesis reads the OpenAPI document of the real service and asks it whatever the
// document allows, and what it does not, with all its checks; once without credentials and once with. Exit status 0 only if it
// finds nothing; 77 and a line SKIPPED if there can be no Schemathesis here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createActionLog } from '../../../src/action-log/create-action-log.js';
import { describeError } from '../../../src/errors.js';
import type { Action } from '../../../src/model/action.js';
import { freePort } from '../../../src/real-parts/child-program.js';
import { startFleet, type SimulatedFleet } from '../../crash/simulated-fleet.js';
import { actDecisions, sampleAction } from '../../support/action-log-samples.js';
import { spawnDhalion } from '../../support/command-line.js';
import { eventually } from '../../support/dhalion-client.js';
import { findSchemathesis } from './find-schemathesis.js';

const SKIPPED = 77;
const HOOKS = fileURLToPath(new URL('schemathesis_hooks.py', import.meta.url));
const TOPOLOGY = 'wordcount';
const TOKEN = 'e2e-openapi-token';
const MAX_MS = 900_000;

interface Run {
  readonly program: string;
  readonly examples: number;
  readonly seed: number;
  readonly folder: string;
}

/** Resolves with its exit status. */
async function runSchemathesis({ program, examples, seed, folder }: Run, url: string, more: string[]): Promise<number> {
  const child = spawn(
    program,
    [
      ...['run', `${url}/api/v1/openapi.json`, '--checks=all', '--continue-on-failure', '--no-color'],
      ...[`--max-examples=${examples}`, `--seed=${seed}`, '--request-timeout=20'],
      // Its answer has no end, which Schemathesis would wait for; events-route.test.ts reads its beginning.
      '--exclude-path=/api/v1/events',
      ...more,
    ],
    // It leaves its own cache where it is started.
    { cwd: folder, env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), MAX_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return code ?? 1;
}

/** Enough for each example that cancels or forgets something to find something. */
const ENTRIES = 60;
/** After so many the default policy puts a resolver on the blacklist. */
const ATTEMPTS = 3;

/** Open actions, each of a topology of its own, and entries of the blacklist. */
async function fillLog(path: string): Promise<void> {
  const log = await createActionLog({ path });
  try {
    const claimedAtMs = Date.now() - 60_000;
    const claim = async (action: Action): Promise<void> => {
      await log.claimAction(action, actDecisions(action));
    };
    for (let entry = 0; entry < ENTRIES; entry += 1) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const action = sampleAction({ topology: TOPOLOGY, operator: `operator_${entry}`, claimedAtMs });
        await claim(action);
        await log.completeAction(action.id, claimedAtMs + 1, null);
        await log.judgeAction(action.id, 'ineffective', claimedAtMs + 2);
      }
      await claim(sampleAction({ topology: `open_${entry}`, claimedAtMs, expiresAtMs: claimedAtMs + 3_600_000 }));
    }
  } finally {
    await log.close();
  }
}

/** Where the page has its files, which no document can know. */
async function writeSettings(folder: string, url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const page = await (await fetch(url, { headers })).text();
  const [, digest = '', file = ''] = /assets\/([^/"]+)\/([^/"]+)"/.exec(page) ?? [];
  const parameters = `{ digest = ${JSON.stringify(digest)}, file = ${JSON.stringify(file)} }`;
  await writeFile(
    join(folder, 'schemathesis.toml'),
    `[[operations]]\ninclude-path = "/assets/{digest}/{file}"\nparameters = ${parameters}\n`,
  );
}

async function runAgainst(fleet: SimulatedFleet, run: Run): Promise<number> {
  await fillLog(fleet.storage);
  const webConfig = join(run.folder, 'web.yml');
  await writeFile(join(run.folder, 'token'), TOKEN);
  await writeFile(webConfig, 'bearer_token_files: [token]\n');
  const codes: number[] = [];
  for (const { args, asked } of [
    { args: [], asked: [] },
    { args: [`--web.config.file=${webConfig}`], asked: ['--header', `Authorization: Bearer ${TOKEN}`] },
  ]) {
    const service = spawnDhalion({ configFile: fleet.configFile, port: await freePort(), logLevel: 'error', args });
    try {
      await service.ready();
      const headers = { authorization: `Bearer ${TOKEN}` };
      await eventually('a topology with operators', async () => {
        const answer = await fetch(`${service.url}/api/v1/topologies/${TOPOLOGY}`, { headers });
        return (await answer.text()).includes('"operator":"split"');
      });
      await writeSettings(run.folder, service.url, headers);
      process.stdout.write(`\n== ${args.length === 0 ? 'without credentials' : 'with credentials'}\n`);
      codes.push(await runSchemathesis(run, service.url, asked));
      process.stdout.write(service.stderr());
    } finally {
      await service.end('SIGTERM');
    }
  }
  return Math.max(...codes);
}

const [examples = 100, seed = 1] = process.argv.slice(2).map(Number);
const found = await findSchemathesis(process.env);
if (found.kind === 'not_to_be_had') {
  process.stdout.write(`SKIPPED: no Schemathesis here: ${found.because}\n`);
  process.exitCode = SKIPPED;
} else {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-openapi-'));
  // Nothing that is asked for comes about, so that what is open stays open.
  const receiver = { delayMs: () => 0, isRefused: () => true };
  const fleet = await startFleet({ topologies: [TOPOLOGY], load: 200, policy: { mode: 'observe' }, ...receiver });
  try {
    process.exitCode = await runAgainst(fleet, { program: found.program, examples, seed, folder });
  } catch (error) {
    process.stderr.write(`e2e:openapi: ${describeError(error)}\n`);
    process.exitCode = 1;
  } finally {
    await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
