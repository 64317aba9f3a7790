import { readFileSync } from 'node:fs';
import t from 'tap';
import { buildExcludedPeriods } from '../../src/config/build-excluded-periods.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { DhalionError } from '../../src/errors.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

const range = (first: number, last = first): { first: number; last: number } => ({ first, last });

await t.test('periods as written become numbers, and a field that is left out is null', (t) => {
  const any = { times: null, weekdays: null, daysOfMonth: null, months: null, years: null, location: 'UTC' };
  t.strictSame(buildExcludedPeriods([]), []);
  t.strictSame(buildExcludedPeriods([{ weekdays: ['saturday'] }, { months: [12], location: 'Asia/Kolkata' }]), [
    { ...any, weekdays: [range(6)] },
    { ...any, months: [range(12)], location: 'Asia/Kolkata' },
  ]);
  t.end();
});

await t.test("a topology's own periods replace those of the policies above", (t) => {
  const text = readFileSync(new URL('../fixtures/config/valid-excluded-periods.yml', import.meta.url), 'utf8');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in result)) throw new Error('the fixture has faults');
  const { topologies, discoveries } = result.configuration;
  t.strictSame(topologies[0]?.policy.excludedPeriods, [
    {
      times: [
        { startMinute: 540, endMinute: 1050 },
        { startMinute: 1320, endMinute: 1440 },
      ],
      weekdays: [range(1, 5), range(0)],
      daysOfMonth: [range(1), range(2, 5), range(-3, -1), range(15, -10)],
      months: [range(1, 3), range(5, 8), range(12), range(5, 7)],
      years: [range(2025, 2027), range(2030)],
      location: 'Europe/Berlin',
    },
  ]);
  t.match(topologies[1]?.policy.excludedPeriods, [{ weekdays: [range(6)] }, { location: 'US/Eastern' }]);
  t.strictSame(discoveries[0]?.policy.excludedPeriods, [], 'an empty list takes them away');
  t.end();
});

await t.test('a fault that was not looked for is one all the same', (t) => {
  t.throws(
    () => buildExcludedPeriods([{ weekdays: ['friday:monday'] }]),
    new DhalionError(
      'config_invalid',
      'excluded_periods: friday:monday must not end before it starts (a week begins with sunday): give friday:saturday and sunday:monday',
    ),
  );
  t.throws(
    () => buildExcludedPeriods([{ times: [{ start_time: 'noon', end_time: '17:00' }] }]),
    new DhalionError('config_invalid', 'excluded_periods: noon to 17:00 is no span of the day'),
  );
  t.end();
});
