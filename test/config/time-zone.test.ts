import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { timeZoneProblem } from '../../src/config/time-zone.js';

await t.test('time zones are known by the names of the IANA database, older ones included', (t) => {
  const known = ['UTC', 'GMT', 'CET', 'EST5EDT', 'GB', 'W-SU', 'Etc/GMT+5', 'US/Eastern', 'Asia/Calcutta'];
  for (const name of [...known, 'Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires']) {
    t.equal(timeZoneProblem(name), null, name);
  }
  t.end();
});

await t.test('other names are refused, with the nearest one', (t) => {
  const table: readonly [string, string | null][] = [
    ['', null],
    ['Europe/Berln', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Europe/BERLIN', 'Europe/Berlin'],
    ['us/eastern', null],
    ['utc', 'UTC'],
    ['Etc/Unknown', null],
    ['SystemV/EST5', null],
    ['+02:00', null],
    ['../Berlin', null],
    // Intl knows these from Java's past: the times of Dhaka and Darwin, hardly what was meant.
    ['BST', null],
    ['ACT', null],
  ];
  for (const [name, suggestion] of table) {
    const problem = timeZoneProblem(name);
    t.match(problem?.message, /^must be UTC or a time zone of the IANA database/, name);
    if (suggestion !== null) t.equal(problem?.suggestion, suggestion, name);
  }
  t.match(timeZoneProblem('Local'), { message: /what is local depends on the machine$/, suggestion: null });
  t.end();
});

const DATABASE = '/usr/share/zoneinfo/tzdata.zi';
const skip = existsSync(DATABASE) ? false : `there is no ${DATABASE}`;

await t.test("every name of the system's database that Node knows is allowed", { skip }, (t) => {
  const text = readFileSync(DATABASE, 'utf8');
  const names = [...text.matchAll(/^(?:Z|L \S+) (\S+)/gm)].map(([, name]) => name ?? '').filter(isKnownToNode);
  t.ok(names.length > 500);
  t.strictSame(
    names.filter((name) => timeZoneProblem(name) !== null),
    [],
  );
  t.end();
});

/** The system's database may be newer than Node's. */
function isKnownToNode(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}
