// Whether Dhalion and the real Alertmanager take the same definitions of time intervals.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { renderFault } from '../../src/grammar/config-fault.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { runTool } from '../support/real-parts.js';

/** What both say of it; or why Dhalion is the stricter one. */
type Verdict = 'accepted' | 'refused' | { readonly onlyAlertmanager: string };

const never: Verdict = { onlyAlertmanager: 'a period that never comes is a slip' };
const always: Verdict = { onlyAlertmanager: 'a period that never ends is a slip: that is what mode observe is for' };
const empty: Verdict = { onlyAlertmanager: 'it is not said whether an empty list is all or nothing' };

const DEFINITIONS: readonly [string, Verdict][] = [
  ["times: [{start_time: '09:00', end_time: '17:00'}]", 'accepted'],
  ['times: [{start_time: 09:00, end_time: 17:00}]', 'accepted'],
  ["times: [{start_time: '00:00', end_time: '24:00'}]", 'accepted'],
  ["times: [{start_time: '9:00', end_time: '17:00'}]", 'refused'],
  ["times: [{start_time: '0900', end_time: '17:00'}]", 'refused'],
  ["times: [{start_time: '09:60', end_time: '17:00'}]", 'refused'],
  ["times: [{start_time: '09:00', end_time: '24:01'}]", 'refused'],
  ["times: [{start_time: '24:00', end_time: '24:00'}]", 'refused'],
  ["times: [{start_time: '22:00', end_time: '06:00'}]", 'refused'],
  ["times: [{start_time: '22:00', end_time: '00:00'}]", 'refused'],
  ["times: [{start_time: '17:00'}]", 'refused'],
  ["times: [{start_time: '09:00', end_time: '17:00', until: noon}]", 'refused'],
  ['times: []', empty],
  ["weekdays: ['monday:friday', saturday]", 'accepted'],
  ["weekdays: ['Monday:FRIDAY']", 'accepted'],
  ['weekdays: [monday:friday]', 'accepted'],
  ["weekdays: ['sunday:saturday']", 'accepted'],
  ["weekdays: ['monday:monday']", 'accepted'],
  ["weekdays: ['saturday:sunday']", 'refused'],
  ["weekdays: ['friday:monday']", 'refused'],
  ["weekdays: ['monday:tuesday:friday']", 'refused'],
  ["weekdays: ['monday : friday']", 'refused'],
  ["weekdays: ['monday:']", 'refused'],
  ['weekdays: [mon]', 'refused'],
  ['weekdays: [1]', 'refused'],
  ["weekdays: ['']", 'refused'],
  ['weekdays: monday', 'refused'],
  ['weekdays: []', empty],
  ['weekdays: [null]', { onlyAlertmanager: 'nothing is not Sunday' }],
  ['weekday: [monday]', 'refused'],
  ["days_of_month: ['1:5', '-3:-1']", 'accepted'],
  ['days_of_month: [1, 31, -1, -31]', 'accepted'],
  ["days_of_month: ['01', '+1']", 'accepted'],
  ["days_of_month: ['1:-1', '27:-1', '18:-10']", 'accepted'],
  ["days_of_month: ['28:-1']", 'refused'],
  ["days_of_month: ['19:-10']", 'refused'],
  ["days_of_month: ['5:1']", 'refused'],
  ["days_of_month: ['-1:-3']", 'refused'],
  ["days_of_month: ['-5:5']", 'refused'],
  ["days_of_month: ['0']", 'refused'],
  ["days_of_month: ['32']", 'refused'],
  ["days_of_month: ['-32']", 'refused'],
  ["days_of_month: ['1.5']", 'refused'],
  ["days_of_month: ['first']", 'refused'],
  ["months: ['january:march', '1:3', may, 12]", 'accepted'],
  ["months: ['March:5']", 'accepted'],
  ["months: ['november:february']", 'refused'],
  ["months: ['3:1']", 'refused'],
  ['months: [jan]', 'refused'],
  ["months: ['13']", never],
  ["months: ['0']", never],
  ["months: ['1:13']", never],
  ["years: ['2025:2027', 2030]", 'accepted'],
  ["years: ['2027:2025']", 'refused'],
  ['years: [soon]', 'refused'],
  ["years: ['25']", never],
  ['{months: [may], location: UTC}', 'accepted'],
  ['{months: [may], location: Europe/Berlin}', 'accepted'],
  ['{months: [may], location: Asia/Kolkata}', 'accepted'],
  ['{months: [may], location: Europe/Berln}', 'refused'],
  ["{months: [may], location: '+02:00'}", 'refused'],
  ['{months: [may], location: utc}', 'refused'],
  ['{months: [may], location: BST}', 'refused'],
  ['{months: [may], location: Local}', { onlyAlertmanager: 'replicas could differ in what is local' }],
  ["{months: [may], location: ''}", { onlyAlertmanager: 'UTC is written UTC' }],
  ['{months: [may], time_zone: UTC}', 'refused'],
  ['{location: UTC}', always],
  ['{}', always],
];

function dhalionFaults(definition: unknown): readonly string[] {
  const text = JSON.stringify({
    prometheus: { url: 'http://127.0.0.1:9090' },
    policy: { excluded_periods: [definition] },
    topologies: [{ name: 'wordcount', engine: 'flink' }],
  });
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  return 'faults' in result ? result.faults.map((fault) => renderFault(fault, 'dhalion.yml')) : [];
}

function alertmanagerConfig(definition: string): string {
  const interval = definition.startsWith('{') ? definition : `{${definition}}`;
  return `route: {receiver: nobody}
receivers: [{name: nobody}]
time_intervals: [{name: excluded, time_intervals: [${interval}]}]
`;
}

await t.test(
  'values that Alertmanager refuses are refused, and others accepted, with reasoned exceptions',
  async (t) => {
    const folder = t.testdir();
    let accepted = 0;
    for (const [index, [definition, verdict]] of DEFINITIONS.entries()) {
      const file = join(folder, `${index}.yml`);
      await writeFile(file, alertmanagerConfig(definition));
      const { code, output } = await runTool('amtool', ['check-config', file]);
      t.equal(code === 0, verdict !== 'refused', `Alertmanager: ${definition}: ${output.replace(/\s+/g, ' ')}`);
      const faults = dhalionFaults(parse(definition) as unknown);
      t.equal(faults.length === 0, verdict === 'accepted', `Dhalion: ${definition}: ${faults.join(' ')}`);
      if (verdict === 'accepted') accepted += 1;
    }
    t.ok(accepted > 15 && accepted < DEFINITIONS.length / 2, 'there are enough of both');
  },
);

await t.test('excluded periods are checked in every policy', (t) => {
  const wrong = { excluded_periods: [{ weekdays: ['someday'] }] };
  const text = JSON.stringify({
    prometheus: { url: 'http://127.0.0.1:9090' },
    policy: wrong,
    engines: { flink: { policy: wrong } },
    topologies: [
      { name: 'wordcount', engine: 'flink', policy: wrong },
      { discover: '.*', engine: 'heron', policy: wrong },
    ],
  });
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  t.strictSame('faults' in result ? result.faults.map(({ path }) => path) : [], [
    'policy.excluded_periods[0].weekdays[0]',
    'engines.flink.policy.excluded_periods[0].weekdays[0]',
    'topologies[0].policy.excluded_periods[0].weekdays[0]',
    'topologies[1].policy.excluded_periods[0].weekdays[0]',
  ]);
  t.end();
});
