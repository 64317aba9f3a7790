import t, { type Test } from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import type { WebhookRoutes } from '../../src/config/configuration.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { NOTHING_RECALLED } from '../../src/control-loop/recalled-log.js';
import type { TopologyRules } from '../../src/control-loop/topology-rules.js';
import { TopologyWatch, type TopologyWatchParts } from '../../src/control-loop/topology-watch.js';
import { createLogger } from '../../src/logger.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { operatorMeasurement } from '../support/evaluations.js';
import { createFakeClock } from '../support/fake-clock.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const CONFIGURATION = `
prometheus: {url: 'http://127.0.0.1:9090'}
topologies:
  - {discover: 'job-.*', engine: flink}
`;

await t.test(
  'the evaluation of a large fleet lets other work run, and its list is unchanged until the next look',
  async (t) => {
    const parsed = parseConfiguration(CONFIGURATION, { builtInEngines: BUILT_IN_ENGINES });
    if (!('configuration' in parsed)) throw new Error('the configuration has faults');
    const [configuredBy] = parsed.configuration.discoveries;
    if (configuredBy === undefined) throw new Error('there is a discovery');
    const log = await createActionLog({ path: t.testdir() });
    t.teardown(() => log.close());
    const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
    let turns = 0;
    let turnsAtLook = 0;
    const takeTurns = setInterval(() => (turns += 1), 1);
    t.teardown(() => {
      clearInterval(takeTurns);
    });
    const operators = Array.from({ length: 4 }, (_, index) => operatorMeasurement(`operator-${index}`));
    const watch = new TopologyWatch({
      configuration: parsed.configuration,
      client: { query: () => Promise.reject(new Error('it is sensed otherwise')) },
      instances: new InstanceMemories(log, logger),
      metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
      clock: createFakeClock(),
      logger,
      onLook: () => {
        turnsAtLook = turns;
      },
      sense: ({ engine, atMs, windowMs }) => {
        turns = 0;
        const topologies = Array.from({ length: engine.name === 'flink' ? 20_000 : 0 }, (_, index) => ({
          measurement: {
            ...{ topology: `job-${index}`, atMs, windowMs, operators },
            backpressureReportedBy: 'victim' as const,
            suspendedRatio: { kind: 'not_applicable' as const },
          },
          ...{ configuredBy, labelValue: `job-${index}`, operatorLabelValues: new Map<string, string>() },
          ...{ attempts: new Map<string, never>(), told: new Map<string, never>() },
        }));
        return Promise.resolve({ topologies, failures: [], requests: 1 });
      },
    });
    await watch.lookAtAll(NOTHING_RECALLED, NEVER);
    t.ok(turnsAtLook > 2, `${turnsAtLook} turns`);
    const evaluations = watch.evaluations();
    t.equal(evaluations.length, 20_000);
    t.equal(watch.evaluations(), evaluations);
    await watch.lookAtAll(NOTHING_RECALLED, NEVER);
    t.not(watch.evaluations(), evaluations);
  },
);

/** A watch with the result of `sense`. */
async function setUp(t: Test, configurationText: string) {
  const parsed = parseConfiguration(configurationText, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { configuration } = parsed;
  const [configuredBy] = [...configuration.discoveries, ...configuration.topologies];
  if (configuredBy === undefined) throw new Error('there is a topology');
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
  const clock = createFakeClock();
  const world = { seen: ['job-a'], untilSensed: (): Promise<unknown> => Promise.resolve() };
  const create = (more: Partial<TopologyWatchParts> = {}) =>
    new TopologyWatch({
      configuration,
      client: { query: () => Promise.reject(new Error('it is sensed otherwise')) },
      instances: new InstanceMemories(log, logger),
      metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
      clock,
      logger,
      sense: async ({ atMs, windowMs }) => {
        const { seen } = world;
        await world.untilSensed();
        return {
          topologies: seen.map((topology) => ({
            measurement: {
              topology,
              atMs,
              windowMs,
              backpressureReportedBy: 'victim' as const,
              operators: [],
              suspendedRatio: { kind: 'not_applicable' as const },
            },
            configuredBy,
            labelValue: topology,
            operatorLabelValues: new Map(),
            attempts: new Map(),
            told: new Map(),
          })),
          failures: [],
          requests: 1,
        };
      },
      ...more,
    });
  return { world, create, clock };
}

await t.test('a discovered topology is known for a day after its last series, in every later look', async (t) => {
  const { world, create, clock } = await setUp(t, CONFIGURATION);
  const first = create();
  await first.lookAtAll(NOTHING_RECALLED, NEVER);
  world.seen = [];
  await first.lookAtAll(NOTHING_RECALLED, NEVER);
  t.equal(first.find('job-a'), undefined);
  const watch = create();
  watch.adopt(first);
  t.strictSame(
    ['job-a', 'job-b', 'other'].map((name) => watch.hasSeen(name)),
    [true, false, false],
    'also after a reload',
  );
  clock.advance(25 * 3_600_000);
  await watch.lookAtAll(NOTHING_RECALLED, NEVER);
  t.notOk(watch.hasSeen('job-a'));
});

await t.test('each look first refreshes the engine graphs of its topologies', async (t) => {
  const { create } = await setUp(t, `${CONFIGURATION}  - {name: listed, engine: flink}`);
  const asked: unknown[] = [];
  const refresh = (_signal: AbortSignal, only?: readonly { webhooks: WebhookRoutes }[]): Promise<void> => {
    asked.push(only?.map((rules) => (rules as TopologyRules).labelValue) ?? 'all');
    return Promise.resolve();
  };
  const watch = create({ graphs: { refresh, graphOf: () => null } });
  await watch.lookAtAll(NOTHING_RECALLED, NEVER);
  await watch.lookAt(['listed', 'job-a', 'unknown'], NOTHING_RECALLED, NEVER);
  t.strictSame(asked, ['all', ['listed', 'job-a']]);
});
