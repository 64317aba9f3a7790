import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { ActionHistory } from '../../src/control-loop/action-history.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { createLogger } from '../../src/logger.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { createFakeClock } from '../support/fake-clock.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const CONFIGURATION = `
prometheus: {url: 'http://127.0.0.1:9090'}
topologies:
  - {discover: 'job-.*', engine: flink}
`;

await t.test('a discovered topology is known for a day after it was seen, however it is looked at then', async (t) => {
  const parsed = parseConfiguration(CONFIGURATION, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { configuration } = parsed;
  const [configuredBy] = configuration.discoveries;
  if (configuredBy === undefined) throw new Error('there is a discovery');
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
  const clock = createFakeClock();
  let seen = ['job-a'];
  const create = () =>
    new TopologyWatch({
      configuration,
      client: { query: () => Promise.reject(new Error('it is sensed otherwise')) },
      history: new ActionHistory(log, logger),
      metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
      clock,
      logger,
      sense: ({ atMs, windowMs }) =>
        Promise.resolve({
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
          })),
          failures: [],
          requests: 1,
        }),
    });
  const first = create();
  await first.lookAtAll(NEVER);
  seen = [];
  await first.lookAtAll(NEVER);
  t.equal(first.find('job-a'), undefined);
  const watch = create();
  watch.adopt(first);
  t.strictSame(
    ['job-a', 'job-b', 'other'].map((name) => watch.hasSeen(name)),
    [true, false, false],
    'after a reload too',
  );
  clock.advance(25 * 3_600_000);
  await watch.lookAtAll(NEVER);
  t.notOk(watch.hasSeen('job-a'));
});
