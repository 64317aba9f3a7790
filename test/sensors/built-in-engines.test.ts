import t from 'tap';
import type { EngineEntry } from '../../src/config/engine-schema.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

void t.test('every expression of a built-in engine selects by its matchers, in each of its selectors', (t) => {
  const engines: Readonly<Record<string, EngineEntry>> = BUILT_IN_ENGINES;
  for (const [name, { sensors, sources }] of Object.entries(engines)) {
    for (const expression of [...Object.values(sensors ?? {}), sources].flat()) {
      const selectors = expression?.match(/\{[^}]*=[^}]*\}|\{\$matchers\}/g) ?? [];
      t.ok(selectors.length > 0, name);
      for (const selector of selectors) t.match(selector, '$matchers');
    }
  }
  t.end();
});
