// One test for each line of "Crash windows" in test/README.md: the real service is killed with SIGKILL exactly at that point,
// and started again on the same storage. An outside part pauses it there: a Prometheus that does not answer, an unreadable signing
// secret, a receiver that stops its caller. The long form kills at all of them, `npm test` at some.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Test } from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { mapOperators, type ActionOperator } from '../../src/model/action.js';
import { webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { actDecisions, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkJob } from '../support/flink-exporter.js';
import {
  HARMED,
  HEALTHY,
  OVERPROVISIONED,
  TWO_HEALTHY,
  TWO_TOO_SMALL,
  UNDERPROVISIONED,
} from '../support/flink-jobs.js';
import type { ActionRow } from '../support/log-audit.js';
import { startLoopWorld } from '../support/loop-world.js';
import { spawnScript } from '../support/run-script.js';
import { accept } from '../support/scaling-endpoint.js';
import { crashWorld, type CrashWorld } from './crash-world.js';

const isJudged = ({ state }: ActionRow): boolean => state === 'judged';
const isRevert = ({ resolver }: ActionRow): boolean => resolver === 'revert';

/** The calls of an action so far, with the number of distinct keys and bodies. */
function distinct({ scaler }: CrashWorld): { calls: number; keys: number; bodies: number } {
  const calls = scaler.calls();
  const keys = new Set(calls.map(({ headers }) => headers['idempotency-key']));
  return { calls: calls.length, keys: keys.size, bodies: new Set(calls.map(({ rawBody }) => rawBody)).size };
}

/** From now on calls are answered, and the topology gets the desired parallelism. */
function obey(world: CrashWorld): void {
  world.scaler.handle(world.topology, (response) => {
    world.setJob(HEALTHY);
    accept(response);
  });
}

interface CrashWindow {
  readonly title: string;
  readonly topology: string;
  readonly job: FlinkJob;
  readonly run: (world: CrashWorld, t: Test) => Promise<void>;
}

const windows: CrashWindow[] = [];
function crashWindow(title: string, topology: string, job: FlinkJob, run: CrashWindow['run']): void {
  windows.push({ title, topology, job, run });
}

/**
 * Kills the service at these windows, beside each other.
 * @param only names of their topologies; default: all
 */
export async function killAtCrashWindows(t: Test, only?: readonly string[]): Promise<void> {
  t.setTimeout(600_000);
  t.jobs = 6;
  const exporter = await flinkExporter(t, {});
  const shared = { exporter, world: await startLoopWorld(t, { scrape: [exporter.url] }) };
  const chosen = windows.filter(({ topology }) => only?.includes(topology) ?? true);
  t.equal(chosen.length, only?.length ?? windows.length);
  await Promise.all(
    chosen.map(({ title, topology, job, run }) =>
      t.test(title, { buffered: true }, async (t) => {
        const world = await crashWorld(t, shared, { topology, job });
        obey(world);
        await run(world, t);
        t.strictSame(world.violations(), []);
      }),
    ),
  );
}

crashWindow('after the 2xx, before the decision', 'accepted', UNDERPROVISIONED, async (world, t) => {
  const service = await world.start();
  await eventually('a first look', async () => (await world.dhalion.topology(world.topology)).evaluated_at);
  const held = world.gate.holdWhile(() => world.log().alerts.length > 0);
  await world.report('underprovisioning');
  await held;
  await service.end();
  t.match(world.log(), { alerts: [{ state: 'undecided' }], decisions: [], actions: [] });

  world.gate.open();
  await world.start();
  const action = await world.action('the judgement', isJudged);
  t.match(action, { resolver: 'scale_up', outcome: 'resolved', attempts: 1 });
  t.match(world.log().decisions, [{ alertId: 1, decision: 'act', actionId: action.id }]);
});

crashWindow('after the claim, before the call', 'claimed', UNDERPROVISIONED, async (world, t) => {
  const service = await world.start();
  world.blockCalls();
  await world.report('underprovisioning');
  const claimed = await world.action('an attempt', ({ attempts }) => attempts >= 1);
  await service.end();
  t.match(claimed, { state: 'claimed', completedAtMs: null });
  t.equal(world.scaler.calls().length, 0);

  world.unblockCalls();
  await world.start();
  const action = await world.action('the judgement', isJudged);
  t.match(action, { id: claimed.id, request: claimed.request, outcome: 'resolved' });
  t.strictSame(distinct(world), { calls: 1, keys: 1, bodies: 1 });
});

// A kill right after the commit of the claim leaves exactly this state, so the test writes it instead of killing.
crashWindow('after the claim, before anything else', 'untried', UNDERPROVISIONED, async (world, t) => {
  const alert = sampleAlert({ topology: world.topology });
  const nowMs = Date.now();
  const facts = sampleAction({ topology: world.topology, claimedAtMs: nowMs, expiresAtMs: nowMs + 60_000 });
  const request = {
    ...facts.request,
    url: `${world.scaler.url}/scale`,
    body: JSON.stringify(
      webhookBodyOf({
        ...facts,
        operators: mapOperators(facts.operators, (asked) => ({ ...asked, labels: {} })),
      }),
    ),
  };
  mkdirSync(world.storage, { recursive: true });
  const log = await createActionLog({ path: world.storage });
  await log.acceptAlerts([alert], nowMs);
  const [accepted] = await log.undecidedAlerts(1);
  t.ok(await log.claimAction({ ...facts, request }, actDecisions(facts, accepted?.id ?? null)));
  await log.close();

  await world.start();
  t.match(await world.action('the judgement', isJudged), { id: facts.id, outcome: 'resolved', attempts: 1 });
  t.strictSame(
    world.scaler.calls().map(({ rawBody }) => rawBody),
    [request.body],
  );
});

/** Applies a plan's call to both operators at once. */
function obeyPlan(world: CrashWorld): void {
  world.scaler.handle(world.topology, (response) => {
    world.setJob(TWO_HEALTHY);
    accept(response);
  });
}

const asked = ({ operators }: { readonly operators: string | null }): string[] =>
  (JSON.parse(operators ?? '[]') as ActionOperator[]).map(
    ({ operator, desiredParallelism }) => `${operator} ${desiredParallelism}`,
  );

crashWindow('a plan, after the claim, before the call', 'plan-claimed', TWO_TOO_SMALL, async (world, t) => {
  obeyPlan(world);
  const service = await world.start();
  world.blockCalls();
  await world.report('underprovisioning');
  const claimed = await world.action('an attempt', ({ attempts }) => attempts >= 1);
  await service.end();
  t.match(claimed, { state: 'claimed', completedAtMs: null });
  t.strictSame(asked(claimed), ['split 4', 'count 3']);

  world.unblockCalls();
  await world.start();
  const action = await world.action('the judgement', isJudged);
  t.match(action, { id: claimed.id, request: claimed.request, outcome: 'resolved' });
  t.strictSame(distinct(world), { calls: 1, keys: 1, bodies: 1 });
  t.strictSame(
    world
      .log()
      .decisions.map(({ operator, actionId: id }) => [operator, id])
      .sort(),
    [
      ['count', claimed.id],
      ['split', claimed.id],
    ],
  );
});

crashWindow('a plan, in mid-call', 'plan-calling', TWO_TOO_SMALL, async (world, t) => {
  const service = await world.start();
  const killed = new Promise<unknown>((resolve) => {
    world.scaler.handle(world.topology, () => {
      void service.end().then(resolve);
    });
  });
  await world.report('underprovisioning');
  await killed;
  const [called] = world.log().actions;
  t.match(called, { state: 'claimed', attempts: 1, completedAtMs: null });

  obeyPlan(world);
  await world.start();
  t.match(await world.action('the judgement', isJudged), { id: called?.id, outcome: 'resolved', attempts: 2 });
  t.strictSame(distinct(world), { calls: 2, keys: 1, bodies: 1 });
});

crashWindow('a plan, half of it applied', 'plan-settling', TWO_TOO_SMALL, async (world, t) => {
  world.scaler.handle(world.topology, (response) => {
    world.setJob({ ...TWO_HEALTHY, count: { parallelism: 2, busy: 700 } });
    accept(response);
  });
  const service = await world.start();
  await world.report('underprovisioning');
  const completed = await world.action('the call', ({ state }) => state === 'completed');
  await eventually('split to have it', async () =>
    (await world.dhalion.topology(world.topology)).operators.some(
      ({ operator, parallelism }) => operator === 'split' && parallelism === 4,
    ),
  );
  await service.end();
  t.equal(seenAtMs(world.log().actions[0]?.settling ?? '{}') ?? null, null, 'not seen: count is unchanged');

  world.setJob(TWO_HEALTHY);
  await world.start();
  const action = await world.action('the judgement', isJudged);
  t.match(action, { id: completed.id, outcome: 'resolved' });
  t.strictSame(distinct(world), { calls: 1, keys: 1, bodies: 1 });
});

crashWindow('in mid-call', 'calling', UNDERPROVISIONED, async (world, t) => {
  const service = await world.start();
  const killed = new Promise<unknown>((resolve) => {
    world.scaler.handle(world.topology, () => {
      void service.end().then(resolve);
    });
  });
  await world.report('underprovisioning');
  await killed;
  const [called] = world.log().actions;
  t.match(called, { state: 'claimed', attempts: 1, completedAtMs: null });
  t.strictSame(distinct(world), { calls: 1, keys: 1, bodies: 1 });

  obey(world);
  await world.start();
  t.match(await world.action('the judgement', isJudged), { id: called?.id, outcome: 'resolved', attempts: 2 });
  t.strictSame(distinct(world), { calls: 2, keys: 1, bodies: 1 });
});

crashWindow('after the call was answered, before that is recorded', 'answered', UNDERPROVISIONED, async (world, t) => {
  const service = await world.start();
  const killed = new Promise<unknown>((resolve) => {
    world.scaler.handle(world.topology, (response) => {
      // The answer arrives at a process that can no longer act on it.
      service.kill('SIGSTOP');
      world.setJob(HEALTHY);
      void once(response, 'finish').then(() => service.end().then(resolve));
      accept(response);
    });
  });
  await world.report('underprovisioning');
  await killed;
  const [called] = world.log().actions;
  t.match(called, { state: 'claimed', attempts: 1, completedAtMs: null });

  obey(world);
  await world.start();
  t.match(await world.action('the judgement', isJudged), { id: called?.id, outcome: 'resolved', attempts: 2 });
  t.strictSame(distinct(world), { calls: 2, keys: 1, bodies: 1 });
});

crashWindow('while settling', 'settling', UNDERPROVISIONED, async (world, t) => {
  const service = await world.start();
  await world.report('underprovisioning');
  const settling = await world.action('the new parallelism', ({ settling }) => seenAtMs(settling) !== null);
  await service.end();
  t.match(settling, { state: 'completed', outcome: null });

  await world.start();
  const action = await world.action('the judgement', isJudged);
  t.match(action, { id: settling.id, outcome: 'resolved', settling: settling.settling, attempts: 1 });
  t.strictSame(distinct(world), { calls: 1, keys: 1, bodies: 1 });
});

crashWindow('between harm and revert', 'harmed', OVERPROVISIONED, async (world, t) => {
  world.scaler.handle(world.topology, (response, { body }) => {
    world.setJob(body.desired_parallelism === 2 ? HARMED : HEALTHY);
    accept(response);
  });
  const service = await world.start();
  // A revert is claimed after a look at the topology, and this look gets no answer.
  const held = world.gate.holdWhile(() => world.log().actions.some(({ outcome }) => outcome === 'harmful'));
  await world.report('overprovisioning');
  await held;
  await service.end();
  const { actions } = world.log();
  t.match(actions, [{ resolver: 'scale_down', outcome: 'harmful', revertedBy: null }]);
  t.equal(actions.length, 1);

  world.gate.open();
  await world.start();
  const revert = await world.action('the revert', (action) => isRevert(action) && isJudged(action));
  t.match(revert, { outcome: 'resolved', desiredParallelism: 4, reverts: actions[0]?.id });
  t.strictSame(
    world.scaler.calls().map(({ body }) => body.desired_parallelism),
    [2, 4],
  );
});

crashWindow('after a revert is claimed, before its call', 'reverting', OVERPROVISIONED, async (world, t) => {
  world.scaler.handle(world.topology, (response, { body }) => {
    if (body.desired_parallelism === 2) world.blockCalls();
    world.setJob(body.desired_parallelism === 2 ? HARMED : HEALTHY);
    accept(response);
  });
  const service = await world.start();
  await world.report('overprovisioning');
  const claimed = await world.action('an attempt of the revert', (action) => isRevert(action) && action.attempts >= 1);
  await service.end();
  t.match(claimed, { state: 'claimed', completedAtMs: null });
  t.equal(world.scaler.calls().length, 1);

  world.unblockCalls();
  await world.start();
  const revert = await world.action('the revert', (action) => isRevert(action) && isJudged(action));
  t.match(revert, { id: claimed.id, request: claimed.request, outcome: 'resolved' });
  t.strictSame(distinct(world), { calls: 2, keys: 2, bodies: 2 });
});

// test/action-log/sqlite-dialect.test.ts checks the schema after such a kill.
crashWindow('during a migration', 'migrating', UNDERPROVISIONED, async (world, t) => {
  const log = await createActionLog({ path: world.storage });
  await log.acceptAlerts([sampleAlert({ topology: world.topology })], Date.now());
  await log.close();
  const [, signal] = (await once(spawnScript('die-in-migration.ts', world.storage), 'close')) as [
    unknown,
    string | null,
  ];
  t.equal(signal, 'SIGKILL');

  await world.start();
  await eventually('the decision', () => world.log().decisions.length === 1);
  await eventually('rest', () => world.log().actions.every(isJudged));
});

function seenAtMs(settling: string): number | null {
  return (JSON.parse(settling) as { seenAtMs: number | null }).seenAtMs;
}
