import t from 'tap';
import { parse } from 'yaml';
import { renderFlinkSettings } from './flink-settings.js';
import type { FlinkVersion } from './flink-version.js';

function settingsOf(major: FlinkVersion['major']): Record<string, unknown> {
  const text = renderFlinkSettings({
    flink: { major },
    ports: { rest: 8081, rpc: 6123, blob: 6124 },
    reporterPort: 9250,
    folder: '/a "b"',
    home: '/a "b"/c',
    name: 'taskmanager-1',
    slots: 4,
    settings: { 'web.adaptive-scheduler.rescale-history.size': '0' },
  });
  return parse(text) as Record<string, unknown>;
}

void t.test('every setting is a text, since of a number the reporter takes no notice', (t) => {
  const settings = settingsOf(1);
  t.match(settings, {
    'metrics.reporter.prom.port': '9250',
    'taskmanager.numberOfTaskSlots': '4',
    'jobmanager.scheduler': 'adaptive',
    'execution.checkpointing.dir': 'file:///a "b"/checkpoints',
  });
  t.same([...new Set(Object.values(settings).map((value) => typeof value))], ['string']);
  t.end();
});

void t.test('what a cluster sets otherwise wins', (t) => {
  t.equal(settingsOf(2)['web.adaptive-scheduler.rescale-history.size'], '0');
  t.end();
});

void t.test('each version is told what it waits for by its own names, and when to rescale by none', (t) => {
  const ofScheduler = (major: FlinkVersion['major']): string[] =>
    Object.keys(settingsOf(major)).flatMap((key) => /^jobmanager\.adaptive-scheduler\.(.*)$/.exec(key)?.[1] ?? []);
  t.same(ofScheduler(1), [
    'resource-wait-timeout',
    'resource-stabilization-timeout',
    'scaling-interval.min',
    'scaling-interval.max',
  ]);
  t.same(ofScheduler(2), [
    'submission.resource-wait-timeout',
    'submission.resource-stabilization-timeout',
    'executing.cooldown-after-rescaling',
    'executing.resource-stabilization-timeout',
  ]);
  t.end();
});
