// A health manager on a real action log, whose Prometheus does not answer: what it does without one.
import type { Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock } from '../../src/clock.js';
import type { Configuration } from '../../src/config/configuration.js';
import { HealthManager } from '../../src/health-manager.js';
import { createLogger } from '../../src/logger.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { configurationOf } from './parsed-configuration.js';

/** Nothing listens at its Prometheus' address. */
export function configurationWith(...topologies: readonly string[]): Configuration {
  const listed = topologies.map((name) => `{name: ${name}, engine: flink, policy: {mode: observe}}`);
  return configurationOf(`{prometheus: {url: 'http://127.0.0.1:1'}, topologies: [${listed.join(', ')}]}`);
}

export interface ManagerWorld {
  readonly manager: HealthManager;
  readonly log: ActionLog;
  /** What the next reloads will find, each once: a configuration, or why there is none. */
  readonly next: (Configuration | Error)[];
  /** Lines of the log, at level info and above. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Not started; the test stops it. */
export async function createManager(t: Test, configuration: Configuration): Promise<ManagerWorld> {
  const log = await createActionLog({ path: t.testdir() });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const next: (Configuration | Error)[] = [];
  const manager = new HealthManager({
    configuration,
    loadConfiguration: () => {
      const found = next.shift() ?? configuration;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
    log,
    metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
    clock: systemClock,
    logger: createLogger({ level: 'info', format: 'json' }, { write }),
    userAgent: 'dhalion-test',
    random: () => 0.5,
  });
  t.teardown(async () => {
    await manager.stop();
    await log.close();
  });
  return { manager, log, next, lines };
}
