import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { platform } from 'node:os';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { freePort, onFreePort, startChildProgram, type ChildProgram } from '../../src/real-parts/child-program.js';
import { eventually } from '../support/dhalion-client.js';
import { RUN_TYPESCRIPT } from '../support/run-typescript.js';

/** Node as the child: answers 200 once listening, and says hello. */
const SERVER = `
  const { createServer } = require('node:http');
  console.log('hello'); console.error('to you');
  createServer((request, response) => response.end('ok')).listen(Number(process.argv[1]), '127.0.0.1');`;

async function startNode(t: Test, script = SERVER, readyTimeoutMs = 20_000): Promise<ChildProgram & { url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const args = ['-e', script, String(port)];
  const child = await startChildProgram({
    name: 'node',
    program: process.execPath,
    args,
    readyUrl: url,
    readyTimeoutMs,
  });
  t.teardown(() => child.stop());
  return { ...child, url };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function answers(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve(true);
    }).on('error', () => {
      resolve(false);
    });
  });
}

void t.test('a child is ready when its URL answers, and gone when stop resolves', async (t) => {
  const child = await startNode(t);
  t.ok(await answers(child.url, 5000));
  t.ok(await eventually('both lines', () => child.lastLines().length === 2));
  t.strictSame([...child.lastLines()].sort(), ['hello', 'to you']);
  await child.stop();
  t.notOk(isAlive(child.pid));
  await child.stop();
});

void t.test(
  'a suspended child answers nothing, goes on when resumed, and can be stopped while suspended',
  async (t) => {
    const child = await startNode(t);
    child.suspend();
    t.notOk(await answers(child.url, 300));
    t.ok(isAlive(child.pid));
    child.resume();
    t.ok(await answers(child.url, 5000));
    child.suspend();
    await child.stop();
    t.notOk(isAlive(child.pid));
  },
);

void t.test('kill ends a child at once', async (t) => {
  const child = await startNode(t);
  child.kill();
  await child.exited;
  t.notOk(isAlive(child.pid));
});

void t.test('a child that ignores SIGTERM is killed', async (t) => {
  const child = await startNode(t, `process.on('SIGTERM', () => undefined); ${SERVER}`);
  await child.stop();
  t.notOk(isAlive(child.pid));
});

void t.test('a child that exits before it is ready fails with its last log lines', async (t) => {
  await t.rejects(startNode(t, 'console.error("no such flag"); process.exit(3)'), {
    code: 'part_failed',
    message: /node ended with code 3 before it was ready\n {2}no such flag/,
  });
});

void t.test('a child that is not ready in time is ended', async (t) => {
  await t.rejects(startNode(t, 'console.log(process.pid); setInterval(() => undefined, 1000)', 500), {
    message: /did not answer at http:\S+ within 0.5 s/,
  });
  const script = SERVER.replace("response.end('ok')", '{ response.statusCode = 503; response.end() }');
  await t.rejects(startNode(t, script, 500), { message: /did not answer/ }, '503 is not ready');
});

void t.test('a program that does not exist is a failure, not a crash', async (t) => {
  const options = { name: 'ghost', program: '/nowhere/ghost', args: [], readyUrl: 'http://127.0.0.1:1/' };
  await t.rejects(startChildProgram(options), { code: 'part_failed', message: /ghost/ });
});

void t.test('a port that another process takes in between is replaced', async (t) => {
  const ports: number[] = [];
  const started = await onFreePort((port) => {
    ports.push(port);
    return ports.length < 3 ? Promise.reject(new Error('bind: address already in use')) : Promise.resolve(port);
  });
  t.equal(started, ports[2]);
  await t.rejects(
    onFreePort(() => Promise.reject(new Error('bind: address already in use'))),
    { message: /address already/ },
  );
  await t.rejects(
    onFreePort(() => Promise.reject(new Error('bad config'))),
    { message: 'bad config' },
  );
});

void t.test('a free port can be listened on, and is none that connections are given', async (t) => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  t.ok(port < 32_768, String(port));
});

void t.test('a child does not outlive a killed parent', { skip: platform() !== 'linux' }, async (t) => {
  const parentScript = `
    const { startChildProgram, freePort } = await import(process.argv[1]);
    const port = await freePort();
    const child = await startChildProgram({ name: 'node', program: process.execPath, readyUrl: 'http://127.0.0.1:' + port,
      args: ['-e', ${JSON.stringify(SERVER)}, String(port)] });
    console.log(port);`;
  const module = new URL('../../src/real-parts/child-program.ts', import.meta.url).href;
  const args = [...RUN_TYPESCRIPT, '--input-type=module', '-e', parentScript, module];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const url = `http://127.0.0.1:${line}/`;
  t.ok(await answers(url, 5000));
  parent.kill('SIGKILL');
  await once(parent, 'close');
  // Checked by its socket: an orphan keeps its pid until the system's init process has reaped it, which may take seconds.
  t.ok(await eventually('its end', async () => !(await answers(url, 5000))));
});
