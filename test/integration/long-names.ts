// Operators with SQL plans of 100,000 characters as names, which only differ at their end: the service measures them, and accepts, decides
// and acts on an alert for one of them.
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkJob } from '../support/flink-exporter.js';
import { HEALTHY, SOURCE, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { newDatabase, postgresFor } from '../support/postgres.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

/** Random, because a database compresses repetitions, also in an index. */
const PLAN = randomBytes(49_999).toString('hex');
const [DROWNING, IDLE] = [`${PLAN}_1`, `${PLAN}_2`];

function jobOf({ split, ...others }: FlinkJob): FlinkJob {
  const quiet = { parallelism: 2, busy: 450 };
  return split === undefined ? others : { ...others, [DROWNING]: split, [IDLE]: quiet };
}

export type StorageName = 'SQLite' | 'PostgreSQL';

export async function checkLongNames(t: Test, storages: readonly StorageName[]): Promise<void> {
  const exporter = await flinkExporter(t, { orders: jobOf(HEALTHY) });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  scaler.handle('orders', (response) => {
    exporter.setJob('orders', jobOf(HEALTHY));
    accept(response);
  });

  for (const name of storages) {
    await t.test(name, async (t) => {
      const storage = name === 'SQLite' ? {} : { postgresUrlFile: await newDatabase(t, (await postgresFor(t)).server) };
      exporter.setJob('orders', jobOf(UNDERPROVISIONED));
      const configFile = await world.writeConfig(
        dhalionConfig({
          prometheusUrl: world.prometheus.url,
          folder: world.folder,
          webhookUrl: scaler.url,
          topologies: ['{discover: "orders", engine: flink, webhook: scaler}'],
          ...storage,
        }),
      );
      const dhalion = await dhalionFor(t, { configFile });
      const about = (operator: string) => ({ topology: 'orders', operator, diagnosis: 'underprovisioning' });
      await eventually('the underprovisioned operator is diagnosed and sized', async () => {
        const isDiagnosed = (await dhalion.metric('dhalion_diagnosis', about(DROWNING))) === 1;
        const of = { topology: 'orders', operator: DROWNING };
        return isDiagnosed && (await dhalion.metric('dhalion_operator_recommended_parallelism', of)) === 4;
      });
      const before = scaler.calls().length;
      t.equal(await dhalion.notify(about(DROWNING), about(IDLE), about(SOURCE)), 202);
      const call = await eventually('a call', () => scaler.calls()[before]);
      t.equal(call.body.operator, DROWNING);
      t.match(call.body, { current_parallelism: 2, desired_parallelism: 4 });
      const [action] = await eventually('an outcome', async () => {
        const actions = await dhalion.actions('orders');
        return typeof actions[0]?.outcome === 'string' && actions;
      });
      t.match(action, { outcome: 'resolved', operator: DROWNING });
      t.equal(scaler.calls().length, before + 1);
      const decided = await dhalion.decisions('orders');
      t.strictSame(
        new Map(decided.map(({ operator, decision }) => [operator, decision])),
        new Map([
          [SOURCE, 'hold'],
          [IDLE, 'hold'],
          [DROWNING, 'act'],
        ]),
      );
      await dhalion.stop();
      const failures = dhalion.logLines.filter(({ level }) => level === 'error');
      t.strictSame(failures, []);
    });
  }
}
