import t from 'tap';
import { parse } from 'yaml';
import { renderFlinkSettings } from './flink-settings.js';

void t.test('every setting is a text, since of a number the reporter takes no notice', (t) => {
  const settings = parse(
    renderFlinkSettings({
      ports: { rest: 8081, rpc: 6123, blob: 6124 },
      reporterPort: 9250,
      folder: '/a "b"',
      home: '/a "b"/c',
      name: 'taskmanager-1',
      slots: 4,
    }),
  ) as Record<string, unknown>;
  t.match(settings, {
    'metrics.reporter.prom.port': '9250',
    'taskmanager.numberOfTaskSlots': '4',
    'jobmanager.scheduler': 'adaptive',
    'state.checkpoints.dir': 'file:///a "b"/checkpoints',
  });
  t.same([...new Set(Object.values(settings).map((value) => typeof value))], ['string']);
  t.end();
});
